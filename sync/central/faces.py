"""Faces on record: an enrolment with its consent, and its end; the newest word of the person counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kiosk.domain import consent
from sync.central import erasures, feeds, people
from sync.central.centre import Refusal, Work
from sync.central.database import hold, upsert
from sync.central.gatetables import template
from sync.wire import EventItem
from sync.wire_gate import FaceDoubled, FaceEnrolled, FaceWithdrawn, TemplateRow

Apply = Callable[[], None]


def enrolled(work: Work, item: EventItem, terminal: str, body: FaceEnrolled) -> Apply | Refusal:
    """Refused without the consent that is asked for today, and when the person has withdrawn since."""
    if people.held(work, body.person) is None:
        return Refusal("person_unknown")
    if not consent.current(body.consent.version):
        return Refusal("consent_old")
    row = _row(work, body.person)
    if row.withdrawn_at is not None and not _later(row, item, terminal, body.consent.at):
        return Refusal("withdrawn_since")
    if row.withdrawn_at is None and row.enrolled_at > body.consent.at:
        # a terminal that was offline: a newer one is here already
        return _nothing
    return partial(keep, work, body, terminal, item.seq)


def withdrawn(work: Work, item: EventItem, terminal: str, body: FaceWithdrawn) -> Apply | Refusal:
    """Never refused. Only an enrolment that is certainly newer, made elsewhere, stays."""
    row = _row(work, body.person)
    if row.withdrawn_at is None and row.terminal != terminal and row.enrolled_at > item.at:
        return _nothing
    return partial(_end, work, item, terminal, body, row)


def doubled(work: Work, item: EventItem, terminal: str, body: FaceDoubled) -> Apply | Refusal:
    """Kept among the events, for a clerk to verify who is who."""
    return _nothing


def kept(item: EventItem) -> dict[str, Any]:
    """An event's body as it is archived: a template is kept in one place alone, where it can end."""
    if item.kind != "face.enrolled":
        return item.body
    return {name: item.body[name] for name in ("person", "model", "consent")}


def _later(row: Any, item: EventItem, terminal: str, agreed: float) -> bool:
    """After the withdrawal, by that terminal's own counting, or by the clock."""
    return bool((row.terminal == terminal and item.seq > row.seq) or agreed > row.withdrawn_at)


def keep(work: Work, body: FaceEnrolled, terminal: str, seq: int) -> None:
    """The person's face from now on, here and on every terminal."""
    plain = {"model": body.model, "rows": body.rows, "vectors": body.vectors, "consent": body.consent.version}
    times = {"enrolled_at": body.consent.at, "as_of": work.now}
    source = {"terminal": terminal, "seq": seq, "language": body.consent.language, "withdrawn_at": None}
    row = {"campus_id": work.campus, "person": body.person, **plain, **times, **source}
    upsert(work.connection, template, row)
    told = TemplateRow.model_validate({**plain, **times})
    feeds.publish(work.connection, work.campus, "templates", body.person, told.model_dump())


def _end(work: Work, item: EventItem, terminal: str, body: FaceWithdrawn, row: Any) -> None:
    nothing = {"model": "", "rows": 0, "vectors": "", "language": "", "enrolled_at": 0.0}
    source = {"terminal": terminal, "seq": item.seq, "withdrawn_at": item.at, "as_of": work.now}
    here = {"campus_id": work.campus, "person": body.person, "consent": body.consent}
    upsert(work.connection, template, {**here, **nothing, **source})
    if row.rows:
        erasures.end(work, "templates", body.person)


def _row(work: Work, person: str) -> Any:
    """Of somebody without a face an empty one, held like any other."""
    nothing = {"model": "", "rows": 0, "vectors": "", "consent": "", "language": "", "enrolled_at": 0.0}
    source = {"withdrawn_at": None, "terminal": "", "seq": 0, "as_of": work.now}
    return hold(work.connection, template, {"campus_id": work.campus, "person": person, **nothing, **source})


def _nothing() -> None:
    return
