"""Feeds: what terminals keep a copy of, as rows with a revision that only grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sync.central.database import at_the_end, bump, upsert_all
from sync.central.tables import feed_head, feed_row
from sync.wire import FeedRow

PAGE = 500
Given = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is what to ask after; `reset`: the asker was ahead of us, these rows start from the beginning."""

    rows: tuple[FeedRow, ...]
    next: int
    more: bool
    reset: bool


class Told:
    """What a transaction has to tell: all of it gets its revisions at the end, so that counters are held for a moment.

    Counters are taken in the order of their names: two transactions never wait for each other's.
    """

    turn = 9

    def __init__(self) -> None:
        self._rows: dict[tuple[int, str], dict[str, tuple[Mapping[str, Any] | None, Given | None]]] = {}

    def add(self, campus: int, feed: str, row: str, data: Mapping[str, Any] | None, given: Given | None = None) -> None:
        rows = self._rows.setdefault((campus, feed), {})
        # what was told last goes out last
        rows.pop(row, None)
        rows[row] = (data, given)

    def write(self, connection: sa.Connection) -> None:
        for (campus, feed), rows in sorted(self._rows.items()):
            here = {"campus_id": campus, "feed": feed}
            first = bump(connection, feed_head, here, "rev", len(rows)) - len(rows) + 1
            numbered = [(row, first + n, *each) for n, (row, each) in enumerate(rows.items())]
            told = [{**here, "id": row, "rev": rev, "data": data} for row, rev, data, _ in numbered]
            upsert_all(connection, feed_row, told)
            for _, rev, _, given in numbered:
                if given:
                    given(rev)


def publish(
    connection: sa.Connection,
    campus: int,
    feed: str,
    row: str,
    data: Mapping[str, Any] | None,
    given: Given | None = None,
) -> None:
    """Put a row's newest state into a feed (None = a tombstone) when this writing transaction ends.

    `given` is then called with its revision, unless the row was told once more in the same transaction.

    Whoever calls it holds the row that `data` was made of (`hold`, `with_for_update`): else an older state might come
    after a newer one.
    """
    at_the_end(connection, Told).add(campus, feed, row, data, given)


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
