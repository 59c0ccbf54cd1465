"""Sealing in advance for a person who is at a terminal now, and taking in what was issued without the network."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from kiosk import log
from kiosk.domain.catalogue import Item, allowed_for
from kiosk.domain.codes import SKEW_S
from kiosk.domain.requests import Status
from sync.central import aheads, content, devices, flow, issuing, people
from sync.central.centre import DAY_S, Centre, Refusal, Work, local
from sync.central.database import in_transaction, insert_new
from sync.central.people import Member
from sync.central.tables import document, offline_conflict, sealed_ahead
from sync.wire import EventItem
from sync.wire_ahead import AheadAnswer, AheadAsk, AheadRow, IssuedOffline

FRESH = 0.5
"""One of which less than this part of its time is left is made up for while there is a line."""


def seal_ahead(centre: Centre, by: str, ask: AheadAsk) -> AheadAnswer | Refusal:
    """All that this terminal may issue to the person offline, new ones where some are missing or about to lapse."""

    def act(connection: sa.Connection) -> AheadAnswer | Refusal:
        # one at a time for each terminal: two of the same would both find some missing
        devices.hold(connection, centre.campus, by)
        return _sealed(Work(centre, connection, centre.clock.now()), by, ask)

    return in_transaction(centre.engine, act)


def _sealed(work: Work, by: str, ask: AheadAsk) -> AheadAnswer | Refusal:
    aheads.purge(work)
    member = people.held(work, ask.person)
    if member is None:
        return Refusal("person_unknown")
    held = aheads.held(work, by, ask.person, ask.book)
    if work.centre.ahead.days and (held or aheads.people(work, by) < work.centre.ahead.people):
        for item in work.centre.catalogue.items.values():
            if item.offline and allowed_for(item, member.role):
                _make_up(work, by, ask.book, member, item, held)
        held = aheads.held(work, by, ask.person, ask.book)
    return AheadAnswer(epoch=work.centre.epoch, person=ask.person, rows=[_told(work, row) for row in held])


def _make_up(work: Work, by: str, book: str, member: Member, item: Item, held: list[Any]) -> None:
    """As many of this item as there should be, in each of its languages."""
    policy = work.centre.ahead
    soon = work.now + policy.days * DAY_S * FRESH
    for language in item.languages:
        same = [row for row in held if (row.document, row.language) == (item.document, language)]
        for _ in range(policy.each - sum(row.use_by > soon for row in same)):
            if not _make(work, by, book, member, item, language):
                break


def _make(work: Work, by: str, book: str, member: Member, item: Item, language: str) -> bool:
    """False when it could not be said of this person, today or on the last day of its use."""
    facts = issuing.facts_of(work, member, item, {}, language, None)
    fields = content.fields_of(item.document, facts)
    use_by = work.now + work.centre.ahead.days * DAY_S
    later = content.fields_of(item.document, replace(facts, today=local(use_by).date()))
    if isinstance(fields, Refusal) or later != fields:
        return False
    made = issuing.sealed(work, item.document, facts, fields)
    row = {"campus_id": work.campus, "terminal": by, "book": book, "person": member.id, "document": item.document}
    row |= {"language": language, "sealed_at": made.pop("issued"), **made, "use_by": min(use_by, made["expires"])}
    insert_new(work.connection, sealed_ahead, {**row, "state": aheads.HELD, "state_at": work.now})
    return True


def _told(work: Work, row: Any) -> AheadRow:
    names = ("serial", "document", "language", "expires", "use_by", "code", "fields")
    told = {name: getattr(row, name) for name in names}
    return AheadRow(issued=row.sealed_at, url=issuing.check_address(work.centre, row.token), **told)


def issued(work: Work, item: EventItem, terminal: str, body: IssuedOffline) -> Any:
    """A terminal has issued one of those it holds: an act to be done, or a Refusal for a number it never held."""
    row = aheads.of_serial(work, body.serial)
    if row is None or row.terminal != terminal:
        return Refusal("serial_unknown")
    return partial(_take, work, item, row, body)


def _take(work: Work, item: EventItem, row: Any, body: IssuedOffline) -> None:
    """From now on it is a paper like any other; one that cannot count is void, and the office hears of it."""
    asked = flow.held(work, body.request)
    wrong = _wrong(work, item, row, asked, body)
    if row.state == aheads.ISSUED:
        _twice(work, body.serial)
    else:
        _register(work, item, row, body, counts=not wrong)
    if wrong:
        _set_aside(work, item, row, body, wrong)
        if asked is not None:
            issuing.tell_void(work, body.request, body.serial, "offline")


def _wrong(work: Work, item: EventItem, row: Any, asked: Any, body: IssuedOffline) -> str:
    """Why it cannot count: a word for the office, "" = it does."""
    if row.state != aheads.HELD:
        return "twice" if row.state == aheads.ISSUED else "withdrawn"
    if asked is None or asked.status in (Status.REFUSED, Status.REJECTED):
        return "request_refused" if asked is not None else "request_unknown"
    wanted = work.centre.catalogue.items.get(asked.item)
    if asked.person != row.person or wanted is None or wanted.document != row.document:
        return "other_request"
    if item.at > row.use_by + SKEW_S:
        return "too_late"
    older = issuing.counting(work, body.request)
    return "second_paper" if any(issuing.out(each) and each.serial != body.replaces for each in older) else ""


def _register(work: Work, item: EventItem, row: Any, body: IssuedOffline, *, counts: bool) -> None:
    if counts:
        issuing.end_older(work, body.request, body.replaces, row.serial)
    same = ("serial", "token", "terminal", "person", "document", "language", "expires", "code", "fields")
    paper: dict[str, Any] = {"campus_id": work.campus, **{name: getattr(row, name) for name in same}}
    paper |= {"key": item.key, "issued": row.sealed_at, **body.model_dump(), "offline_at": item.at}
    paper |= {"superseded_by": "", "printed_at": None, "voided_at": None, "void_reason": ""}
    if not counts:
        paper |= {"voided_at": work.now, "void_reason": "offline"}
        if row.state == aheads.HELD:
            aheads.end(work, row.serial)
    insert_new(work.connection, document, paper)
    if counts:
        aheads.change(work, row.serial, aheads.ISSUED)
        flow.numbered(work, body.request, row.serial)


def _twice(work: Work, serial: str) -> None:
    """Two papers bear this number: neither can be told from the other."""
    first = issuing.of_serial(work, serial)
    if first is not None:
        issuing.void(work, issuing.by_serial(work, first.request, serial), "offline")


def _set_aside(work: Work, item: EventItem, row: Any, body: IssuedOffline, reason: str) -> None:
    told = {"campus_id": work.campus, "event": item.key, "serial": row.serial, "request": body.request}
    told |= {"terminal": row.terminal, "person": row.person, "reason": reason}
    insert_new(work.connection, offline_conflict, {**told, "at": item.at, "received_at": work.now})
    log.event("offline_conflict", terminal=row.terminal, reason=reason)
