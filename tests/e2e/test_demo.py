"""`make run` without a display: every scripted visit happens, and leaves what it promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from printers.sim.ipp_printer import there

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def demo(*arguments: str, state: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """The command as a person types it, without a display."""
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "kiosk", *arguments, "--state", str(state), "--out", str(out)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
def test_the_scripted_visits_all_happen(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = demo("demo", "--headless", state=tmp_path / "state", out=out)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = (out / "summary.txt").read_text("utf-8")
    assert "everything happened" in summary
    scripts = {path.stem for path in (ROOT / "assets" / "visits").glob("*.visit")}
    if not there():
        scripts -= {"4-sheets"}
        assert "4-sheets.visit: left out, there is no printer of A4" in summary
    for name in scripts:
        assert f"{name}.visit: all" in summary
        assert list(out.glob(f"{name}-*.png"))
    with Image.open(next(out.glob("1-*-01-*.png"))) as picture:
        assert picture.size == (1080, 1920)
    if there():
        _is_the_centres_own(out / "pages", tmp_path / "state" / "visits")
    rows = [json.loads(line) for line in (out / "journal.jsonl").read_text("utf-8").splitlines()]
    assert {row["state"] for row in rows} == {"sent"}
    assert len({row["key"] for row in rows}) == len(rows)


def _is_the_centres_own(pages: Path, state: Path) -> None:
    """What lay in the printer is a file that the terminal's own data call valid; its pages can be looked at."""
    command = [sys.executable, "-m", "kiosk", "verify", str(pages / "a4-1.pdf"), "--state", str(state)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    drawn = sorted(pages.glob("a4-1-*.png"))
    assert len(drawn) == 2, "a transcript of five terms, and its seal on the second page"
    for each in drawn:
        with Image.open(each) as page:
            assert page.height > page.width > 800


@pytest.mark.timeout(300)
def test_hard_times_end_well(tmp_path: Path) -> None:
    """Bad codes, crashes, no network, two factors, power gone in mid-print, a photograph, cables, a dead letter."""
    scripts = sorted((HERE / "visits").glob("*.visit"))
    assert len(scripts) == 8
    played(tmp_path, scripts)


@pytest.mark.timeout(150)
def test_nothing_is_left_of_somebody_who_walks_away(tmp_path: Path) -> None:
    played(tmp_path, sorted((HERE / "idle").glob("*.visit")), "--idle", "5")


@pytest.mark.timeout(150)
def test_a_script_that_asks_for_what_does_not_happen_fails(tmp_path: Path) -> None:
    script = tmp_path / "wrong.visit"
    script.write_text("see attract\ntap act.open_pin\nsee pin\nwaiting rating.given 0\npoke make it rain\n", "utf-8")
    done = demo("simulate-visit", str(script), state=tmp_path / "state", out=tmp_path / "out")
    assert done.returncode == 1
    assert "wrong.visit:5" in (tmp_path / "out" / "summary.txt").read_text("utf-8")


def played(tmp_path: Path, scripts: list[Path], *options: str) -> None:
    """All scripts happen on one terminal."""
    out = tmp_path / "out"
    done = demo("simulate-visit", *map(str, scripts), *options, state=tmp_path / "state", out=out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "everything happened" in (out / "summary.txt").read_text("utf-8")
