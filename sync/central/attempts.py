"""Wrong guesses, counted in the database so that a restart does not forgive them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from sync.central.centre import Work
from sync.central.database import upsert
from sync.central.tables import attempt


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
    found = work.connection.execute(sa.select(attempt).where(*_this(work, limit)).with_for_update()).one_or_none()
    if found is None or not work.now < found.until <= work.now + limit.seconds:
        return 0, 0.0
    return int(found._mapping["count"]), float(found.until)


def _this(work: Work, limit: Limit) -> tuple[sa.ColumnElement[bool], ...]:
    return (attempt.c.campus_id == work.campus, attempt.c.what == limit.what)
