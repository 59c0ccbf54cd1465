"""A face as the camera sees it: where, how good a picture, whether one and the same all the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quality(StrEnum):
    """What is wrong with this picture of a face, in the order in which a person can do something about it."""

    GOOD = "good"
    FAR = "far"
    EDGE = "edge"
    TURNED = "turned"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width, height as shares (0…1) of the camera picture's width and height."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Sight:
    """The one face that counts, in one picture.

    `track` changes as soon as it may be another person. `turn`: −1 (to the picture's left) … 0 … 1. `at` is
    time.monotonic() of the picture, `frame` its number in the camera's ring, `others` how many more faces are in view.
    """

    track: int
    box: Box
    quality: Quality
    turn: float
    at: float
    frame: int
    others: int = 0


class Liveness(StrEnum):
    """What speaks for a living face. Deters photographs and screens; not certified (ISO/IEC 30107-3)."""

    LIVE = "live"
    COLD = "cold"
    SWAPPED = "swapped"
    STILL = "still"
    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"
