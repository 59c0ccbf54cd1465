"""A thread that answers from the two files: one question after the other, each over the cache as it is then."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from kiosk import log
from sync import cache, damage
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import Message

M = TypeVar("M", bound=Message)
V = TypeVar("V")
BEAT_S = 5.0


class Lookup:
    """One thread with its own connections. `cache()` and `journal()` are for the work it is handed."""

    def __init__(self, name: str, cache_path: Path, journal_path: Path) -> None:
        self._cache_path, self._journal_path = cache_path, journal_path
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.beat = time.monotonic()
        self._cache: tuple[int, sqlite3.Connection] | None = None
        self._journal: sqlite3.Connection | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """What was asked before is answered first."""
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def ask(self, look: Callable[[], V], otherwise: Callable[[], V], done: Callable[[V], None]) -> None:
        """`done(look())` on the thread, `done(otherwise())` when the files cannot be read."""

        def work() -> None:
            try:
                answer = look()
            except (sqlite3.Error, OSError) as error:
                log.event("desk_cannot_look", reason=getattr(error, "sqlite_errorname", type(error).__name__))
                damage.note(self._journal_path, error)
                damage.note(self._cache_path, error)
                self._drop()
                self._drop_journal()
                answer = otherwise()
            done(answer)

        self._queue.put(work)

    def cache(self) -> sqlite3.Connection:
        """cache.db as it is now: the sync process may have begun it anew. Raises sqlite3.Error, OSError."""
        inode = self._cache_path.stat().st_ino
        if self._cache and self._cache[0] != inode:
            self._drop()
        if self._cache is None:
            self._cache = (inode, reader(self._cache_path))
        return self._cache[1]

    def journal(self) -> sqlite3.Connection:
        """Raises sqlite3.Error."""
        self._journal = self._journal or connect(self._journal_path, JOURNAL)
        return self._journal

    def _next(self) -> Callable[[], None] | None:
        while True:
            self.beat = time.monotonic()
            try:
                return self._queue.get(timeout=BEAT_S)
            except queue.Empty:
                continue

    def _drop(self) -> None:
        if self._cache:
            self._cache[1].close()
        self._cache = None

    def _drop_journal(self) -> None:
        """A connection that was opened while the disk could only be read stays so."""
        if self._journal:
            self._journal.close()
        self._journal = None

    def _run(self) -> None:
        while (work := self._next()) is not None:
            work()
        self._drop()
        self._drop_journal()


class Mirror(Generic[M, V]):
    """A feed in memory, as `keep` makes it of some of its rows at a time; only what changed is decrypted again."""

    def __init__(
        self, vault: Vault, feed: str, model: type[M], keep: Callable[[Sequence[tuple[str, M]]], Mapping[str, V]]
    ) -> None:
        self._vault, self._feed, self._model, self._keep = vault, feed, model, keep
        self._of: tuple[object, str] | None = None
        self._revs: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._rows: dict[str, V] = {}

    def rows(self, db: sqlite3.Connection) -> Mapping[str, V]:
        """As the feed is now; a row that cannot be read is left out. Raises sqlite3.Error."""
        of = (db, cache.epoch_of(db))
        if of != self._of:
            # another file or another database behind it: equal revisions mean nothing
            self._of, self._revs, self._ids, self._rows = of, {}, {}, {}
        revs = cache.revs(db, self._feed)
        changed = {place for place, rev in revs.items() if self._revs.get(place) != rev}
        for gone in (self._revs.keys() - revs.keys()) | (changed & self._ids.keys()):
            self._rows.pop(self._ids.pop(gone, ""), None)
        for some in cache.batches(db, self._vault, self._feed, self._model, changed):
            self._ids.update((place, row) for place, row, _ in some)
            self._rows.update(self._keep([(row, data) for _, row, data in some]))
        self._revs = revs
        return self._rows
