"""The queue of events in journal.db: rows go in once, and change state only where the centre's verdict is stored."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.requests import receipt_number
from sync import audit, owntemplates
from sync.listing import body_of
from sync.plain import parsed
from sync.records import Committed, NewEvent, Stamp
from sync.store import transaction, unhurried
from sync.vault import UnreadableError, Vault
from sync.wire import MOST_BYTES, MOST_ITEMS, EventItem, ItemResult, Verdict

LONGEST_WAIT_S = 900.0
WITNESSED = {
    "gate.opened": ("gate", "direction", "reason", "decision"),
    "document.issued_offline": ("serial",),
}
"""Kinds that go into the audit chain as well, with these members of their body."""
ENVELOPE = 600
"""Bytes around a body: at most 80 + 80 + 40 + 40 characters, of three bytes each where they are text, and numbers."""
SENT, DEAD = (Verdict.CREATED, Verdict.DUPLICATE), (Verdict.REJECTED, Verdict.CONFLICT)


def insert(db: sqlite3.Connection, vault: Vault, event: NewEvent, stamp: Stamp) -> Committed:
    """One row, in a transaction of its own; a key that is there already stays as it is. Raises sqlite3.Error."""
    with transaction(db):
        return enter(db, vault, event, stamp)


def enter(db: sqlite3.Connection, vault: Vault, event: NewEvent, stamp: Stamp) -> Committed:
    """`insert` inside a transaction that is open already: true only once that is committed."""
    answer = add(db, vault, event, stamp)
    if event.kind in WITNESSED and not answer.existed:
        told = {name: event.body[name] for name in WITNESSED[event.kind]}
        audit.append(db, event.kind, stamp.at, stamp.boot, key=event.key, **told)
    return answer


def add(db: sqlite3.Connection, vault: Vault, event: NewEvent, stamp: Stamp) -> Committed:
    """The row alone, inside a transaction that is open already, so that more belongs to the same act."""
    stored = db.execute("SELECT seq, body FROM outbox WHERE key = ?", (event.key,)).fetchone()
    if stored:
        return Committed(event.key, stored[0], _receipt_of(vault, event.key, stored[1]), existed=True)
    body = {**event.body, "receipt": _next_receipt(db, stamp)} if event.receipt else event.body
    sealed = vault.seal("outbox", event.key, to_json(body, inf_nan_mode="constants"))
    person = body.get("person")
    owner = vault.tag("person", person) if isinstance(person, str) and person else None
    row = (event.key, event.stream, event.kind, event.v, sealed, owner, stamp.at, stamp.boot, stamp.mono)
    names = "INSERT INTO outbox (key, stream, kind, v, body, owner, at, boot, mono)"
    cursor = db.execute(f"{names} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    seq = int(cursor.lastrowid or 0)
    named = {(seq, sha) for sha in (body.get("attachments") or {}).values()}
    db.executemany("INSERT INTO attachments (seq, sha256) VALUES (?, ?)", named)
    return Committed(event.key, seq, str(body.get("receipt", "")), existed=False)


def holds(db: sqlite3.Connection, key: str) -> bool:
    """Whether there is a row of this key."""
    return db.execute("SELECT 1 FROM outbox WHERE key = ?", (key,)).fetchone() is not None


_DUE = """
    SELECT o.seq, o.key, o.stream, o.kind, o.v, o.at, o.boot, o.mono, o.body, o.tries FROM outbox o
    WHERE o.state = 'queued' AND (o.next_at <= :now OR o.next_at > :now + 900)
      AND NOT EXISTS (SELECT 1 FROM attachments a JOIN blobs b USING (sha256) WHERE a.seq = o.seq AND b.sent = 0)
      AND NOT EXISTS (
        SELECT 1 FROM outbox e WHERE e.stream = o.stream AND e.state = 'queued' AND e.seq < o.seq
          AND (e.tries > o.tries OR (e.next_at > :now AND e.next_at <= :now + 900)
            OR EXISTS (SELECT 1 FROM attachments a JOIN blobs b USING (sha256) WHERE a.seq = e.seq AND b.sent = 0)))
    ORDER BY o.tries, o.seq LIMIT :most"""
_STREAM = """
    SELECT o.seq, o.key, o.stream, o.kind, o.v, o.at, o.boot, o.mono, o.body, o.tries FROM outbox o
    WHERE o.stream = :stream AND o.state = 'queued'
      AND NOT EXISTS (SELECT 1 FROM outbox e JOIN attachments a ON a.seq = e.seq JOIN blobs b USING (sha256)
        WHERE e.stream = o.stream AND e.state = 'queued' AND e.seq <= o.seq AND b.sent = 0)
    ORDER BY o.seq LIMIT :most"""


def due(
    db: sqlite3.Connection, vault: Vault, now: float, most: int = MOST_ITEMS, beyond: Sequence[EventItem] = ()
) -> list[EventItem]:
    """What may go out now, by (tries, seq); in a stream strictly by seq, and nothing before the blobs it names.

    A row whose stream still holds an earlier one that waits, or was tried more often, stays for a later batch.
    At most `most` items and MOST_BYTES. A row that cannot be read any more becomes dead. `beyond`: those under way,
    as if they were settled already.
    """
    under_way = {item.seq for item in beyond}
    while True:
        found = db.execute(_DUE, {"now": now, "most": most + len(under_way)}).fetchall()
        rows = _without_gaps(db, [row for row in found if row[0] not in under_way][:most], beyond)
        items = _batch(db, vault, rows)
        if items or not rows:
            return items


def _without_gaps(db: sqlite3.Connection, rows: list[Any], beyond: Sequence[EventItem]) -> list[Any]:
    """Those before which nothing of their stream is missing: of tries 1, 0, 1 the second waits for the first."""
    ahead, kept = Counter(item.stream for item in beyond), []
    for row in rows:
        seq, stream, tries = row[0], row[2], row[9]
        # one that was never tried stands behind none that was
        if tries == 0 or db.execute(_EARLIER, (stream, seq)).fetchone()[0] == ahead[stream]:
            ahead[stream] += 1
            kept.append(row)
    return kept


_EARLIER = "SELECT count(*) FROM outbox WHERE stream = ? AND state = 'queued' AND seq < ?"


def next_due(db: sqlite3.Connection, now: float, most: float) -> float:
    """Seconds until a row that waits is due, at most `most`."""
    query = "SELECT min(next_at) FROM outbox WHERE state = 'queued' AND next_at > ? AND tries > 0"
    found = db.execute(query, (now,)).fetchone()[0]
    return most if found is None else min(most, max(0.05, found - now))


def due_of_stream(db: sqlite3.Connection, vault: Vault, stream: str, most: int = MOST_ITEMS) -> list[EventItem]:
    """All of one stream, waiting or not: a person stands before the screen for it."""
    return _batch(db, vault, db.execute(_STREAM, {"stream": stream, "most": most}).fetchall())


def settle(
    db: sqlite3.Connection,
    items: Sequence[EventItem],
    results: Sequence[ItemResult],
    now: float,
    most: int = MOST_ITEMS,
    at: float | None = None,
) -> int:
    """Store the verdicts and with them the new states, `most` a transaction; how many are settled for good.

    `at`: when they were sent, where `now`, by which rows wait, is known to be a wrong clock's.
    Storing them again changes nothing; those that a power cut takes are asked for again. Raises sqlite3.Error.
    """
    seqs = {item.key: item.seq for item in items}
    with unhurried(db):
        for start in range(0, len(results), most):
            _settle(db, seqs, results[start : start + most], now, now if at is None else at)
    return sum(result.verdict is not Verdict.LATER for result in results)


def _settle(db: sqlite3.Connection, seqs: dict[str, int], results: Sequence[ItemResult], now: float, at: float) -> None:
    """In one statement wherever that is all: nobody finds the file taken while this process has its hands full."""
    own = {key for (key,) in db.execute(_OWN_WAITING)}
    word = {each.key: each.verdict.value + (f": {each.reason}" if each.reason else "") for each in results}
    later = [each for each in results if each.verdict is Verdict.LATER]
    done = [each for each in results if each.verdict is not Verdict.LATER]
    said = [(seqs[each.key], "sent" if each.verdict in SENT else "dead", word[each.key]) for each in done]
    enrolled = [each for each in done if each.key in own]
    with transaction(db) if later or enrolled else contextlib.nullcontext():
        db.execute(_SETTLED, (at, to_json(said).decode()))
        for each in later:
            _postpone(db, seqs[each.key], word[each.key], now)
        for each in enrolled:
            owntemplates.settled(db, each.key, accepted=each.verdict in SENT)


_SETTLED = """
    UPDATE outbox NOT INDEXED SET state = said.value ->> 1, verdict = said.value ->> 2, sent_at = ?
    FROM json_each(?) said WHERE seq = said.value ->> 0 AND state = 'queued'"""
_OWN_WAITING = "SELECT o.key FROM own_templates o CROSS JOIN outbox b USING (key) WHERE b.state = 'queued'"
"""Enrolments on which the centre has not spoken: few, and the only rows whose verdict changes another table.

