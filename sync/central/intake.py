"""Batches of events: each item gets its own verdict, and what was accepted stays accepted under its key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from kiosk.domain import catalogue as catalogues
from kiosk.domain import forms
from kiosk.domain.people import Factor, Role
from sync.central import blobs, devices, erasures, faces, flow, issuing, offline, passages, people, upcast
from sync.central.centre import Centre, Refusal, Work, local, words
from sync.central.database import Written, at_the_end, in_transaction, insert_all, insert_new
from sync.central.tables import event, rating
from sync.plain import canonical
from sync.wire import (
    BODIES,
    AuditAccepted,
    CodesRefused,
    Erased,
    EventItem,
    ItemResult,
    Message,
    Printed,
    Rated,
    Submitted,
    Verdict,
    Voided,
)
from sync.wire_ahead import IssuedOffline
from sync.wire_bench import Proved, Readiness
from sync.wire_gate import Decided, FaceDoubled, FaceEnrolled, FaceWithdrawn, Opened, Passed, Signed

KEY = re.compile(r"[0-9A-Za-z:_.-]{8,80}")
LATEST = 4_102_444_800.0
"""No event is later than the year 2100: such a time is an error, not a fast clock."""
LARGEST = 2**53
JUDGED_BY_PEOPLE = (forms.ErrorCode.TOO_EARLY, forms.ErrorCode.TOO_LATE)
"""Days from today: a terminal's clock may have been wrong, so whoever approves decides, not this program."""

Apply = Callable[[], None]
Handler = Callable[[Work, EventItem, str, Any], "Apply | Refusal"]


@dataclass(frozen=True, slots=True)
class Known:
    """An item as it was sent, what its content amounts to, its body as JSON, and checked and of the newest version."""

    item: EventItem
    digest: str
    text: str
    body: Message


class Archive:
    """The events that one transaction accepts, inserted at once; a key that somebody else took fails all of it."""

    turn = 0

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def write(self, connection: sa.Connection) -> None:
        if self.rows:
            insert_all(connection, event, self.rows)


def take(centre: Centre, terminal: str, raw: Sequence[Any]) -> list[ItemResult] | Refusal:
    """A result per item, in order. A Refusal only where an item has no key that an answer could name."""
    keys = [each.get("key") if isinstance(each, dict) else None for each in raw]
    if not all(isinstance(key, str) and KEY.fullmatch(key) for key in keys):
        return Refusal("bad_body", detail="items.key")
    read = [_read(each) for each in raw]

    def act(connection: sa.Connection) -> list[ItemResult]:
        devices.hold(connection, centre.campus, terminal)
        return _take_all(Work(centre, connection, centre.clock.now()), terminal, keys, read)

    return in_transaction(centre.engine, act)


def _take_all(work: Work, terminal: str, keys: Sequence[Any], read: Sequence[Known | Refusal]) -> list[ItemResult]:
    digests = _digests(work, keys)
    waiting: set[str] = set()
    results: list[ItemResult] = []
    for key, entry in zip(keys, read, strict=True):
        if isinstance(entry, Known) and entry.item.stream in waiting:
            result = ItemResult(key=key, verdict=Verdict.LATER)
        else:
            result = _take_one(work, terminal, key, entry, digests)
        if isinstance(entry, Known) and result.verdict is Verdict.LATER:
            waiting.add(entry.item.stream)
        results.append(result)
    return results


def _take_one(work: Work, terminal: str, key: str, entry: Known | Refusal, digests: dict[str, str]) -> ItemResult:
    if isinstance(entry, Refusal):
        return _rejected(work, key, entry)
    if key in digests:
        return ItemResult(key=key, verdict=_again(digests[key], entry.digest))
    applied = HANDLERS[type(entry.body)](work, entry.item, terminal, entry.body)
    if isinstance(applied, Refusal):
        later = applied.code in LATER
        return ItemResult(key=key, verdict=Verdict.LATER) if later else _rejected(work, key, applied)
    at_the_end(work.connection, Archive).rows.append(_event_row(work, terminal, entry))
    digests[key] = entry.digest
    applied()
    return ItemResult(key=key, verdict=Verdict.CREATED)


def _again(stored: str, digest: str) -> Verdict:
    return Verdict.DUPLICATE if stored == digest else Verdict.CONFLICT


def _rejected(work: Work, key: str, refusal: Refusal) -> ItemResult:
    return ItemResult(key=key, verdict=Verdict.REJECTED, reason=words(work.centre.texts, refusal))


def _read(raw: Mapping[str, Any]) -> Known | Refusal:
    try:
        item = EventItem.model_validate(raw)
        text = canonical(item.body)
        digest = _digest(item, text)
        if (item.kind, item.v) not in BODIES:
            return Refusal("kind_unknown", kind=item.kind, v=str(item.v))
        if not 0 <= item.at < LATEST or item.seq > LARGEST or not (item.stream + item.boot).isprintable():
            return Refusal("bad_body", detail="at, seq, stream, boot")
        return Known(item, digest, text, upcast.body_of(item))
    except ValidationError as error:
        return Refusal("bad_body", detail=told(error))
    except (ValueError, RecursionError):
        return Refusal("bad_body", detail="NaN, NUL, surrogates")


