"""What became of each print job, kept over a crash."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Clock
from kiosk.domain.faults import Code, Fault
from sync import damage
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault

KEEP_S = 30 * 86400.0


class PrintLog:
    """A printers.spool.JobStore; may be called from several threads, returns when it is on the disk."""

    def __init__(self, path: Path, vault: Vault, clock: Clock, on_fault: Callable[[Fault], None]) -> None:
        self._path, self._vault, self._clock, self._on_fault = path, vault, clock, on_fault
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def put(self, job_id: str, title: str, state: str, detail: str) -> None:
        """Keep the job's state; what cannot be kept is a fault, and the printer goes on."""
        sealed = self._vault.seal("print_jobs", job_id, title.encode())
        row = (job_id, sealed, state, detail, self._clock.now())
        try:
            with self._lock, transaction(self._open()) as db:
                db.execute("INSERT OR REPLACE INTO print_jobs VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            self._trouble(error)

    def unfinished(self) -> list[tuple[str, str, str]]:
        """(id, title, state) of what was queued or printing when the program ended, oldest first."""
        query = "SELECT id, title, state FROM print_jobs WHERE state IN ('queued', 'printing') ORDER BY at"
        try:
            with self._lock, transaction(self._open()) as db:
                db.execute("DELETE FROM print_jobs WHERE at < ?", (self._clock.now() - KEEP_S,))
                found = db.execute(query).fetchall()
        except sqlite3.Error as error:
            self._trouble(error)
            return []
        return [(job_id, self._title(job_id, sealed), state) for job_id, sealed, state in found]

    def _open(self) -> sqlite3.Connection:
        self._db = self._db or connect(self._path, JOURNAL)
        return self._db

    def _title(self, job_id: str, sealed: bytes) -> str:
        try:
            return self._vault.open_("print_jobs", job_id, sealed).decode()
        except UnreadableError:
            return ""

    def _trouble(self, error: sqlite3.Error) -> None:
        damage.note(self._path, error)
        with self._lock:
            if self._db:
                self._db.close()
            self._db = None
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        self._on_fault(Fault(Code.JOURNAL_REFUSED, "journal", str(name)))
