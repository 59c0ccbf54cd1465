"""The flow engine: a request that was handed in takes its approval steps, one after the other, each with a deadline.

Whatever changes goes into the feed `requests` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kiosk.domain.catalogue import Item, Step
from kiosk.domain.requests import Status
from sync.central import feeds, gates, people
from sync.central.centre import Work
from sync.central.tables import mark, request, route
from sync.wire import MarkRow, RequestRow, Submitted

_NEW_REQUEST, _NEW_MARK = sa.insert(request), sa.insert(mark)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A request as it arrived: under its key, from a terminal, at that terminal's time (Unix seconds)."""

    key: str
    terminal: str
    at: float
    body: Submitted

    @property
    def values(self) -> dict[str, str]:
        """What was answered, photographs by their hash."""
        return {**self.body.values, **self.body.attachments}


def open_request(work: Work, handed: HandedIn, item: Item, steps: tuple[Step, ...], refused: str = "") -> None:
    """Put it on its way: printable items are ready at once (or `refused` for a reason in words), others wait."""
    status, due = Status.IN_APPROVAL, work.now + 60 * steps[0].minutes if steps else 0.0
    if item.printable:
        status = Status.REFUSED if refused else Status.APPROVED
    body = handed.body
    row = {"campus_id": work.campus, "key": handed.key, "item": body.item, "person": body.person}
    row |= {"terminal": handed.terminal, "receipt": body.receipt, "status": status.value, "serial": ""}
    row |= {"submitted": handed.at, "step": 0, "step_since": work.now, "due": due, "values": body.values}
    row |= {"attachments": body.attachments, "factors": body.factors, "language": body.language}
    row |= {"copies": body.copies, "prepare": body.prepare}
    work.connection.execute(_NEW_REQUEST, row)
    if steps:
        work.connection.execute(sa.insert(route), [_route_row(work, handed.key, n, s) for n, s in enumerate(steps)])
    marks = [MarkRow(what="submitted", at=handed.at)]
    if refused:
        marks.append(MarkRow(what="step_refused", at=work.now, note=refused))
    elif item.printable:
        marks.append(MarkRow(what="finished", at=work.now))
    work.connection.execute(_NEW_MARK, [_mark_row(work, handed.key, n, each) for n, each in enumerate(marks)])
    _tell(work, row, marks)
    gates.handed_in(work, item, body, handed.at)


def approve(work: Work, key: str, note: str = "") -> bool:
    """The step that waits is approved; after the last one the request is finished. False: nothing waits there."""
    row = held(work, key)
    if row is None or row.status != Status.IN_APPROVAL:
        return False
    steps = _route(work, key)
    done = steps[row.step]
    add_mark(work, key, "step_approved", step=row.step, by=done.department, due=row.due, note=note)
    following = row.step + 1
    if following < len(steps):
        due = work.now + 60 * steps[following].minutes
        _change(work, key, step=following, step_since=work.now, due=due)
    else:
        _change(work, key, status=Status.APPROVED.value, step=following, step_since=work.now, due=0.0)
        add_mark(work, key, "finished")
        gates.approved(work, key, row.item, row.person, row._mapping["values"])
    publish(work, key)
    return True


def refuse(work: Work, key: str, note: str) -> bool:
    """The step that waits is refused, with the reason in words; nothing more happens to the request."""
    row = held(work, key)
    if row is None or row.status != Status.IN_APPROVAL:
        return False
    by = _route(work, key)[row.step].department
    add_mark(work, key, "step_refused", step=row.step, by=by, due=row.due, note=note)
    _change(work, key, status=Status.REFUSED.value, step_since=work.now, due=0.0)
    publish(work, key)
    return True


def approve_waiting(work: Work, seconds: float) -> int:
    """One step each of every request of a terminal whose step has waited that long; how many."""
    wanted = (
        request.c.campus_id == work.campus,
        request.c.status == Status.IN_APPROVAL.value,
        request.c.step_since <= work.now - seconds,
        request.c.terminal != "",
    )
    keys = work.connection.execute(sa.select(request.c.key).where(*wanted).order_by(request.c.step_since)).scalars()
    return sum(approve(work, key) for key in keys.all())


