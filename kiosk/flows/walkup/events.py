"""What can happen in a visit, besides touches (`Intent`) and timers (`Elapsed`)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Fault
from kiosk.domain.people import Factor, Person
from kiosk.domain.printer import Outlet, PrinterState
from kiosk.domain.requests import Request
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup.state import Draft, LeftPaper, Link, Notice


@dataclass(frozen=True, slots=True)
class CodeRead(Event):
    """A code was read, by camera or scanner; nothing about it is known yet."""

    text: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class SeveralCodes(Event):
    """More than one code is in view; none was read."""


@dataclass(frozen=True, slots=True)
class Admitted(Event):
    """`nonce`: that of the code that was shown, in hex. `doubtful`: by a clock that cannot be trusted."""

    session: int
    person: Person
    factor: Factor
    at: float
    nonce: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class NotAdmitted(Event):
    """`reason`: wrong | locked | unknown_code | no_data. `until`: end of a lock, Unix seconds."""

    session: int
    reason: str
    tries_left: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class CodeSpent(Event):
    """The centre's word on a code that was taken here: nobody else had taken it (`first`), or somebody had."""

    nonce: str
    first: bool
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class RequestsLoaded(Event):
    session: int
    requests: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class DraftsLoaded(Event):
    session: int
    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Recorded(Event):
    """The journal has committed the row of this key."""

    key: str
    receipt: str
    at: float


@dataclass(frozen=True, slots=True)
class NotRecorded(Event):
    key: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class DocumentSealed(Event):
    """The centre numbered and sealed the certificate asked for under this key (as in `Seal`)."""

    key: str
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class NotSealed(Event):
    """`reason`: offline | refused | voided | unknown_request; of `IssueOffline`: none_ahead | not_recorded."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class SheetsReady(Event):
    """The centre's sealed file of this certificate is here, and its seal is right."""

    serial: str


@dataclass(frozen=True, slots=True)
class NoSheets(Event):
    """`reason`: offline | refused | voided | forged (the seal does not check) | unchecked (nothing to check it by)."""

    serial: str
    reason: str


@dataclass(frozen=True, slots=True)
class IssuedOffline(Event):
    """One that was sealed in advance is used up, and the journal has committed it. `again`: it was told before."""

    key: str
    request: str
    sealed: Sealed
    again: bool = False


@dataclass(frozen=True, slots=True)
class AheadLoaded(Event):
    """Documents and languages of which one sealed in advance may be issued to the person now."""

    session: int
    ahead: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """The spool's word: `state` is queued | printing | printed | unknown | failed, `reason` the printer's status."""

    job: str
    state: str
    reason: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class LinkChanged(Event):
    link: Link


@dataclass(frozen=True, slots=True)
class BacklogChanged(Event):
    queued: int
    dead: int


@dataclass(frozen=True, slots=True)
class SpaceChanged(Event):
    """How much room the journal has: plenty | low | full. At "full" nothing new is kept."""

    space: str


@dataclass(frozen=True, slots=True)
class PrinterChanged(Event):
    """`paper`: percent left of its roll, in tens; −1 = not counted."""

    printer: PrinterState
    paper: int = -1


@dataclass(frozen=True, slots=True)
class A4Changed(Event):
    """How the printer of A4 sheets is. `sheets`, `toner`: percent left, in tens, as it says; −1 = it does not."""

    printer: PrinterState
    sheets: int = -1
    toner: int = -1


@dataclass(frozen=True, slots=True)
class PapersLeft(Event):
    """Certificates that an earlier run left in the printer: whoever asks for one is asked whether it came out."""

    papers: tuple[LeftPaper, ...]


@dataclass(frozen=True, slots=True)
class DeviceChanged(Event):
    """`device`: scanner | camera."""

    device: str
    online: bool


@dataclass(frozen=True, slots=True)
class FaultRaised(Event):
    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultCleared(Event):
    device: str


@dataclass(frozen=True, slots=True)
class NoticesLoaded(Event):
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class FeedChanged(Event):
    """The sync process took new rows of this feed."""

    name: str


@dataclass(frozen=True, slots=True)
class PhotoTaken(Event):
    """The camera's frame is ready to be looked at; `ok` False when there was none."""

    session: int
    ok: bool


@dataclass(frozen=True, slots=True)
class PhotoStored(Event):
    """The photograph is kept; empty sha256 = could not be."""

    session: int
    field: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CheckPin(Effect):
    session: int
    number: str
    pin: str


@dataclass(frozen=True, slots=True)
class CheckCode(Effect):
    session: int
    text: str


@dataclass(frozen=True, slots=True)
class LoadRequests(Effect):
    session: int
    person: str


@dataclass(frozen=True, slots=True)
class LoadDrafts(Effect):
    session: int
    person: str


@dataclass(frozen=True, slots=True)
class SaveDraft(Effect):
    person: str
    item: str
    key: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class DropDraft(Effect):
    person: str
    item: str


@dataclass(frozen=True, slots=True)
class Record(Effect):
    """Commit an event to the journal; answers `Recorded` or `NotRecorded`. `receipt`: with a receipt number."""

    key: str
    stream: str
    kind: str
    body: dict[str, object]
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class Seal(Effect):
    """Ask the centre; answers `DocumentSealed` or `NotSealed` with the same key."""

    key: str
    request: str
    document: str
    language: str
    copies: int
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class FetchSheets(Effect):
    """Have the centre's sealed file of this certificate; answers `SheetsReady` or `NoSheets`."""

    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Provide(Effect):
    """Have the centre seal in advance for this person, when it can be reached; nobody waits for it."""

    person: str


@dataclass(frozen=True, slots=True)
class LoadAhead(Effect):
    """Answers `AheadLoaded`."""

    session: int
    person: str


@dataclass(frozen=True, slots=True)
class IssueOffline(Effect):
    """Use one up and commit that; answers `IssuedOffline` once, or `NotSealed`, with the same key (as in `Seal`)."""

    key: str
    request: str
    person: str
    document: str
    language: str
    copies: int
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Print(Effect):
    """Lay out `document` with `values` (and what the centre sealed) and hand it to the spool as job `job`.

    `request` is set for the list of a finished procedure. `outlet`: on which printer. `file`: the centre's sealed file
    as it is, in place of what would be laid out here.
    """

    job: str
    document: str
    language: str
    values: dict[str, str]
    copies: int = 1
    sealed: Sealed | None = None
    request: Request | None = None
    person: Person | None = None
    outlet: Outlet = Outlet.RECEIPT
    file: bool = False


@dataclass(frozen=True, slots=True)
class LoadNotices(Effect):
    """Ask for the attract screen's notices; answers `NoticesLoaded`."""


@dataclass(frozen=True, slots=True)
class WatchCodes(Effect):
    """Look for codes in the camera's picture, or stop."""

    on: bool


@dataclass(frozen=True, slots=True)
class TakePhoto(Effect):
    session: int


@dataclass(frozen=True, slots=True)
class KeepPhoto(Effect):
    """Store the photograph last taken; answers `PhotoStored`."""

    session: int
    field: str


@dataclass(frozen=True, slots=True)
class DropPhoto(Effect):
    """Forget the photograph last taken."""


@dataclass(frozen=True, slots=True)
class Wipe(Effect):
    """The person has left: forget whatever adapters still hold of them (photograph, previews, input)."""

    session: int
