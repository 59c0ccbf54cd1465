"""What lanes must know: passes, rules, visits, classes; every change goes into its feed in the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import forms
from kiosk.domain.catalogue import Item
from sync.central import feeds, people
from sync.central.centre import Work, local
from sync.central.database import at_the_end, hold_all, upsert, upsert_all
from sync.central.gatetables import gate_rules, lesson, person_gate, visit
from sync.wire import Submitted
from sync.wire_gate import LessonRow, PassRow, RulesRow, VisitRow

CHECK_IN, RETURN, VISITOR = "health_check_in", "return_registration", "visitor"
HOURS = {"w08": (8, 11), "w11": (11, 14), "w14": (14, 17), "w17": (17, 20)}
"""The time windows of the return registration, campus hours."""
MOST_WINDOWS = 20
Change = Callable[[Mapping[str, Any]], dict[str, Any]]
_NOTHING: dict[str, Any] = {
    "revoked": False,
    "batch": "",
    "windows": [],
    "declared": "",
    "checked_in": "",
    "healthy": True,
    "said_at": 0.0,
    "inside": None,
    "moved": 0.0,
}


@dataclass(frozen=True, slots=True)
class Booking:
    """A visit. `token`: the secret of the visitor's link; `host`: the person who invited."""

    id: str
    request: str
    name: str
    host: people.Member
    gates: tuple[str, ...]
    begins: float
    ends: float
    token: str


def change_pass(work: Work, person: str, change: Change | None = None, **values: Any) -> None:
    """Change some columns of a person's row and tell every terminal. Nothing for somebody who is gone.

    `change`: what to change, by the columns as they are; nothing = it stays, and nobody is told.
    """
    at_the_end(work.connection, Passes).add(work, person, change or (lambda _: values))


class Passes:
    """What one transaction changes about people, written at once and in the order of their ids.

    Two batches that speak of the same people hold their rows in the same order, whatever their own is.
    """

    turn = 2

    def __init__(self) -> None:
        self._work: Work | None = None
        self._changes: dict[str, list[Change]] = {}

    def add(self, work: Work, person: str, change: Change) -> None:
        if self._work is None or work.now > self._work.now:
            self._work = work
        self._changes.setdefault(person, []).append(change)

    def write(self, _connection: sa.Connection) -> None:
        if self._work:
            _change_passes(self._work, self._changes)


def _change_passes(work: Work, changes: Mapping[str, list[Change]]) -> None:
    members = people.held_all(work, changes)
    empties = {person: {**_NOTHING, "campus_id": work.campus, "person": person} for person in members}
    rows = []
    for person, found in hold_all(work.connection, person_gate, empties).items():
        row, changed = dict(found._mapping), False
        for change in changes[person]:
            values = change(row)
            row, changed = {**row, **values}, changed or bool(values)
        if changed:
            rows.append(row)
            _tell_pass(work, members[person], row)
    if rows:
        upsert_all(work.connection, person_gate, rows)


def _tell_pass(work: Work, member: people.Member, row: Mapping[str, Any]) -> None:
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("declared", "checked_in")}
    plain = {name: row[name] for name in ("revoked", "batch", "windows", "healthy", "inside", "moved")}
    told = PassRow.model_validate({**plain, **days, "role": member.role.value, "as_of": work.now})
    feeds.publish(work.connection, work.campus, "passes", member.id, told.model_dump(mode="json"))


def keep_rules(work: Work, gate: str, rules: RulesRow) -> None:
    """The rules of one gate, or of `*`."""
    data = rules.model_dump(mode="json")
    upsert(work.connection, gate_rules, {"campus_id": work.campus, "gate": gate, "data": data, "issued": rules.issued})
    feeds.publish(work.connection, work.campus, "rules", gate, data)


def keep_lesson(work: Work, identity: str, row: LessonRow) -> None:
    """A class of the timetable."""
    data = row.model_dump(mode="json")
    upsert(work.connection, lesson, {"campus_id": work.campus, "id": identity, **data})
    feeds.publish(work.connection, work.campus, "lessons", identity, data)


def keep_visit(work: Work, booking: Booking) -> None:
    """A visitor who is expected."""
    row = {"campus_id": work.campus, "id": booking.id, "request": booking.request, "name": booking.name}
    row |= {"host": booking.host.id, "host_name": booking.host.name, "gates": list(booking.gates)}
    row |= {"begins": booking.begins, "ends": booking.ends, "token": booking.token, "used": False, "revoked": False}
    upsert(work.connection, visit, row)
    _tell_visit(work, row)


