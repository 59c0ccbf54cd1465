"""What of the queue goes to the centre once more, and what is kept no longer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sync import audit, owntemplates
from sync.store import transaction

KEEP_S = 30 * 86400.0
STEP = 500
_AGAIN = "state = 'queued', tries = 0, next_at = 0, sent_at = NULL, verdict"
_WHOLE = f"(kind != '{owntemplates.KIND}' OR key IN (SELECT key FROM own_templates))"  # noqa: S608
"""Enrolments only where the template is still here: there is nothing to send of the others."""


def epoch(db: sqlite3.Connection) -> str:
    """The centre's database as last seen; empty before the first answer."""
    row = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return row[0] if row else ""


def new_epoch(db: sqlite3.Connection, value: str, now: float, most: int = STEP) -> int:
    """The centre was restored: everything sent in the last 30 days goes again; how many rows."""
    since = now - KEEP_S
    with transaction(db):
        owntemplates.refill(db, since)
    some = f"SELECT seq FROM outbox WHERE state = 'sent' AND sent_at >= ? AND {_WHOLE} LIMIT ?"  # noqa: S608
    again = f"UPDATE outbox SET {_AGAIN} = 'resent: epoch' WHERE seq IN ({some})"  # noqa: S608
    count = _in_steps(db, again, (since,), most)
    # last: a crash before it begins again
    with transaction(db):
        audit.append(db, "epoch.changed", now, before=epoch(db), now=value, count=count)
        db.execute("UPDATE blobs SET sent = 0, tries = 0, next_at = 0 WHERE sent = 1")
        db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('epoch', ?)", (value,))
    return count


def retry(db: sqlite3.Connection, seqs: Sequence[int] | None, now: float, by: str = "") -> int:
    """Dead rows are queued again as if they were new, all of them for None; how many. `by`: who says so, for the audit.

    Raises sqlite3.Error.
    """
    named = "all" if seqs is None else ",".join(str(int(seq)) for seq in sorted(set(seqs)))
    chosen = "1" if seqs is None else f"seq IN ({named})"
    with transaction(db):
        again = f"UPDATE outbox SET {_AGAIN} = 'retried' WHERE state = 'dead' AND {_WHOLE} AND {chosen}"  # noqa: S608
        count = db.execute(again).rowcount
        if count:
            audit.append(db, "outbox.retried", now, count=count, rows=named[:200], by=by)
    return int(count)


def purge(db: sqlite3.Connection, now: float, most: int = STEP) -> None:
    """Forget what was sent more than 30 days ago, and photographs that nothing names any more.

    The audit chain says in the same transaction how many rows went, and nothing of what was in them.
    """
    gone = most
    while gone == most:
        with transaction(db):
            gone = db.execute(f"DELETE FROM outbox WHERE seq IN ({_OLD})", (now - KEEP_S, most)).rowcount  # noqa: S608
            swept(db, now, sent=gone)
    with transaction(db):
        templates = db.execute("DELETE FROM own_templates WHERE key NOT IN (SELECT key FROM outbox)").rowcount
        unnamed = "at < ? AND sha256 NOT IN (SELECT sha256 FROM attachments)"
        photographs = db.execute(f"DELETE FROM blobs WHERE {unnamed}", (now - KEEP_S,)).rowcount  # noqa: S608
        swept(db, now, templates=templates, photographs=photographs)


_OLD = "SELECT seq FROM outbox WHERE state = 'sent' AND sent_at < ? LIMIT ?"


def swept(db: sqlite3.Connection, now: float, **counts: int) -> None:
    """So many rows went because their time was over; nothing when none did. In the transaction that is open."""
    gone = {name: count for name, count in counts.items() if count}
    if gone:
        audit.append(db, "retention.swept", now, **gone)


def _in_steps(db: sqlite3.Connection, statement: str, values: tuple[float, ...], most: int = STEP) -> int:
    """A change of many rows in transactions of `most` rows, between which whoever hands in gets a turn; how many."""
    count = 0
    while True:
        with transaction(db):
            changed = db.execute(statement, (*values, most)).rowcount
        count += changed
        if changed < most:
            return count
