"""The gate's part of the wire: what a lane must know, and what it tells of who came.

No picture is in any of these; templates only in `TemplateRow` and `Enrolled`.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator, with_config
from typing_extensions import TypedDict

from kiosk.domain.admission import Direction, Hardness, Order, Outcome, Result, Way
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt
from kiosk.domain.people import Factor
from kiosk.domain.screening.reading import Basis, Cannot
from sync import vectors
from sync.wire_base import STRICT, Key, Message, Moment, Nobody, PersonId, Revision

MOST_VECTORS = vectors.MOST
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
GateName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,30}$")]
ModelName = Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,60}$")]
Consent = Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,20}$")]
LessonId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,40}$")]
Degrees = Annotated[float, Field(ge=-100, le=200)]
Score = Annotated[float, Field(ge=-100, le=100)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class _Templates(Message):
    """`vectors`: base64 of `rows` × n float16, little-endian, one row after the other."""

    model: ModelName
    rows: Annotated[int, Field(ge=1, le=MOST_VECTORS)]
    vectors: Annotated[str, Field(max_length=vectors.LONGEST)]


class TemplateRow(_Templates):
    """A row of the feed `templates`; its id is the person.

    `consent` is the version of the text that was agreed to, `enrolled_at` when, `as_of` when the centre took it in.
    """

    consent: Consent
    enrolled_at: Moment
    as_of: Moment


class WindowRow(Message):
    """A time at the gates, Unix seconds."""

    begins: Moment
    ends: Moment


class PassRow(Message):
    """A row of the feed `passes`; its id is the person.

    `declared`: day of the declaration before the return, `checked_in`: of the newest daily one. `inside`: where the
    person went last by the word of all lanes, `moved` when; None = nobody has seen them pass.
    """

    role: Literal["student", "staff"]
    revoked: bool = False
    batch: Annotated[str, Field(max_length=40)] = ""
    windows: Annotated[list[WindowRow], Field(max_length=50)] = Field(default_factory=list)
    declared: datetime.date | None = None
    checked_in: datetime.date | None = None
    healthy: bool = True
    inside: bool | None = None
    moved: Moment = 0.0
    as_of: Moment


class CheckRow(Message):
    """One check of the rules; a check that a terminal does not know is passed over there."""

    check: Word
    order: Order = Order.AFTER
    hardness: Hardness = Hardness.DENY


class RulesRow(Message):
    """A row of the feed `rules`; its id is a gate, or `*` for every gate that has no row of its own."""

    way: Way = Way.CODE_FACE
    checks: Annotated[list[CheckRow], Field(max_length=40)]
    limit: Annotated[float, Field(ge=35, le=42)] = 37.3
    between: Literal[Outcome.ALLOW, Outcome.REFER, Outcome.REFUSE] = Outcome.REFER
    no_reading: Hardness = Hardness.DENY
    no_face: Hardness = Hardness.DENY
    head_turn: bool = False
    issued: Moment
    max_age_s: Annotated[float, Field(gt=0, le=3e8)] = 3 * 86400.0
    data_age_s: Annotated[float, Field(gt=0, le=3e8)] = 26 * 3600.0


class VisitRow(Message):
    """A row of the feed `visits`; its id is the visit's 16 hex digits. `used`: the visitor went in and not out."""

    name: Annotated[str, Field(max_length=60)]
    host: Annotated[str, Field(max_length=60)]
    gates: Annotated[list[GateName], Field(max_length=20)]
    begins: Moment
    ends: Moment
    used: bool = False
    revoked: bool = False


class LessonRow(Message):
    """A row of the feed `lessons`; its id is the lesson's."""

    zh: Annotated[str, Field(max_length=100)]
    en: Annotated[str, Field(max_length=100)] = ""
    room: Annotated[str, Field(max_length=40)]
    begins: Moment
    ends: Moment
    members: Annotated[list[PersonId], Field(max_length=2000)]


@with_config(STRICT)
class FindingBody(TypedDict):
    """One check's word; values that may name people are left out."""

    check: Word
    result: Result
    word: Word


