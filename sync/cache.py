"""What the centre told the terminal: cache.db, written by the sync process alone and fetched again when lost."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from kiosk import log
from sync.store import connect, transaction, truncate_log
from sync.tables import CACHE
from sync.vault import UnreadableError, Vault
from sync.wire import FEEDS, FeedAnswer, FeedRow, KeyRow, Message, NoticeRow, PersonRow, RequestRow

MODELS: dict[str, type[Message]] = {
    "persons": PersonRow,
    "keys": KeyRow,
    "requests": RequestRow,
    "notices": NoticeRow,
}
M = TypeVar("M", bound=Message)


class Cache:
    """The writer's side. Safe for several threads. Every method raises sqlite3.Error."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path, self._vault = path, vault
        self._lock = threading.Lock()
        self._db = _open(path)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def cursor(self, feed: str) -> int:
        """The revision up to which this feed is here."""
        with self._lock:
            row = self._db.execute("SELECT rev FROM feeds WHERE feed = ?", (feed,)).fetchone()
        return int(row[0]) if row else 0

    def epoch(self) -> str:
        """The centre's database these rows came from; empty before the first."""
        with self._lock:
            return _epoch(self._db)

    def restart(self, epoch: str) -> None:
        """The centre was restored: every feed from the beginning; the rows serve until theirs has come to its end."""
        with self._lock, transaction(self._db) as db:
            db.execute("UPDATE rows SET stale = 1")
            db.execute("DELETE FROM feeds")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", (epoch,))

    def apply(self, answer: FeedAnswer) -> bool:
        """Rows, tombstones and cursor of one page in one transaction; whether anything changed.

        After a reset the old rows serve until the last page has come, then what was not sent again goes.
        """
        with self._lock:
            with transaction(self._db) as db:
                changed = self._take(db, answer)
                gone = self._drop(db, answer)
                db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (answer.feed, answer.next))
            if gone:
                truncate_log(self._db)
        return changed or gone

    def wipe(self) -> None:
        """Forget everything, also in the write-ahead log: this terminal is not trusted any more."""
        with self._lock:
            with transaction(self._db) as db:
                for table in ("rows", "feeds", "meta"):
                    db.execute(f"DELETE FROM {table}")  # noqa: S608
            truncate_log(self._db)

    def _take(self, db: sqlite3.Connection, answer: FeedAnswer) -> bool:
        if answer.reset:
            db.execute("UPDATE rows SET stale = 1 WHERE feed = ?", (answer.feed,))
        rows = [row for row in (self._row(answer.feed, each) for each in answer.rows) if row is not None]
        db.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, 0)", rows)
        return bool(rows)

    def _drop(self, db: sqlite3.Connection, answer: FeedAnswer) -> bool:
        dead = [(answer.feed, row.id) for row in answer.rows if row.data is None]
        db.executemany("DELETE FROM rows WHERE feed = ? AND id = ?", dead)
        if answer.more:
            return bool(dead)
        gone = db.execute("DELETE FROM rows WHERE feed = ? AND stale = 1", (answer.feed,)).rowcount
        return bool(dead or gone)

    def _row(self, feed: str, row: FeedRow) -> tuple[str, str, bytes | None, int, bytes] | None:
        """None for a tombstone, and for a row that is not of the feed's form: one bad row stops no other."""
        if row.data is None:
            return None
        try:
            data = MODELS[feed].model_validate(row.data)
        except ValidationError as error:
            log.event("feed_row_left_out", name=feed, count=error.error_count())
            return None
        body = self._vault.seal(f"cache.{feed}", row.id, data.model_dump_json().encode())
        return feed, row.id, self._owner(data), row.rev, body

    def _owner(self, data: Message) -> bytes | None:
        match data:
            case PersonRow():
                return self._vault.tag("number", data.number)
            case RequestRow():
                return self._vault.tag("person", data.person)
        return None


def rows(db: sqlite3.Connection, vault: Vault, feed: str, model: type[M], owner: bytes | None = None) -> Iterator[M]:
    """The readable rows of a feed, or of one owner (a tag of the vault). Raises sqlite3.Error."""
    for _, row in rows_by_id(db, vault, feed, model, owner):
        yield row


def rows_by_id(
    db: sqlite3.Connection, vault: Vault, feed: str, model: type[M], owner: bytes | None = None
) -> Iterator[tuple[str, M]]:
    """As `rows`, each with its id."""
    query = "SELECT id, body FROM rows WHERE feed = :feed AND (:owner IS NULL OR owner = :owner)"
    for row_id, sealed in db.execute(query, {"feed": feed, "owner": owner}):
        row = _opened(vault, feed, row_id, sealed, model)
        if row is not None:
            yield row_id, row


def row_of(db: sqlite3.Connection, vault: Vault, feed: str, row_id: str, model: type[M]) -> M | None:
    """One row by its id. Raises sqlite3.Error."""
    found = db.execute("SELECT body FROM rows WHERE feed = ? AND id = ?", (feed, row_id)).fetchone()
    return _opened(vault, feed, row_id, found[0], model) if found else None


def _opened(vault: Vault, feed: str, row_id: str, sealed: bytes, model: type[M]) -> M | None:
    try:
        return model.model_validate(json.loads(vault.open_(f"cache.{feed}", row_id, sealed)))
    except (UnreadableError, ValueError):
        log.event("cache_row_unreadable", name=feed)
        return None


def _open(path: Path) -> sqlite3.Connection:
    """A file that cannot be used is begun anew: everything in it is at the centre."""
    try:
        return connect(path, CACHE)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        log.event("cache_begun_anew", error=type(error).__name__)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return connect(path, CACHE)


def _epoch(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return row[0] if row else ""


assert set(MODELS) == set(FEEDS)
