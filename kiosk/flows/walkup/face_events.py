"""What the recogniser says to a visit, and what a visit asks of it and of the faces on record.

`ask` numbers what one visit asks of the recogniser: an answer to anything but the last one changes nothing.
No number that describes a face, and no picture of one, is in any of these.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.faces import Sight
from kiosk.domain.matching.match import Match
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup.state import FaceRecord


@dataclass(frozen=True, slots=True)
class FaceSeen(Event):
    """The recogniser's newest sight; several a second, only while `WatchFaces` is on."""

    sight: Sight


@dataclass(frozen=True, slots=True)
class FaceGone(Event):
    track: int


@dataclass(frozen=True, slots=True)
class FaceMatched(Event):
    """The answer to `VerifyFace` or `IdentifyFace`."""

    session: int
    ask: int
    match: Match
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class PortraitTaken(Event):
    """The answer to `TakePortrait`; `ok` False: no picture was good enough in time. `turn` as in `Sight`."""

    session: int
    ask: int
    ok: bool
    track: int = 0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceChecked(Event):
    """The answer to `CheckFace`. `like`: id of somebody else with this face, "" = nobody, None = cannot be checked."""

    session: int
    key: str
    like: str | None


@dataclass(frozen=True, slots=True)
class FaceLoaded(Event):
    """The answer to `LoadFace`; None = no face on record."""

    session: int
    found: FaceRecord | None


@dataclass(frozen=True, slots=True)
class GalleryChanged(Event):
    """How many people this terminal can recognise."""

    people: int


@dataclass(frozen=True, slots=True)
class WatchFaces(Effect):
    """Tell every sight of a face, or stop and forget what was asked of the recogniser."""

    on: bool


@dataclass(frozen=True, slots=True)
class VerifyFace(Effect):
    """Is the face in view this person's? Answers `FaceMatched`, at the latest after `seconds`."""

    session: int
    ask: int
    person: str
    seconds: float


@dataclass(frozen=True, slots=True)
class IdentifyFace(Effect):
    """Whose is the face in view, among those whose number ends in `tail`? Answers `FaceMatched`."""

    session: int
    ask: int
    tail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadPerson(Effect):
    """Who is it that was recognised? Answers `Admitted` with the factor FACE, or `NotAdmitted`."""

    session: int
    person: str


@dataclass(frozen=True, slots=True)
class TakePortrait(Effect):
    """One photograph of the face in view, kept in memory as numbers only; answers `PortraitTaken`."""

    session: int
    ask: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DropPortraits(Effect):
    """Forget every photograph taken so far."""

    session: int


@dataclass(frozen=True, slots=True)
class CheckFace(Effect):
    """Does the face of these photographs (`TakePortrait` by `ask`) stand under another name? Answers `FaceChecked`."""

    session: int
    key: str
    person: str
    asks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EnrolFace(Effect):
    """Commit the face of these photographs; answers `Recorded` or `NotRecorded`.

    `consent` is the version of the text, `language` what it was read in, `agreed` when (Unix seconds), `factors` how
    the person was identified.
    """

    session: int
    key: str
    person: str
    asks: tuple[int, ...]
    consent: str
    language: str
    agreed: float
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawFace(Effect):
    """Delete the face of this person here at once, everywhere else by the centre; answers like `EnrolFace`."""

    session: int
    key: str
    person: str


@dataclass(frozen=True, slots=True)
class LoadFace(Effect):
    """Ask what is on record of this person's face; answers `FaceLoaded`."""

    session: int
    person: str
