"""The demonstration empties folders before it begins: its own, and nobody else's."""

from __future__ import annotations

import fcntl
import signal
from pathlib import Path

import pytest

from kiosk.demo import play, visit
from kiosk.demo.play import clear
from kiosk.demo.waiting import StageError, wait_until


def test_a_folder_that_is_not_of_an_earlier_run_is_not_emptied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wedding.png").touch()
    assert visit([], tmp_path / "state" / "visits", tmp_path) == 2
    assert (tmp_path / "wedding.png").exists()
    assert "--out" in capsys.readouterr().err


def test_packages_and_figures_beside_an_earlier_run_stay(tmp_path: Path) -> None:
    for name in ("1-leave-01-attract.png", "journal.jsonl", "summary.txt", "terminal.deb", "bench.json"):
        (tmp_path / name).touch()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page-001.png").touch()
    clear(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"terminal.deb", "bench.json", "pages"}


@pytest.mark.parametrize("headless", [True, False])
def test_a_second_one_leaves_the_first_its_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, headless: bool
) -> None:
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (tmp_path / "visits").mkdir()
    (tmp_path / "visits" / "journal.db").touch()
    with (tmp_path / "lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        assert play(tmp_path, tmp_path / "out", headless=headless) == 2
    assert (tmp_path / "visits" / "journal.db").exists()
    assert "--state" in capsys.readouterr().err


def test_what_does_not_come_is_named() -> None:
    with pytest.raises(StageError, match="did not happen within 0 s: rain"):
        wait_until(lambda: False, 0.1, "rain", pause=0.01)
