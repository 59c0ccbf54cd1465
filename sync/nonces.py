"""Which codes were taken here: each is good once, over a restart and over a clock that is set ahead and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from kiosk import log
from sync.clockwatch import ClockWatch
from sync.store import transaction


class Nonces:
    """`db`: a connection to journal.db, asked for at each use."""

    def __init__(self, db: Callable[[], sqlite3.Connection], watch: ClockWatch) -> None:
        self._db, self._watch = db, watch
        self._unkept: set[bytes] = set()

    def seen(self, nonce: bytes) -> bool:
        """Whether it was taken here before. Raises sqlite3.Error."""
        query = "SELECT 1 FROM nonces WHERE nonce = ?"
        return nonce in self._unkept or self._db().execute(query, (nonce,)).fetchone() is not None

    def take(self, nonce: bytes, until: float, now: float) -> None:
        """Keep it until the code is dead by a time that has certainly passed, and the centre knows of it.

        The wall clock alone ends nothing: it may be ahead. In memory at least when the disk takes nothing.
        """
        try:
            with transaction(self._db()) as db:
                db.execute("DELETE FROM nonces WHERE until < ? AND told = 1", (self._watch.passed(),))
                row = (nonce, until, now)
                db.execute("INSERT OR REPLACE INTO nonces (nonce, until, at, told) VALUES (?, ?, ?, 0)", row)
        except sqlite3.Error as error:
            self._unkept.add(nonce)
            log.event("nonce_not_kept", reason=getattr(error, "sqlite_errorname", type(error).__name__))
