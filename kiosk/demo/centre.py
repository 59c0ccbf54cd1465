"""What reached the centre and what still waits, read from the databases by somebody else than their owners."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def waiting_rows(journal: Path) -> int:
    """How many rows of a terminal's outbox the centre has not answered."""
    return _count(journal, "outbox", "select count(*) from outbox where state = 'queued'")


def committed_rows(journal: Path, kind: str) -> int:
    """How many records of this kind are on a terminal's disk, sent ones included."""
    return _count(journal, "outbox", "select count(*) from outbox where kind = ?", kind)


def printing_jobs(journal: Path) -> int:
    """How many jobs a terminal's printer has begun and not ended."""
    return _count(journal, "print_jobs", "select count(*) from print_jobs where state = 'printing'")


def _count(journal: Path, table: str, query: str, *values: str) -> int:
    """Nothing is in the journal of a terminal that has shown its first picture and is still making its tables."""
    if not journal.exists():
        return 0
    with _reading(journal) as db:
        made = db.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone()
        return int(db.execute(query, values).fetchone()[0]) if made else 0


class Centre:
    """Read-only looks at the central SQLite database."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def counts(self) -> dict[str, int]:
        """Event kind → how many were accepted."""
        with _reading(self._database) as db:
            return dict(db.execute("select kind, count(*) from event group by kind").fetchall())

    def newest(self, kind: str) -> dict[str, Any]:
        """The body of the event of this kind that came last; empty when there was none."""
        with _reading(self._database) as db:
            query = "select body from event where kind = ? order by received_at desc, seq desc limit 1"
            row = db.execute(query, (kind,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def valid_of_last_request(self) -> tuple[int, int]:
        """Of the request handed in last: how many certificates count, how many are void."""
        with _reading(self._database) as db:
            row = db.execute(
                "select sum(gone = 0), sum(gone) from (select request, voided_at is not null or superseded_by != ''"
                " as gone from document) where request = (select key from request order by submitted desc limit 1)"
            ).fetchone()
        return int(row[0] or 0), int(row[1] or 0)

    def attachments_of_last_request(self) -> int:
        """Of the request handed in last: how many photographs are named and kept in full."""
        with _reading(self._database) as db:
            row = db.execute("select attachments from request order by submitted desc limit 1").fetchone()
            named = json.loads(row[0]).values() if row else ()
            return sum(db.execute("select count(*) from blob where sha256 = ?", (sha,)).fetchone()[0] for sha in named)


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
    try:
        yield db
    finally:
        db.close()
