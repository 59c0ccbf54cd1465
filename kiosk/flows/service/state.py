"""How the terminal serves, out of its hours, its faults and what of it is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.faults import Code
from kiosk.flows.core import Event

STOPS = (Code.PROGRAM_ENDS, Code.JOURNAL_DAMAGED, Code.JOURNAL_NEWER)
"""Faults with which nobody can be served, the weightiest first: nothing that is done could be kept."""


class Mode(StrEnum):
    """What is told to people and to the centre."""

    IN_SERVICE = "in_service"
    DEGRADED = "degraded"
    CLOSED = "closed"
    OUT = "out_of_service"

    @property
    def serves(self) -> bool:
        """Whether somebody may begin a visit."""
        return self in (Mode.IN_SERVICE, Mode.DEGRADED)


@dataclass(frozen=True, slots=True)
class Service:
    """`closed`: outside the opening hours; `opens`: the next opening, Unix seconds, 0 = unknown.

    `dark`: how much of the light the screen keeps back itself while nobody is there, 0 = none, 0.75 = three quarters.
    """

    closed: bool = False
    opens: float = 0.0
    dark: float = 0.0


@dataclass(frozen=True, slots=True)
class ServiceChanged(Event):
    """The hour has come, or night has."""

    service: Service


def stopped_by(codes: Iterable[Code]) -> Code | None:
    """Of the faults that stand, the one that puts the terminal out of service."""
    standing = set(codes)
    return next((code for code in STOPS if code in standing), None)


def mode(service: Service, codes: Iterable[Code], missing: bool) -> Mode:
    """`missing`: a part that is fitted is away, the line to the centre is, or nothing new can be kept."""
    if stopped_by(codes):
        return Mode.OUT
    if service.closed:
        return Mode.CLOSED
    return Mode.DEGRADED if missing else Mode.IN_SERVICE
