"""The college's round seal as geometry: a ring, a star, the name around it, the purpose below.

Everything lies in a square of side 1, x to the right and y downwards; paper, screen and PDF draw the same seal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from printers import faces
from printers.typeset import cells

RING = 0.020
"""Width of the ring, which touches the square from within."""
STAR = (0.5, 0.485, 0.155)
"""Centre and reach of the star."""
_SWEEP = 246.0
"""Degrees of the circle that the name may take: the rest, at the bottom, stays free."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One character: the middle of its em square, its size, and its turn in degrees, clockwise."""

    character: str
    x: float
    y: float
    size: float
    turn: float


def star() -> tuple[tuple[float, float], ...]:
    """The ten corners of the star, the upper point first."""
    x, y, reach = STAR
    points = []
    for n in range(10):
        out = reach if n % 2 == 0 else reach * 0.382
        angle = math.pi * (n / 5 - 0.5)
        points.append((x + out * math.cos(angle), y + out * math.sin(angle)))
    return tuple(points)


def around(text: str) -> tuple[Placed, ...]:
    """The name, upright on the circle, from lower left over the top to lower right."""
    if not text:
        return ()
    wide = cells(text) > len(text)
    size = (0.125 if len(text) <= 10 else 1.25 / len(text)) if wide else 0.095
    middles = _middles(text)
    span = middles[-1] - middles[0]
    if wide:
        degrees = min(_SWEEP, 26.0 * (len(text) - 1))
    else:
        size = min(size, math.radians(_SWEEP) * 0.36 / (span * 1.08) if span else size)
        degrees = math.degrees(span * size * 1.08 / _radius(size))
    turns = [degrees * ((middle - middles[0]) / span - 0.5) if span else 0.0 for middle in middles]
    return tuple(_on_circle(c, turn, size) for c, turn in zip(text, turns, strict=True) if not c.isspace())


def _middles(text: str) -> list[float]:
    """Where the middle of each character stands on a straight line, in em."""
    at, middles = 0.0, []
    for character in text:
        wide = faces.advance(character, True)
        middles.append(at + wide / 2)
        at += wide
    return middles


def _radius(size: float) -> float:
    return 0.5 - 0.045 - size * 0.5


def _on_circle(character: str, turn: float, size: float) -> Placed:
    angle = math.radians(turn - 90)
    reach = _radius(size)
    return Placed(character, 0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle), size, turn)


def below(text: str) -> tuple[Placed, ...]:
    """The purpose, level, below the star."""
    size = min(0.1, 0.64 / max(1.0, faces.width(text, True)))
    left = 0.5 - faces.width(text, True) * size / 2
    return tuple(
        Placed(c, left + middle * size, 0.775, size, 0.0)
        for c, middle in zip(text, _middles(text), strict=True)
        if not c.isspace()
    )


def lettered(arc: str, line: str) -> tuple[tuple[float, float], ...]:
    """The stretches of height that hold characters, from top to bottom; ring and star alone stand on the rest."""
    out: list[tuple[float, float]] = []
    for placed in sorted((*around(arc), *below(line)), key=lambda each: each.y):
        half = placed.size * (0.65 if placed.turn else 0.52)
        top, bottom = placed.y - half, placed.y + half
        if out and top <= out[-1][1]:
            top, bottom = out[-1][0], max(bottom, out[-1][1])
            out.pop()
        out.append((top, bottom))
    return tuple(out)
