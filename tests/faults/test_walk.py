"""Through every fault of the network: nothing lost, nothing doubled, nothing marked but by a true verdict."""

from __future__ import annotations

import pytest

from sync.sim.proxy import Mode
from tests.faults import walk
from tests.faults.conftest import MakeStage

pytestmark = pytest.mark.timeout(240)

MOST_ROUNDS = 8
"""A planted fault must show by then."""
SOME = ("--pause", "0.03")


def test_nothing_is_lost_whatever_the_network_does(make_stage: MakeStage) -> None:
    stage = make_stage(plants={"sync": ["hurried"]}, enqueuer=SOME)
    assert walk.walk(stage, seed=1, rounds=1) == {}
    assert stage.drain() == {}
    stage.wait_until(lambda: stage.line == "online", "the line is up again")
    assert len(stage.books.acks()) > 50


@pytest.mark.parametrize(
    ("plant", "modes", "trouble"),
    [
        ("new_key_per_try", [Mode.LOST_RESPONSE, Mode.TRUNCATE], "never put"),
        ("marks_before_sending", [Mode.DOWN, Mode.RESET], "marked wrongly"),
        ("believes_any_200", [Mode.PORTAL, Mode.WRONG_JSON], "marked wrongly"),
        ("believes_short_answers", [Mode.SHORT_RESULTS], "poison not dead"),
        ("drops_on_4xx", [Mode.FORBIDDEN, Mode.BUSY], "lost"),
    ],
)
def test_a_planted_fault_is_caught(make_stage: MakeStage, plant: str, modes: list[Mode], trouble: str) -> None:
    stage = make_stage(plants={"sync": ["hurried", plant]}, enqueuer=("--pause", "0.01", "--poison", "0.3"))
    for seed in range(MOST_ROUNDS):
        before = len(stage.books.acks())
        stage.wait_until(lambda known=before: len(stage.books.acks()) > known, "somebody hands in")
        wrong = walk.walk(stage, seed, 1, modes)
        found = stage.drain() | ({"marked wrongly": ["in between"]} if wrong else {})
        if trouble in found:
            return
        stage.start("enqueuer")
    pytest.fail(f"{plant} was not caught in {MOST_ROUNDS} rounds")
