"""What the centre told the terminal: cache.db, written by the sync process alone and fetched again when lost."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError, create_model
from pydantic_core import to_json

from kiosk import log
from sync import damage, erasure
from sync.store import BACKGROUND_PAGES, NotKept, connect, transaction, truncate_log, unhurried
from sync.tables import CACHE
from sync.vault import UnreadableError, Vault
from sync.wire import FEEDS, FeedAnswer, FeedRow, KeyRow, Message, NoticeRow, PersonRow, RequestRow, RevocationRow
from sync.wire_gate import ROWS, TemplateRow

MODELS: dict[str, type[Message]] = {
    "persons": PersonRow,
    "keys": KeyRow,
    "requests": RequestRow,
    "notices": NoticeRow,
    **ROWS,
    "revocations": RevocationRow,
}
OWNERS: dict[str, Callable[[str, Any], tuple[str, str]]] = {
    "templates": lambda row_id, _: ("person", row_id),
    "persons": lambda _, data: ("number", data.number),
    "requests": lambda _, data: ("person", data.person),
}
"""By what the rows of a feed are looked up: what the vault makes a tag of."""
M = TypeVar("M", bound=Message)
Good = tuple[FeedRow, Message]
BATCH, FEW = 100, 200
PAGES = 4000
"""Pages of cache.db kept in memory while it is written: its indexes, so that they are not read again for each row."""


def _form(feed: str, model: type[Message]) -> type[FeedAnswer]:
    data: Any = (model | None, ...)
    row: Any = create_model(f"{feed.title()}Row", __base__=FeedRow, data=data)
    rows: Any = (list[row], ...)
    return create_model(f"{feed.title()}Answer", __base__=FeedAnswer, rows=rows)


FORMS: dict[str, type[FeedAnswer]] = {feed: _form(feed, model) for feed, model in MODELS.items()}
"""Answers whose every row has the form of its feed, read and checked in one pass: a third of the time of two."""


class Cache:
    """The writer's side. Safe for several threads. Every method raises sqlite3.Error.

    `now()`: Unix seconds, kept with each feed as the moment up to which it is known.
    """

    def __init__(self, path: Path, vault: Vault, now: Callable[[], float] = time.time) -> None:
        self._path, self._vault, self.now = path, vault, now
        self._lock = threading.Lock()
        self._traces = False
        self._db = _open(path)
        self._db.execute(f"PRAGMA cache_size = {PAGES}")

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
            return epoch_of(self._db)

    def restart(self, epoch: str) -> None:
        """The centre was restored: every feed from the beginning; the rows serve until theirs has come to its end."""
        with self._lock, transaction(self._db) as db:
            db.execute("UPDATE rows SET stale = 1")
            db.execute("DELETE FROM feeds")
            # a centre that was restored may give their numbers out again
            db.execute("DELETE FROM ahead")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", (epoch,))

    def apply(self, answer: FeedAnswer, asked: float | None = None) -> bool:
        """Rows, tombstones and cursor of one page in one transaction; whether anything changed.

        `asked`: Unix seconds at which the page was asked for; without it, now.
        After a reset the old rows serve until the last page has come, then what was not sent again goes.
        """
        with self._lock:
            # what the next page brings to the disk need not be there before: it would go together with its cursor
            more = answer.more and all(row.data is not None for row in answer.rows)
            with unhurried(self._db) if more else contextlib.nullcontext(), transaction(self._db) as db:
                changed = self._take(db, answer)
                gone = self._drop(db, answer)
                self._reached(db, answer, self.now() if asked is None else asked)
            self._clean(gone)
        return changed or gone

    def drop_withdrawn(self, withdrawn: Mapping[bytes, float]) -> bool:
        """Templates of these owners (tags of the vault), unless enrolled after this moment; whether any was here.

        A centre that has not heard of the withdrawal yet may send such a row again.
        """
        with self._lock:
            with transaction(self._db) as db:
                dead = [row for owner, at in withdrawn.items() for row in self._enrolled_before(db, owner, at)]
                db.executemany("DELETE FROM rows WHERE feed = 'templates' AND id = ?", dead)
            self._clean(bool(dead))
        return bool(dead)

    def confirmed(self, feed: str) -> float:
        """Unix seconds at which the centre last said that this feed is complete here; 0 = never."""
        with self._lock:
            return confirmed(self._db, feed)

    def holds(self, feed: str, row_id: str) -> bool:
        """Whether there is such a row."""
        with self._lock:
            query = "SELECT 1 FROM rows WHERE feed = ? AND id = ?"
            return self._db.execute(query, (feed, row_id)).fetchone() is not None

    def wipe(self) -> None:
        """Forget everything, also in the write-ahead log: this terminal is not trusted any more."""
        with self._lock:
            with transaction(self._db) as db:
                for table in ("rows", "feeds", "meta", "ahead"):
                    db.execute(f"DELETE FROM {table}")  # noqa: S608
            self._clean(True)

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction over the rows, for whoever seals them anew or has them receipted."""
        with self._lock, transaction(self._db) as db:
            yield db

    def clean(self) -> bool:
        """Empty the write-ahead log; whether nothing that was deleted is left in it."""
        with self._lock:
            self._clean(True)
            return not self._traces

    def _clean(self, gone: bool) -> None:
        """What was deleted lives on in the -wal file; somebody who reads at the moment puts it off to the next time."""
        self._traces = (self._traces or gone) and not truncate_log(self._db)

    def _reached(self, db: sqlite3.Connection, answer: FeedAnswer, asked: float) -> None:
        at = confirmed(db, answer.feed) if answer.more else asked
        db.execute("INSERT OR REPLACE INTO feeds (feed, rev, at) VALUES (?, ?, ?)", (answer.feed, answer.next, at))

    def _enrolled_before(self, db: sqlite3.Connection, owner: bytes, at: float) -> list[tuple[str]]:
        found = list(rows_by_id(db, self._vault, "templates", TemplateRow, owner))
        return [(row_id,) for row_id, row in found if row.enrolled_at <= at]

    def _take(self, db: sqlite3.Connection, answer: FeedAnswer) -> bool:
        if answer.reset:
            db.execute("UPDATE rows SET stale = 1 WHERE feed = ?", (answer.feed,))
        good = [(row, data) for row in answer.rows if (data := _formed(answer.feed, row)) is not None]
        db.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, 0)", self._sealed(answer.feed, good))
        return bool(good)

    def _sealed(self, feed: str, good: list[Good]) -> Iterator[tuple[str, str, bytes | None, int, bytes]]:
        # by id, so that the indexes by id are not written in as many places as there are rows
        good.sort(key=lambda each: each[0].id)
        bodies = self._vault.seal_all(f"cache.{feed}", [(row.id, to_json(data)) for row, data in good])
        owner, tag = OWNERS.get(feed), self._vault.tag
        for (row, data), body in zip(good, bodies, strict=True):
            yield feed, row.id, tag(*owner(row.id, data)) if owner else None, row.rev, body

    def _drop(self, db: sqlite3.Connection, answer: FeedAnswer) -> bool:
        dead = [(answer.feed, row.id) for row in answer.rows if row.data is None]
        if answer.feed in erasure.FEEDS:
            news = confirmed(db, answer.feed) > 0
            for row in answer.rows:
                if row.data is None:
                    erasure.take(db, self._vault, answer.feed, row, self.now(), news=news)
        db.executemany("DELETE FROM rows WHERE feed = ? AND id = ?", dead)
        if answer.more:
            return bool(dead)
        gone = db.execute("DELETE FROM rows WHERE feed = ? AND stale = 1", (answer.feed,)).rowcount
        return bool(dead or gone)


