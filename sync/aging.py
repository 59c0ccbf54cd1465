"""What nobody wants to hear of any more: rows beyond their kind's age become dead, by a confirmed clock.

A row's own time may be a wrong clock's. It counts as no older than its neighbours prove: what came before it in the
journal, what came later in the same run by the monotonic clock, and when the centre last confirmed the time.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kiosk import log
from sync.kinds import DAY_S, FOREVER, KINDS
from sync.store import transaction

TRUSTED_S = 900.0
"""A clock that is off by more than this is not confirmed."""
NOTE_EVERY_S = 600.0
_NAME = "clock"
_AGING = {kind: each.longest_s for kind, each in KINDS.items() if each.longest_s < FOREVER}
_OLD = " OR ".join("(kind = ? AND at < ?)" for _ in _AGING)


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    kind: str
    at: float
    boot: str
    mono: float


def right_time(now: float, said: float) -> float:
    """`now` by this terminal's clock, unless what the centre said (Unix seconds, 0 = nothing) shows it to be wrong."""
    return said if said and abs(now - said) >= TRUSTED_S else now


def looks_old(db: sqlite3.Connection, now: float) -> bool:
    """Whether something waits that may be too old; the clock should be confirmed before it is sent."""
    return db.execute(f"{_query('1')} LIMIT 1", _limits(now)).fetchone() is not None


def note_clock(db: sqlite3.Connection, now: float) -> None:
    """The centre confirmed the time and nothing waits: every later row is younger than this moment."""
    before = _noted(db)
    newest = db.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone()[0]
    waits = db.execute("SELECT 1 FROM outbox WHERE state = 'queued' LIMIT 1").fetchone()
    if waits or (newest >= before[0] and 0 <= now - before[1] < NOTE_EVERY_S):
        return
    with transaction(db):
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NAME, f"{newest} {now:.0f}"))


def bury_old(db: sqlite3.Connection, now: float, most: int) -> int:
    """Give up what is too old, `most` rows a transaction; how many. `now` must be confirmed. Raises sqlite3.Error."""
    found = [_Row(*row) for row in db.execute(f"{_query('seq, kind, at, boot, mono')} ORDER BY seq", _limits(now))]
    if not found:
        return 0
    born = _births(db, found, now)
    old = [row for row in found if born[row.seq] < now - _AGING[row.kind]]
    for start in range(0, len(old), most):
        _bury(db, old[start : start + most], now)
    if old:
        log.event("too_old", count=len(old))
    return len(old)


def _births(db: sqlite3.Connection, found: list[_Row], now: float) -> dict[int, float]:
    """seq → the earliest moment at which the row can have been written, Unix seconds."""
    runs = _runs(db, {row.boot for row in found}, now)
    seq_noted, at_noted = _noted(db)
    born, before, newest = {}, 0, 0.0
    for row in found:
        query = "SELECT max(at) FROM outbox WHERE seq > ? AND seq <= ? AND at <= ?"
        newest = max(newest, db.execute(query, (before, row.seq, now)).fetchone()[0] or 0.0)
        noted = at_noted if row.seq > seq_noted and at_noted <= now else 0.0
        born[row.seq] = max(newest, min(now, row.mono + runs.get(row.boot, -row.mono)), noted)
        before = row.seq
    return born


def _runs(db: sqlite3.Connection, boots: set[str], now: float) -> dict[str, float]:
    """Run of the program → latest wall time less monotonic time that any of its rows tells, none from the future."""
    query = "SELECT boot, max(at - mono) FROM outbox WHERE at <= ? GROUP BY boot"
    return {boot: offset for boot, offset in db.execute(query, (now + TRUSTED_S,)) if boot in boots}


def _bury(db: sqlite3.Connection, rows: list[_Row], now: float) -> None:
    word = "UPDATE outbox SET state = 'dead', verdict = ?, sent_at = ? WHERE seq = ? AND state = 'queued'"
    with transaction(db):
        db.executemany(word, [(_reason(row.kind), now, row.seq) for row in rows])


def _reason(kind: str) -> str:
    return f"too_old: not sent within {_AGING[kind] / DAY_S:.0f} days, the age of {kind}"


def _query(what: str) -> str:
    return f"SELECT {what} FROM outbox INDEXED BY outbox_waiting WHERE state = 'queued' AND ({_OLD})"  # noqa: S608


def _limits(now: float) -> list[object]:
    return [value for kind, longest in _AGING.items() for value in (kind, now - longest)]


def _noted(db: sqlite3.Connection) -> tuple[int, float]:
    found = db.execute("SELECT value FROM meta WHERE name = ?", (_NAME,)).fetchone()
    seq, at = (found[0] if found else "0 0").split()
    return int(seq), float(at)
