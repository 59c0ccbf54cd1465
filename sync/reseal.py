"""From the key in a file to the credential's: what is still sealed under the older key is sealed anew, row by row."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sync.cache import Cache
from sync.store import transaction
from sync.vault import UnreadableError, Vault

STEP = 25
"""Rows a transaction: a photograph has some hundred kilobytes."""
_DRAFTS = "drafts"
# table, column, and where a value of it belongs, as SQL
_JOURNAL = (
    ("outbox", "body", "'outbox'", "key"),
    ("blobs", "body", "'blobs'", "sha256"),
    (_DRAFTS, "body", "'drafts'", "lower(hex(owner)) || ':' || item"),
    ("own_templates", "body", "'outbox'", "key"),
    ("own_templates", "short", "'outbox'", "key"),
    ("print_jobs", "title", "'print_jobs'", "id"),
)
_CACHE = (("rows", "body", "'cache.' || feed", "id"), ("ahead", "body", "'ahead'", "serial"))


@dataclass(frozen=True, slots=True)
class Resealed:
    """`moved`: rows under the new key now; `left`: drafts that only their owner can open, which end in some days."""

    moved: int
    left: int


def reseal(journal: sqlite3.Connection, cache: Cache, vault: Vault) -> Resealed:
    """Everything of both files; others read and write meanwhile. Raises sqlite3.Error; again goes on from there."""
    moved = left = 0
    for column in _JOURNAL:
        last = 0
        while last >= 0:
            with transaction(journal) as db:
                last, done, kept = _step(db, vault, column, last)
            moved, left = moved + done, left + kept
    for column in _CACHE:
        last = 0
        while last >= 0:
            with cache.writing() as db:
                last, done, _ = _step(db, vault, column, last)
            moved += done
    return Resealed(moved, left)


def _step(db: sqlite3.Connection, vault: Vault, column: tuple[str, ...], last: int) -> tuple[int, int, int]:
    """The row to go on after (-1 = that was all), how many were sealed anew, how many drafts were not."""
    table, name, place, row = column
    query = f"""SELECT rowid, {place}, {row}, {name} FROM {table}
        WHERE rowid > ? AND substr({name}, 1, 4) = ? ORDER BY rowid LIMIT {STEP}"""  # noqa: S608
    found = db.execute(query, (last, vault.older or b"")).fetchall()
    done = 0
    for number, of, where, sealed in found:
        try:
            new = vault.seal(of, where, vault.open_(of, where, sealed))
        except UnreadableError:
            # whoever could not be read before is none the worse
            continue
        db.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (new, number))  # noqa: S608
        done += 1
    kept = len(found) - done if table == _DRAFTS else 0
    return found[-1][0] if len(found) == STEP else -1, done, kept