def _formed(feed: str, row: FeedRow) -> Message | None:
    """None for a tombstone, and for a row that is not of the feed's form: one bad row stops no other."""
    data: object = row.data
    # the type itself: asking for a kind of it is a function call in Python, for each of 60,000 rows
    if data is None or type(data) is MODELS[feed]:
        return data
    try:
        return MODELS[feed].model_validate(data)
    except ValidationError as error:
        log.event("feed_row_left_out", name=feed, count=error.error_count())
        return None


def confirmed(db: sqlite3.Connection, feed: str) -> float:
    """As `Cache.confirmed`, for a reader."""
    row = db.execute("SELECT at FROM feeds WHERE feed = ?", (feed,)).fetchone()
    return float(row[0]) if row else 0.0


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


def revs(db: sqlite3.Connection, feed: str) -> dict[int, int]:
    """The revision at each place (rowid) of a feed; another row there has another revision. Raises sqlite3.Error."""
    return dict(db.execute("SELECT rowid, rev FROM rows WHERE feed = ?", (feed,)).fetchall())


def batches(
    db: sqlite3.Connection, vault: Vault, feed: str, model: type[M], places: Set[int]
) -> Iterator[list[tuple[int, str, M]]]:
    """The readable rows at these places, each with place and id, BATCH at a time. Raises sqlite3.Error."""
    for some in _found(db, feed, places):
        opened = ((place, row_id, _opened(vault, feed, row_id, sealed, model)) for place, row_id, sealed in some)
        yield [(place, row_id, row) for place, row_id, row in opened if row is not None]


