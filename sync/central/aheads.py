"""Certificates sealed in advance: what each terminal has in its keeping, until it says that one was issued.

A row is `held` by its terminal, `issued` once the terminal has said so (then it is a paper, a row of `document`), or
`withdrawn`, which every terminal is told by the feed `revocations`. Unused past `use_by` it lapses by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from sync.central import feeds
from sync.central.centre import DAY_S, Work
from sync.central.tables import offline_conflict, sealed_ahead
from sync.wire import RevocationRow

HELD, ISSUED, WITHDRAWN = "held", "issued", "withdrawn"
KEEP_S = 90 * DAY_S
"""How long past its last day an unused one is remembered, for a terminal that tells of it very late."""


class Standing(StrEnum):
    """What is to be said of one that no terminal has reported."""

    PENDING = "pending"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are, by what became of them; `conflicts`: papers that could not count."""

    states: dict[str, int]
    conflicts: int


def standing(work: Work, row: Any) -> Standing:
    """Of a row that is not a paper yet."""
    if row.state == WITHDRAWN:
        return Standing.WITHDRAWN
    lapsed = work.now > row.use_by + work.centre.ahead.grace_days * DAY_S
    return Standing.LAPSED if lapsed else Standing.PENDING


def of_serial(work: Work, serial: str) -> Any:
    """The row with this number, held until the transaction ends; None when there is none."""
    here = (*_campus(work), sealed_ahead.c.serial == serial)
    return work.connection.execute(sa.select(sealed_ahead).where(*here).with_for_update()).one_or_none()


def unreported(work: Work, *, serial: str = "", token: str = "") -> Any:
    """The row with this number or token that is not a paper yet, None when there is none; nothing is held."""
    named = sealed_ahead.c.token == token if token else sealed_ahead.c.serial == serial
    here = (*_campus(work), named, sealed_ahead.c.state != ISSUED)
    return work.connection.execute(sa.select(sealed_ahead).where(*here)).one_or_none()


def held(work: Work, terminal: str, person: str, book: str) -> list[Any]:
    """What this terminal may still issue to the person, in the order of use: first what lapses first."""
    mine = (sealed_ahead.c.terminal == terminal, sealed_ahead.c.person == person, sealed_ahead.c.book == book)
    usable = (sealed_ahead.c.state == HELD, sealed_ahead.c.use_by > work.now)
    rows = sa.select(sealed_ahead).where(*_campus(work), *mine, *usable)
    return list(work.connection.execute(rows.order_by(sealed_ahead.c.use_by, sealed_ahead.c.serial)))


def people(work: Work, terminal: str) -> int:
    """For how many people this terminal holds one that it may still issue."""
    usable = (sealed_ahead.c.terminal == terminal, sealed_ahead.c.state == HELD, sealed_ahead.c.use_by > work.now)
    count = sa.select(sa.func.count(sealed_ahead.c.person.distinct())).where(*_campus(work), *usable)
    return int(work.connection.execute(count).scalar_one())


def change(work: Work, serial: str, state: str) -> None:
    """The row is held by this transaction."""
    here = (*_campus(work), sealed_ahead.c.serial == serial)
    work.connection.execute(sa.update(sealed_ahead).where(*here).values(state=state, state_at=work.now))


def withdraw(work: Work, *, person: str = "", terminal: str = "") -> int:
    """None that this person, or this terminal, has unreported is to count, whoever holds it; how many."""
    whose = sealed_ahead.c.person == person if person else sealed_ahead.c.terminal == terminal
    here = (*_campus(work), whose, sealed_ahead.c.state == HELD, sealed_ahead.c.expires >= work.now)
    found = sa.select(sealed_ahead.c.serial).where(*here).order_by(sealed_ahead.c.serial).with_for_update()
    serials = work.connection.execute(found).scalars().all()
    for serial in serials:
        end(work, serial)
    return len(serials)


def end(work: Work, serial: str) -> None:
    """It does not count from now on, and every terminal is told. The row is held by this transaction."""
    change(work, serial, WITHDRAWN)
    row = RevocationRow(state="revoked", at=int(work.now))
    feeds.publish(work.connection, work.campus, "revocations", serial, row.model_dump())


def purge(work: Work) -> None:
    """Forget what was never issued and would long have expired."""
    old = (*_campus(work), sealed_ahead.c.expires < work.now - KEEP_S, sealed_ahead.c.state != ISSUED)
    work.connection.execute(sa.delete(sealed_ahead).where(*old))


def conflicts(work: Work) -> list[Any]:
    """Papers that could not count, the newest first."""
    found = sa.select(offline_conflict).where(offline_conflict.c.campus_id == work.campus)
    return list(
        work.connection.execute(found.order_by(offline_conflict.c.received_at.desc(), offline_conflict.c.event))
    )


def tally(work: Work) -> Tally:
    """For the gauges."""
    lapsed = sa.and_(sealed_ahead.c.state == HELD, sealed_ahead.c.use_by <= work.now)
    state = sa.case((lapsed, "lapsed"), else_=sealed_ahead.c.state).label("state")
    query = sa.select(state, sa.func.count()).where(*_campus(work)).group_by(state)
    states = {HELD: 0, ISSUED: 0, WITHDRAWN: 0, "lapsed": 0}
    states |= {row[0]: int(row[1]) for row in work.connection.execute(query)}
    here = offline_conflict.c.campus_id == work.campus
    wrong = work.connection.execute(sa.select(sa.func.count()).select_from(offline_conflict).where(here))
    return Tally(states, int(wrong.scalar_one()))


def _campus(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return (sealed_ahead.c.campus_id == work.campus,)
