"""The books: what was put, what was acknowledged, and what came of it at both ends.

Both files are appended to by the enqueuer alone, a line at a time by one write, so that they survive its kill. The
recorder of power cuts knows the second one by its name.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sync.cache import rows_by_id
from sync.central.database import open_engine, reading
from sync.central.tables import event, feed_row, mark, rating, request
from sync.records import Committed, NewEvent
from sync.store import reader
from sync.vault import Vault
from sync.wire import RequestRow

POISON = "-poison"
MARKS = {"enrolment": 2, "repair": 1}
"""Points of a timeline that a request has from being handed in alone."""
Trouble = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Ack:
    """One answer "it is on the disk"."""

    key: str
    receipt: str
    existed: bool


class Books:
    """`puts`: events before they were handed to the journal. `acks`: answers, once they were there."""

    def __init__(self, folder: Path) -> None:
        self._puts, self._acks = folder / "puts", folder / "acks"

    def open(self) -> None:
        """To write; a last line that was cut off is ended."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._put_fd, self._ack_fd = os.open(self._puts, flags), os.open(self._acks, flags)

    def putting(self, new: NewEvent) -> None:
        line = [new.key, new.stream, new.kind, new.v, new.body, new.receipt]
        os.write(self._put_fd, json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def acknowledge(self, answer: Committed) -> None:
        line = [answer.key, answer.receipt, answer.existed]
        os.write(self._ack_fd, json.dumps(line).encode() + b"\n")

    def puts(self) -> dict[str, NewEvent]:
        return {line[0]: NewEvent(*line) for line in _lines(self._puts)}

    def acks(self) -> list[Ack]:
        return [Ack(*line) for line in _lines(self._acks)]

    @property
    def size(self) -> int:
        """Bytes of acknowledgements: grows with each."""
        return self._acks.stat().st_size if self._acks.exists() else 0


def _lines(path: Path) -> Iterable[list[Any]]:
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)


@dataclass(frozen=True, slots=True)
class Held:
    """What the centre's database holds of one terminal."""

    events: tuple[tuple[str, int], ...]
    requests: tuple[tuple[str, str, str], ...]
    marks: Counter[str]
    ratings: Counter[str]


def held(database: str, terminal: str) -> Held:
    """Keys and seqs of the events, requests with item and receipt, marks and ratings by request."""
    engine = open_engine(database)
    try:
        with reading(engine) as connection:
            events = connection.execute(sa.select(event.c.key, event.c.seq).where(event.c.terminal == terminal))
            found = sa.select(request.c.key, request.c.item, request.c.receipt).where(request.c.terminal == terminal)
            return Held(
                events=tuple((row.key, row.seq) for row in events),
                requests=tuple((row.key, row.item, row.receipt) for row in connection.execute(found)),
                marks=Counter(connection.execute(sa.select(mark.c.request)).scalars()),
                ratings=Counter(connection.execute(sa.select(rating.c.request)).scalars()),
            )
    finally:
        engine.dispose()


def states(journal: Path) -> dict[str, tuple[str, int]]:
    """State and seq of every row of the outbox, by key."""
    with contextlib.closing(reader(journal)) as db:
        return {key: (state, seq) for key, state, seq in db.execute("SELECT key, state, seq FROM outbox")}


def queued(journal: Path) -> int:
    """How many rows wait; 0 when there is no journal yet."""
    if not journal.exists():
        return 0
    with contextlib.closing(reader(journal)) as db, contextlib.suppress(sqlite3.OperationalError):
        return int(db.execute("SELECT count(*) FROM outbox WHERE state = 'queued'").fetchone()[0])
    return 0


def sent(journal: Path) -> set[str]:
    """Keys of the rows that count as sent."""
    return {key for key, (state, _) in states(journal).items() if state == "sent"} if journal.exists() else set()


def apart(cache: Path, vault: Vault, database: str) -> list[str]:
    """Ids in the feed `requests` that a terminal's copy has not, has too many, or has otherwise."""
    with contextlib.closing(reader(cache)) as db:
        copy = {row_id: row.model_dump() for row_id, row in rows_by_id(db, vault, "requests", RequestRow)}
    engine = open_engine(database)
    with reading(engine) as connection:
        found = connection.execute(sa.select(feed_row.c.id, feed_row.c.data).where(feed_row.c.feed == "requests"))
        told = {row.id: row.data for row in found if row.data is not None}
    engine.dispose()
    return sorted(row_id for row_id in copy.keys() | told.keys() if copy.get(row_id) != told.get(row_id))


def audit(books: Books, journal: Path, held: Held) -> Trouble:
    """What is wrong, once everything is drained; empty when nothing is."""
    puts, acks, rows = books.puts(), books.acks(), states(journal)
    there = {key for key, _ in held.events}
    good = {ack.key for ack in acks if not ack.key.endswith(POISON)}
    bad = {ack.key for ack in acks if ack.key.endswith(POISON)}
    found = {
        "lost": sorted(good - there),
        "gone from the journal": sorted((good | bad) - rows.keys() - there),
        "never put": sorted(there - puts.keys()),
        "waiting": sorted(key for key, (state, _) in rows.items() if state == "queued"),
        "marked wrongly": sorted(sent(journal) - there),
        "poison not dead": sorted(key for key in bad if rows.get(key, ("", 0))[0] != "dead"),
        "dead though good": sorted(k for k, (s, _) in rows.items() if s == "dead" and not k.endswith(POISON)),
        "poison at the centre": sorted(key for key in there if key.endswith(POISON)),
        "one act twice": sorted(str(seq) for seq, n in Counter(seq for _, seq in held.events).items() if n > 1),
        "another receipt": _receipts(acks, held),
        "effects": _effects(puts, there & puts.keys(), held),
    }
    return {name: keys for name, keys in found.items() if keys}


def _receipts(acks: list[Ack], held: Held) -> list[str]:
    """Receipts that changed, that the centre has otherwise, or that two requests share."""
    told: dict[str, set[str]] = {}
    for ack in acks:
        told.setdefault(ack.key, set()).add(ack.receipt)
    for key, _, receipt in held.requests:
        if key in told:
            told[key].add(receipt)
    shared = Counter(receipt for _, _, receipt in held.requests)
    return sorted([key for key, all_ in told.items() if len(all_) > 1] + [r for r, n in shared.items() if n > 1])


def _effects(puts: dict[str, NewEvent], there: set[str], held: Held) -> list[str]:
    """Requests and ratings that are not there exactly once for each event, or whose timeline was begun twice."""
    requested = {key for key, _, _ in held.requests if key in puts}
    wrong = {key for key in there if puts[key].kind == "request.submitted"} ^ requested
    wrong |= {key for key, item, _ in held.requests if held.marks[key] != MARKS[item]}
    rated = Counter(puts[key].body["request"] for key in there if puts[key].kind == "rating.given")
    wrong |= {key for key in rated if held.ratings[key] != rated[key]}
    return sorted(wrong)
