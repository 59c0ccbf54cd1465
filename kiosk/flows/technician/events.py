"""What a technician's pages ask for, and what is answered; signing in speaks the visit's CheckPin and CheckCode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.domain.backlog import DeadRow, Standing, Stick
from kiosk.domain.board import Part
from kiosk.domain.logbook import Change, Kept, LogLine
from kiosk.domain.proving import Finding, Result, Verdict
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician.state import Asked


@dataclass(frozen=True, slots=True)
class LookAtQueue(Effect):
    """How the queue stands, and `most` dead letters from the `first` on, newest first; answers `QueueLooked`, or
    `QueueTrouble`.
    """

    session: int
    ask: int
    first: int
    most: int


@dataclass(frozen=True, slots=True)
class QueueLooked(Event):
    session: int
    ask: int
    standing: Standing
    rows: tuple[DeadRow, ...]


@dataclass(frozen=True, slots=True)
class QueueTrouble(Event):
    """The journal could not be read or written; `reason` is SQLite's word."""

    session: int
    reason: str


@dataclass(frozen=True, slots=True)
class SendAgain(Effect):
    """Queue these dead letters again, or all (None), for the technician with the id `who`.

    Answers `SentAgain` or `QueueTrouble`.
    """

    session: int
    seqs: tuple[int, ...] | None
    who: str


@dataclass(frozen=True, slots=True)
class SentAgain(Event):
    """So many wait again."""

    session: int
    count: int


@dataclass(frozen=True, slots=True)
class LookForSticks(Effect):
    """Which USB sticks are mounted? Answers `SticksFound`."""

    session: int


@dataclass(frozen=True, slots=True)
class SticksFound(Event):
    session: int
    sticks: tuple[Stick, ...]


@dataclass(frozen=True, slots=True)
class ExportQueue(Effect):
    """Seal the queue for the information centre into a file in this folder, for the technician with the id `who`.

    Answers `Exported` or `NotExported`.
    """

    session: int
    folder: str
    who: str


@dataclass(frozen=True, slots=True)
class Exported(Event):
    """`left_out`: rows that cannot be decrypted any more."""

    session: int
    file: str
    count: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class NotExported(Event):
    """`reason`: full | gone | read_only | no_recipient | not_enrolled | unreadable | failed."""

    session: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note(Effect):
    """Into the audit chain: who came in and how, who was refused, who left. What they did is noted where it is done.

    `detail` never has a number, a name or an answer; of `who`, an id, only a keyed tag is written.
    """

    kind: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LookAtBoard(Effect):
    """How every part is now; answers `BoardLooked`."""

    session: int
    ask: int


@dataclass(frozen=True, slots=True)
class BoardLooked(Event):
    session: int
    ask: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RunProof(Effect):
    """Begin this test; answers `ProofAsks` as often as it wants something, and `ProofDone` once."""

    session: int
    run: int
    test: str


@dataclass(frozen=True, slots=True)
class ProofAsks(Event):
    """What the test wants of whoever stands there; it replaces what it wanted before."""

    session: int
    run: int
    ask: Asked


@dataclass(frozen=True, slots=True)
class ProofTold(Effect):
    """What the technician answers the running test: one of its `answers`, or the number of a cell."""

    session: int
    run: int
    word: str


@dataclass(frozen=True, slots=True)
class ProofDone(Event):
    """`at`: Unix seconds."""

    session: int
    run: int
    finding: Finding
    at: float


@dataclass(frozen=True, slots=True)
class DropProof(Effect):
    """Give it up; it is not answered any more."""

    session: int
    run: int


@dataclass(frozen=True, slots=True)
class PrintReport(Effect):
    """Keep what the report says of the terminal, and print it as `job`. Answers `ReportPaper`, then the spool's word.

    `key`: of its record, by which the centre knows it; `operator`: masked.
    """

    session: int
    job: str
    key: str
    number: str
    verdict: Verdict
    failed: tuple[str, ...]
    results: tuple[Result, ...]
    operator: str
    at: float


@dataclass(frozen=True, slots=True)
class ReportPaper(Event):
    """Whether there is a printer that takes it; without one the report is kept and sent alone."""

    session: int
    job: str
    printer: bool


@dataclass(frozen=True, slots=True)
class LookAtLog(Effect):
    """`most` lines of the log that the filter `only` leaves, newest first, from the `first` on; answers `LogLooked`."""

    session: int
    ask: int
    only: str
    first: int
    most: int


@dataclass(frozen=True, slots=True)
class LogLooked(Event):
    """`components`: the programs that write here; `more`: older lines follow."""

    session: int
    ask: int
    lines: tuple[LogLine, ...]
    components: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class LookAtSettings(Effect):
    """Which settings there were, and what these (`against`, "" = the newest that differ) have otherwise.

    Answers `SettingsLooked`.
    """

    session: int
    ask: int
    against: str


@dataclass(frozen=True, slots=True)
class SettingsLooked(Event):
    """`kept`: newest first. `changes`: from `against` to what the terminal runs with."""

    session: int
    ask: int
    kept: tuple[Kept, ...]
    against: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class PutBack(Effect):
    """From the next start on use these settings, for the technician with the id `who`. Answers `PutBackDone`."""

    session: int
    name: str
    who: str


@dataclass(frozen=True, slots=True)
class PutBackDone(Event):
    """`reason`: "" | unreadable | not_written."""

    session: int
    reason: str = ""
