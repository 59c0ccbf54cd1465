"""What goes over the wire between terminal and centre; both ends import `wire` and `wire_…`, no more.

Every answer carries `epoch`, the identity of the centre's database: a new one means it was restored.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sync import wire_ahead as ahead
from sync import wire_bench as bench
from sync import wire_gate as gate
from sync import wire_release as releases
from sync.wire_base import Key as Key
from sync.wire_base import Message as Message
from sync.wire_base import Moment as Moment
from sync.wire_base import Revision as Revision
from sync.wire_base import Sha256 as Sha256
from sync.wire_base import Size as Size

MOST_ITEMS = 100
MOST_BYTES = 1_000_000


class Verdict(StrEnum):
    """The centre's word on one event."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    LATER = "later"


class Enrol(Message):
    """POST /v1/enrol: a one-time code makes this terminal's own key known. `public_key`: the raw Ed25519 key in hex."""

    v: Literal[2] = 2
    code: Annotated[str, Field(min_length=6, max_length=64)]
    terminal: Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,16}$")]
    public_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Enrolled(Message):
    """`key_id`: by which the centre names the key; see `sync.signing`."""

    epoch: str
    campus: int
    key_id: str


class EventItem(Message):
    """One outbox row. `key` is its idempotency key for as long as the centre keeps the row."""

    key: Key
    seq: Annotated[int, Field(ge=1)]
    stream: Annotated[str, Field(max_length=80)]
    kind: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=40)]
    v: Annotated[int, Field(ge=1, le=1000)]
    at: float
    boot: Annotated[str, Field(max_length=40)]
    mono: float
    body: dict[str, Any]


class Batch(Message):
    """POST /v1/events:batch."""

    items: Annotated[list[EventItem], Field(min_length=1, max_length=MOST_ITEMS)]


class ItemResult(Message):
    key: Key
    verdict: Verdict
    reason: str = ""


class BatchAnswer(Message):
    epoch: str
    results: list[ItemResult]


class FeedRow(Message):
    """`data` is None for a tombstone."""

    id: str
    rev: Revision
    data: dict[str, Any] | None


class FeedAnswer(Message):
    """GET /v1/feeds/{name}?after=REV. `reset`: forget what you have of this feed and take these rows."""

    epoch: str
    feed: str
    rows: list[FeedRow]
    next: Revision
    more: bool
    reset: bool = False


class AuditHead(Message):
    """The newest entry of a terminal's audit chain: its number and its hash in hex; 0 and "" = none yet."""

    seq: Size = 0
    hash: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class Heartbeat(Message):
    """POST /v1/heartbeat: how the terminal is.

    `boot`: this run of the sync process. `disk_free`, `disk_total`, `journal_bytes`: bytes, 0 = not known. `paper` and
    `sensors`: what the terminal's devices last said, in the words of its faults. `audit`: head of its chain; `known`:
    what that chain holds under the number the centre confirmed last, so that a chain written anew is noticed. `update`:
    only of a terminal that fetches updates.
    """

    v: Literal[1] = 1
    at: float
    version: Annotated[str, Field(max_length=40)]
    queued: Size
    dead: Size
    oldest_s: float
    printer: Annotated[str, Field(max_length=40)] = ""
    faults: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=100)] = Field(default_factory=list)
    boot: Annotated[str, Field(max_length=40)] = ""
    uptime_s: Annotated[float, Field(ge=0)] = 0.0
    blobs: Size = 0
    disk_free: Size = 0
    disk_total: Size = 0
    journal_bytes: Size = 0
    space: Literal["", "plenty", "low", "full"] = ""
    clock: Literal["", "good", "doubtful"] = ""
    versions: Annotated[dict[str, Annotated[str, Field(max_length=80)]], Field(max_length=20)] = Field(
        default_factory=dict
    )
    sensors: Annotated[dict[str, Annotated[str, Field(max_length=40)]], Field(max_length=40)] = Field(
        default_factory=dict
    )
    audit: AuditHead = AuditHead()
    known: AuditHead = AuditHead()
    update: releases.Update | None = None


class HeartbeatAnswer(Message):
    """`now`: Unix seconds. `audit`: the head that the centre has kept, to be answered by `known` next time.

    `offer`: only in the answer to a beat with `update`: older terminals know no such member.
    """

    epoch: str
    now: float
    audit: AuditHead = AuditHead()
    offer: releases.Offer | None = None


class DocumentAsk(Message):
    """POST /v1/documents: number and seal one certificate. Idempotent by `key` (request key, colon, attempt)."""

    key: Key
    request: Key
    document: Annotated[str, Field(max_length=60)]
    language: Literal["zh", "en"] = "zh"
    copies: Annotated[int, Field(ge=1, le=20)] = 1
    replaces: Annotated[str, Field(max_length=60)] = ""


class DocumentAnswer(Message):
    """`fields` is the canonical content by field name, `code` the QR text, `url` the check page. Unix seconds."""

    epoch: str
    key: Key
    serial: str
    issued: float
    expires: float
    code: str
    url: str
    fields: dict[str, str]


class CodeAsk(Message):
    """POST /v1/codes: what a phone asks for: a person's by number and PIN, or a visitor's by the token of the visit."""

    number: Annotated[str, Field(max_length=20)] = ""
    pin: Annotated[str, Field(max_length=20)] = ""
    visit: Annotated[str, Field(max_length=64)] = ""

    @model_validator(mode="after")
    def _one_way(self) -> CodeAsk:
        if bool(self.visit) == bool(self.number or self.pin) or bool(self.number) != bool(self.pin):
            raise ValueError("number and pin, or visit")
        return self


