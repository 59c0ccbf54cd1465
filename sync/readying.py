"""Before anything opens journal.db: whether it can be used, and what is done about it when it cannot."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from pathlib import Path

from kiosk import log
from kiosk.clock import Clock
from kiosk.domain.faults import Code, Fault
from sync import audit, ballast, damage, pages
from sync.custody import KEY_SIZE
from sync.room import is_full
from sync.salvage import Salvaged, finish, salvage, unfinished
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import KEY_FILE, UnreadableError, Vault

CHECKED_BYTES = 64_000_000
"""A file up to this size is looked through at every start; a larger one when somebody met damage in it."""
_WAITING = "SELECT body FROM outbox INDEXED BY outbox_waiting WHERE state = 'queued'"
OTHERS = ("cache.db", "device.key")
"""Where these are, there was a journal before."""


def open_vault(folder: Path) -> tuple[Vault, list[Fault]]:
    """The vault; a key file that is none is put aside, never overwritten, and said. Raises OSError, UnreadableError."""
    try:
        return Vault.open(folder), []
    except UnreadableError:
        if not _spoiled(folder / KEY_FILE):
            raise
        number = 1
        while (aside := folder / f"{KEY_FILE}.damaged-{number}").exists():
            number += 1
        (folder / KEY_FILE).rename(aside)
        return Vault.open(folder), [Fault(Code.VAULT_KEY_LOST, "vault", aside.name)]


def _spoiled(path: Path) -> bool:
    return path.exists() and path.stat().st_size != KEY_SIZE


def make_ready(path: Path, vault: Vault, clock: Clock) -> list[Fault]:
    """Look the file over and mend it if need be; what a technician must know. A newer file is left to be refused."""
    return [*_mended(path, vault, clock), *_strange_rows(path, vault)]


def _mended(path: Path, vault: Vault, clock: Clock) -> list[Fault]:
    try:
        if unfinished(path):
            return _told(path, clock, Salvaged({}, None, finish(path)))
        if _usable(path):
            damage.mended(path)
            return []
        return _told(path, clock, _insist(path, vault, clock))
    except (sqlite3.Error, OSError) as error:
        # nothing was put aside: the file is as it was, and the next start tries again
        return [Fault(Code.JOURNAL_DAMAGED, "journal", str(getattr(error, "sqlite_errorname", type(error).__name__)))]


def _told(path: Path, clock: Clock, found: Salvaged) -> list[Fault]:
    log.event("journal_salvaged", file=found.aside, detail=str(found))
    lost = "unknown" if found.lost is None else str(found.lost)
    try:
        with contextlib.closing(connect(path, JOURNAL)) as db:
            rows = sum(found.rows.values())
            audit.note(db, "journal.salvaged", clock.now(), rows=rows, lost=lost, aside=found.aside)
    except sqlite3.Error as error:
        log.event("audit_not_kept", reason=str(getattr(error, "sqlite_errorname", type(error).__name__)))
    return [Fault(Code.JOURNAL_SALVAGED, "salvage", str(found))]


def _insist(path: Path, vault: Vault, clock: Clock) -> Salvaged:
    try:
        return salvage(path, vault, clock)
    except sqlite3.Error as error:
        if not is_full(error, path.parent):
            raise
    ballast.free(path.parent)
    return salvage(path, vault, clock)


def _usable(path: Path) -> bool:
    """Whether it is a journal, of this program's form or a newer one's, that SQLite finds nothing wrong with."""
    if not path.exists() or path.stat().st_size == 0:
        return not _had_one(path)
    if pages.log_is_broken(path):
        return False
    try:
        with contextlib.closing(damage.looking(path)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        return not damage.is_damage(error)
    if not tables:
        return bool(version == 0)
    return {"outbox", "meta"} <= tables and version > 0 and _looked_through(path, version)


def _looked_through(path: Path, version: int) -> bool:
    """Also each index against its table: a row that an index has lost would never be sent."""
    if damage.noted(path) or path.stat().st_size <= CHECKED_BYTES or version > len(JOURNAL):
        return damage.sound(path, thorough=True)
    return True


def _had_one(path: Path) -> bool:
    log_file = path.with_name(f"{path.name}-wal")
    written = log_file.exists() and log_file.stat().st_size > 0
    return written or any((path.parent / name).exists() for name in OTHERS)


def _strange_rows(path: Path, vault: Vault) -> list[Fault]:
    """Rows that wait and that another key has sealed: they will be dead, and can be read with that key alone."""
    try:
        with contextlib.closing(damage.looking(path)) as db:
            ends = [db.execute(f"{_WAITING} ORDER BY seq {order} LIMIT 1").fetchone() for order in ("ASC", "DESC")]
            if all(row is None or vault.reads(row[0]) for row in ends):
                return []
            strange = [body[:4] for (body,) in db.execute(_WAITING) if not vault.reads(body)]
    except sqlite3.Error:
        return []
    # rows that are damaged look as if each had a key of its own
    count = max(Counter(strange).values(), default=0)
    return [Fault(Code.VAULT_KEY_LOST, "vault", f"{count} rows")] if count > 1 else []
