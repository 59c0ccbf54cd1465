"""kill −9 of enqueuer, sync process and centre: what was acknowledged arrives, once."""

from __future__ import annotations

import pytest

from tests.faults import kills
from tests.faults.conftest import MakeStage
from tests.faults.nursery import Commands
from tests.faults.stage import ROLES

pytestmark = pytest.mark.timeout(240)

SEEDS = range(20)
TOGETHER = 10
"""Seeds after which everything is drained and looked at."""
MOST_SEEDS = 12
"""A planted fault must show by then."""


def test_whatever_is_killed_nothing_is_lost_and_nothing_doubled(make_stage: MakeStage) -> None:
    stage = make_stage()
    for first in range(0, len(SEEDS), TOGETHER):
        for seed in SEEDS[first : first + TOGETHER]:
            kills.storm(stage, seed)
        assert stage.drain() == {}, f"seeds {first} to {first + TOGETHER}"
        stage.start("enqueuer")
    assert stage.kills >= 2 * len(SEEDS)
    assert len(stage.books.acks()) > 100


def test_the_commands_themselves_are_killed(make_stage: MakeStage) -> None:
    """As in the hall, each started by its own command; the seeds above run in a nursery, for the time it saves."""
    stage = make_stage(starter=Commands())
    stage.wait_until(lambda: len(stage.books.acks()) > 5 and stage.line == "online", "the hall is at work")
    for role in ROLES:
        stage.kill(role)
        stage.start(role)
        stage.wait(0.2)
    assert stage.drain() == {}
    assert stage.kills == len(ROLES)


@pytest.mark.parametrize(
    ("role", "plant", "trouble"),
    [
        ("sync", "new_key_per_try", "never put"),
        ("sync", "marks_before_sending", "lost"),
        ("enqueuer", "acknowledges_before_commit", "gone from the journal"),
    ],
)
def test_a_planted_fault_is_caught(make_stage: MakeStage, role: str, plant: str, trouble: str) -> None:
    stage = make_stage(plants={role: [plant]})
    for seed in range(MOST_SEEDS):
        kills.storm(stage, seed)
        found = stage.drain()
        if trouble in found:
            return
        stage.start("enqueuer")
    pytest.fail(f"{plant} was not caught in {MOST_SEEDS} seeds")
