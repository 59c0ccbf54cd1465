"""Numbering and sealing certificates, and taking back those that came out spoiled.

At most one paper of a request counts: a new one ends the older one, and after a printed one none is made.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import catalogue as catalogues
from kiosk.domain.catalogue import Item
from kiosk.domain.certificates import Claims
from kiosk.domain.people import Factor, mask_name
from kiosk.domain.requests import Status
from sync.central import content, feeds, flow, people, sealer
from sync.central.centre import Centre, Refusal, Work, local, words
from sync.central.content import Facts, Fields, Handed
from sync.central.database import bump, in_transaction, insert_new
from sync.central.people import Member
from sync.central.tables import document, request, serial_head
from sync.wire import DocumentAnswer, DocumentAsk, RevocationRow

READY = (Status.APPROVED.value, Status.ISSUED.value)
TOKEN_BYTES = 12
OFFICE, REISSUE = "office", "reissue"
"""Why the office takes a paper back; after the second the next one stands in its place."""


def issue(centre: Centre, by: str, ask: DocumentAsk) -> DocumentAnswer | Refusal:
    """The certificate under this key: made once, then the same answer again for as long as it may be printed.

    `by`: the terminal that asks; the first one that does is its.
    """

    def act(connection: sa.Connection) -> DocumentAnswer | Refusal:
        return _issue(Work(centre, connection, centre.clock.now()), by, ask)

    return in_transaction(centre.engine, act)


def _issue(work: Work, by: str, ask: DocumentAsk) -> DocumentAnswer | Refusal:
    asked = flow.held(work, ask.request)
    if asked is None:
        return Refusal("request_unknown")
    here = (document.c.campus_id == work.campus, document.c.key == ask.key)
    found = work.connection.execute(sa.select(document).where(*here)).one_or_none()
    return _again(work, found, ask) if found else _first_time(work, by, asked, ask)


def _again(work: Work, found: Any, ask: DocumentAsk) -> DocumentAnswer | Refusal:
    same = (found.request, found.document, found.language, found.copies, found.replaces)
    if same != (ask.request, ask.document, ask.language, ask.copies, ask.replaces):
        return Refusal("key_conflict")
    if found.voided_at is not None:
        return Refusal("voided")
    if found.printed_at is not None:
        return Refusal("already_issued")
    return _answer(work, found._mapping)


def _first_time(work: Work, by: str, asked: Any, ask: DocumentAsk) -> DocumentAnswer | Refusal:
    checked = _may(work, asked, ask)
    if isinstance(checked, Refusal):
        return checked
    member, item = checked
    facts = facts_of(work, member, item, asked.values, ask.language, _own(item, asked))
    fields = content.fields_of(ask.document, facts)
    if isinstance(fields, Refusal):
        return fields
    if ask.replaces and by_serial(work, ask.request, ask.replaces) is None:
        return Refusal("serial_unknown")
    if any(out(row) and row.serial != ask.replaces for row in counting(work, ask.request)):
        return Refusal("already_issued")
    made = sealed(work, ask.document, facts, fields)
    end_older(work, ask.request, ask.replaces, made["serial"])
    return _make(work, by, ask, facts, made)


def _may(work: Work, asked: Any, ask: DocumentAsk) -> tuple[Member, Item] | Refusal:
    member = people.by_id(work, asked.person)
    item = work.centre.catalogue.items.get(asked.item)
    if member is None or item is None:
        return Refusal("person_unknown") if item else Refusal("item_unknown", item=asked.item)
    if ask.document not in (item.document, item.result) or ask.document not in content.KINDS:
        return Refusal("not_printable", item=item.title.zh)
    if asked.status not in READY:
        return Refusal("refused" if asked.status == Status.REFUSED else "not_approved")
    if not catalogues.allowed_for(item, member.role):
        return Refusal("role", item=item.title.zh)
    if catalogues.factors_missing(item, frozenset(Factor(each) for each in asked.factors)):
        return Refusal("factors", item=item.title.zh)
    if ask.copies > item.copies:
        return Refusal("copies", most=str(item.copies))
    if ask.language not in item.languages:
        return Refusal("language", item=item.title.zh)
    return people.with_records(work, member), item


def refused(work: Work, item: Item, member: Member, handed: flow.HandedIn) -> Refusal | None:
    """Why this printable item would have nothing to print for this person; None = it may be issued."""
    if item.document not in content.KINDS:
        return Refusal("not_printable", item=item.title.zh)
    member = people.with_records(work, member)
    facts = facts_of(work, member, item, handed.values, handed.body.language, None)
    made = content.fields_of(item.document, facts)
    return made if isinstance(made, Refusal) else None


def by_serial(work: Work, key: str, serial: str) -> Any:
    """The row of this serial of this request, None when there is none. The request is held before its papers."""
    flow.held(work, key)
    here = (document.c.campus_id == work.campus, document.c.serial == serial, document.c.request == key)
    return work.connection.execute(sa.select(document).where(*here).with_for_update()).one_or_none()


def of_serial(work: Work, serial: str) -> Any:
    """The row of this serial, whosever it is, None when there is none; nothing is held."""
    here = (document.c.campus_id == work.campus, document.c.serial == serial)
    return work.connection.execute(sa.select(document).where(*here)).one_or_none()


def by_token(work: Work, token: str) -> Any:
    """The row that this check page is about, None when there is none."""
    here = (document.c.campus_id == work.campus, document.c.token == token)
    return work.connection.execute(sa.select(document).where(*here)).one_or_none()


def mark_printed(work: Work, row: Any, at: float) -> None:
    """It came out of a printer. Said of one that was voided meanwhile, it changes nothing for the request."""
    _change(work, row.serial, printed_at=at)
    if row.voided_at is None and row.printed_at is None:
        flow.printed(work, row.request, at)


def void(work: Work, row: Any, reason: str, why: str = "") -> None:
    """From now on it does not count, `why` in the office's words; the second time nothing happens."""
    if row.voided_at is None:
        _change(work, row.serial, voided_at=work.now, void_reason=reason)
        _tell_end(work, row.serial, "revoked", work.now)
        tell_void(work, row.request, row.serial, reason, why)


