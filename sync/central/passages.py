"""Who came to a lane, what was decided, whether they went through; and who sat in class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from sync.central import gates, spending
from sync.central.centre import Refusal, Work
from sync.central.database import at_the_end, insert_all, insert_new
from sync.central.gatetables import attendance, lesson, passage
from sync.wire import EventItem
from sync.wire_gate import Decided, Opened, Passed, Signed

BY_HAND = "by_hand"
AHEAD_S = 900.0
"""A clock may be ahead by so much; a passage from next year would be newer than every later one."""
Apply = Callable[[], None]


def decided(work: Work, item: EventItem, terminal: str, body: Decided) -> Apply | Refusal:
    """Whatever was decided is kept, also of people who have left since; so is the code that was shown."""
    who = {"person": body.person, "visit": body.visit, "outcome": body.outcome.value}
    rest = {"decision": "", "guard": "", "reason": ""}

    def keep() -> None:
        _keep(work, item, terminal, body, {**who, **rest})
        if body.nonce:
            spending.shown(work, body.nonce, terminal, item.at, event=item.key)

    return keep


def opened(work: Work, item: EventItem, terminal: str, body: Opened) -> Apply | Refusal:
    """A guard's opening, kept with whoever stood there."""
    over = _own(work, body.decision, terminal) if body.decision else None
    who = {"person": over["person"] if over else "", "visit": over["visit"] if over else "", "outcome": BY_HAND}
    rest = {"decision": body.decision, "guard": body.guard, "reason": body.reason}
    return partial(_keep, work, item, terminal, body, {**who, **rest})


def passed(work: Work, _item: EventItem, terminal: str, body: Passed) -> Apply | Refusal:
    """The first word on a decision counts, of the terminal that made it."""
    row = _own(work, body.decision, terminal)
    if row is None:
        return Refusal("decision_unknown")
    return _nothing if row["passed"] is not None else partial(_went, work, row, body)


def signed(work: Work, item: EventItem, terminal: str, body: Signed) -> Apply | Refusal:
    """Once a lesson and person. Somebody who is not in the class any more was when they signed in: kept, and marked."""
    here = (lesson.c.campus_id == work.campus, lesson.c.id == body.lesson)
    found = work.connection.execute(sa.select(lesson.c.members).where(*here)).one_or_none()
    if found is None:
        return Refusal("lesson_unknown")
    row = {"campus_id": work.campus, "lesson": body.lesson, "person": body.person, "key": item.key}
    row |= {"terminal": terminal, "at": item.at, "late_minutes": body.late_minutes}
    row |= {"factors": [factor.value for factor in body.factors], "on_roster": body.person in found.members}

    def keep() -> None:
        insert_new(work.connection, attendance, row)

    return keep


def _keep(work: Work, item: EventItem, terminal: str, body: Decided | Opened, more: dict[str, str]) -> None:
    row = {"campus_id": work.campus, "key": item.key, "terminal": terminal, "gate": body.gate, "at": item.at}
    row |= {"direction": body.direction.value, "receipt": body.receipt, "passed": None, "passed_at": None}
    at_the_end(work.connection, Passages).new[item.key] = {**row, **more}


def _went(work: Work, row: dict[str, Any], body: Passed) -> None:
    values = {"passed": body.passed, "passed_at": body.at}
    if row["key"] in at_the_end(work.connection, Passages).new:
        row.update(values)
    else:
        here = {"its_campus": work.campus, "its_key": row["key"]}
        work.connection.execute(_PASSED, {**here, **values})
    if not body.passed:
        return
    inside = row["direction"] == "in"
    if row["visit"]:
        gates.change_visit(work, row["visit"], used=inside)
    elif row["person"]:
        gates.moved(work, row["person"], inside=inside, at=min(body.at, work.now + AHEAD_S))


def _own(work: Work, key: str, terminal: str) -> dict[str, Any] | None:
    """The passage of this key, if this terminal opened for it: no lane speaks for another."""
    row = _row(work, key)
    return row if row is not None and row["terminal"] == terminal else None


def _row(work: Work, key: str) -> dict[str, Any] | None:
    new = at_the_end(work.connection, Passages).new.get(key)
    if new is not None:
        return new
    found = work.connection.execute(_HELD, {"its_campus": work.campus, "its_key": key}).one_or_none()
    return None if found is None else dict(found._mapping)


class Passages:
    """What came through the lanes by the word of one transaction, inserted at once."""

    turn = 1

    def __init__(self) -> None:
        self.new: dict[str, dict[str, Any]] = {}

    def write(self, connection: sa.Connection) -> None:
        if self.new:
            insert_all(connection, passage, list(self.new.values()))


_HERE = (passage.c.campus_id == sa.bindparam("its_campus"), passage.c.key == sa.bindparam("its_key"))
_HELD = sa.select(passage).where(*_HERE).with_for_update()
_PASSED = sa.update(passage).where(*_HERE)


def _nothing() -> None:
    return
