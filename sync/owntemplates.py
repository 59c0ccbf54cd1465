"""Templates that were made at this terminal, and who withdrew here: tables of journal.db.

A body is sealed as the outbox row of the same key is, so that a row that was scrubbed can be filled again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kiosk import log
from sync.records import NewEvent
from sync.store import transaction, truncate_log
from sync.vault import UnreadableError, Vault
from sync.wire_gate import FaceEnrolled

KIND = "face.enrolled"
_SCRUB = "UPDATE outbox SET body = (SELECT short FROM own_templates o WHERE o.key = outbox.key)"
_SHORT = ("person", "model", "consent")


class Copies(Protocol):
    """The cache: what the centre says of everybody's templates."""

    def epoch(self) -> str: ...
    def confirmed(self, feed: str) -> float: ...
    def holds(self, feed: str, row_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Own:
    """One enrolment of this terminal. `sent_at`: Unix seconds at which the centre took it, None = not yet."""

    key: str
    body: FaceEnrolled
    sent_at: float | None

    def counts(self, ended: float, told: float) -> bool:
        """Whether it holds: not withdrawn since, and the centre has not had its say about it.

        `ended`: moment of the newest withdrawal here, `told`: up to which the centre's feed is known. Unix seconds.
        """
        return self.body.consent.at > ended and (self.sent_at is None or self.sent_at >= told)


def keep(db: sqlite3.Connection, vault: Vault, event: NewEvent, at: float) -> None:
    """Beside the outbox row of the same transaction. A new consent ends an older withdrawal, whatever the clock did."""
    short = {name: event.body[name] for name in _SHORT}
    sealed = [vault.seal("outbox", event.key, json.dumps(each).encode()) for each in (event.body, short)]
    row = (event.key, vault.tag("person", event.body["person"]), at, *sealed)
    db.execute("INSERT INTO own_templates (key, owner, at, body, short) VALUES (?, ?, ?, ?, ?)", row)
    db.execute("UPDATE withdrawn SET at = ? WHERE owner = ? AND at >= ?", (at - 0.001, row[1], at))


def settled(db: sqlite3.Connection, key: str, *, accepted: bool) -> None:
    """The centre has spoken: the outbox keeps no template any more, and what was refused counts nowhere."""
    mine = "key = ? AND key IN (SELECT key FROM own_templates)"
    db.execute(f"{_SCRUB} WHERE {mine}", (key,))
    if not accepted:
        db.execute("DELETE FROM own_templates WHERE key = ?", (key,))


def refill(db: sqlite3.Connection, since: float) -> None:
    """What will be sent again is whole again."""
    body = "(SELECT body FROM own_templates o WHERE o.key = outbox.key)"
    rows = "state = 'sent' AND sent_at >= ? AND key IN (SELECT key FROM own_templates)"
    db.execute(f"UPDATE outbox SET body = {body} WHERE {rows}", (since,))  # noqa: S608


def withdraw(db: sqlite3.Connection, owner: bytes, now: float) -> None:
    """Nothing of this owner's templates stays, and none of before comes back."""
    erase(db, owner, now)
    later = "ON CONFLICT (owner) DO UPDATE SET at = max(at, excluded.at)"
    db.execute(f"INSERT INTO withdrawn (owner, at) VALUES (?, ?) {later}", (owner, now))  # noqa: S608


def erase(db: sqlite3.Connection, owner: bytes, now: float) -> int:
    """The templates of this owner go, how many; what still waits to be sent is settled, and keeps who and what only."""
    waiting = "kind = ? AND owner = ? AND state = 'queued'"
    db.execute(
        f"UPDATE outbox SET state = 'sent', verdict = 'withdrawn', sent_at = ? WHERE {waiting}",  # noqa: S608
        (now, KIND, owner),
    )
    mine = "SELECT key FROM own_templates WHERE owner = ?"
    db.execute(f"{_SCRUB} WHERE key IN ({mine})", (owner,))
    return db.execute("DELETE FROM own_templates WHERE owner = ?", (owner,)).rowcount


def withdrawn(db: sqlite3.Connection) -> dict[bytes, float]:
    """Owner → Unix seconds: templates that were enrolled up to then count no more."""
    return dict(db.execute("SELECT owner, at FROM withdrawn").fetchall())


def withdrawn_at(db: sqlite3.Connection, owner: bytes) -> float:
    """Of one owner; 0 = never."""
    found = db.execute("SELECT at FROM withdrawn WHERE owner = ?", (owner,)).fetchone()
    return float(found[0]) if found else 0.0


def rows(db: sqlite3.Connection, vault: Vault, owner: bytes | None = None) -> Iterator[Own]:
    """Oldest first; a row that cannot be read, or that belongs to somebody else, is left out."""
    query = """SELECT o.key, o.owner, o.body, CASE b.state WHEN 'queued' THEN NULL ELSE b.sent_at END
        FROM own_templates o JOIN outbox b USING (key) WHERE :owner IS NULL OR o.owner = :owner ORDER BY b.seq"""
    for key, mine, sealed, sent_at in db.execute(query, {"owner": owner}).fetchall():
        try:
            body = FaceEnrolled.model_validate(json.loads(vault.open_("outbox", key, sealed)))
        except (UnreadableError, ValueError):
            log.event("template_unreadable")
            continue
        if vault.tag("person", body.person) == mine:
            yield Own(key, body, sent_at)
        else:
            log.event("template_unreadable")


def drop_gone(db: sqlite3.Connection, vault: Vault, copies: Copies, epoch: str, owner: bytes | None = None) -> int:
    """Delete what the centre has taken in and no longer has: withdrawn elsewhere, or the person left; how many rows.

    Only by the word of the very database that took it in (`epoch`): a restored one is told again first.
    """
    if copies.epoch() != epoch:
        return 0
    told = copies.confirmed("templates")
    gone = [
        (own.key,)
        for own in rows(db, vault, owner)
        if own.sent_at is not None and own.sent_at < told and not copies.holds("templates", own.body.person)
    ]
    if gone:
        with transaction(db):
            db.executemany("DELETE FROM own_templates WHERE key = ?", gone)
        truncate_log(db)
    return len(gone)
