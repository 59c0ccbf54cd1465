"""What the sync process puts into the audit chain, and what of the chain goes into a heartbeat."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from kiosk.clock import Clock
from sync import audit
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.wire import AuditHead

JUMP_S = 5.0
"""So far the time of day may move against the time that never jumps before it is written down."""


class Witness:
    """Safe for every thread. Every method raises sqlite3.Error."""

    def __init__(self, journal: Path, clock: Clock) -> None:
        self._path, self._clock = journal, clock
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._offset = clock.now() - clock.mono()

    def close(self) -> None:
        with self._lock:
            if self._db:
                self._db.close()
                self._db = None

    def note(self, kind: str, /, **detail: audit.Plain) -> None:
        """One entry, in a transaction of its own."""
        with self._lock:
            audit.note(self._open(), kind, self._clock.now(), audit.RUN, **detail)

    def heads(self) -> tuple[AuditHead, AuditHead]:
        """The chain's head, and what it holds under the number that the centre confirmed last."""
        with self._lock:
            db = self._open()
            return audit.head(db), audit.held(db, audit.confirmed(db).seq)

    def confirmed(self, told: AuditHead) -> None:
        """The centre's answer to a heartbeat."""
        with self._lock:
            db = self._open()
            if told != audit.confirmed(db):
                with transaction(db):
                    audit.confirm(db, told)

    def look_at_clock(self) -> None:
        """Write down when the time of day has jumped since the last look."""
        offset = self._clock.now() - self._clock.mono()
        jump, self._offset = offset - self._offset, offset
        if abs(jump) > JUMP_S:
            self.note("clock.jumped", seconds=round(jump, 1))

    def _open(self) -> sqlite3.Connection:
        self._db = self._db or connect(self._path, JOURNAL)
        return self._db
