"""What became of each print job, kept over a crash."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.clock import Clock
from kiosk.domain.faults import Code, Fault
from sync import damage
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault

KEEP_S = 30 * 86400.0
_LEFT = """
    SELECT id, title, state FROM print_jobs j WHERE id LIKE '%:p' AND NOT EXISTS (
        SELECT 1 FROM outbox WHERE key IN (
            substr(j.id, 1, length(j.id) - 2) || ':printed', substr(j.id, 1, length(j.id) - 2) || ':voided'))
    ORDER BY at"""
"""A certificate's job is named by the key of its seal and `:p`, the events that settle it by that key and a word."""

_UNPRINTED = """
    SELECT key || ':p', serial FROM issued_offline i
    WHERE settled = 0 AND NOT EXISTS (SELECT 1 FROM print_jobs WHERE id = i.key || ':p') ORDER BY at"""
"""What was issued without the network when the program ended before it was handed to the printer."""


class PrintLog:
    """A printers.spool.JobStore; may be called from several threads, returns when it is on the disk.

    `printer`: under which name its paper is counted.
    """

    def __init__(
        self, path: Path, vault: Vault, clock: Clock, on_fault: Callable[[Fault], None], printer: str = ""
    ) -> None:
        self._path, self._vault, self._clock, self._on_fault = path, vault, clock, on_fault
        self._paper = f"paper {printer}"
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None

    def put(self, job_id: str, title: str, state: str, detail: str, paper: Mapping[str, float] | None = None) -> bool:
        """Keep the job's state, and the paper used with it; False, and a fault, when the disk does not take it."""
        sealed = self._vault.seal("print_jobs", job_id, title.encode())
        row = (job_id, sealed, state, detail, self._clock.now())
        try:
            with self._lock, transaction(self._open()) as db:
                db.execute("INSERT OR REPLACE INTO print_jobs VALUES (?, ?, ?, ?, ?)", row)
                if paper is not None:
                    self._keep(db, paper)
        except sqlite3.Error as error:
            self._trouble(error)
            return False
        return True

    def keep_paper(self, paper: Mapping[str, float]) -> None:
        """Keep what is known of the paper; what cannot be kept is a fault, and the count goes on in memory."""
        try:
            with self._lock, transaction(self._open()) as db:
                self._keep(db, paper)
        except sqlite3.Error as error:
            self._trouble(error)

    def paper(self) -> dict[str, float]:
        """What was kept last of the paper; empty where there is nothing that can be read."""
        try:
            with self._lock:
                found = self._open().execute("SELECT value FROM meta WHERE name = ?", (self._paper,)).fetchone()
        except sqlite3.Error as error:
            self._trouble(error)
            return {}
        with suppress(ValueError, TypeError, AttributeError):
            return {str(name): float(value) for name, value in json.loads(found[0] if found else "{}").items()}
        return {}

    def _keep(self, db: sqlite3.Connection, paper: Mapping[str, float]) -> None:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (self._paper, json.dumps(dict(paper))))

    def left(self) -> list[tuple[str, str, str]]:
        """(id, title, state) of the certificates of which no event says yet what became of them, oldest first.

        One that was issued without the network and never came to the printer is as if it had been queued there.
        """
        found = self._found(_LEFT)
        return [*found, *((job, serial, "queued") for job, serial in self._rows(_UNPRINTED))]

    def unfinished(self) -> list[tuple[str, str, str]]:
        """(id, title, state) of what was queued or printing when the program ended, oldest first."""
        return self._found("SELECT id, title, state FROM print_jobs WHERE state IN ('queued', 'printing') ORDER BY at")

    def _found(self, query: str) -> list[tuple[str, str, str]]:
        return [(job_id, self._title(job_id, sealed), state) for job_id, sealed, state in self._rows(query)]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self._lock, transaction(self._open()) as db:
                db.execute("DELETE FROM print_jobs WHERE at < ?", (self._clock.now() - KEEP_S,))
                return db.execute(query).fetchall()
        except sqlite3.Error as error:
            self._trouble(error)
            return []

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
