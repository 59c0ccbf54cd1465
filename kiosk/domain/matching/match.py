"""The recogniser's word about one face: who, how sure, or why nobody."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    """Why a face is nobody's. Never a guess: the person is asked for the code."""

    NONE = ""
    NO_TEMPLATE = "no_template"
    NOT_ENROLLED = "not_enrolled"
    TOO_FAR = "too_far"
    TWO_ALIKE = "two_alike"
    NO_GOOD_FRAME = "no_good_frame"
    ENGINE_AWAY = "engine_away"


@dataclass(frozen=True, slots=True)
class Match:
    """`person` is set exactly when the face is confirmed.

    `score` is the distance to the best person, `second` to the best OTHER one, `limit` the largest that is accepted
    with a gallery of this size; `adapted` says in which of the two scales. `frames`: good pictures averaged.
    """

    track: int
    person: str = ""
    doubt: Doubt = Doubt.NONE
    score: float = math.inf
    limit: float = 0.0
    second: float = math.inf
    frames: int = 0
    gallery: int = 0
    adapted: bool = False
