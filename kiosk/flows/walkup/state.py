"""Everything a visit is, as one frozen value. `ui.present` turns it into a screen; nothing else is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.config import Timing
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.documents import Sealed
from kiosk.domain.faces import Sight
from kiosk.domain.forms import FieldError
from kiosk.domain.people import Factor, Person
from kiosk.domain.portraits import POSES, Pose
from kiosk.domain.printer import Outlet
from kiosk.domain.requests import Request
from kiosk.flows.entry import Entry
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup.equipment import LeftPaper as LeftPaper
from kiosk.flows.walkup.equipment import Link as Link
from kiosk.flows.walkup.equipment import Notice as Notice
from kiosk.flows.walkup.equipment import Station as Station


class Screen(StrEnum):
    """One decision each."""

    ATTRACT = "attract"
    PIN = "pin"
    HOME = "home"
    CATEGORY = "category"
    SEARCH = "search"
    ITEM = "item"
    FACTOR = "factor"
    FORM = "form"
    REVIEW = "review"
    WORKING = "working"
    TROUBLE = "trouble"
    DONE = "done"
    REQUESTS = "requests"
    REQUEST = "request"
    FACE = "face"
    CONSENT = "consent"
    SHOTS = "shots"
    SAVING = "saving"
    WITHDRAW = "withdraw"
    FACE_DONE = "face_done"
    DIGITS = "digits"
    LOOK = "look"
    TECHNICIAN = "technician"


BUSY = frozenset({Screen.WORKING, Screen.SAVING})
"""Between a touch and its record nobody leaves, and nobody is asked whether they are still there."""


@dataclass(frozen=True, slots=True)
class Look:
    """How this person wants the screen."""

    language: str = "zh"
    large: bool = False
    contrast: bool = False
    low_reach: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One passing sentence: `key` of assets/i18n and its values; `tone` is info, good or stop."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-filled form of this person; `saved` in Unix seconds."""

    item: str
    key: str
    values: Mapping[str, str]
    saved: float


@dataclass(frozen=True, slots=True)
class Paper:
    """What became of a certificate in this visit: its last attempt came `out`, or was voided. `at`: Unix seconds."""

    attempt: int
    out: bool
    at: float


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """That a face is on record: which consent text was agreed to, and since when (Unix seconds)."""

    consent: str
    since: float


@dataclass(frozen=True, slots=True)
class Visit:
    """The person who stands here, and what was fetched for them; gone when they leave.

    `handed_in` and `papers` (by request key) are what this visit did: what is fetched may not know of it yet.
    `face` is None while none is on record, or nobody has looked (`face_known`); `doubts`: looks that confirmed nobody.
    `nonce`: of the code that was shown in this visit. `ahead`: documents and languages of which a certificate sealed
    in advance is here.
    """

    person: Person
    factors: frozenset[Factor]
    began: float = 0.0
    extensions: int = 0
    handed_in: frozenset[str] = frozenset()
    papers: Mapping[str, Paper] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    drafts: tuple[Draft, ...] = ()
    face: FaceRecord | None = None
    face_known: bool = False
    doubts: int = 0
    nonce: str = ""
    ahead: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Pad:
    """The on-screen keyboard: `target` is a field name, `search` or `remark`.

    `text` is what stands so far, `letters` pinyin not yet turned into characters. `mode` is digits, zh or en.
    `shift` makes capitals. For dates `text` is the ISO value and `month` (2026-03) the page of the calendar.
    """

    target: str
    text: str = ""
    letters: str = ""
    mode: str = "zh"
    shift: bool = False
    month: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A document being photographed for `field`: framing (live picture), looking (the shot), storing."""

    field: str
    phase: str = "framing"


@dataclass(frozen=True, slots=True)
class Filling:
    """A form being filled. `key` is the request's idempotency key, made when the form opened.

    `page` 0 shows what the campus knows, 1… the questions (forms.pages). `copies`, `language`: of the certificate.
    `prepare`: a certificate to have ready at the next visit, because it cannot be sealed or printed now.
    """

    item: str
    key: str
    values: Mapping[str, str]
    page: int = 0
    errors: Mapping[str, FieldError] = field(default_factory=dict)
    copies: int = 1
    language: str = "zh"
    prepare: bool = False
    pad: Pad | None = None
    photo: Photo | None = None


class Phase(StrEnum):
    """Where a submission stands."""

    RECORDING = "recording"
    SEALING = "sealing"
    FETCHING = "fetching"
    PRINTING = "printing"
    FINISHED = "finished"


class Trouble(StrEnum):
    """Why a submission could not be finished; the record, once made, stays."""

    NOT_RECORDED = "not_recorded"
    NOT_SEALED = "not_sealed"
    SEAL_REFUSED = "seal_refused"
    SPOILED = "spoiled"
    NOT_PRINTED = "not_printed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Job:
    """One submission or one print on its way.

    `purpose`: certificate (needs the seal), receipt, list. `attempt` numbers the seals of one request, `job` is the
    printer's job id. `reason` is the printer's status or the centre's word behind the trouble. `note` says on the
    last screen what did not come out although the request stands (a key of assets/i18n, or empty). `replaces` is the
    serial that this certificate makes good for; `collected` tells one collection of an earlier request from another
    (such a request was rated when it was handed in). `outlet`: the printer it goes to. `own`: the sheets were laid out
    here, since the centre's sealed file could not be had.
    `offline`: it is one that was sealed in advance.
    """

    key: str
    item: str
    purpose: str
    document: str
    phase: Phase
    values: Mapping[str, str] = field(default_factory=dict)
    receipt: str = ""
    copies: int = 1
    language: str = "zh"
    prepare: bool = False
    attempt: int = 1
    sealed: Sealed | None = None
    job: str = ""
    trouble: Trouble | None = None
    reason: str = ""
    note: str = ""
    at: float = 0.0
    voided: bool = False
    replaces: str = ""
    collected: str = ""
    outlet: Outlet = Outlet.RECEIPT
    own: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """Stars 1–5, 0 = nothing said yet."""

    stars: int = 0
    remark: str = ""
    pad: Pad | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph of an enrolment: its pose, how the head was turned (as in `Sight`), and by which ask it came."""

    pose: Pose
    turn: float
    ask: int


