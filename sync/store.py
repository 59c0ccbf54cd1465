"""A SQLite file that keeps its word: durability is set, read back, and the schema moves in numbered steps."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WAIT_S = 5.0
ASK_S = 0.0002
LOG_PAGES = 8_000
"""Whoever commits when the -wal file has 32 MB brings it back into the database: two fsyncs more, for every commit as
long as another one writes meanwhile. It does not come to that while the sync process does it, see BACKGROUND_PAGES."""
BACKGROUND_PAGES = 1_000
"""The same for connections for which nobody waits."""
_PRAGMAS = (("synchronous", "FULL", 2), ("secure_delete", "ON", 1), ("foreign_keys", "ON", 1))


class NotKept(sqlite3.DatabaseError):
    """The file does not give what was asked of it: a setting that did not take, or a schema newer than the program."""


class NewerError(NotKept):
    """The file was written by a newer program; it is left as it is."""


class Patient(sqlite3.Connection):
    """Waits for a file that others write to, WAIT_S at most; not inside a transaction, whose snapshot would stay old.

    It asks five times a millisecond: SQLite itself sleeps ever longer, up to 100 ms after the file is free.
    """

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        deadline = 0.0
        while True:
            try:
                return super().execute(*statement)
            except sqlite3.OperationalError as error:
                deadline = deadline or time.monotonic() + WAIT_S
                if self.in_transaction or not _busy(error) or time.monotonic() > deadline:
                    raise
            time.sleep(ASK_S)


def _busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def connect(path: Path, steps: tuple[tuple[str, ...], ...], log_pages: int = LOG_PAGES) -> sqlite3.Connection:
    """Open, or make, the file: WAL, synchronous FULL, secure_delete, foreign keys, schema of `len(steps)`.

    No transaction is open and none opens by itself. May be shared between threads by whoever locks it.
    Raises sqlite3.Error.
    """
    _private(path)
    db = _opened(path)
    try:
        # two processes that make the same new file meet here
        db.execute("PRAGMA journal_mode = WAL")
        _expect(db, "journal_mode", "wal")
        for name, value, read in _PRAGMAS:
            db.execute(f"PRAGMA {name} = {value}")
            _expect(db, name, read)
        db.execute(f"PRAGMA wal_autocheckpoint = {log_pages}")
        _migrate(db, steps)
    except BaseException:
        db.close()
        raise
    return db


def reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.Error, also when there is no file yet."""
    db = _opened(f"{path.resolve().as_uri()}?mode=rw", uri=True)
    db.execute("PRAGMA query_only = ON")
    return db


def _opened(path: Path | str, *, uri: bool = False) -> Patient:
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, factory=Patient, uri=uri)


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of it, or nothing; on the disk when the block is left. Raises sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def unhurried(db: sqlite3.Connection) -> Iterator[None]:
    """Around a transaction that may be done again: it does not wait for the disk, and comes there with the next one.

    A power cut takes it as a whole, and never anything that was committed otherwise, before it or after it.
    """
    db.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        db.execute("PRAGMA synchronous = FULL")


def truncate_log(db: sqlite3.Connection, *, politely: bool = False) -> bool:
    """Empty the -wal file, where deleted rows live on; False at once when somebody is still in it.

    What takes fsyncs is done first, while others may write; those who did would wait for as much once more. `politely`:
    False when somebody did.
    """
    before = _version_of_data(db)
    checkpoint(db)
    if politely and _version_of_data(db) != before:
        return False
    return _checkpoint(db, "TRUNCATE")


def _version_of_data(db: sqlite3.Connection) -> int:
    """Another one once another connection has committed."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def checkpoint(db: sqlite3.Connection) -> bool:
    """Bring the -wal file in, so that the next writer begins at its start; it keeps its room on the disk."""
    return _checkpoint(db, "PASSIVE")


def _checkpoint(db: sqlite3.Connection, how: str) -> bool:
    try:
        # not `Patient`'s own: nobody waits for those who read
        return bool(sqlite3.Connection.execute(db, f"PRAGMA wal_checkpoint({how})").fetchone()[0] == 0)
    except sqlite3.OperationalError:
        return False


def _private(path: Path) -> None:
    """Mode 0600 before SQLite comes: its -wal and -shm files take after it. Trouble is SQLite's to tell.

    The file is never opened here: closing it again would drop the locks of this process's other connections (POSIX),
    and the next program to leave would take itself for the last one and delete the write-ahead log under them.
    """
    with contextlib.suppress(OSError):
        os.mknod(path, 0o600 | stat.S_IFREG)
    with contextlib.suppress(OSError):
        path.chmod(0o600)


def _expect(db: sqlite3.Connection, name: str, value: object) -> None:
    found = db.execute(f"PRAGMA {name}").fetchone()[0]
    if found != value:
        raise NotKept(f"{name} is {found}, not {value}")


def _migrate(db: sqlite3.Connection, steps: tuple[tuple[str, ...], ...]) -> None:
    if _version(db) == len(steps):
        return
    with transaction(db):
        version = _version(db)
        if version > len(steps):
            raise NewerError(f"schema {version} is newer than this program's {len(steps)}")
        for step in steps[version:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(steps)}")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