CROSS JOIN has SQLite begin with the few; otherwise each batch would look through all that waits.
"""


def postpone(db: sqlite3.Connection, seq: int, word: str, now: float) -> None:
    """This one row waits, the others go on."""
    with transaction(db):
        _postpone(db, seq, word, now)


def jittered(tries: int, most: float = LONGEST_WAIT_S, chance: Callable[[], float] = random.random) -> float:
    """Seconds until the next try: full jitter over 1, 2, 4 … s, never longer than `most`."""
    return max(0.05, chance() * min(most, 2.0 ** min(tries, 20)))


def _batch(db: sqlite3.Connection, vault: Vault, found: list[Any]) -> list[EventItem]:
    items: list[EventItem] = []
    size = 0
    for seq, key, stream, kind, v, at, boot, mono, sealed, _tries in found:
        try:
            body = parsed(vault.open_("outbox", key, sealed))
            item = EventItem(key=key, seq=seq, stream=stream, kind=kind, v=v, at=at, boot=boot, mono=mono, body=body)
        except (UnreadableError, ValidationError, ValueError) as error:
            _bury(db, seq, type(error).__name__)
            continue
        # what is sealed is the body's JSON, with spaces and escapes that are not sent
        size += len(sealed) + ENVELOPE
        if items and size > MOST_BYTES - 100:
            break
        items.append(item)
    return items


def _bury(db: sqlite3.Connection, seq: int, word: str) -> None:
    with transaction(db):
        db.execute("UPDATE outbox SET state = 'dead', verdict = ? WHERE seq = ?", (f"unreadable: {word}", seq))


def _postpone(db: sqlite3.Connection, seq: int, word: str, now: float) -> None:
    tries = db.execute("SELECT tries FROM outbox WHERE seq = ?", (seq,)).fetchone()[0]
    db.execute(
        "UPDATE outbox SET tries = tries + 1, next_at = ?, verdict = ? WHERE seq = ? AND state = 'queued'",
        (now + jittered(tries), word, seq),
    )


def _next_receipt(db: sqlite3.Connection, stamp: Stamp) -> str:
    date = datetime.fromtimestamp(stamp.at, CAMPUS_ZONE)
    day = f"{date.year:04}{date.month:02}{date.day:02}"
    upsert = "INSERT INTO receipts (day, count) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET count = count + 1"
    count = db.execute(f"{upsert} RETURNING count", (day,)).fetchone()[0]
    return receipt_number(stamp.terminal, day, count)


def _receipt_of(vault: Vault, key: str, sealed: bytes) -> str:
    return str((body_of(vault, key, sealed) or {}).get("receipt", ""))
