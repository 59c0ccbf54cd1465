"""Feeds: what terminals keep a copy of, as rows with a revision that only grows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from sync.central.database import at_the_end, bump, upsert_all
from sync.central.tables import feed_head, feed_row

PAGE = 5000
PAGE_BYTES = 1_000_000
"""A page ends with the row that reaches this: a slow line brings it within the terminal's 30 s all the same."""
Given = Callable[[int], None]


class Row(NamedTuple):
    """`text`: its data as JSON, exactly as it was stored; None = a tombstone."""

    id: str
    rev: int
    text: str | None

    @property
    def data(self) -> Any:
        return None if self.text is None else json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is what to ask after; `reset`: the asker was ahead of us, these rows start from the beginning."""

    rows: tuple[Row, ...]
    next: int
    more: bool
    reset: bool

    def body(self, epoch: str, feed: str) -> bytes:
        """A FeedAnswer as JSON. What is stored goes out as it is: reading and writing it anew took most of the time."""
        told = json.dumps({"epoch": epoch, "feed": feed, "next": self.next, "more": self.more, "reset": self.reset})
        rows = ",".join(
            f'{{"id":{json.dumps(row.id)},"rev":{row.rev},"data":{"null" if row.text is None else row.text}}}'
            for row in self.rows
        )
        return f'{told[:-1]},"rows":[{rows}]}}'.encode()


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
    """Rows with a revision above `after`, in order: at most `limit`, and about PAGE_BYTES."""
    reset = after > _head(connection, campus, feed)
    start = 0 if reset else after
    with connection.execute(_ROWS, {"campus": campus, "feed": feed, "start": start, "most": limit + 1}) as found:
        rows, more = _cut(found, limit)
    return Page(rows, rows[-1].rev if rows else start, more, reset)


_ROWS = (
    sa.select(feed_row.c.id, feed_row.c.rev, sa.cast(feed_row.c.data, sa.Text))
    .where(
        feed_row.c.campus_id == sa.bindparam("campus"),
        feed_row.c.feed == sa.bindparam("feed"),
        feed_row.c.rev > sa.bindparam("start"),
    )
    .order_by(feed_row.c.rev)
    .limit(sa.bindparam("most"))
    .execution_options(yield_per=200)
)


def _cut(found: Iterable[Any], limit: int) -> tuple[tuple[Row, ...], bool]:
    """As many as fit; whether there are more."""
    rows: list[Row] = []
    size = 0
    for each in found:
        if len(rows) == limit or size >= PAGE_BYTES:
            return tuple(rows), True
        row = Row(*each)
        rows.append(row)
        size += len(row.text or "")
    return tuple(rows), False


def _head(connection: sa.Connection, campus: int, feed: str) -> int:
    here = (feed_head.c.campus_id == campus, feed_head.c.feed == feed)
    return connection.execute(sa.select(feed_head.c.rev).where(*here)).scalar_one_or_none() or 0
