"""Which parts of a terminal must beat, how long each may be silent, and what begins anew when it stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, cast

from kiosk.app.watchdog import Pulse

LIMITS: Mapping[str, float] = {
    "journal": 60.0,
    "desk": 45.0,
    "gatedesk": 90.0,
    "printer": 90.0,
    "a4": 180.0,
    "camera": 20.0,
    "scanner": 10.0,
    "reader": 10.0,
    "recogniser": 20.0,
    "thermal": 15.0,
    "thermometer": 15.0,
    "relay": 15.0,
    "sync": 60.0,
    "board": 30.0,
    "bench": 45.0,
    "queue": 120.0,
    "pages": 30.0,
}
"""Seconds: well above the longest call that each makes, such as a commit on a slow disk or a printer's time-out."""
VITAL = frozenset({"journal", "desk"})


class Beating(Protocol):
    @property
    def beat(self) -> float: ...


def pulses(parts: Mapping[str, Beating | None]) -> list[Pulse]:
    """Of those that are there. What has an `again` begins anew by itself, for the others the program does."""
    return [_pulse(name, part) for name, part in parts.items() if part is not None]


def _pulse(name: str, part: Beating) -> Pulse:
    again = cast("Callable[[], None] | None", getattr(part, "again", None))
    return Pulse(name, lambda: part.beat, LIMITS[name], again, name in VITAL)