def tell_void(work: Work, key: str, serial: str, reason: str, why: str = "") -> None:
    """The timeline of its request says so."""
    flow.spoiled(work, key, serial, words(work.centre.texts, Refusal(f"void_{reason}", why=why)))


def out(row: Any) -> bool:
    """Whether somebody may hold this paper: it was printed, or issued without the network."""
    return row.printed_at is not None or row.offline_at is not None


def end_older(work: Work, key: str, replaces: str, serial: str) -> None:
    """A new paper of this request, `serial`, ends the older ones; `replaces` is the one that it makes good for."""
    for row in counting(work, key):
        void(work, row, "spoiled" if row.serial == replaces else "unknown")
    if replaces:
        _supersede(work, replaces, serial)
    for old in _to_replace(work, key):
        _supersede(work, old, serial)


def _supersede(work: Work, old: str, new: str) -> None:
    """Nobody has to ask why the old one does not count: there is a newer one. Void it has been since it was voided."""
    _change(work, old, superseded_by=new)
    here = (document.c.campus_id == work.campus, document.c.serial == old)
    since = work.connection.execute(sa.select(document.c.voided_at).where(*here)).scalar_one_or_none()
    if since is not None:
        _tell_end(work, old, "superseded", since)


def _tell_end(work: Work, serial: str, state: Literal["revoked", "superseded"], at: float) -> None:
    """Every terminal is to know, for when there is no network. The request is held: nobody else tells of its papers."""
    row = RevocationRow(state=state, at=int(at))
    feeds.publish(work.connection, work.campus, "revocations", serial, row.model_dump())


def counting(work: Work, key: str) -> list[Any]:
    """The papers of a request that are not void."""
    here = (document.c.campus_id == work.campus, document.c.request == key, document.c.voided_at.is_(None))
    return list(work.connection.execute(sa.select(document).where(*here)))


