"""The queue of events in journal.db: rows go in once, and change state only where the centre's verdict is stored."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.requests import receipt_number
from sync import audit, owntemplates
from sync.plain import parsed
from sync.records import Committed, NewEvent, Stamp
from sync.store import reader, transaction, unhurried
from sync.vault import UnreadableError, Vault
from sync.wire import MOST_BYTES, MOST_ITEMS, EventItem, ItemResult, Verdict

KEEP_S = 30 * 86400.0
LONGEST_WAIT_S = 900.0
STEP = 500
WITNESSED = {
    "gate.opened": ("gate", "direction", "reason", "decision"),
    "document.issued_offline": ("serial",),
}
"""Kinds that go into the audit chain as well, with these members of their body."""
ENVELOPE = 600
"""Bytes around a body: at most 80 + 80 + 40 + 40 characters, of three bytes each where they are text, and numbers."""
SENT, DEAD = (Verdict.CREATED, Verdict.DUPLICATE), (Verdict.REJECTED, Verdict.CONFLICT)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, what was refused, and the age in seconds of the oldest that waits."""

    queued: int
    dead: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row for the technician; as text without its body, which holds a person's data."""

    seq: int
    key: str
    stream: str
    kind: str
    v: int
    at: float
    state: str
    tries: int
    verdict: str
    body: dict[str, Any] | None = field(repr=False)

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.at, CAMPUS_ZONE).isoformat(timespec="seconds")
        word = f"  {self.verdict}" if self.verdict else ""
        return f"{self.seq:>7}  {when}  {self.state:<6}  tries {self.tries}  {self.kind}  {self.key}{word}"


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
    names = "key, stream, kind, v, body, owner, at, boot, mono"
    cursor = db.execute(f"INSERT INTO outbox ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
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
) -> int:
    """Store the verdicts and with them the new states, `most` a transaction; how many are settled for good.

    Storing them again changes nothing; those that a power cut takes are asked for again. Raises sqlite3.Error.
    """
    seqs = {item.key: item.seq for item in items}
    with unhurried(db):
        for start in range(0, len(results), most):
            _settle(db, seqs, results[start : start + most], now)
    return sum(result.verdict is not Verdict.LATER for result in results)


def _settle(db: sqlite3.Connection, seqs: dict[str, int], results: Sequence[ItemResult], now: float) -> None:
    """In one statement wherever that is all: nobody finds the file taken while this process has its hands full."""
    own = {key for (key,) in db.execute(_OWN_WAITING)}
    word = {each.key: each.verdict.value + (f": {each.reason}" if each.reason else "") for each in results}
    later = [each for each in results if each.verdict is Verdict.LATER]
    done = [each for each in results if each.verdict is not Verdict.LATER]
    said = [(seqs[each.key], "sent" if each.verdict in SENT else "dead", word[each.key]) for each in done]
    enrolled = [each for each in done if each.key in own]
    with transaction(db) if later or enrolled else contextlib.nullcontext():
        db.execute(_SETTLED, (now, to_json(said).decode()))
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


def epoch(db: sqlite3.Connection) -> str:
    """The centre's database as last seen; empty before the first answer."""
    row = db.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    return row[0] if row else ""


def new_epoch(db: sqlite3.Connection, value: str, now: float, most: int = STEP) -> int:
    """The centre was restored: everything sent in the last 30 days goes again; how many rows.

    Enrolments of faces only where the template is still here.
    """
    since = now - KEEP_S
    with transaction(db):
        owntemplates.refill(db, since)
    again = "state = 'queued', tries = 0, next_at = 0, verdict = 'resent: epoch', sent_at = NULL"
    kept = f"(kind != '{owntemplates.KIND}' OR key IN (SELECT key FROM own_templates))"  # noqa: S608
    some = f"SELECT seq FROM outbox WHERE state = 'sent' AND sent_at >= ? AND {kept} LIMIT ?"  # noqa: S608
    count = _in_steps(db, f"UPDATE outbox SET {again} WHERE seq IN ({some})", (since,), most)  # noqa: S608
    # last: a crash before it begins again
    with transaction(db):
        audit.append(db, "epoch.changed", now, before=epoch(db), now=value, count=count)
        db.execute("UPDATE blobs SET sent = 0, tries = 0, next_at = 0 WHERE sent = 1")
        db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('epoch', ?)", (value,))
    return count


def retry(db: sqlite3.Connection, seqs: Sequence[int] | None, now: float, by: str = "") -> int:
    """Dead rows are queued again as if they were new, all of them for None; how many. `by`: who says so, for the audit.

    An enrolment whose template is gone stays dead: there is nothing to send. Raises sqlite3.Error.
    """
    again = "state = 'queued', tries = 0, next_at = 0, verdict = 'retried', sent_at = NULL"
    kept = f"(kind != '{owntemplates.KIND}' OR key IN (SELECT key FROM own_templates))"  # noqa: S608
    named = "all" if seqs is None else ",".join(str(int(seq)) for seq in sorted(set(seqs)))
    chosen = "1" if seqs is None else f"seq IN ({named})"
    with transaction(db):
        count = db.execute(f"UPDATE outbox SET {again} WHERE state = 'dead' AND {kept} AND {chosen}").rowcount  # noqa: S608
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


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Rows by state."""
    states = "('queued', 'sent', 'dead')"
    return dict(db.execute(f"SELECT state, count FROM tally WHERE count > 0 AND state IN {states}").fetchall())  # noqa: S608


def backlog(db: sqlite3.Connection, now: float) -> Backlog:
    """How much waits, and since when."""
    found = counts(db)
    oldest = "SELECT at FROM outbox INDEXED BY outbox_waiting WHERE state = 'queued' ORDER BY seq LIMIT 1"
    first = db.execute(oldest).fetchone()
    return Backlog(found.get("queued", 0), found.get("dead", 0), max(0.0, now - first[0]) if first else 0.0)


def rows(path: Path, vault: Vault, state: str | None = None) -> Iterator[Row]:
    """Every row of this state, or all, in order. Nothing when there is no journal yet. Raises sqlite3.Error."""
    if not path.exists():
        return
    db = reader(path)
    try:
        query = "SELECT seq, key, stream, kind, v, at, state, tries, verdict, body FROM outbox"
        found = db.execute(f"{query} WHERE ? IS NULL OR state = ? ORDER BY seq", (state, state))
        for seq, key, stream, kind, v, at, now, tries, verdict, sealed in found:
            yield Row(seq, key, stream, kind, v, at, now, tries, verdict, body_of(vault, key, sealed))
    finally:
        db.close()


def export(path: Path, vault: Vault, target: Path) -> int:
    """One JSON line a row, body included, into a file of mode 0600; how many."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    written = 0
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        os.fchmod(descriptor, 0o600)
        for row in rows(path, vault):
            line = {name: getattr(row, name) for name in Row.__slots__}
            sink.write(json.dumps(line, ensure_ascii=False) + "\n")
            written += 1
        sink.flush()
        os.fsync(sink.fileno())
    return written


def _in_steps(db: sqlite3.Connection, statement: str, values: tuple[float, ...], most: int = STEP) -> int:
    """A change of many rows in transactions of `most` rows, between which whoever hands in gets a turn; how many."""
    count = 0
    while True:
        with transaction(db):
            changed = db.execute(statement, (*values, most)).rowcount
        count += changed
        if changed < most:
            return count


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


def body_of(vault: Vault, key: str, sealed: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(vault.open_("outbox", key, sealed))
    except (UnreadableError, ValueError):
        return None
    return found if isinstance(found, dict) else None
