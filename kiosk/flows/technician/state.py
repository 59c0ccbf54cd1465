"""All that a technician has before them, as one frozen value; nothing in it tells of a visitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.domain.backlog import DeadRow, Standing, Stick
from kiosk.domain.board import Part
from kiosk.domain.logbook import Change, Kept, LogLine
from kiosk.domain.proving import Result, Verdict
from kiosk.flows.entry import Entry

DUTY = "technician"
"""The word among a person's duties that opens these pages."""


class Phase(StrEnum):
    """Number and PIN, then the code where one can be read, then the pages."""

    PIN = "pin"
    CODE = "code"
    INSIDE = "inside"


class Page(StrEnum):
    """What a technician can look at; each has its handler in `step.PAGES` and its view in `ui.present.technician`."""

    BOARD = "board"
    TESTS = "tests"
    QUEUE = "queue"
    LOG = "log"
    SETTINGS = "settings"


class Reader(StrEnum):
    """Whether a personal code can be read here now: the second factor is asked for only where it can be shown.

    A shell always can: the code's text comes by its keyboard, which a scanner on USB is as well.
    """

    WORKS = "works"
    AWAY = "away"
    NONE = "none"
    SHELL = "shell"


class Doing(StrEnum):
    """What a touch set going and is not answered yet."""

    RETRY = "retry"
    STICKS = "sticks"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of the last act: `key` of assets/i18n and its values; `tone` is info, good or stop."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class Queue:
    """The page of the queue. `rows` is the page of dead letters that begins at `first`; the one at `wanted` is on its
    way. `asked` numbers the looks, and the last one counts. `sticks`: where an export can go, while that is chosen.
    """

    standing: Standing | None = None
    rows: tuple[DeadRow, ...] = ()
    first: int = 0
    wanted: int = 0
    asked: int = 0
    doing: Doing | None = None
    sticks: tuple[Stick, ...] | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """The page of the log: as `Queue`, through the filter `only`. `answered`: the newest look that was."""

    lines: tuple[LogLine, ...] = ()
    components: tuple[str, ...] = ()
    only: str = ""
    first: int = 0
    wanted: int = 0
    asked: int = 0
    more: bool = False
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """The page of the settings. `against`: what the running ones are compared with; `sure`: asked once to go back."""

    kept: tuple[Kept, ...] = ()
    against: str = ""
    changes: tuple[Change, ...] = ()
    asked: int = 0
    sure: bool = False
    doing: bool = False
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a running test wants of whoever stands there: `key` of assets/i18n and its values. `code`: what the code
    says that is to be scanned, `plot` the pairs of what was measured so far, `cells` the places that wait for a finger,
    `answers` the words that can be pressed.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    plot: tuple[tuple[float, float], ...] = ()
    cells: frozenset[int] = frozenset()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A readiness report on its way. `job`: its paper, "" until the record is on the disk."""

    number: str
    key: str
    verdict: Verdict
    failed: tuple[str, ...]
    at: float
    job: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """Board and tests. `asked` numbers the looks at the board, and the last one counts; `part` is the one that is open.

    `run` numbers the tests, `running` is the one that runs and `waiting` those behind it; `fresh` is the touch that
    began them. `results`: the newest of each test, by name; `last`: which came last.
    """

    parts: tuple[Part, ...] = ()
    asked: int = 0
    part: str = ""
    run: int = 0
    running: str = ""
    waiting: tuple[str, ...] = ()
    fresh: str = ""
    ask: Asked | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    last: str = ""
    report: Report | None = None

    @property
    def fitted(self) -> tuple[str, ...]:
        """The parts of this terminal."""
        return tuple(part.name for part in self.parts)


@dataclass(frozen=True, slots=True)
class State:
    """One technician at the terminal. `session` is the visit's; `who` the id of the person whose PIN was right, `nonce`
    that of the code they showed, in hex; `operator` their masked name, for paper alone.
    """

    session: int
    phase: Phase = Phase.PIN
    entry: Entry = field(default_factory=Entry)
    who: str = ""
    nonce: str = ""
    operator: str = ""
    page: Page = Page.BOARD
    bench: Bench = field(default_factory=Bench)
    queue: Queue = field(default_factory=Queue)
    log: Log = field(default_factory=Log)
    settings: Settings = field(default_factory=Settings)
    told: Told | None = None

    @property
    def inside(self) -> bool:
        return self.phase is Phase.INSIDE
