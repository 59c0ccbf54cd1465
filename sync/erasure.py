"""Somebody left, or withdrew elsewhere: what this terminal holds of them goes, and the centre gets a receipt.

Three steps, each of which may be cut off and done again. The rows of cache.db go in one transaction with a pending row;
then those of journal.db; and once both write-ahead logs are empty, the receipt is put into the outbox and the pending
row goes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sync import audit, outbox, owntemplates, retention
from sync.records import NewEvent, Stamp
from sync.store import transaction
from sync.vault import UnreadableError, Vault
from sync.wire import Erased, FeedRow

FEEDS = ("persons", "templates")
"""Whose tombstones mean that a person's data ends."""
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """A tombstone that is not receipted yet. `number`: tag of the person's number; `at`: when it came, Unix seconds."""

    feed: str
    person: str
    rev: int
    number: bytes | None
    rows: Counts
    at: float

    @property
    def mark(self) -> str:
        """Names this erasure in the journal without naming the person."""
        return f"{self.feed}:{self.rev}:{round(self.at * 1000)}"


# --- in the transaction of cache.db that takes the tombstone ----------------------------------------------------


def take(db: sqlite3.Connection, vault: Vault, feed: str, row: FeedRow, at: float, *, news: bool) -> None:
    """Delete what cache.db has of this person, and note that it is to be receipted.

    `news`: this feed was complete here before; a terminal that begins is told of everybody who ever left, and says
    nothing of those it never knew.
    """
    found = db.execute("SELECT owner FROM rows WHERE feed = 'persons' AND id = ?", (row.id,)).fetchone()
    number = found[0] if found and feed == "persons" else None
    counts = _deleted(db, vault, feed, row.id)
    if not counts and not news:
        return
    later = "ON CONFLICT DO UPDATE SET rev = excluded.rev, owner = coalesce(excluded.owner, owner), at = excluded.at"
    values = (feed, row.id, row.rev, number, json.dumps(counts), at)
    db.execute(f"INSERT INTO erased VALUES (?, ?, ?, ?, ?, ?) {later}", values)  # noqa: S608


def _deleted(db: sqlite3.Connection, vault: Vault, feed: str, person: str) -> Counts:
    ended = ("persons", "templates", "passes") if feed == "persons" else ("templates",)
    counts = {name: db.execute("DELETE FROM rows WHERE feed = ? AND id = ?", (name, person)).rowcount for name in ended}
    if feed == "persons":
        mine = (vault.tag("person", person),)
        counts["ahead"] = db.execute("DELETE FROM ahead WHERE owner = ?", mine).rowcount
        counts["requests"] = db.execute("DELETE FROM rows WHERE feed = 'requests' AND owner = ?", mine).rowcount
    return {name: count for name, count in counts.items() if count}


def pending(db: sqlite3.Connection) -> list[Pending]:
    """What cache.db has erased and nobody receipted."""
    query = "SELECT feed, id, rev, owner, rows, at FROM erased ORDER BY at, rev"
    return [Pending(f, p, rev, number, json.loads(rows), at) for f, p, rev, number, rows, at in db.execute(query)]


def receipted(db: sqlite3.Connection, done: Pending) -> None:
    """The receipt is in the journal; a newer tombstone of the same person stays. In the open transaction."""
    db.execute("DELETE FROM erased WHERE feed = ? AND id = ? AND rev = ?", (done.feed, done.person, done.rev))


# --- in journal.db ----------------------------------------------------------------------------------------------


def forget(db: sqlite3.Connection, vault: Vault, copies: owntemplates.Copies, one: Pending, now: float) -> None:
    """Delete what journal.db has of this person, but for rows that are still to be sent. Again changes nothing."""
    owner, counts = vault.tag("person", one.person), Counts()
    if one.feed == "templates" and (count := owntemplates.drop_gone(db, vault, copies, retention.epoch(db), owner)):
        counts["own_templates"] = count
    with transaction(db):
        if one.feed == "persons":
            counts = _left(db, vault, owner, one.number, now)
        # the first time counts: a second one, after a crash, finds nothing
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_meta(one), json.dumps(counts)))


def receipt(db: sqlite3.Connection, vault: Vault, one: Pending, stamp: Stamp) -> None:
    """Both logs are empty: say so to the centre, once. Raises sqlite3.Error."""
    with transaction(db):
        found = db.execute("SELECT value FROM meta WHERE name = ?", (_meta(one),)).fetchone()
        counts = one.rows | (json.loads(found[0]) if found else {})
        kept, until = _kept(db, vault, one, stamp.at)
        body = Erased(feed=one.feed, row=one.person, rev=one.rev, rows=counts, kept=kept, kept_until=until)
        key = f"erase:{stamp.terminal}:{one.mark}"
        event = NewEvent(key, f"erase:{stamp.terminal}", "erasure.done", 1, body.model_dump())
        if not outbox.add(db, vault, event, stamp).existed:
            rows = sum(counts.values())
            audit.append(db, "erasure.done", stamp.at, stamp.boot, feed=one.feed, rev=one.rev, rows=rows, kept=kept)
        db.execute("DELETE FROM meta WHERE name = ?", (_meta(one),))


def _left(db: sqlite3.Connection, vault: Vault, owner: bytes, number: bytes | None, now: float) -> Counts:
    """The person is not of this campus any more."""
    counts = {"blobs": _draft_blobs(db, vault, owner), "own_templates": owntemplates.erase(db, owner, now)}
    for table in ("drafts", "passages"):
        counts[table] = db.execute(f"DELETE FROM {table} WHERE owner = ?", (owner,)).rowcount  # noqa: S608
    counts["pin_failures"] = db.execute("DELETE FROM pin_failures WHERE owner = ?", (number,)).rowcount
    return {name: count for name, count in counts.items() if count}


def _draft_blobs(db: sqlite3.Connection, vault: Vault, owner: bytes) -> int:
    """Photographs that were taken for a form and never handed in."""
    named = [(value,) for value in _draft_values(db, vault, owner)]
    loose = "sha256 = ? AND sha256 NOT IN (SELECT sha256 FROM attachments)"
    return sum(db.execute(f"DELETE FROM blobs WHERE {loose}", value).rowcount for value in named)  # noqa: S608


def _draft_values(db: sqlite3.Connection, vault: Vault, owner: bytes) -> Iterator[str]:
    found = db.execute("SELECT item, body FROM drafts WHERE owner = ?", (owner,)).fetchall()
    for item, sealed in found:
        try:
            body = json.loads(vault.open_("drafts", f"{owner.hex()}:{item}", sealed))
        except UnreadableError:
            continue
        yield from body["values"].values()


def _kept(db: sqlite3.Connection, vault: Vault, one: Pending, now: float) -> tuple[int, float]:
    """Rows of the queue that are about it: the person's with what belongs to the same requests, or of their face alone.

    Until when, at the latest: what waits is reckoned as if it were sent today.
    """
    mine, value = "stream IN (SELECT stream FROM outbox WHERE owner = ?)", vault.tag("person", one.person)
    where, values = (mine, (now, value)) if one.feed == "persons" else ("stream = ?", (now, f"face:{one.person}"))
    query = f"SELECT count(*), max(CASE state WHEN 'sent' THEN sent_at ELSE ? END) FROM outbox WHERE {where}"  # noqa: S608
    count, last = db.execute(query, values).fetchone()
    return count, last + retention.KEEP_S if count else 0.0


def _meta(one: Pending) -> str:
    return f"erasing:{one.mark}"
