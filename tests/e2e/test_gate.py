"""The gate and the classroom in hard times: cables out, processes killed, codes that open nothing, a guard, a crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_demo import demo

HERE = Path(__file__).parent


@pytest.mark.timeout(300)
def test_a_lane_in_hard_times_lets_in_who_may_and_nobody_else(tmp_path: Path) -> None:
    """One terminal goes through all of it; the scripts count every opening, every record, every delivery."""
    scripts = sorted((HERE / "gate").glob("*.visit"))
    assert len(scripts) == 8
    out = tmp_path / "out"
    done = demo("simulate-visit", *map(str, scripts), state=tmp_path / "state", out=out)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = _exported(out / "gate-journal.jsonl")
    assert {row["state"] for row in rows if row["kind"] != "codes.refused"} == {"sent"}
    assert len({row["key"] for row in rows}) == len(rows)
    # told once a minute: the foreign one's count went with the crash
    assert next(row["body"] for row in rows if row["kind"] == "codes.refused") == {"counts": {"replayed": 1}}
    signed = [row for row in _exported(out / "attendance-journal.jsonl") if row["kind"] == "attendance.signed"]
    assert len(signed) == 2


def _exported(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
