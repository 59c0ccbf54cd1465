"""All that a lane knows at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kiosk.config import GateConfig
from kiosk.domain.admission import BUILT_IN, Decision, Entrant, Lesson, Outcome, Pass, Place, Rules
from kiosk.domain.faces import Liveness, Sight
from kiosk.domain.faults import Code
from kiosk.domain.matching.match import Match
from kiosk.domain.people import Factor, Person
from kiosk.domain.screening.reading import Measured
from kiosk.flows.service import Mode, Service, mode
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup.state import Link


class Phase(StrEnum):
    WATCHING = "watching"
    READING = "reading"
    RECHECK = "recheck"
    RECORDING = "recording"
    SHOWING = "showing"


class Ask(StrEnum):
    """What the person is asked for while the lane waits for it; "" = nothing."""

    NOTHING = ""
    CODE = "code"
    FACE = "face"
    DIGITS = "digits"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    HOLD_STILL = "hold_still"


@dataclass(frozen=True, slots=True)
class Case:
    """One person at the lane, from the first sign of them to the end.

    `key` is the idempotency key of the decision's record, made with the case; `first` the reading before a recheck.
    `waits`: answers that are still to come, out of "person", "spent", "match", "turn", "measure". `noted`: the record
    is on the disk. `warmed`: the track whose temperature is `measured`, `anew`: another one stood there while it was
    taken. `nonce`: of the code that was taken, `doubtful`: by a clock that cannot be trusted. `stopped`: the record
    lets the person through and the lane stays shut, as the code was taken elsewhere. `by_hand`: the guard's reason for
    opening, `of` the key of the case that they overruled.
    """

    key: str
    began: float
    factors: frozenset[Factor] = frozenset()
    allowed: Pass | None = None
    match: Match | None = None
    liveness: Liveness = Liveness.NOT_ASKED
    measured: Measured | None = None
    first: Measured | None = None
    readings: int = 0
    track: int = 0
    warmed: int = 0
    anew: bool = False
    waits: frozenset[str] = frozenset()
    decision: Decision | None = None
    receipt: str = ""
    noted: bool = False
    opened: bool = False
    passed: bool | None = None
    code: str = ""
    nonce: str = ""
    doubtful: bool = False
    stopped: bool = False
    tail: str = ""
    turn: str = ""
    by_hand: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the guard's list. `person` is masked already."""

    key: str
    receipt: str
    at: float
    person: str
    outcome: Outcome
    reasons: tuple[str, ...]
    temperature: Measured | None = None
    passed: bool | None = None
    by_hand: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """Who stands guard, once they have shown number and PIN; what is open on their side of the screen.

    `pane`: "" (closed) | "pin" | "list" | "reasons". `until`: end of the session, Unix seconds. `about`: key of the
    case on the screen when they asked to open by hand.
    """

    person: Person | None = None
    pane: str = ""
    number: str = ""
    pin: str = ""
    field: str = "number"
    busy: bool = False
    problem: str = ""
    until: float = 0.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Devices:
    """How the parts of the lane are; what is not fitted is never missed."""

    fitted: frozenset[str] = frozenset()
    online: frozenset[str] = frozenset()
    faults: Mapping[str, str] = field(default_factory=dict)

    def works(self, name: str) -> bool:
        return name in self.online

    def away(self, name: str) -> bool:
        """Fitted, and not there."""
        return name in self.fitted and name not in self.online


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who of the class has signed in; the screen shows the rate."""

    lesson: Lesson | None = None
    signed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """`coming`: new rules, from the next person on; whoever is being looked at is judged by those they came under.

    `keeps`: the journal takes new records; without one nothing opens. `technician`: who serves the lane, which admits
    nobody meanwhile.
    """

    session: int = 0
    phase: Phase = Phase.WATCHING
    case: Case | None = None
    sight: Sight | None = None
    ask: Ask = Ask.NOTHING
    said: str = ""
    lines: tuple[Line, ...] = ()
    guard: Guard = Guard()
    devices: Devices = Devices()
    link: Link = Link.UNKNOWN
    queued: int = 0
    keeps: bool = True
    rules: Rules = BUILT_IN
    coming: Rules | None = None
    attendance: Attendance = Attendance()
    language: str = "zh"
    next_code: str = ""
    refused_track: int = 0
    recorded: int = 0
    help: bool = False
    technician: Technician | None = None
    service: Service = field(default_factory=Service)

    @property
    def mode(self) -> Mode:
        """How the lane serves; it has no hours but its rules'."""
        codes = (Code(code) for code in self.devices.faults.values())
        away = any(self.devices.away(name) for name in self.devices.fitted - {"sensor"})
        missing = away or not self.keeps or self.link not in (Link.ONLINE, Link.UNKNOWN)
        return mode(replace(self.service, closed=False), codes, missing)

    @property
    def quiet(self) -> bool:
        """Nobody is at the lane, and nobody looks at the guard's side or serves it."""
        nobody = self.phase is Phase.WATCHING and self.sight is None and self.technician is None
        return nobody and not self.guard.pane and not self.help


@dataclass(frozen=True, slots=True)
class Policy:
    """What a step is handed besides the event. `place` names the lane, `boot` this run of the program (random).

    `idle`, `technician`: seconds without a touch until the technician's sign-in, or their pages, close.
    """

    place: Place
    timing: GateConfig
    boot: str
    idle: float = 60.0
    technician: float = 300.0


def entrant(case: Case) -> Entrant:
    """The case as `admission.decide` wants it."""
    return Entrant(case.allowed, case.factors, case.match, case.liveness, case.doubtful)
