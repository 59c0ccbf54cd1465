"""All that a technician has before them, as one frozen value; nothing in it tells of a visitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.domain.backlog import DeadRow, Standing, Stick
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

    QUEUE = "queue"


class Reader(StrEnum):
    """Whether a personal code can be read here now: the second factor is asked for only where it can be shown."""

    WORKS = "works"
    AWAY = "away"
    NONE = "none"


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
class State:
    """One technician at the terminal. `session` is the visit's; `who` the id of the person whose PIN was right, `nonce`
    that of the code they showed, in hex.
    """

    session: int
    phase: Phase = Phase.PIN
    entry: Entry = field(default_factory=Entry)
    who: str = ""
    nonce: str = ""
    page: Page = Page.QUEUE
    queue: Queue = field(default_factory=Queue)
    told: Told | None = None

    @property
    def inside(self) -> bool:
        return self.phase is Phase.INSIDE
