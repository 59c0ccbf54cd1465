"""What a damaged journal.db still holds, row by row into a new file; the old one is put aside and never deleted."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.clock import CAMPUS_ZONE, Clock
from sync import damage, pages
from sync.listing import body_of
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault

APART = 1000
"""Receipt and row numbers go on so far beyond the last that is known: what was lost had numbers too."""
STEP = 500
_KIND = re.compile(r"[a-z_]+\.[a-z_]+")
_SHA = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{8}")
_RECEIPT = re.compile(r"-(\d{8})-(\d+)$")
_TYPES: dict[str, tuple[type, ...]] = {"t": (str,), "b": (bytes,), "i": (int,), "n": (int, float), "f": (float,)}
_SINCE = {"at": "0.0", "told": "1"}
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """`form`: a letter a column: t text, b bytes, i whole number, n number, f number with a fraction; capital: or none.

    `fits` tells its records from those of other tables, when they are read out of the pages; None = not read there.
    """

    name: str
    columns: tuple[str, ...]
    form: str
    fits: Callable[[Row], bool] | None = None
    numbered: bool = False

    def good(self, row: Row) -> bool:
        return len(row) == len(self.form) and all(map(_is, self.form, row))


def _is(letter: str, value: Any) -> bool:
    return (value is None and letter.isupper()) or isinstance(value, _TYPES[letter.lower()])


def _table(name: str, columns: str, form: str, fits: Callable[[Row], bool] | None = None, **more: bool) -> Table:
    return Table(name, tuple(columns.split()), form, fits, **more)


OUTBOX = _table(
    "outbox",
    "seq key stream kind v body owner at boot mono state tries next_at verdict sent_at",
    "itttibBntntintN",
    lambda row: bool(_KIND.fullmatch(row[3])) and row[10] in ("queued", "sent", "dead"),
    numbered=True,
)
BLOBS = _table("blobs", "sha256 body size at sent tries next_at", "tbiniin", lambda row: bool(_SHA.fullmatch(row[0])))
RECEIPTS = _table("receipts", "day count", "ti", lambda row: bool(_DAY.fullmatch(row[0])))
TABLES = (
    OUTBOX,
    BLOBS,
    _table("attachments", "seq sha256", "it"),
    RECEIPTS,
    _table("audit", "seq at boot kind detail hash", "intttb", lambda row: len(row[5]) == 32, numbered=True),
    _table("own_templates", "key owner at body short", "tbnbb", lambda row: len(row[1]) == 16),
    _table("withdrawn", "owner at", "bf", lambda row: len(row[0]) == 16),
    _table("nonces", "nonce until at told", "bnni"),
    _table("drafts", "owner item body saved_at", "btbn", lambda row: len(row[0]) == 16),
    _table("print_jobs", "id title state detail at", "tbttn", lambda row: len(row[1]) > 0),
    _table("pin_failures", "owner count last_at", "bin"),
    _table("passages", "owner inside at", "bin"),
    _table("issued_offline", "serial key at settled", "ttni"),
    _table("device_faults", "device code hour count", "ttii"),
    _table("device_signs", "device good_at", "tn"),
    _table("meta", "name value", "tt"),
)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Rows by table; `lost`: rows of the outbox that are gone, None = nobody knows; `aside`: the old file's name."""

    rows: dict[str, int]
    lost: int | None
    aside: str

    def __str__(self) -> str:
        found = ", ".join(f"{name} {count}" for name, count in self.rows.items() if count) or "nothing"
        lost = "unknown" if self.lost is None else str(self.lost)
        return f"kept: {found}; lost of outbox: {lost}; old file: {self.aside or 'none'}"


def salvage(path: Path, vault: Vault, clock: Clock) -> Salvaged:
    """A new file in place of this one; if cut off the next start goes on. Raises sqlite3.Error, OSError."""
    new = path.with_name(f"{path.name}.new")
    _remove(new)
    rows, lost = _filled(path, new, vault, clock)
    new.replace(_done(path))
    return Salvaged(rows, lost, finish(path))


def unfinished(path: Path) -> bool:
    """Whether a new file is ready that was not put in place yet."""
    return _done(path).exists()


def finish(path: Path) -> str:
    """Put the old file aside, its log first: beside another file it would be taken for that one's. Raises OSError."""
    made = _done(path)
    stamp = datetime.fromtimestamp(made.stat().st_mtime, CAMPUS_ZONE).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    moved = ""
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
            moved = aside.name
    made.replace(path)
    damage.mended(path)
    _sync_folder(path.parent)
    return moved


