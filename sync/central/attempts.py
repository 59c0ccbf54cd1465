"""Wrong guesses, counted in the database so that a restart does not forgive them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync.central.centre import Work
from sync.central.database import hold, upsert
from sync.central.tables import attempt

WAITED_S = 60.0
"""A time of unlocking later than this beyond the limit was written by a wrong clock, and locks nobody."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` wrong ones of `what` within `seconds`; then nothing more until they are over."""

    what: str
    most: int
    seconds: float


def locked_until(work: Work, limit: Limit) -> float:
    """Unix seconds at which the next try is heard, 0 = now."""
    count, until = _row(work, limit)
    return until if count >= limit.most else 0.0


def count(work: Work, limit: Limit) -> None:
    """One more wrong guess."""
    row = {"campus_id": work.campus, "what": limit.what, "count": _row(work, limit)[0] + 1}
    upsert(work.connection, attempt, {**row, "until": work.now + limit.seconds})


def forgive(work: Work, limit: Limit) -> None:
    """It was right at last."""
    work.connection.execute(sa.delete(attempt).where(*_this(work, limit)))


def _row(work: Work, limit: Limit) -> tuple[int, float]:
    """Held until commit: guesses at the same time are counted one by one."""
    nothing = {"campus_id": work.campus, "what": limit.what, "count": 0, "until": 0.0}
    found = hold(work.connection, attempt, nothing)
    # who waited for the row began before the one who wrote it
    if not work.now < found.until <= work.now + limit.seconds + WAITED_S:
        return 0, 0.0
    return int(found._mapping["count"]), float(found.until)


def _this(work: Work, limit: Limit) -> tuple[sa.ColumnElement[bool], ...]:
    return (attempt.c.campus_id == work.campus, attempt.c.what == limit.what)
