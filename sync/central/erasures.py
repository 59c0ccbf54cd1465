"""Somebody left or withdrew: tombstones go out to every terminal, and each confirms that nothing is left there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from kiosk.clock import CAMPUS_ZONE
from sync.central import feeds
from sync.central.centre import Refusal, Work
from sync.central.database import upsert
from sync.central.tables import device, erasure, feed_row, tombstone
from sync.wire import Erased, EventItem

RECENT_S = 30 * 86400.0
"""So long an open confirmation is asked for: then the last copy in a queue is gone, too."""

Apply = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Open:
    """A terminal that has not confirmed a tombstone; `at`: when it went out, Unix seconds."""

    terminal: str
    feed: str
    row: str
    rev: int
    at: float

    def __str__(self) -> str:
        return f"{_when(self.at)}  {self.terminal:<16}  {self.feed:<9}  {self.row}  rev {self.rev}  not confirmed"


def end(work: Work, feed: str, row: str) -> None:
    """A tombstone, and the moment from which terminals are to confirm it."""
    here = {"campus_id": work.campus, "feed": feed, "id": row, "at": work.now}

    def keep(rev: int) -> None:
        upsert(work.connection, tombstone, {**here, "rev": rev})

    feeds.publish(work.connection, work.campus, feed, row, None, keep)


def done(work: Work, item: EventItem, terminal: str, body: Erased) -> Apply | Refusal:
    """A terminal's receipt; the one for the newest tombstone stays."""
    here = (erasure.c.campus_id == work.campus, erasure.c.feed == body.feed, erasure.c.id == body.row)
    known = sa.select(erasure.c.rev).where(*here, erasure.c.terminal == terminal)
    if (work.connection.execute(known).scalar_one_or_none() or 0) > body.rev:
        return lambda: None
    row = {"campus_id": work.campus, "feed": body.feed, "id": body.row, "terminal": terminal, "rev": body.rev}
    row |= {"at": item.at, "received_at": work.now, "rows": body.rows}
    return partial(upsert, work.connection, erasure, {**row, "kept": body.kept, "kept_until": body.kept_until})


def receipts(work: Work) -> list[str]:
    """A line a receipt, oldest first."""
    here = erasure.c.campus_id == work.campus
    found = work.connection.execute(sa.select(erasure).where(here).order_by(erasure.c.at, erasure.c.rev))
    return [_line(row) for row in found]


def unconfirmed(work: Work, within: float = RECENT_S) -> list[Open]:
    """What terminals still have to confirm of the tombstones of the last `within` seconds, oldest first.

    Asked of whoever was enrolled when it went out and still is; a row that came back is no tombstone any more.
    """
    row_here = (feed_row.c.feed == tombstone.c.feed, feed_row.c.id == tombstone.c.id)
    same = (feed_row.c.campus_id == tombstone.c.campus_id, *row_here, feed_row.c.rev == tombstone.c.rev)
    asked = (device.c.campus_id == tombstone.c.campus_id, device.c.enrolled_at <= tombstone.c.at)
    standing = (device.c.revoked_at.is_(None), device.c.quarantined_at.is_(None))
    receipt = sa.exists().where(
        erasure.c.campus_id == tombstone.c.campus_id,
        erasure.c.feed == tombstone.c.feed,
        erasure.c.id == tombstone.c.id,
        erasure.c.terminal == device.c.terminal,
        erasure.c.rev >= tombstone.c.rev,
    )
    query = (
        sa.select(device.c.terminal, tombstone.c.feed, tombstone.c.id, tombstone.c.rev, tombstone.c.at)
        .select_from(tombstone)
        .join(feed_row, sa.and_(*same))
        .join(device, sa.and_(*asked, *standing))
        .where(tombstone.c.campus_id == work.campus, tombstone.c.at >= work.now - within, ~receipt)
        .order_by(tombstone.c.at, device.c.terminal)
    )
    return [Open(*row) for row in work.connection.execute(query)]


def _line(row: Any) -> str:
    gone = ", ".join(f"{name} {count}" for name, count in sorted(row.rows.items())) or "nothing was here"
    kept = f"; {row.kept} kept in the queue until {_when(row.kept_until)} at the latest" if row.kept else ""
    return f"{_when(row.at)}  {row.terminal:<16}  {row.feed:<9}  {row.id}  rev {row.rev}  {gone}{kept}"


def _when(unix: float) -> str:
    return datetime.fromtimestamp(unix, CAMPUS_ZONE).isoformat(timespec="seconds")
