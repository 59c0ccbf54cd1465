"""How near is near enough: by the number of people searched and by the pictures averaged, so that a stranger passes
less than once in a thousand tries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Steps: TypeAlias = tuple[tuple[int, float], ...]

PICTURES = 3
"""Photographs enrolled, and frames averaged, with which the adapted limits were measured."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one embedding model; the defaults are those of dlib's network. Raises ValueError for nonsense.

    `adapted`, `raw`: (people searched, largest distance accepted), sizes rising from 1, distances never rising; in
    between interpolated in the logarithm of the size, beyond the last continued. `raw` holds for one photograph and
    one frame. The best person must be nearer than the second-best OTHER one by the margin.
    `raw_noise`: by how much the squared raw distance of strangers falls when all noise is averaged away.
    `caution`: taken off the adapted limit for each picture short of 3 + 3, in a search among several people.
    `least`: people enrolled from whom on scores are adapted.
    """

    # Raw: a normal tail through the measured 36, 6 and 0.16 % of pairs of different East Asian people nearer than 0.6,
    # 0.5 and 0.4; 0.6 itself would let every third of them pass for another.
    adapted: Steps = ((1, 1.013), (200, 0.88), (2_000, 0.82), (20_000, 0.76))
    raw: Steps = ((1, 0.39), (20, 0.33), (200, 0.29), (2_000, 0.26), (20_000, 0.23))
    adapted_margin: float = 0.10
    raw_margin: float = 0.06
    raw_noise: float = 0.065
    caution: float = 0.01
    least: int = 20

    def __post_init__(self) -> None:
        for steps in (self.adapted, self.raw):
            _check(steps)
        loose = min(self.adapted_margin, self.raw_margin, self.raw_noise, self.caution)
        if not 0 <= loose < math.inf or self.least < 2:
            raise ValueError("margins, noise and caution are at least 0, and two people at least are needed to adapt")

    def limit(self, searched: int, adapted: bool, photos: int = PICTURES, frames: int = PICTURES) -> float:
        """The largest distance accepted among `searched` people (1 or more) for one with so many `photos`."""
        if min(searched, photos, frames) < 1:
            raise ValueError("nobody searched, or nothing averaged")
        if adapted:
            missing = max(0, PICTURES - photos) + max(0, PICTURES - frames) if searched > 1 else 0
            return max(0.0, _at(self.adapted, searched) - missing * self.caution)
        averaged = 1 - (1 / photos + 1 / frames) / 2
        return math.sqrt(max(0.0, _at(self.raw, searched) ** 2 - self.raw_noise * averaged))

    def margin(self, adapted: bool) -> float:
        """How much further away the second-best other person must be."""
        return self.adapted_margin if adapted else self.raw_margin


def _check(steps: Steps) -> None:
    if not steps or steps[0][0] != 1 or not all(0 < limit < math.inf for _, limit in steps):
        raise ValueError("limits begin with one person and are positive")
    if any(big <= small or loose > strict for (small, strict), (big, loose) in pairwise(steps)):
        raise ValueError("limits go by rising sizes and never get looser")


def _at(steps: Steps, searched: int) -> float:
    """Beyond the last size its slope goes on: more people are never an easier search."""
    if len(steps) == 1:
        return steps[0][1]
    above = next((index for index, (size, _) in enumerate(steps) if size >= searched), len(steps) - 1)
    (small, near), (big, far) = steps[max(above, 1) - 1], steps[max(above, 1)]
    share = math.log(searched / small) / math.log(big / small)
    return max(0.0, near + (far - near) * share)