def change_visit(work: Work, identity: str, **values: bool) -> None:
    """`used` or `revoked`; nothing for a visit that is not there."""
    here = (visit.c.campus_id == work.campus, visit.c.id == identity)
    if work.connection.execute(sa.update(visit).where(*here).values(**values)).rowcount:
        found = work.connection.execute(sa.select(visit).where(*here)).one()
        _tell_visit(work, dict(found._mapping))


def visit_of_token(work: Work, token: str) -> Any | None:
    """The visit whose link holds this secret, unless it was revoked."""
    here = (visit.c.campus_id == work.campus, visit.c.token == token, visit.c.revoked.is_(False))
    return work.connection.execute(sa.select(visit).where(*here)).one_or_none()


def handed_in(work: Work, item: Item, body: Submitted, at: float) -> None:
    """A declaration counts from the moment it is made (`at`, Unix seconds), whoever still approves it."""
    if item.id not in (CHECK_IN, RETURN):
        return
    day, column = local(at).date().isoformat(), "checked_in" if item.id == CHECK_IN else "declared"

    def change(row: Mapping[str, Any]) -> dict[str, Any]:
        newest = {"healthy": _well(item, body.values), "said_at": at} if at >= row["said_at"] else {}
        return {column: max(row[column], day), **newest}

    change_pass(work, body.person, change)


def approved(work: Work, key: str, item: str, person: str, values: Mapping[str, str]) -> None:
    """The last step of a request is done: a return has its time at the gate, an invitation its visit."""
    if item == RETURN:
        _grant_window(work, person, values)
    elif item == VISITOR:
        _expect(work, key, person, values)


def _well(item: Item, values: Mapping[str, str]) -> bool:
    if item.id == RETURN:
        return values.get("week_health") == "well"
    heat = next((each for each in item.computed if each.name == "heat"), None)
    cool = heat is None or forms.band(heat, values) == heat.bands[0].name
    return cool and values.get("symptoms") == "none"


def _grant_window(work: Work, person: str, values: Mapping[str, str]) -> None:
    day, hours = forms.read_date(values.get("returns_on", "")), HOURS.get(values.get("time_window", ""))
    if day is None or hours is None:
        return
    window = between(day, *hours)

    def change(row: Mapping[str, Any]) -> dict[str, Any]:
        there = row["windows"]
        return {} if window in there else {"windows": [*there, window][-MOST_WINDOWS:]}

    change_pass(work, person, change)


def moved(work: Work, person: str, *, inside: bool, at: float) -> None:
    """The person went this way through a gate; an older word than the newest (Unix seconds) changes nothing."""
    change_pass(work, person, lambda row: {"inside": inside, "moved": at} if at >= row["moved"] else {})


def between(day: date, begins: float, ends: float) -> dict[str, float]:
    """A window of this campus day from one hour to another (8.5 = half past eight)."""
    midnight = datetime.combine(day, time(), CAMPUS_ZONE)
    return {name: (midnight + timedelta(hours=h)).timestamp() for name, h in (("begins", begins), ("ends", ends))}


def _expect(work: Work, key: str, person: str, values: Mapping[str, str]) -> None:
    host, times = people.by_id(work, person), [forms.read_datetime(values.get(n, "")) for n in ("arrives", "departs")]
    here = (visit.c.campus_id == work.campus, visit.c.request == key)
    there = work.connection.execute(sa.select(visit.c.id).where(*here)).first() is not None
    if host is None or there or times[0] is None or times[1] is None:
        return
    begins, ends = (moment.replace(tzinfo=CAMPUS_ZONE).timestamp() for moment in times if moment)
    gates, name = (values.get("visitor_gate", ""),), values.get("visitor_name", "")
    token = secrets.token_urlsafe(12)
    keep_visit(work, Booking(secrets.token_hex(8), key, name, host, gates, begins, ends, token))


def _tell_visit(work: Work, row: Mapping[str, Any]) -> None:
    plain = {name: row[name] for name in ("name", "gates", "begins", "ends", "used", "revoked")}
    told = VisitRow.model_validate({**plain, "host": row["host_name"]})
    feeds.publish(work.connection, work.campus, "visits", row["id"], told.model_dump(mode="json"))
