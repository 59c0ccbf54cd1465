"""What stands on a sheet. Lengths are millimetres, type sizes points, y points downwards."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.documents import clean
from printers import faces

ROOM = 160.0
"""Width of the text on a sheet."""
POINT = 25.4 / 72
SMALL, SIGNED = 10.0, 14.0
"""Type beside the QR code; the largest type under the seal."""
CODE, STAMP = 36.0, 42.0
"""Sides of the QR code and of the seal."""


@dataclass(frozen=True, slots=True)
class Words:
    """One run of text; `y` is its baseline, `gap` what is added after each character."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    thick: float


@dataclass(frozen=True, slots=True)
class Code:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Stamp:
    x: float
    y: float
    arc: str
    line: str


@dataclass(frozen=True, slots=True)
class Drawing:
    x: float
    y: float
    file: str
    width: float


Item = Words | Bar | Code | Stamp | Drawing


@dataclass(frozen=True, slots=True)
class Strip:
    """`keep`: the next strip stands on the same sheet. `foot`: belongs at the bottom of the last sheet."""

    height: float
    items: tuple[Item, ...] = ()
    keep: bool = False
    foot: bool = False


def shown(text: str) -> str:
    """What of a text can stand on a sheet."""
    return faces.drawable(clean(text))
