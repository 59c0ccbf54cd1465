"""What is done about a disk that is full: the ballast goes, the log is worked in, what was sent makes room."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kiosk import log
from kiosk.config import QueueConfig
from sync import ballast, space
from sync.store import checkpoint, transaction

STEP = 500
FEW = 20
"""So many rows a transaction when not even a batch finds room."""
_SCARCE = 1_000_000
_FULL, _IOERR, _CANTOPEN = 13, 10, 14
A = TypeVar("A")


def is_full(error: Exception, folder: Path) -> bool:
    """Whether it is room that SQLite lacks; some of its I/O errors are a full disk by another name."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL:
        return True
    try:
        return code in (_IOERR, _CANTOPEN) and ballast.free_bytes(folder) < _SCARCE
    except OSError:
        return False


def rescue(db: sqlite3.Connection, folder: Path) -> None:
    """Let go of the ballast and bring the write-ahead log in, so that it begins at its start again."""
    freed = ballast.free(folder)
    log.event("disk_full", state="ballast freed" if freed else "no ballast left")
    checkpoint(db)


def folder_of(db: sqlite3.Connection) -> Path:
    """Where this database lies, and the ballast with it."""
    return Path(db.execute("PRAGMA database_list").fetchone()[2]).parent


def insist(db: sqlite3.Connection, work: Callable[[int], A]) -> A:
    """`work(most)` in transactions of at most `most` rows; on a full disk again, with more room and smaller steps.

    Raises sqlite3.Error when not even single rows can be written.
    """
    folder = folder_of(db)
    try:
        return work(STEP)
    except sqlite3.Error as error:
        if not is_full(error, folder):
            raise
    rescue(db, folder)
    for most in (FEW, 1):
        try:
            return work(most)
        except sqlite3.Error as error:
            if most == 1 or not is_full(error, folder):
                raise
            checkpoint(db)
    raise AssertionError("not reached")


def trim(db: sqlite3.Connection, folder: Path, limits: QueueConfig, most: int = STEP) -> int:
    """While it is crowded, forget the oldest of what was sent, `most` rows a transaction; how many.

    A restored centre does not get those again. Faces stay: their templates have a rule of their own.
    Raises sqlite3.Error.
    """
    count = 0
    while space.crowded(db, folder, limits) and (gone := drop_sent(db, most)):
        count += gone
    if count:
        log.event("sent_rows_made_room", count=count)
    return count


def drop_sent(db: sqlite3.Connection, most: int) -> int:
    """One step of `trim`."""
    oldest = "SELECT seq FROM outbox WHERE state = 'sent' AND kind <> 'face.enrolled' ORDER BY sent_at LIMIT ?"
    with transaction(db):
        count = db.execute(f"DELETE FROM outbox WHERE seq IN ({oldest})", (most,)).rowcount  # noqa: S608
        unnamed = "sent <> 0 AND sha256 NOT IN (SELECT sha256 FROM attachments)"
        some = f"SELECT sha256 FROM blobs WHERE {unnamed} LIMIT ?"  # noqa: S608
        count += db.execute(f"DELETE FROM blobs WHERE sha256 IN ({some})", (most,)).rowcount  # noqa: S608
    checkpoint(db)
    return count
