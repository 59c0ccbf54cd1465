"""kill −9, at random moments and out of nothing but a seed."""

from __future__ import annotations

import random

from tests.faults.stage import ROLES, Stage

SHORTEST_S, LONGEST_S = 0.005, 0.1
AWAY_S = (0.0, 0.0, 0.0, 0.05, 0.2)


def storm(stage: Stage, seed: int) -> None:
    """Three to six kills of whoever it hits, each started again at once or a little later; the wire is cut as well."""
    dice = random.Random(seed)
    for _ in range(dice.randint(3, 6)):
        stage.wait(dice.uniform(SHORTEST_S, LONGEST_S))
        if dice.random() < 0.2:
            cut(stage, dice)
            continue
        role = dice.choice(ROLES)
        stage.kill(role)
        stage.wait(dice.choice(AWAY_S))
        stage.start(role)


def cut(stage: Stage, dice: random.Random) -> None:
    """The request arrives, its answer does not."""
    stage.proxy.mode = "lost_response"
    stage.wait(dice.uniform(0.02, 0.1))
    stage.proxy.up()