class Saving(StrEnum):
    """What is being done with a face while nothing can be pressed."""

    CHECKING = "checking"
    ENROLLING = "enrolling"
    WITHDRAWING = "withdrawing"


class Outcome(StrEnum):
    """How an errand about a face ended. `unsure`: the journal has not answered in time."""

    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    DOUBLED = "doubled"
    NOT_CHECKED = "not_checked"
    NOT_SAVED = "not_saved"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Errand:
    """Enrolling or withdrawing a face. `key` is its record's idempotency key.

    `consent` is the version that was agreed to, in this `language`, at `agreed` (Unix seconds).

    All `shots` are of one `track`. `asked` is the portrait that is waited for (0 = none), `steady` how many sights in
    a row would do. Numbers and pictures of the face itself stay with the adapter.
    """

    key: str
    consent: str = ""
    language: str = "zh"
    agreed: float = 0.0
    shots: tuple[Shot, ...] = ()
    track: int = 0
    asked: int = 0
    steady: int = 0
    saving: Saving | None = None
    outcome: Outcome | None = None

    @property
    def pose(self) -> Pose | None:
        """The pose that is next; None when all are taken."""
        return POSES[len(self.shots)] if len(self.shots) < len(POSES) else None


@dataclass(frozen=True, slots=True)
class State:
    """One visit or none. `session` numbers visits: answers that belong to another one change nothing.

    `back` holds the screens behind this one. `still` counts down "still there?" (None = not asked).
    `item`, `category`, `request` and `query` are what the browsing screens show. `errand` is about the person's face;
    `sight` the face in view, on the screens that look; `asks` numbers what was asked of the recogniser, and `looking`
    is the look that is waited for (0 = none). `technician` is what stands on the technician's screen.
    """

    session: int = 0
    screen: Screen = Screen.ATTRACT
    back: tuple[Screen, ...] = ()
    look: Look = field(default_factory=Look)
    station: Station = field(default_factory=Station)
    entry: Entry = field(default_factory=Entry)
    visit: Visit | None = None
    item: str = ""
    category: str = ""
    request: str = ""
    query: Pad = field(default_factory=lambda: Pad("search"))
    filling: Filling | None = None
    job: Job | None = None
    rating: Rating | None = None
    errand: Errand | None = None
    sight: Sight | None = None
    asks: int = 0
    looking: int = 0
    technician: Technician | None = None
    message: Message | None = None
    help: bool = False
    still: int | None = None

    @property
    def quiet(self) -> bool:
        """Nobody is there, and nothing is being done for anybody."""
        return self.screen is Screen.ATTRACT and self.message is None and not self.help


@dataclass(frozen=True, slots=True)
class Policy:
    """What the flow is told from outside: the catalogue and every duration.

    `own_sheets`: where the centre's sealed file cannot be had, sheets are laid out here.
    """

    catalogue: Catalogue
    timing: Timing
    terminal: str
    language: str = "zh"
    own_sheets: bool = True
