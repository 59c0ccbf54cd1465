"""Photographs go up under their SHA-256, so sending one again changes nothing; events that name them wait for it."""

from __future__ import annotations

import sqlite3

from kiosk import log
from kiosk.clock import Clock
from sync import outbox
from sync.client import Client, Failure, Trouble
from sync.store import transaction
from sync.vault import UnreadableError, Vault
from sync.wire import Message


class BlobAnswer(Message):
    """PUT /v1/blobs/{sha256}: the centre has all of it."""

    epoch: str
    sha256: str
    size: int


_DUE = """
    SELECT sha256, body, tries FROM blobs b
    WHERE sent = 0 AND (next_at <= :now OR next_at > :now + 900) AND EXISTS (
      SELECT 1 FROM attachments a JOIN outbox o USING (seq) WHERE a.sha256 = b.sha256 AND o.state = 'queued')
    ORDER BY tries, at LIMIT 1"""


def upload_due(db: sqlite3.Connection, vault: Vault, client: Client, clock: Clock) -> bool | Failure:
    """One photograph that a waiting event names; False = none is due. Raises sqlite3.Error."""
    found = db.execute(_DUE, {"now": clock.now()}).fetchone()
    if found is None:
        return False
    sha, sealed, tries = found
    try:
        data = vault.open_("blobs", sha, sealed)
    except UnreadableError:
        log.event("photograph_unreadable")
        _give_up(db, sha)
        return True
    answer = client.call("PUT", f"/v1/blobs/{sha}", BlobAnswer, data, "application/octet-stream", good=(200, 201))
    if isinstance(answer, BlobAnswer):
        if answer.sha256 != sha:
            return Failure(Trouble.ODD, 200, word="sha256")
        return _stored(db, sha)
    if answer.trouble in (Trouble.REJECTED, Trouble.TOO_LARGE):
        _postpone(db, sha, tries, clock.now())
        return True
    return answer


def _stored(db: sqlite3.Connection, sha: str) -> bool:
    with transaction(db):
        db.execute("UPDATE blobs SET sent = 1, tries = 0, next_at = 0 WHERE sha256 = ?", (sha,))
    return True


def _postpone(db: sqlite3.Connection, sha: str, tries: int, now: float) -> None:
    """Refused for what it is: after some tries its event goes without it, and the centre judges that."""
    if tries >= 5:
        log.event("photograph_refused")
        _give_up(db, sha)
        return
    with transaction(db):
        wait = outbox.jittered(tries)
        db.execute("UPDATE blobs SET tries = tries + 1, next_at = ? WHERE sha256 = ?", (now + wait, sha))


def _give_up(db: sqlite3.Connection, sha: str) -> None:
    with transaction(db):
        db.execute("UPDATE blobs SET sent = 2 WHERE sha256 = ?", (sha,))
