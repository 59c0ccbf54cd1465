"""What of the queue goes to the centre once more, and what is kept no longer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sync import audit, owntemplates
from sync.store import transaction

KEEP_S = 30 * 86400.0
STEP = 500
_RESENT = """
    UPDATE outbox SET state = 'queued', tries = 0, next_at = 0, verdict = 'resent: epoch', sent_at = NULL
    WHERE seq IN (SELECT seq FROM outbox WHERE state = 'sent' AND sent_at >= ?
      AND (kind != ? OR key IN (SELECT key FROM own_templates)) LIMIT ?)"""
_RETRIED = """
    UPDATE outbox SET state = 'queued', tries = 0, next_at = 0, verdict = 'retried', sent_at = NULL
    WHERE state = 'dead' AND (:seqs IS NULL OR seq IN (SELECT value FROM json_each(:seqs)))
      AND (kind != :kind OR key IN (SELECT key FROM own_templates))"""
"""Both without enrolments whose template is gone: there is nothing to send of them."""
_OLD = "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE state = 'sent' AND sent_at < ? LIMIT ?)"
_UNNAMED = "DELETE FROM blobs WHERE at < ? AND sha256 NOT IN (SELECT sha256 FROM attachments)"


def epoch(db: sqlite3.Connection) -> str:
    """The centre's database as last seen; empty before the first answer."""
    row = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return row[0] if row else ""


def new_epoch(db: sqlite3.Connection, value: str, now: float, most: int = STEP) -> int:
    """The centre was restored: everything sent in the last 30 days goes again; how many rows."""
    since = now - KEEP_S
    with transaction(db):
        owntemplates.refill(db, since)
    count = _in_steps(db, _RESENT, (since, owntemplates.KIND), most)
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
    chosen = {"seqs": None if seqs is None else f"[{named}]", "kind": owntemplates.KIND}
    with transaction(db):
        count = db.execute(_RETRIED, chosen).rowcount
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
            gone = db.execute(_OLD, (now - KEEP_S, most)).rowcount
            swept(db, now, sent=gone)
    with transaction(db):
        templates = db.execute("DELETE FROM own_templates WHERE key NOT IN (SELECT key FROM outbox)").rowcount
        photographs = db.execute(_UNNAMED, (now - KEEP_S,)).rowcount
        swept(db, now, templates=templates, photographs=photographs)


def swept(db: sqlite3.Connection, now: float, **counts: int) -> None:
    """So many rows went because their time was over; nothing when none did. In the transaction that is open."""
    gone = {name: count for name, count in counts.items() if count}
    if gone:
        audit.append(db, "retention.swept", now, **gone)


def _in_steps(db: sqlite3.Connection, statement: str, values: tuple[object, ...], most: int = STEP) -> int:
    """A change of many rows in transactions of `most` rows, between which whoever hands in gets a turn; how many."""
    count = 0
    while True:
        with transaction(db):
            changed = db.execute(statement, (*values, most)).rowcount
        count += changed
        if changed < most:
            return count
