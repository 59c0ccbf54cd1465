"""What can happen at a lane, and what a lane can ask for, besides the core's touches and timers.

Shared with the walk-up flow, from kiosk.flows.walkup.events: CodeRead, SeveralCodes, Admitted (a guard's PIN),
NotAdmitted, CodeSpent, Recorded, NotRecorded, LinkChanged, BacklogChanged, SpaceChanged, DeviceChanged, FaultRaised,
FaultCleared, FeedChanged, CheckCode, CheckPin, Record.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.admission import Lesson, Pass, Rules
from kiosk.domain.faces import Liveness, Sight
from kiosk.domain.matching.match import Match
from kiosk.domain.screening.reading import Measured
from kiosk.flows.core import Effect, Event


@dataclass(frozen=True, slots=True)
class CodeAccepted(Event):
    """The answer to `CheckCode` at a lane: the id of a person or of a visit. A refusal is `NotAdmitted`.

    `nonce`: the code's, in hex; `CodeSpent` may follow. `doubtful`: by a clock that cannot be trusted.
    """

    session: int
    person: str
    nonce: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class FaceSeen(Event):
    """The recogniser's newest sight; several a second. `at` in Unix seconds, unlike `sight.at`."""

    sight: Sight
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceGone(Event):
    track: int


@dataclass(frozen=True, slots=True)
class FaceMatched(Event):
    """The answer to `VerifyFace` or `IdentifyFace`."""

    session: int
    match: Match
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class TurnSeen(Event):
    """The answer to `WatchTurn`: LIVE, STILL or SWAPPED."""

    session: int
    liveness: Liveness


@dataclass(frozen=True, slots=True)
class MeasureDone(Event):
    """The answer to `Measure`, of the same `track`. `at` in Unix seconds."""

    session: int
    measured: Measured
    at: float = 0.0
    track: int = 0


@dataclass(frozen=True, slots=True)
class PassLoaded(Event):
    """The answer to `LoadPass`; None = the terminal knows nobody of this id. `at` in Unix seconds."""

    session: int
    found: Pass | None
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class RulesLoaded(Event):
    rules: Rules


@dataclass(frozen=True, slots=True)
class LessonLoaded(Event):
    lesson: Lesson | None
    signed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GateOpened(Event):
    """The relay said (Modbus), or was told (LCUS), to open for the record of this key."""

    key: str


@dataclass(frozen=True, slots=True)
class GateFailed(Event):
    """The relay could not be told to open."""

    key: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage(Event):
    """The passage sensor: somebody went through. Not sent where there is no sensor."""

    at: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadPass(Effect):
    """Ask what the campus knows of this person, or visitor; answers `PassLoaded`."""

    session: int
    person: str


@dataclass(frozen=True, slots=True)
class LoadRules(Effect):
    """Answers `RulesLoaded`."""


@dataclass(frozen=True, slots=True)
class LoadLesson(Effect):
    """Answers `LessonLoaded`."""


@dataclass(frozen=True, slots=True)
class VerifyFace(Effect):
    """Is the face in view this person's? Answers `FaceMatched`, at the latest after `seconds`."""

    session: int
    person: str
    seconds: float


@dataclass(frozen=True, slots=True)
class IdentifyFace(Effect):
    """Whose is the face in view, among those this lane may search? `tail`: last digits of the number, or ""."""

    session: int
    tail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WatchTurn(Effect):
    """Does the face turn to this side ("left" | "right", as the person sees it)? Answers `TurnSeen`."""

    session: int
    side: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Measure(Effect):
    """Take the temperature of this face; answers `MeasureDone`, at the latest after `seconds`.

    `track` 0: nobody has been seen yet. A second one in a session takes the place of the first.
    """

    session: int
    seconds: float
    track: int = 0


@dataclass(frozen=True, slots=True)
class DropFace(Effect):
    """The case is over: forget what was asked of the recogniser and the thermal camera."""

    session: int


@dataclass(frozen=True, slots=True)
class OpenGate(Effect):
    """Let one person through, for the committed record of this key; answers `GateOpened` or `GateFailed`."""

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class NotePassage(Effect):
    """Remember here which way this person went (anti-passback)."""

    person: str
    inside: bool
    at: float


@dataclass(frozen=True, slots=True)
class Sound(Effect):
    """`name`: allow | stop | recheck | prompt."""

    name: str
