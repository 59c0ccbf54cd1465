"""How often each device went wrong, by the hour, and when it was last well: kept in journal.db over every restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sync.store import transaction

HOUR_S = 3600
KEEP_HOURS = 7 * 24

Counts = dict[str, dict[int, int]]
"""Device → hour since 1970 → how often."""


def hour_of(at: float) -> int:
    """Which hour since 1970 this moment (Unix seconds) lies in."""
    return int(at // HOUR_S)


def count(db: sqlite3.Connection, device: str, code: str, at: float) -> None:
    """One more trouble of this device; what is older than a week goes. Raises sqlite3.Error."""
    hour = hour_of(at)
    with transaction(db):
        db.execute("DELETE FROM device_faults WHERE hour < ?", (hour - KEEP_HOURS,))
        db.execute(
            """INSERT INTO device_faults VALUES (?, ?, ?, 1)
            ON CONFLICT (device, code, hour) DO UPDATE SET count = count + 1""",
            (device, code, hour),
        )


def well(db: sqlite3.Connection, signs: Iterable[tuple[str, float]]) -> None:
    """When each of these devices was last well, Unix seconds. Raises sqlite3.Error."""
    with transaction(db):
        db.executemany("INSERT OR REPLACE INTO device_signs VALUES (?, ?)", list(signs))


def load(db: sqlite3.Connection, since: float) -> tuple[Counts, dict[str, float]]:
    """(troubles by device and hour from `since` on, last good sign by device). Raises sqlite3.Error."""
    counts: Counts = {}
    query = "SELECT device, hour, sum(count) FROM device_faults WHERE hour >= ? GROUP BY device, hour"
    for device, hour, number in db.execute(query, (hour_of(since),)):
        counts.setdefault(device, {})[hour] = number
    signs = {device: float(at) for device, at in db.execute("SELECT device, good_at FROM device_signs")}
    return counts, signs
