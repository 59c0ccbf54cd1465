"""What every flow speaks: events come in, effects go out."""

from __future__ import annotations

from dataclasses import dataclass


class Event:
    """Something that happened."""


class Effect:
    """Something the runner must have done; each kind has exactly one handler."""


@dataclass(frozen=True, slots=True)
class Intent(Event):
    """A touch: `name` is the act, `payload` its object.

    `at` is the wall time (Unix seconds) and `fresh` a UUID made at this touch: flows have no clock and no dice.
    """

    name: str
    payload: str = ""
    at: float = 0.0
    fresh: str = ""


@dataclass(frozen=True, slots=True)
class Elapsed(Event):
    """The timer started under this name and session ran out."""

    timer: str
    session: int
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class StartTimer(Effect):
    """Start, or start again, the timer of this name; it answers with `Elapsed(timer, session)`."""

    timer: str
    session: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer(Effect):
    """Forget the timer of this name."""

    timer: str
