"""How the queue stands and what in it is dead, for the technician: read beside the writers, nothing of whose it is."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

from kiosk.domain.backlog import DeadRow, Standing
from sync.store import reader
from sync.vault import UnreadableError, Vault

_DEAD = """SELECT seq, key, kind, at, tries, length(body), verdict, body FROM outbox
    WHERE state = 'dead' ORDER BY seq DESC LIMIT ? OFFSET ?"""
_OLDEST = "SELECT at FROM outbox INDEXED BY outbox_waiting WHERE state = 'queued' ORDER BY seq LIMIT 1"
_ANSWERED = "SELECT max(sent_at) FROM outbox WHERE state = 'sent'"


def standing(journal: Path, cache: Path) -> Standing:
    """Counted by triggers, so it costs the same with a million rows. Raises sqlite3.Error, OSError."""
    with contextlib.closing(reader(journal)) as db:
        counted = {state: (count, size) for state, count, size in db.execute("SELECT state, count, bytes FROM tally")}
        oldest, answered = _one(db, _OLDEST), _one(db, _ANSWERED)
    return Standing(
        waiting=_count(counted, "queued"),
        sent=_count(counted, "sent"),
        dead=_count(counted, "dead"),
        oldest=oldest,
        size=sum(size for _, size in counted.values()),
        free=shutil.disk_usage(journal.parent).free,
        heard=max(answered, _fed(cache)),
    )


def dead(journal: Path, vault: Vault, first: int, most: int) -> tuple[DeadRow, ...]:
    """`most` dead letters, the newest first, without the `first` ones. Raises sqlite3.Error.

    Of a body the receipt number is read and nothing else.
    """
    with contextlib.closing(reader(journal)) as db:
        found = db.execute(_DEAD, (most, first)).fetchall()
    return tuple(
        DeadRow(seq, kind, at, tries + 1, size, _receipt(vault, key, body), verdict)
        for seq, key, kind, at, tries, size, verdict, body in found
    )


def _receipt(vault: Vault, key: str, sealed: bytes) -> str:
    try:
        body = json.loads(vault.open_("outbox", key, sealed))
    except (UnreadableError, ValueError):
        return ""
    receipt = body.get("receipt") if isinstance(body, dict) else None
    return receipt if isinstance(receipt, str) else ""


def _fed(cache: Path) -> float:
    """When a feed was last asked for and came to its end; the cache may be begun anew at any time."""
    try:
        with contextlib.closing(reader(cache)) as db:
            return _one(db, "SELECT max(at) FROM feeds")
    except sqlite3.Error:
        return 0.0


def _one(db: sqlite3.Connection, query: str) -> float:
    row = db.execute(query).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _count(counted: dict[str, tuple[int, int]], state: str) -> int:
    return counted.get(state, (0, 0))[0]
