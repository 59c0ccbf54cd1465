"""kill −9, unplugging and bad luck at random bytes of a job: what the tray holds is what the journal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import papers
from tests.faults.nursery import Nursery

pytestmark = pytest.mark.timeout(240)

SEEDS = range(20)

SLOW = 5_000.0
"""Bytes a second: so that the paper is behind what was handed over, also where handing over takes long."""


def test_whatever_happens_one_paper_counts_and_it_is_there(nursery: Nursery, tmp_path: Path) -> None:
    found = papers.run(tmp_path / "hall", nursery, SEEDS)
    assert found.wrong == []
    assert min(found.kills, found.questions, found.spoiled) >= 3, "there was bad luck of every kind"


@pytest.mark.parametrize(
    ("plant", "seeds", "trouble"),
    [
        ("believes_written", (10, 18, 16, 0, 47), "called printed, and nothing there"),
        ("prints_again", (54, 98, 158, 3, 23), "printed again by itself"),
        ("silence_is_health", (2, 15, 18, 36), "silence reads as healthy"),
        ("voids_unasked", (5, 11, 33, 34, 37), "out and void, and nobody was asked"),
        ("leaves_half_a_job", (4, 13, 14, 17, 22), "two jobs on one sheet"),
    ],
)
def test_a_planted_fault_is_caught(
    nursery: Nursery, tmp_path: Path, plant: str, seeds: tuple[int, ...], trouble: str
) -> None:
    """By seeds in whose bad luck it matters, and by none of its own making."""
    speed = SLOW if plant == "believes_written" else papers.SPEED
    found = papers.run(tmp_path / "hall", nursery, seeds, [plant], trouble, speed)
    assert any(trouble in each for each in found.wrong), found.wrong
