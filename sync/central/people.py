"""People as the centre keeps them, and what of them terminals get to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from kiosk.domain.people import Person, Role
from sync.central import aheads, erasures, feeds
from sync.central.centre import Work
from sync.central.database import upsert
from sync.central.gatetables import lesson, person_gate, template
from sync.central.tables import person, record, request
from sync.wire import PersonRow
from sync.wire_gate import LessonRow

UNCERTIFIED = ("phone", "bank_card_tail", "counsellor")
"""What is known of a person and stands on no certificate."""
Rows = Mapping[str, tuple[Mapping[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the campus. `private` never leaves but on a certificate; `records` by kind: course, award, fee."""

    id: str
    number: str
    name: str
    name_en: str
    role: Role
    known: Mapping[str, str]
    private: Mapping[str, str]
    verifier: str
    records: Rows = field(default_factory=dict)


def by_id(work: Work, identity: str) -> Member | None:
    """The person with these 16 hex digits, unless gone."""
    return _one(work, _BY_ID, identity)


def held(work: Work, identity: str) -> Member | None:
    """`by_id` for whoever writes about the person: nobody forgets them before this transaction has ended."""
    return held_all(work, [identity]).get(identity)


def held_all(work: Work, identities: Iterable[str]) -> dict[str, Member]:
    """Those of these people who are there, held in the order of their ids."""
    rows = work.connection.execute(_HELD, {"campus": work.campus, "all": sorted(identities)})
    return {row.id: _member(row) for row in rows}


def by_number(work: Work, number: str) -> Member | None:
    """The person with this student or staff number, unless gone."""
    return _one(work, _BY_NUMBER, number)


def with_records(work: Work, member: Member) -> Member:
    """The same with everything certificates are made of."""
    wanted = (record.c.campus_id == work.campus, record.c.person == member.id)
    rows = work.connection.execute(sa.select(record.c.kind, record.c.data).where(*wanted).order_by(record.c.n))
    kinds: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row.data)
    found = {kind: tuple(data) for kind, data in kinds.items()}
    fields: dict[str, Any] = {name: getattr(member, name) for name in Member.__slots__}
    return Member(**{**fields, "records": found})


def keep(work: Work, member: Member) -> None:
    """Add or change a person, here and on every terminal."""
    row = {"campus_id": work.campus, "id": member.id, "number": member.number, "name": member.name}
    row |= {"name_en": member.name_en, "role": member.role.value, "known": dict(member.known)}
    row |= {"private": dict(member.private), "verifier": member.verifier, "alive": True}
    before = _one(work, _BY_ID.with_for_update(), member.id)
    upsert(work.connection, person, row)
    if before is not None and _facts(before) != _facts(member):
        aheads.withdraw(work, person=member.id)
    older = (record.c.campus_id == work.campus, record.c.person == member.id)
    work.connection.execute(sa.delete(record).where(*older))
    rows = [
        {"campus_id": work.campus, "person": member.id, "kind": kind, "n": n, "data": dict(data)}
        for kind, entries in member.records.items()
        for n, data in enumerate(entries)
    ]
    if rows:
        work.connection.execute(sa.insert(record), rows)
    feeds.publish(work.connection, work.campus, "persons", member.id, _row(member).model_dump())


def forget(work: Work, identity: str) -> None:
    """The person has left: nothing more for them, no face, no class, and tombstones to every terminal."""
    here = (person.c.campus_id == work.campus, person.c.id == identity)
    work.connection.execute(sa.update(person).where(*here).values(alive=False))
    aheads.withdraw(work, person=identity)
    erasures.end(work, "persons", identity)
    if work.connection.execute(sa.delete(template).where(*_of(work, template, identity))).rowcount:
        erasures.end(work, "templates", identity)
    if work.connection.execute(sa.delete(person_gate).where(*_of(work, person_gate, identity))).rowcount:
        feeds.publish(work.connection, work.campus, "passes", identity, None)
    for key in work.connection.execute(sa.select(request.c.key).where(*_of(work, request, identity))).scalars().all():
        feeds.publish(work.connection, work.campus, "requests", key, None)
    _leave_classes(work, identity)


def come_back(work: Work, number: str) -> bool:
    """Somebody who had left is here again, as they were; False = nobody of this number has left."""
    here = (person.c.campus_id == work.campus, person.c.number == number)
    gone = work.connection.execute(sa.update(person).where(*here, person.c.alive.is_(False)).values(alive=True))
    member = by_number(work, number) if gone.rowcount else None
    if member is not None:
        feeds.publish(work.connection, work.campus, "persons", member.id, _row(member).model_dump())
    return member is not None


def told(member: Member) -> Person:
    """What terminals, and so forms, know of this person."""
    return Person(member.id, member.number, member.name, member.name_en, member.role, member.known)


def _facts(member: Member) -> tuple[object, ...]:
    """What a certificate may say of them."""
    known = {name: value for name, value in member.known.items() if name not in UNCERTIFIED}
    return member.number, member.name, member.name_en, member.role, known, dict(member.private)


def _of(work: Work, table: sa.Table, identity: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.campus_id == work.campus, table.c.person == identity)


def _leave_classes(work: Work, identity: str) -> None:
    found = work.connection.execute(sa.select(lesson).where(lesson.c.campus_id == work.campus)).all()
    for row in found:
        if identity not in row.members:
            continue
        members = [each for each in row.members if each != identity]
        here = (lesson.c.campus_id == work.campus, lesson.c.id == row.id)
        work.connection.execute(sa.update(lesson).where(*here).values(members=members))
        told = {name: row._mapping[name] for name in LessonRow.model_fields} | {"members": members}
        feeds.publish(work.connection, work.campus, "lessons", row.id, LessonRow.model_validate(told).model_dump())


def _row(member: Member) -> PersonRow:
    told = {"number": member.number, "name": member.name, "name_en": member.name_en, "role": member.role.value}
    return PersonRow.model_validate({**told, "known": dict(member.known), "verifier": member.verifier})


_ALIVE = sa.select(person).where(person.c.campus_id == sa.bindparam("campus"), person.c.alive.is_(True))
_BY_ID = _ALIVE.where(person.c.id == sa.bindparam("which"))
_HELD = _ALIVE.where(person.c.id.in_(sa.bindparam("all", expanding=True))).order_by(person.c.id)
_HELD = _HELD.with_for_update(read=True)
_BY_NUMBER = _ALIVE.where(person.c.number == sa.bindparam("which"))


def _one(work: Work, wanted: sa.Select[Any], which: str) -> Member | None:
    row = work.connection.execute(wanted, {"campus": work.campus, "which": which}).one_or_none()
    return None if row is None else _member(row)


def _member(row: Any) -> Member:
    return Member(row.id, row.number, row.name, row.name_en, Role(row.role), row.known, row.private, row.verifier)
