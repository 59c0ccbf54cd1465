"""Feeds: what terminals keep a copy of, as rows with a revision that only grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sync.central.database import bump, upsert
from sync.central.tables import feed_head, feed_row
from sync.wire import FeedRow

PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is what to ask after; `reset`: the asker was ahead of us, these rows start from the beginning."""

    rows: tuple[FeedRow, ...]
    next: int
    more: bool
    reset: bool


def publish(connection: sa.Connection, campus: int, feed: str, row: str, data: Mapping[str, Any] | None) -> int:
    """Put a row's newest state into a feed (None = a tombstone); its revision. Call inside a writing transaction."""
    rev = bump(connection, feed_head, {"campus_id": campus, "feed": feed}, "rev")
    upsert(connection, feed_row, {"campus_id": campus, "feed": feed, "id": row, "rev": rev, "data": data})
    return rev


def publish_changed(connection: sa.Connection, campus: int, feed: str, row: str, data: Mapping[str, Any]) -> None:
    """`publish`, unless the feed says exactly this already."""
    here = (feed_row.c.campus_id == campus, feed_row.c.feed == feed, feed_row.c.id == row)
    if connection.execute(sa.select(feed_row.c.data).where(*here)).scalar_one_or_none() != data:
        publish(connection, campus, feed, row, data)


def page(connection: sa.Connection, campus: int, feed: str, after: int, limit: int = PAGE) -> Page:
    """At most `limit` rows with a revision above `after`, in order."""
    reset = after > _head(connection, campus, feed)
    start = 0 if reset else after
    wanted = (
        sa.select(feed_row.c.id, feed_row.c.rev, feed_row.c.data)
        .where(feed_row.c.campus_id == campus, feed_row.c.feed == feed, feed_row.c.rev > start)
        .order_by(feed_row.c.rev)
        .limit(limit + 1)
    )
    found = connection.execute(wanted).all()
    rows = tuple(FeedRow(id=each.id, rev=each.rev, data=each.data) for each in found[:limit])
    return Page(rows, rows[-1].rev if rows else start, len(found) > limit, reset)


def _head(connection: sa.Connection, campus: int, feed: str) -> int:
    here = (feed_head.c.campus_id == campus, feed_head.c.feed == feed)
    return connection.execute(sa.select(feed_head.c.rev).where(*here)).scalar_one_or_none() or 0