def _filled(old: Path, new: Path, vault: Vault, clock: Clock) -> tuple[dict[str, int], int | None]:
    with contextlib.closing(connect(new, JOURNAL)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        rows = {table.name: _copy(db, table, _by_sql(old, table)) for table in TABLES}
        for table, row in _by_pages(old):
            rows[table.name] += _copy(db, table, [row])
        with transaction(db):
            db.execute("DELETE FROM attachments WHERE seq NOT IN (SELECT seq FROM outbox)")
            # nobody knows what else was used up: what was sealed in advance for the old file is not issued
            db.execute("DELETE FROM meta WHERE name = 'ahead_book'")
        lost = _lost(old, rows["outbox"])
        _number(db, vault, clock, apart=lost != 0)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA foreign_keys = ON")
    return rows, lost


def _copy(db: sqlite3.Connection, table: Table, rows: Iterator[Row] | list[Row]) -> int:
    """How many were not there yet. In steps, so that a large one takes no large log."""
    names, marks = ", ".join(table.columns), ", ".join("?" for _ in table.columns)
    insert = f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
    count, step = 0, []
    for row in rows:
        step.append(row)
        if len(step) == STEP:
            count += _insert(db, insert, step)
            step = []
    return count + _insert(db, insert, step)


def _insert(db: sqlite3.Connection, insert: str, rows: list[Row]) -> int:
    with transaction(db):
        return sum(db.execute(insert, row).rowcount for row in rows)


def _by_sql(old: Path, table: Table) -> Iterator[Row]:
    """From the beginning up to the damage, then from the end back to it."""
    if _empty(old):
        return
    for order in ("ASC", "DESC"):
        key = "rowid" if table.numbered or table.name in ("blobs", "drafts", "print_jobs", "own_templates") else "1"
        try:
            with contextlib.closing(damage.looking(old)) as db:
                names = _names(db, table)
                found = db.execute(f"SELECT {names} FROM {table.name} NOT INDEXED ORDER BY {key} {order}")  # noqa: S608
                for row in found:
                    if table.good(row):
                        yield row
            return
        except sqlite3.Error:
            continue


def _names(db: sqlite3.Connection, table: Table) -> str:
    """The columns, with a constant for one that an older file has not."""
    there = {row[1] for row in db.execute(f"PRAGMA table_info({table.name})")}
    return ", ".join(name if name in there else _SINCE.get(name, name) for name in table.columns)


def _by_pages(old: Path) -> Iterator[tuple[Table, Row]]:
    """What no tree leads to any more."""
    for rowid, columns in pages.records(old):
        for table in TABLES:
            row = [rowid, *columns[1:]] if table.numbered and columns and columns[0] is None else columns
            if table.fits and table.good(row) and table.fits(row):
                yield table, row
                break


def _empty(old: Path) -> bool:
    """Then SQLite would delete the log beside it."""
    return not old.exists() or old.stat().st_size == 0


def _lost(old: Path, found: int) -> int | None:
    if _empty(old):
        return None
    try:
        with contextlib.closing(damage.looking(old)) as db:
            states = "('queued', 'sent', 'dead')"
            told = db.execute(f"SELECT sum(count) FROM tally WHERE state IN {states}").fetchone()[0]  # noqa: S608
    except sqlite3.Error:
        return None
    return None if told is None else max(0, told - found)


def _number(db: sqlite3.Connection, vault: Vault, clock: Clock, *, apart: bool) -> None:
    """No receipt number and no place in the journal is given twice."""
    most: dict[str, int] = {}
    for key, sealed in db.execute("SELECT key, body FROM outbox"):
        receipt = _RECEIPT.search(str((body_of(vault, key, sealed) or {}).get("receipt", "")))
        if receipt:
            most[receipt[1]] = max(most.get(receipt[1], 0), int(receipt[2]))
    higher = "ON CONFLICT (day) DO UPDATE SET count = max(count, excluded.count)"
    with transaction(db):
        db.executemany(f"INSERT INTO receipts (day, count) VALUES (?, ?) {higher}", list(most.items()))  # noqa: S608
        if apart:
            today = clock.local().strftime("%Y%m%d")
            db.execute("INSERT OR IGNORE INTO receipts (day, count) VALUES (?, 0)", (today,))
            db.execute("UPDATE receipts SET count = count + ? WHERE day = ?", (APART, today))
            last = db.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone()[0]
            db.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
            db.execute("INSERT INTO sqlite_sequence VALUES ('outbox', ?)", (last + APART,))


def _done(path: Path) -> Path:
    return path.with_name(f"{path.name}.salvaged")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
