"""A random walk through every fault of the network, while people go on handing in."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sync.sim.proxy import Mode
from tests.faults.stage import Stage

DWELL_S = (0.1, 0.35)
CLEAR = 0.3
"""How often the line is whole for a moment between two faults."""
FAULTS = tuple(mode for mode in Mode if mode is not Mode.PASS)


def steps(seed: int, rounds: int, modes: Sequence[Mode] = FAULTS) -> list[Mode]:
    """Every mode once a round, in another order each time."""
    dice = random.Random(seed)
    return [mode for _ in range(rounds) for mode in dice.sample(modes, len(modes))]


def walk(stage: Stage, seed: int, rounds: int, modes: Sequence[Mode] = FAULTS) -> dict[str, list[str]]:
    """Begins and ends online. What counted as sent without being at the centre, by the mode in which it was found."""
    dice, wrong = random.Random(seed), {}
    stage.wait_until(lambda: stage.line == "online", "the line is up")
    for mode in steps(seed, rounds, modes):
        stage.proxy.mode = mode
        stage.wait(dice.uniform(*DWELL_S))
        if found := stage.marked_wrongly():
            wrong[mode.value] = found
        if dice.random() < CLEAR:
            stage.proxy.up()
            stage.wait(dice.uniform(0, DWELL_S[0]))
    stage.proxy.up()
    return wrong