def _found(db: sqlite3.Connection, feed: str, places: Set[int]) -> Iterator[list[tuple[int, str, bytes]]]:
    """Few one by one, many out of one scan of the file from the first of them on."""
    if len(places) <= FEW:
        query = "SELECT rowid, id, body FROM rows WHERE rowid = ?"
        yield [row for place in places for row in db.execute(query, (place,))]
        return
    found = db.execute("SELECT rowid, id, body FROM rows WHERE +feed = ? AND rowid >= ?", (feed, min(places)))
    while some := found.fetchmany(BATCH):
        yield [row for row in some if row[0] in places]


def row_of(db: sqlite3.Connection, vault: Vault, feed: str, row_id: str, model: type[M]) -> M | None:
    """One row by its id. Raises sqlite3.Error."""
    found = db.execute("SELECT body FROM rows WHERE feed = ? AND id = ?", (feed, row_id)).fetchone()
    return _opened(vault, feed, row_id, found[0], model) if found else None


def rev_of(db: sqlite3.Connection, feed: str, row_id: str) -> int:
    """The revision of a row, 0 = not here. Raises sqlite3.Error."""
    found = db.execute("SELECT rev FROM rows WHERE feed = ? AND id = ?", (feed, row_id)).fetchone()
    return int(found[0]) if found else 0


def _opened(vault: Vault, feed: str, row_id: str, sealed: bytes, model: type[M]) -> M | None:
    try:
        return model.model_validate_json(vault.open_(f"cache.{feed}", row_id, sealed))
    except (UnreadableError, ValueError):
        log.event("cache_row_unreadable", name=feed)
        return None


def _open(path: Path) -> sqlite3.Connection:
    """A file that cannot be used is begun anew: everything in it is at the centre."""
    try:
        return _looked_through(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not damage.is_damage(error):
            raise
        log.event("cache_begun_anew", error=type(error).__name__)
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        damage.mended(path)
        return connect(path, CACHE, 4 * BACKGROUND_PAGES)


def _looked_through(path: Path) -> sqlite3.Connection:
    """Damaged in the middle, or another program's, it is no cache of ours."""
    if path.exists() and path.stat().st_size > 0:
        if damage.noted(path) or not damage.sound(path):
            raise NotKept("the cache is damaged")
        with contextlib.closing(damage.looking(path)) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and not {"rows", "feeds", "meta"} <= tables:
            raise NotKept("the cache is another program's file")
    return connect(path, CACHE, 4 * BACKGROUND_PAGES)


def epoch_of(db: sqlite3.Connection) -> str:
    """As `Cache.epoch`, for a reader."""
    row = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return row[0] if row else ""


assert set(MODELS) == set(FEEDS)
