"""Everything an admission is decided from, and what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Match
from kiosk.domain.people import Factor, Role
from kiosk.domain.screening.reading import Fever


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """From best to worst; the worst of all findings counts."""

    ALLOW = "allow"
    RECHECK = "recheck"
    REFER = "refer"
    REFUSE = "refuse"


class Check(StrEnum):
    """What is looked at, in the order in which it is shown."""

    IDENTITY = "identity"
    TEMPERATURE = "temperature"
    LIVENESS = "liveness"
    VISIT = "visit"
    ROSTER = "roster"
    ROLE = "role"
    DECLARATION = "declaration"
    CHECK_IN = "check_in"
    BATCH = "batch"
    DIRECTION = "direction"
    REVOKED = "revoked"


class Order(StrEnum):
    """When a check counts: before the temperature is taken (a failure ends it there), after it, or alone.

    If any check is ONLY, the others are looked at and logged, and cannot stop anybody.
    """

    BEFORE = "before"
    AFTER = "after"
    ONLY = "only"


class Hardness(StrEnum):
    DENY = "deny"
    LOG = "log"


class Way(StrEnum):
    """How people are recognised at this lane."""

    CODE_FACE = "code_face"
    FACE = "face"
    FACE_DIGITS = "face_digits"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Rule:
    order: Order = Order.AFTER
    hardness: Hardness = Hardness.DENY


@dataclass(frozen=True, slots=True)
class Rules:
    """The campus's word about its gates; a feed of the centre.

    `issued` in Unix seconds; older than `max_age_s` they are `stale`: what rests on the centre's newest data is
    logged and no longer stops anybody. `limit` in °C. `between`: after a second reading that is still between.
    `no_reading`, `no_face`: when temperature or face of somebody enrolled cannot be taken; DENY refers to the guard.
    `head_turn`: a face must turn to a side of the terminal's choice. A check that is not in `checks` is not made,
    but for who it is and a visitor's errand.
    """

    way: Way = Way.CODE_FACE
    checks: Mapping[Check, Rule] = field(default_factory=dict)
    limit: float = 37.3
    between: Outcome = Outcome.REFER
    no_reading: Hardness = Hardness.DENY
    no_face: Hardness = Hardness.DENY
    head_turn: bool = False
    issued: float = 0.0
    max_age_s: float = 3 * 86400.0
    data_age_s: float = 26 * 3600.0
    rev: int = 0


BUILT_IN = Rules(
    checks={
        Check.IDENTITY: Rule(Order.BEFORE),
        Check.REVOKED: Rule(Order.BEFORE),
        Check.VISIT: Rule(Order.BEFORE),
        Check.ROSTER: Rule(Order.BEFORE),
        Check.LIVENESS: Rule(),
        Check.TEMPERATURE: Rule(),
        Check.DIRECTION: Rule(Order.BEFORE),
    }
)
"""What holds until the centre has said something: who is it, is it a person, is it a fever."""


@dataclass(frozen=True, slots=True)
class Window:
    """A batch's time at the gates (分期分批、错时错峰), Unix seconds."""

    batch: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's errand: whom, through which gates, when (Unix seconds)."""

    id: str
    name: str
    host: str
    gates: tuple[str, ...]
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """A class in this room now, for attendance; `members` are person ids. Unix seconds."""

    id: str
    title: str
    room: str
    begins: float
    ends: float
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pass:
    """What the campus knows of one person that matters at a gate; `as_of` = when the centre said so, Unix seconds.

    `inside`: where this terminal last saw the person go, None = never seen. `enrolled`: a face is on record, and the
    person agreed to it.
    """

    person: str
    name: str
    role: Role | None
    as_of: float = 0.0
    revoked: bool = False
    window: Window | None = None
    declared: date | None = None
    checked_in: date | None = None
    healthy: bool = True
    inside: bool | None = None
    enrolled: bool = False
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who stands there and how that is known. `allowed` is None for somebody the terminal cannot name.

    `doubtful`: the code was read by a clock that cannot be trusted, so it may be an old one.
    """

    allowed: Pass | None
    factors: frozenset[Factor] = frozenset()
    match: Match | None = None
    liveness: Liveness = Liveness.NOT_ASKED
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Which lane this is. A classroom's terminal has a `lesson` now and then, and who has signed in to it already."""

    gate: str
    direction: Direction = Direction.IN
    roles: frozenset[Role] = frozenset(Role)
    lesson: Lesson | None = None
    signed: frozenset[str] = frozenset()
    attendance: bool = False


class Result(StrEnum):
    GOOD = "good"
    NOTED = "noted"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's word: `word` is a text key below `gate.found.`, `values` what stands in that sentence."""

    check: Check
    result: Result
    word: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome with every finding, good ones too, in the order of Check."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    fever: Fever = Fever.UNKNOWN

    @property
    def reasons(self) -> tuple[str, ...]:
        """Words of what was not good."""
        return tuple(found.word for found in self.findings if found.result is not Result.GOOD)
