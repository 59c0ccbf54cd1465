"""The power goes at any write: what was acknowledged before is on the disk, and is sent once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults import cuts
from tests.faults.nursery import Nursery
from tests.faults.recorder import NO_COMPILER
from tests.sync.helpers import quiet_disk

pytestmark = pytest.mark.timeout(240)

LIVES = (12, 8, 6)
MOMENTS = 60


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the disks are rebuilt."""
    with TemporaryDirectory(dir=quiet_disk()) as folder:
        yield Path(folder)


def recorded(nursery: Nursery, tmp_path: Path, *plants: str) -> cuts.Session:
    if not nursery.records:
        pytest.skip(NO_COMPILER)
    return cuts.record(nursery, tmp_path, LIVES, plants)


def test_whenever_the_power_goes_nothing_is_lost(nursery: Nursery, tmp_path: Path, place: Path) -> None:
    session = recorded(nursery, tmp_path)
    kinds = {op.kind for op in session.ops}
    assert kinds >= set("wtbscuak"), "a session in which too little happened"
    assert cuts.examine(session, cuts.sample(session, MOMENTS, 1), place, 1, cuts.every_model()) == []


@pytest.mark.parametrize(
    ("plant", "trouble"),
    [
        ("synchronous_normal", "lost"),
        ("acknowledges_before_commit", "lost"),
        ("marks_before_sending", "sent though not taken"),
    ],
)
def test_a_planted_fault_is_caught(nursery: Nursery, tmp_path: Path, place: Path, plant: str, trouble: str) -> None:
    session = recorded(nursery, tmp_path, plant)
    moments = cuts.sample(session, MOMENTS // 2, 1)
    wrong = cuts.examine(session, moments, place, 1, ("synced", "all"))
    assert any(trouble in line for line in wrong), wrong
