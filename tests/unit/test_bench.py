"""The bench runner: figures of every part in one file, and a part that fails is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench import __main__ as bench

Run = Callable[..., tuple[int, dict[str, float]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Write benches by name, run some; the exit code and what stands in the file."""
    folder, out = tmp_path / "madeup", tmp_path / "out" / "bench.json"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def go(*arguments: str, **bodies: str) -> tuple[int, dict[str, float]]:
        for name, body in bodies.items():
            (folder / f"bench_{name}.py").write_text(f"import os\ndef run(): {body}\n", "utf-8")
        code = bench.main(list(arguments), folder, "madeup", out)
        return code, json.loads(out.read_text("utf-8"))

    return go


def test_all_parts_end_in_one_flat_sorted_file(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, figures = run(b="return {'b.x': 2, 'a.y_peer': 4.0}", a="return {'a.y': 1}")
    assert (code, figures) == (0, {"a.y": 1.0, "a.y_peer": 4.0, "b.x": 2.0})
    assert list(figures) == sorted(figures)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("× 0.25")


def test_a_part_alone_leaves_the_other_figures(run: Run) -> None:
    run(a="return {'a.y': 1}", b="return {'b.x': 2}")
    assert run("--only", "b", b="return {'b.x': 30}") == (0, {"a.y": 1.0, "b.x": 30.0})


def test_a_part_that_fails_or_says_less_leaves_nothing_of_another_day(run: Run) -> None:
    run(a="return {'a.y': 1}", b="return {'b.x': 2, 'b.z': 3}")
    assert run("--only", "b", b="return {'b.x': 30}") == (0, {"a.y": 1.0, "b.x": 30.0})
    assert run("--only", "b", b="os._exit(3)") == (1, {"a.y": 1.0})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
        ("os._exit(3)", "exit 3"),
        ("return {'b.x': float('nan')}", "b.x is no number but nan"),
        ("return {'b.x': True}", "b.x is no number but True"),
    ],
)
def test_a_part_that_fails_is_said_and_the_others_count(
    run: Run, capsys: pytest.CaptureFixture[str], body: str, why: str
) -> None:
    assert run(b=body, c="return {'c.x': 1}") == (1, {"c.x": 1.0})
    assert f"FAILED b: {why}" in capsys.readouterr().err


def test_an_unknown_part_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("--only", "b,z", b="return {}")
    assert "no such bench: z; there are b" in capsys.readouterr().err
