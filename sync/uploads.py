"""Photographs go up under their SHA-256, in pieces that go on where they were cut; events that name them wait."""

from __future__ import annotations

import sqlite3

from kiosk import log
from kiosk.clock import Clock
from sync import outbox
from sync.client import Client, Failure, Trouble
from sync.room import insist
from sync.store import transaction
from sync.vault import UnreadableError, Vault
from sync.wire import Message

PIECE = 256 * 1024
"""Bytes that a slow line carries within the time-out; what is not longer goes in one."""
ROUNDS = 3


class BlobAnswer(Message):
    """PUT /v1/blobs/{sha256}: the centre has all of it."""

    epoch: str
    sha256: str
    size: int


class PieceAnswer(Message):
    """PATCH /v1/blobs/{sha256}: the centre has `offset` of `size` bytes."""

    epoch: str
    sha256: str
    offset: int
    size: int


# the photographs that waiting events name, and only of those the columns behind their bytes
_DUE = """
    SELECT sha256, tries FROM blobs
    WHERE sha256 IN (SELECT a.sha256 FROM attachments a JOIN outbox o USING (seq) WHERE o.state = 'queued')
      AND sent = 0 AND (next_at <= :now OR next_at > :now + 900)
    ORDER BY tries, next_at, at LIMIT 1"""


def upload_due(db: sqlite3.Connection, vault: Vault, client: Client, clock: Clock) -> bool | Failure:
    """One photograph that a waiting event names; False = none is due. Raises sqlite3.Error.

    After a failure another one has its turn first: what is stuck holds up itself and its own event alone.
    """
    found = db.execute(_DUE, {"now": clock.now()}).fetchone()
    if found is None:
        return False
    sha, tries = found
    try:
        data = vault.open_("blobs", sha, db.execute("SELECT body FROM blobs WHERE sha256 = ?", (sha,)).fetchone()[0])
    except UnreadableError:
        log.event("photograph_unreadable")
        return _give_up(db, sha)
    failed = _put(client, sha, data) if len(data) <= PIECE else _send(client, sha, data)
    if failed is None:
        return insist(db, lambda _: _stored(db, sha))
    if failed.trouble in (Trouble.REJECTED, Trouble.TOO_LARGE):
        return _refused(db, sha, tries, clock.now())
    _behind(db, sha, clock.now())
    return failed


def _put(client: Client, sha: str, data: bytes) -> Failure | None:
    answer = client.call("PUT", f"/v1/blobs/{sha}", BlobAnswer, data, "application/octet-stream", good=(200, 201))
    if isinstance(answer, Failure):
        return answer
    return None if answer.sha256 == sha else Failure(Trouble.ODD, 200, word="sha256")


def _send(client: Client, sha: str, data: bytes) -> Failure | None:
    """From where the centre says that it is; asked again when it means another place by then."""
    for _ in range(ROUNDS):
        held = client.held(f"/v1/blobs/{sha}")
        if isinstance(held, Failure):
            return held
        if held.whole or held.size >= len(data):
            return None if held.whole and held.size == len(data) else Failure(Trouble.ODD, 200, word="offset")
        failed = _go_on(client, sha, data, held.size)
        if failed is None or failed.word != "blob_offset":
            return failed
    return Failure(Trouble.ODD, 409, word="blob_offset")


def _go_on(client: Client, sha: str, data: bytes, offset: int) -> Failure | None:
    while offset < len(data):
        piece = data[offset : offset + PIECE]
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(len(data))}
        path, kind = f"/v1/blobs/{sha}", "application/octet-stream"
        answer = client.call("PATCH", path, PieceAnswer, piece, kind, headers=headers)
        if isinstance(answer, Failure):
            return answer
        if answer.sha256 != sha or not offset < answer.offset <= len(data):
            return Failure(Trouble.ODD, 200, word="offset")
        offset = answer.offset
    return None


def _stored(db: sqlite3.Connection, sha: str) -> bool:
    with transaction(db):
        db.execute("UPDATE blobs SET sent = 1, tries = 0, next_at = 0 WHERE sha256 = ?", (sha,))
    return True


def _refused(db: sqlite3.Connection, sha: str, tries: int, now: float) -> bool:
    """Refused for what it is: after some tries its event goes without it, and the centre judges that."""
    if tries >= 5:
        log.event("photograph_refused")
        return _give_up(db, sha)
    with transaction(db):
        wait = outbox.jittered(tries)
        db.execute("UPDATE blobs SET tries = tries + 1, next_at = ? WHERE sha256 = ?", (now + wait, sha))
    return True


def _behind(db: sqlite3.Connection, sha: str, now: float) -> None:
    """Behind all that are due, and due itself as soon as the loop comes round."""
    with transaction(db):
        db.execute("UPDATE blobs SET next_at = ? WHERE sha256 = ?", (now, sha))


def _give_up(db: sqlite3.Connection, sha: str) -> bool:
    with transaction(db):
        db.execute("UPDATE blobs SET sent = 2 WHERE sha256 = ?", (sha,))
    return True