def told(error: ValidationError) -> str:
    """Where and why, with nothing of what was sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in found[:3])


def _digest(item: EventItem, body: str) -> str:
    """What makes two items the same act: everything the person did, nothing of when it was sent.

    Of the version that was sent: what an older program queued stays the same act over our upgrades. It is the hash of
    `canonical` of stream, kind, v and body as one list; the body's own is made once.
    """
    text = f"[{encode_basestring(item.stream)},{encode_basestring(item.kind)},{item.v},{body}]"
    return hashlib.sha256(text.encode()).hexdigest()


_STORED = sa.select(event.c.key, event.c.digest).where(event.c.campus_id == sa.bindparam("campus"))
_THESE = {
    "sqlite": _STORED.where(event.c.key.in_(sa.bindparam("all", expanding=True))),
    # one value: a hundred places would be planned anew each time
    "postgresql": _STORED.where(event.c.key == sa.any_(sa.bindparam("all", type_=sa.ARRAY(sa.Text)))),
}


def _digests(work: Work, keys: Sequence[str]) -> dict[str, str]:
    wanted = _THESE[work.connection.dialect.name]
    rows = work.connection.execute(wanted, {"campus": work.campus, "all": list(keys)})
    return {row.key: row.digest for row in rows}


def _event_row(work: Work, terminal: str, known: Known) -> dict[str, Any]:
    item, text = known.item, known.text
    short = faces.kept(item)
    return {
        "campus_id": work.campus,
        "key": item.key,
        "terminal": terminal,
        "seq": item.seq,
        "stream": item.stream,
        "kind": item.kind,
        "v": item.v,
        "at": item.at,
        "boot": item.boot,
        "mono": item.mono,
        "body": Written(text) if short is item.body else short,
        "digest": known.digest,
        "received_at": work.now,
    }


def _submitted(work: Work, item: EventItem, terminal: str, body: Submitted) -> Apply | Refusal:
    handed = flow.HandedIn(item.key, terminal, item.at, body)
    entry = work.centre.catalogue.items.get(body.item)
    member = people.by_id(work, body.person)
    if entry is None or member is None:
        return Refusal("item_unknown", item=body.item) if entry is None else Refusal("person_unknown")
    wrong = _wrong(work, entry, member.role, handed)
    if wrong:
        return wrong
    if missing := blobs.missing(work, list(body.attachments.values())):
        return Refusal("blob_missing", detail=missing[0][:8])
    steps = forms.steps(entry, handed.values)
    refused = issuing.refused(work, entry, member, handed) if entry.printable else None
    reason = words(work.centre.texts, refused) if refused else ""
    return partial(flow.open_request, work, handed, entry, steps, reason)


def _wrong(work: Work, item: catalogues.Item, role: Role, handed: flow.HandedIn) -> Refusal | None:
    body = handed.body
    if not catalogues.allowed_for(item, role):
        return Refusal("role", item=item.title.zh)
    if not set(body.factors) <= set(Factor):
        return Refusal("bad_body", detail="factors")
    if catalogues.factors_missing(item, frozenset(Factor(each) for each in body.factors)):
        return Refusal("factors", item=item.title.zh)
    if not 1 <= body.copies <= item.copies:
        return Refusal("copies", most=str(item.copies))
    errors = forms.check(item, handed.values, local(handed.at).date())
    wrong = {name: error for name, error in errors.items() if error.code not in JUDGED_BY_PEOPLE}
    labels = [error.values.get("label_zh", name) for name, error in wrong.items()]
    return Refusal("form", fields="、".join(labels)) if labels else None


def _rated(work: Work, item: EventItem, _terminal: str, body: Rated) -> Apply | Refusal:
    row = {"campus_id": work.campus, "request": body.request, "item": body.item, "stars": body.stars}
    row |= {"how": body.how, "remark": body.remark, "at": item.at}

    def store() -> None:
        insert_new(work.connection, rating, row)

    return store


def _printed(work: Work, item: EventItem, _terminal: str, body: Printed) -> Apply | Refusal:
    found = issuing.by_serial(work, body.request, body.serial)
    return partial(issuing.mark_printed, work, found, item.at) if found else Refusal("serial_unknown")


def _voided(work: Work, _item: EventItem, _terminal: str, body: Voided) -> Apply | Refusal:
    found = issuing.by_serial(work, body.request, body.serial)
    return partial(issuing.void, work, found, body.reason) if found else Refusal("serial_unknown")


def _counted(_work: Work, _item: EventItem, _terminal: str, _body: Message) -> Apply | Refusal:
    """Kept in the archive of events, where it is looked up; nothing else follows from it."""
    return lambda: None


HANDLERS: Mapping[type[Message], Handler] = {
    Submitted: _submitted,
    Rated: _rated,
    Printed: _printed,
    Voided: _voided,
    IssuedOffline: offline.issued,
    CodesRefused: _counted,
    Erased: erasures.done,
    AuditAccepted: devices.accepted,
    Decided: passages.decided,
    Opened: passages.opened,
    Passed: passages.passed,
    Signed: passages.signed,
    FaceEnrolled: faces.enrolled,
    FaceWithdrawn: faces.withdrawn,
    FaceDoubled: faces.doubled,
    Proved: _counted,
    Readiness: _counted,
}
LATER = frozenset({"blob_missing"})
"""What may be different when the terminal asks again; everything else stays refused."""
