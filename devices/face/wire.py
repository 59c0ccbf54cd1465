"""What the recogniser's process and its parent say to each other."""

from __future__ import annotations

from dataclasses import dataclass

from devices.face.portrait import Portrait
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Match

MATCH, TURN, PORTRAIT = "match", "turn", "portrait"
"""Kinds of looks; a look is known by its kind and its number."""


@dataclass(frozen=True, slots=True)
class Load:
    """Followed by two messages of bytes: the ids, a NUL between them, and the vectors, float32 of this shape."""

    model: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verify:
    look: int
    person: str
    seconds: float
    kind: str = MATCH


@dataclass(frozen=True, slots=True)
class Identify:
    look: int
    among: frozenset[str] | None
    seconds: float
    kind: str = MATCH


@dataclass(frozen=True, slots=True)
class Turn:
    look: int
    side: str
    seconds: float
    kind: str = TURN


@dataclass(frozen=True, slots=True)
class TakePortrait:
    look: int
    seconds: float
    kind: str = PORTRAIT


Look = Verify | Identify | Turn | TakePortrait


@dataclass(frozen=True, slots=True)
class Drop:
    look: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The models stand. `trouble`: what is not as configured, or ""."""

    engine: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The process ends: no model can be used."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Something is being built; the next sign of life may take a while."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Gone:
    track: int


@dataclass(frozen=True, slots=True)
class Answer:
    """To the look of this kind and number."""

    kind: str
    look: int
    value: Match | Liveness | Portrait | None