class ReadingBody(Message):
    """One temperature, °C, its parts apart; or `why` there is none, and nothing else."""

    why: Cannot | None = None
    raw: Degrees | None = None
    ambient: Degrees | None = None
    offset: Degrees | None = None
    corrected: Degrees | None = None
    u: Annotated[float, Field(ge=0, le=100)] | None = None
    basis: Basis | None = None
    frames: Count | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> ReadingBody:
        parts = (self.raw, self.offset, self.corrected, self.u, self.basis, self.frames)
        missing = parts.count(None)
        if missing not in (0, len(parts)) or (missing == 0) == (self.why is not None):
            raise ValueError("a whole reading, or why there is none")
        return self


@with_config(STRICT)
class MatchBody(TypedDict):
    """Distances only. `frames`: pictures that were compared, `gallery`: people compared with."""

    score: Score
    limit: Score
    second: Score
    frames: Count
    gallery: Count
    adapted: bool
    doubt: Doubt


class DecidedV1(Message):
    """Body of `gate.decided` v1: who came, what was found, what came of it. `readings`: a recheck's last."""

    gate: GateName
    direction: Direction
    person: Nobody = ""
    visit: Nobody = ""
    factors: Annotated[list[Factor], Field(max_length=4)]
    outcome: Outcome
    findings: Annotated[list[FindingBody], Field(max_length=40)]
    readings: Annotated[list[ReadingBody], Field(max_length=2)] = Field(default_factory=list)
    match: MatchBody | None = None
    liveness: Liveness
    rules_rev: Revision = 0
    receipt: Annotated[str, Field(max_length=60)] = ""


class Decided(DecidedV1):
    """Body of `gate.decided` v2. `nonce`: that of the personal code that was taken, in hex; "" = none was."""

    nonce: Annotated[str, Field(pattern=r"^([0-9a-f]{12})?$")] = ""


class Passed(Message):
    """Body of `gate.passed` v1: whether the person of this decision (or opening by hand) went through."""

    decision: Key
    passed: bool
    at: Moment


class Opened(Message):
    """Body of `gate.opened` v1: the guard let somebody in by hand. `decision`: the one they overruled, or ""."""

    gate: GateName
    direction: Direction
    decision: Key | Literal[""]
    guard: PersonId
    reason: Word
    receipt: Annotated[str, Field(max_length=60)] = ""


class Signed(Message):
    """Body of `attendance.signed` v1. `late_minutes`: whole ones after the lesson's beginning."""

    lesson: LessonId
    person: PersonId
    factors: Annotated[list[Factor], Field(max_length=4)]
    late_minutes: Annotated[int, Field(ge=0, le=10_000)]


class ConsentBody(Message):
    """What was agreed to: version and language of the text, when, and how the person had shown who they are."""

    version: Consent
    language: Literal["zh", "en"] = "zh"
    at: Moment
    factors: Annotated[list[Factor], Field(max_length=4)] = Field(default_factory=list)


class FaceEnrolled(_Templates):
    """Body of `face.enrolled` v1. `poses`: one word a row."""

    person: PersonId
    consent: ConsentBody
    poses: Annotated[list[Word], Field(max_length=MOST_VECTORS)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _readable(self) -> FaceEnrolled:
        vectors.unpack(self.vectors, self.rows)
        return self


class FaceWithdrawn(Message):
    """Body of `face.withdrawn` v1; `consent`: version of the consent that ends."""

    person: PersonId
    consent: Consent | Literal[""] = ""


class FaceDoubled(Message):
    """Body of `face.doubled` v1: nothing was enrolled, the face is on record for somebody else; a clerk verifies it."""

    person: PersonId
    like: PersonId
    consent: Consent


BODIES: dict[tuple[str, int], type[Message]] = {
    ("gate.decided", 1): DecidedV1,
    ("gate.decided", 2): Decided,
    ("gate.passed", 1): Passed,
    ("gate.opened", 1): Opened,
    ("attendance.signed", 1): Signed,
    ("face.enrolled", 1): FaceEnrolled,
    ("face.withdrawn", 1): FaceWithdrawn,
    ("face.doubled", 1): FaceDoubled,
}
# in the order in which they are asked for: faces at the end, when it is known whose pass is revoked
ROWS: dict[str, type[Message]] = {
    "passes": PassRow,
    "rules": RulesRow,
    "visits": VisitRow,
    "lessons": LessonRow,
    "templates": TemplateRow,
}
