"""A job cut up for sending: what comes before its last print step, that step and the rest, and the paper it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from printers.escpos import PIECE, QR_DOTS, pieces
from printers.profiles import Profile

PITCH = 30
"""Dots a line takes before ESC 3 says otherwise."""
KNIFE_DOTS = 120
"""From head to knife, fed at each cut: 15 mm."""
DOTS_PER_MM = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """Pieces of at most 4 kB that end between commands; for a printer of pages, its file as one.

    As long as nothing of `tail` was begun the page is not whole. `mm`, `cuts`: what the whole job takes.
    """

    body: tuple[bytes, ...]
    tail: tuple[bytes, ...]
    mm: float
    cuts: int


def plan(data: bytes, profile: Profile) -> Plan:
    """How to send these bytes."""
    steps = list(pieces(data, 1))
    last = max((n for n, step in enumerate(steps) if _inks(step)), default=0)
    dots, cuts = _measure(steps, profile)
    return Plan(_joined(steps[:last]), _joined(steps[last:]), dots / DOTS_PER_MM, cuts)


def _inks(step: bytes) -> bool:
    """Whether this command, and not an earlier one, brings something onto the paper."""
    return step == b"\n" or step.startswith(b"\x1dv0") or _is_qr(step)


def _is_qr(step: bytes) -> bool:
    return step.startswith(b"\x1d(k") and step[5:7] == b"1Q"


def _joined(steps: Iterable[bytes]) -> tuple[bytes, ...]:
    found: list[bytearray] = []
    for step in steps:
        if not found or len(found[-1]) + len(step) > PIECE:
            found.append(bytearray())
        found[-1] += step
    return tuple(bytes(piece) for piece in found)


def _measure(steps: Iterable[bytes], profile: Profile) -> tuple[float, int]:
    """Dots of paper, and cuts."""
    dots, cuts, pitch = 0.0, 0, float(PITCH)
    for step in steps:
        if step == b"\n":
            dots += pitch
        elif step.startswith(b"\x1b3"):
            pitch = step[2] * profile.unit
        elif step.startswith(b"\x1bJ"):
            dots += step[2] * profile.unit
        elif step.startswith(b"\x1bd"):
            dots += step[2] * pitch
        elif step.startswith(b"\x1dv0"):
            dots += step[6] | step[7] << 8
        elif step.startswith(b"\x1dV"):
            dots, cuts = dots + KNIFE_DOTS, cuts + 1
        elif _is_qr(step):
            dots += QR_DOTS
    return dots, cuts