def _to_replace(work: Work, key: str) -> list[str]:
    """Those of a request that the office took back so that a corrected one is printed."""
    here = (document.c.campus_id == work.campus, document.c.request == key, document.c.superseded_by == "")
    wanted = sa.select(document.c.serial).where(*here, document.c.void_reason == REISSUE)
    return list(work.connection.execute(wanted).scalars())


def sealed(work: Work, name: str, facts: Facts, fields: Fields) -> dict[str, Any]:
    """A new certificate of this document: its serial, token, issued, expires, code, and the whole of its `fields`."""
    serial = _serial(work, content.KINDS[name].prefix)
    issued, last = int(work.now), content.last_day(name, facts, fields)
    expires = int(datetime.combine(last + timedelta(days=1), time(), CAMPUS_ZONE).timestamp()) - 1
    full = {
        **fields,
        "campus": work.centre.name.of(facts.language),
        "serial": serial,
        "date": facts.today.isoformat(),
        "expires": last.isoformat(),
    }
    issuer, hashed = f"campus:{work.campus}", sealer.content_hash(full)
    claims = Claims(issuer, issued, expires, serial, name, mask_name(facts.member.name), hashed)
    made: dict[str, Any] = {"serial": serial, "issued": issued, "expires": expires, "fields": full}
    made |= {"token": secrets.token_urlsafe(TOKEN_BYTES)}
    return made | {"code": sealer.seal(claims, work.centre.keys["certificate"])}


def _make(work: Work, by: str, ask: DocumentAsk, facts: Facts, made: Mapping[str, Any]) -> DocumentAnswer:
    row: dict[str, Any] = {"campus_id": work.campus, **ask.model_dump(), "person": facts.member.id, "terminal": by}
    row |= {**made, "superseded_by": "", "offline_at": None, "printed_at": None, "voided_at": None, "void_reason": ""}
    insert_new(work.connection, document, row)
    flow.numbered(work, ask.request, row["serial"])
    return _answer(work, row)


def _serial(work: Work, prefix: str) -> str:
    """ZD-2026-0302-0042: counted by kind and campus day."""
    day = f"{local(work.now):%Y-%m%d}"
    n = bump(work.connection, serial_head, {"campus_id": work.campus, "prefix": prefix, "day": day}, "n")
    return f"{prefix}-{day}-{n:04d}"


def _answer(work: Work, row: Mapping[str, Any]) -> DocumentAnswer:
    return DocumentAnswer(
        epoch=work.centre.epoch,
        key=row["key"],
        serial=row["serial"],
        issued=row["issued"],
        expires=row["expires"],
        code=row["code"],
        url=check_address(work.centre, row["token"]),
        fields=row["fields"],
    )


def check_address(centre: Centre, token: str) -> str:
    """What is printed for people."""
    return f"{centre.check_url}v/{token}"


def facts_of(
    work: Work, member: Member, item: Item, values: Mapping[str, str], language: str, own: Handed | None
) -> Facts:
    def approved(name: str) -> tuple[Handed, ...]:
        return _approved(work, member, name)

    return Facts(member, item, values, language, local(work.now).date(), approved, work.centre.texts, own)


def _own(item: Item, asked: Any) -> Handed:
    return Handed(item, asked.values, local(asked.submitted))


def _approved(work: Work, member: Member, name: str) -> tuple[Handed, ...]:
    item = work.centre.catalogue.items.get(name)
    here = (request.c.campus_id == work.campus, request.c.person == member.id, request.c.item == name)
    wanted = sa.select(request).where(*here, request.c.status.in_(READY)).order_by(request.c.submitted.desc())
    return tuple(_own(item, row) for row in work.connection.execute(wanted)) if item else ()


def _change(work: Work, serial: str, **values: object) -> None:
    here = (document.c.campus_id == work.campus, document.c.serial == serial)
    work.connection.execute(sa.update(document).where(*here).values(**values))
