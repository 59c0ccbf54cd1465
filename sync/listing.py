"""What is in the queue, for those who read it: how much, since when, each row, and all of it as a file."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.clock import CAMPUS_ZONE
from sync.store import reader
from sync.vault import UnreadableError, Vault


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, what was refused, and the age in seconds of the oldest that waits."""

    queued: int
    dead: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row for the technician; as text without its body, which holds a person's data."""

    seq: int
    key: str
    stream: str
    kind: str
    v: int
    at: float
    state: str
    tries: int
    verdict: str
    body: dict[str, Any] | None = field(repr=False)

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.at, CAMPUS_ZONE).isoformat(timespec="seconds")
        word = f"  {self.verdict}" if self.verdict else ""
        return f"{self.seq:>7}  {when}  {self.state:<6}  tries {self.tries}  {self.kind}  {self.key}{word}"


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Rows by state."""
    query = "SELECT state, count FROM tally WHERE count > 0 AND state IN ('queued', 'sent', 'dead')"
    return dict(db.execute(query).fetchall())


def backlog(db: sqlite3.Connection, now: float) -> Backlog:
    """How much waits, and since when."""
    found = counts(db)
    oldest = "SELECT at FROM outbox INDEXED BY outbox_waiting WHERE state = 'queued' ORDER BY seq LIMIT 1"
    first = db.execute(oldest).fetchone()
    return Backlog(found.get("queued", 0), found.get("dead", 0), max(0.0, now - first[0]) if first else 0.0)


def rows(path: Path, vault: Vault, state: str | None = None) -> Iterator[Row]:
    """Every row of this state, or all, in order. Nothing when there is no journal yet. Raises sqlite3.Error."""
    if not path.exists():
        return
    db = reader(path)
    try:
        query = "SELECT seq, key, stream, kind, v, at, state, tries, verdict, body FROM outbox"
        found = db.execute(f"{query} WHERE ? IS NULL OR state = ? ORDER BY seq", (state, state))
        for seq, key, stream, kind, v, at, now, tries, verdict, sealed in found:
            yield Row(seq, key, stream, kind, v, at, now, tries, verdict, body_of(vault, key, sealed))
    finally:
        db.close()


def export(path: Path, vault: Vault, target: Path) -> int:
    """One JSON line a row, body included, into a file of mode 0600; how many."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    written = 0
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        os.fchmod(descriptor, 0o600)
        for row in rows(path, vault):
            line = {name: getattr(row, name) for name in Row.__slots__}
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
            written += 1
        sink.flush()
        os.fsync(sink.fileno())
    return written


def body_of(vault: Vault, key: str, sealed: bytes) -> dict[str, Any] | None:
    """What a row says; None for what cannot be read any more."""
    try:
        found = json.loads(vault.open_("outbox", key, sealed))
    except (UnreadableError, ValueError):
        return None
    return found if isinstance(found, dict) else None