def numbered(work: Work, key: str, serial: str) -> None:
    """Its certificate has a serial now."""
    _change(work, key, status=Status.ISSUED.value, serial=serial)
    publish(work, key)


def printed(work: Work, key: str, at: float) -> None:
    """Its paper came out and counts."""
    add_mark(work, key, "issued", at=at)
    publish(work, key)


def spoiled(work: Work, key: str, serial: str, note: str) -> None:
    """One paper does not count any more; when it was the newest one, the request may be printed again."""
    add_mark(work, key, "voided", note=note)
    row = held(work, key)
    if row is not None and row.serial == serial:
        _change(work, key, status=Status.APPROVED.value, serial="")
    publish(work, key)


def close(work: Work, key: str) -> None:
    """Nothing more is printed for it."""
    _change(work, key, status=Status.REFUSED.value)
    publish(work, key)


def add_mark(
    work: Work, key: str, what: str, at: float = 0.0, step: int = -1, by: str = "", due: float = 0.0, note: str = ""
) -> None:
    """One more point of the timeline, now unless said otherwise."""
    here = (mark.c.campus_id == work.campus, mark.c.request == key)
    n = work.connection.execute(sa.select(sa.func.count()).select_from(mark).where(*here)).scalar_one()
    row = MarkRow(what=what, at=at or work.now, step=step, by=by, due=due, note=note)
    work.connection.execute(_NEW_MARK, _mark_row(work, key, n, row))


def publish(work: Work, key: str) -> None:
    """Tell every terminal how the request stands."""
    row = held(work, key)
    here = (mark.c.campus_id == work.campus, mark.c.request == key)
    marks = work.connection.execute(sa.select(mark).where(*here).order_by(mark.c.n))
    told = [MarkRow(what=m.what, at=m.at, step=m.step, by=m.department, due=m.due, note=m.note) for m in marks]
    _tell(work, row._mapping, told)


def _tell(work: Work, row: Mapping[str, Any], marks: list[MarkRow]) -> None:
    if people.by_id(work, row["person"]) is None:
        # who has left is in no feed any more
        return
    plain = ("item", "person", "receipt", "status", "submitted", "step", "due", "serial", "language", "copies")
    values = {**row["values"], **row["attachments"]}
    told = RequestRow(values=values, marks=marks, **{name: row[name] for name in plain})
    feeds.publish(work.connection, work.campus, "requests", row["key"], told.model_dump())


def held(work: Work, key: str) -> Any:
    """The row of a request, which stays as it is until this transaction ends; None when there is none."""
    here = (request.c.campus_id == work.campus, request.c.key == key)
    return work.connection.execute(sa.select(request).where(*here).with_for_update()).one_or_none()


def _route(work: Work, key: str) -> list[Any]:
    here = (route.c.campus_id == work.campus, route.c.request == key)
    return list(work.connection.execute(sa.select(route).where(*here).order_by(route.c.step)))


def _change(work: Work, key: str, **values: object) -> None:
    here = (request.c.campus_id == work.campus, request.c.key == key)
    work.connection.execute(sa.update(request).where(*here).values(**values))


def _mark_row(work: Work, key: str, n: int, row: MarkRow) -> dict[str, Any]:
    values: dict[str, Any] = {"campus_id": work.campus, "request": key, "n": n, "what": row.what, "at": row.at}
    return {**values, "step": row.step, "department": row.by, "due": row.due, "note": row.note}


def _route_row(work: Work, key: str, n: int, step: Step) -> dict[str, Any]:
    names = {"name_zh": step.name.zh, "name_en": step.name.en}
    return {
        "campus_id": work.campus,
        "request": key,
        "step": n,
        "department": step.by,
        "minutes": step.minutes,
        **names,
    }