class CodeAnswer(Message):
    epoch: str
    code: str
    expires: float


class PersonRow(Message):
    """A row of the feed `persons`; its id is the person's 16 hex digits."""

    number: str
    name: str
    name_en: str
    role: Literal["student", "staff"]
    known: dict[str, str]
    verifier: str


class KeyRow(Message):
    """A row of the feed `keys`; its id is `<use>-<kid>`.

    `public` is the raw Ed25519 key in hex; of `export`, the age recipient to which a queue is sealed on a USB stick; of
    `pdf`, the SHA-256 of the certificate that PDFs are sealed with, in hex.
    """

    use: Literal["code", "certificate", "export", "pdf"]
    kid: Annotated[int, Field(ge=0, le=255)]
    public: Annotated[str, Field(pattern=r"^([0-9a-f]{64}|age1[0-9a-z]{58})$")]
    revoked: bool = False


class RevocationRow(Message):
    """A row of the feed `revocations`; its id is the serial of a certificate that does not count any more.

    Whole seconds: there may be very many of these.
    """

    state: Literal["revoked", "superseded"]
    at: Annotated[int, Field(ge=0, le=4_102_444_800)]


class MarkRow(Message):
    """One point of a timeline, as kiosk.domain.requests.Mark."""

    what: str
    at: Moment
    step: int = -1
    by: str = ""
    due: Moment = 0.0
    note: str = ""


class RequestRow(Message):
    """A row of the feed `requests`; its id is the request's idempotency key."""

    item: str
    person: str
    receipt: str
    status: str
    submitted: Moment
    step: int
    due: Moment
    values: dict[str, str]
    marks: list[MarkRow]
    serial: str = ""
    language: Literal["zh", "en"] = "zh"
    copies: Annotated[int, Field(ge=1, le=20)] = 1


class NoticeRow(Message):
    """A row of the feed `notices`: one line for the attract screen."""

    zh: str
    en: str
    order: int = 100


class Submitted(Message):
    """Body of `request.submitted` v1. `prepare`: a certificate to have ready at the next visit.

    `factors` are the ways the person was identified by; `attachments` maps a field to the SHA-256 of its blob.
    """

    item: str
    person: str
    receipt: str
    values: dict[str, str]
    attachments: dict[str, Sha256] = Field(default_factory=dict)
    factors: list[str]
    language: Literal["zh", "en"] = "zh"
    copies: Size = 1
    prepare: bool = False


class Rated(Message):
    """Body of `rating.given` v1. `how` tells a choice from silence."""

    request: Key
    item: str
    stars: Annotated[int, Field(ge=1, le=5)]
    how: Literal["given", "defaulted"]
    remark: Annotated[str, Field(max_length=500)] = ""


class Printed(Message):
    """Body of `document.printed` v1."""

    request: Key
    serial: str
    copies: Size


class Voided(Message):
    """Body of `document.voided` v1: this serial came out spoiled, or nobody knows."""

    request: Key
    serial: str
    reason: Literal["spoiled", "unknown", "not_taken"]


class CodesRefused(Message):
    """Body of `codes.refused` v1: how many codes were refused, by reason; nothing of their content."""

    counts: dict[str, Size]


class Erased(Message):
    """Body of `erasure.done` v1: a row that the feed ended is gone here, from database and write-ahead log.

    `rows`: how many rows of how many kinds went, by table. `kept`: rows of the outbox that still name the person,
    and until when at the latest.
    """

    feed: Annotated[str, Field(max_length=40)]
    row: Annotated[str, Field(max_length=80)]
    rev: Revision
    rows: Annotated[dict[gate.Word, gate.Count], Field(max_length=20)]
    kept: gate.Count = 0
    kept_until: Moment = 0.0


class AuditAccepted(Message):
    """Body of `audit.accepted` v1: somebody looked at a break in this terminal's audit chain and took it on record.

    `seq`, `what`: the first entry that was not as written; `head`: where the chain goes on.
    """

    seq: Size
    what: Literal["changed", "missing", "truncated", "rewritten"]
    by: Annotated[str, Field(max_length=60)]
    reason: Annotated[str, Field(min_length=4, max_length=200)]
    head: AuditHead


class SpendAsk(Message):
    """POST /v1/codes:spend: a personal code was accepted here; was it anywhere else? `nonce` in hex."""

    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    at: Moment
    until: Moment


class SpendAnswer(Message):
    """`first`: nobody else has shown it; otherwise `terminal` and `at` of who did before."""

    epoch: str
    nonce: str
    first: bool
    terminal: str = ""
    at: Moment = 0.0


BODIES: dict[tuple[str, int], type[Message]] = {
    ("request.submitted", 1): Submitted,
    ("rating.given", 1): Rated,
    ("document.printed", 1): Printed,
    ("document.voided", 1): Voided,
    ("codes.refused", 1): CodesRefused,
    ("erasure.done", 1): Erased,
    ("audit.accepted", 1): AuditAccepted,
    **gate.BODIES,
    **ahead.BODIES,
    **bench.BODIES,
}
NEWEST = dict(sorted(BODIES))
"""The version in which a terminal of today records each kind."""
FEEDS = ("persons", "keys", "requests", "notices", *gate.ROWS, "revocations")
"""In the order in which they are asked for; the newest last, which an older centre may not know."""
