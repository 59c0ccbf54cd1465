"""Certificates sealed in advance: kept in cache.db under their owner's tag, each used up once, in journal.db.

What is used up is a row of `issued_offline`, written in the transaction of the event that tells of it. A journal has a
name, its book: what the centre sealed for another one is not issued, since nobody knows what that one had used.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.certificates import Outcome, judge
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Fault
from sync import outbox, register
from sync.cache import Cache
from sync.clockwatch import ClockWatch, built_of
from sync.records import NewEvent, Stamp, checked
from sync.store import reader, transaction
from sync.vault import UnreadableError, Vault
from sync.wire_ahead import AheadRow, IssuedOffline

KIND = "document.issued_offline"
PLACE = "ahead"
BOOK = "ahead_book"
Offer = tuple[str, str]
"""A document and a language in which one may be issued now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One certificate to be issued; `key` is that of its seal, and names the act."""

    key: str
    request: str
    person: str
    document: str
    language: str
    copies: int
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """It is used up, on the disk. `again`: it already was, under this key."""

    key: str
    sealed: Sealed
    again: bool


@dataclass(frozen=True, slots=True)
class NotIssued:
    """`reason`: none_ahead (nothing that may be issued) | not_recorded (the disk did not take it)."""

    key: str
    reason: str


class Writer(Protocol):
    """The journal: one thread that writes."""

    def act(
        self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None], kind: str = ""
    ) -> None: ...


# --- the sync process: what the centre sealed, and what must go ---------------------------------------------------


def book(db: sqlite3.Connection) -> str:
    """The name of this journal, made at its first use. Raises sqlite3.Error."""
    with transaction(db):
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (BOOK, secrets.token_hex(8)))
    return _book(db)


def keep(cache: Cache, vault: Vault, person: str, of: str, rows: Sequence[AheadRow]) -> bool:
    """All there is of this person for the book `of`, in place of what there was; whether it is any different."""
    owner = vault.tag("person", person)
    with cache.writing() as db:
        before = {serial for (serial,) in db.execute("SELECT serial FROM ahead WHERE owner = ?", (owner,))}
        db.execute("DELETE FROM ahead WHERE owner = ?", (owner,))
        made = [(row.serial, owner, of, row.use_by, _sealed(vault, row)) for row in rows]
        db.executemany("INSERT OR REPLACE INTO ahead VALUES (?, ?, ?, ?, ?)", made)
    return before != {row.serial for row in rows}


def sweep(cache: Cache, journal: sqlite3.Connection, now: float) -> bool:
    """Drop what may not be issued any more: too old, ended by the centre, used up, another book's; whether any was.

    The write-ahead log is the caller's to empty.
    """
    own = _book(journal)
    used = [serial for (serial,) in journal.execute("SELECT serial FROM issued_offline")]
    with cache.writing() as db:
        gone = db.execute("DELETE FROM ahead WHERE use_by <= ? OR book != ?", (now, own)).rowcount
        ended = "serial IN (SELECT id FROM rows WHERE feed = 'revocations')"
        gone += db.execute(f"DELETE FROM ahead WHERE {ended}").rowcount  # noqa: S608
        here = {serial for (serial,) in db.execute("SELECT serial FROM ahead")}
        spent = [(serial,) for serial in used if serial in here]
        db.executemany("DELETE FROM ahead WHERE serial = ?", spent)
    return bool(gone or spent)


def _sealed(vault: Vault, row: AheadRow) -> bytes:
    return vault.seal(PLACE, row.serial, row.model_dump_json().encode())


def _book(db: sqlite3.Connection) -> str:
    found = db.execute("SELECT value FROM meta WHERE name = ?", (BOOK,)).fetchone()
    return str(found[0]) if found else ""


# --- the terminal: what may be issued, and issuing it -------------------------------------------------------------


class AheadStore:
    """Every method returns at once; each `done` is called on the journal's thread.

    Issued is only what `kiosk verify` would call valid here and now; nothing by a clock that cannot be trusted.
    """

    def __init__(self, journal: Writer, cache_path: Path, vault: Vault, clock: Clock, config: Config) -> None:
        self._journal, self._cache_path, self._vault, self._clock = journal, cache_path, vault, clock
        self._campus, self._built = config.terminal.campus, built_of(config)

    def offers(self, person: str, done: Callable[[frozenset[Offer]], None]) -> None:
        """What could be issued to this person; nothing when it cannot be read."""

        def work(db: sqlite3.Connection, _: Stamp) -> None:
            done(frozenset((row.document, row.language) for row in self._all(db, person)))

        self._journal.act(work, lambda _: done(frozenset()))

    def issue(self, wanted: Wanted, done: Callable[[Issued | NotIssued], None]) -> None:
        """Use one up and commit the event that says so, in one transaction; the same key again gives the same one.

        Raises ValueError for an event that could never be sent.
        """
        checked(_event(wanted, "-"))

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            done(self._again(db, wanted) or self._first(db, wanted, stamp))

        self._journal.act(work, lambda _: done(NotIssued(wanted.key, "not_recorded")), KIND)

    def _first(self, db: sqlite3.Connection, wanted: Wanted, stamp: Stamp) -> Issued | NotIssued:
        same = (wanted.document, wanted.language)
        row = next((row for row in self._all(db, wanted.person) if (row.document, row.language) == same), None)
        if row is None:
            return NotIssued(wanted.key, "none_ahead")
        with transaction(db):
            mark = (row.serial, wanted.key, stamp.at)
            db.execute("INSERT INTO issued_offline (serial, key, at) VALUES (?, ?, ?)", mark)
            outbox.enter(db, self._vault, _event(wanted, row.serial), stamp)
        return Issued(wanted.key, _as_sealed(wanted.key, row), again=False)

    def _again(self, db: sqlite3.Connection, wanted: Wanted) -> Issued | NotIssued | None:
        """What this key was given before, as long as it is here and nothing has become of it."""
        query = "SELECT serial, settled FROM issued_offline WHERE key = ?"
        found = db.execute(query, (wanted.key,)).fetchone()
        if found is None:
            return None
        row = None if found[1] else next(iter(self._read(lambda cache: self._by_serial(cache, found[0]))), None)
        return (
            Issued(wanted.key, _as_sealed(wanted.key, row), again=True) if row else NotIssued(wanted.key, "none_ahead")
        )

    def _by_serial(self, cache: sqlite3.Connection, serial: str) -> list[AheadRow]:
        rows = cache.execute("SELECT serial, body FROM ahead WHERE serial = ?", (serial,)).fetchall()
        return [row for each in rows if (row := self._opened(*each))]

    def _all(self, db: sqlite3.Connection, person: str) -> Iterator[AheadRow]:
        """What may be issued to this person now, first what lapses first."""
        watch = ClockWatch(lambda: db, self._clock, self._built)
        if watch.doubt():
            return
        now = max(self._clock.now(), watch.passed())
        yield from (row for row in self._valid(person, _book(db), now) if not _used(db, row.serial))

    def _valid(self, person: str, of: str, now: float) -> list[AheadRow]:
        query = "SELECT serial, body FROM ahead WHERE owner = ? AND book = ? AND use_by > ? ORDER BY use_by, serial"

        def read(cache: sqlite3.Connection) -> list[AheadRow]:
            found = cache.execute(query, (self._vault.tag("person", person), of, now)).fetchall()
            rows = [row for each in found if (row := self._opened(*each))]
            known = register.known(cache, self._vault, self._campus).register
            return [row for row in rows if judge(row.code, known, now).outcome is Outcome.VALID]

        return self._read(read)

    def _read(self, read: Callable[[sqlite3.Connection], list[AheadRow]]) -> list[AheadRow]:
        """From cache.db as it is now; nothing when it cannot be read, which is not the journal's trouble."""
        try:
            with contextlib.closing(reader(self._cache_path)) as cache:
                return read(cache)
        except (sqlite3.Error, OSError) as error:
            log.event("desk_cannot_look", reason=getattr(error, "sqlite_errorname", type(error).__name__))
            return []

    def _opened(self, serial: str, body: bytes) -> AheadRow | None:
        try:
            return AheadRow.model_validate_json(self._vault.open_(PLACE, serial, body))
        except (UnreadableError, ValueError):
            log.event("cache_row_unreadable", name=PLACE)
            return None


def _used(db: sqlite3.Connection, serial: str) -> bool:
    return db.execute("SELECT 1 FROM issued_offline WHERE serial = ?", (serial,)).fetchone() is not None


def _event(wanted: Wanted, serial: str) -> NewEvent:
    told = {"request": wanted.request, "serial": serial, "copies": wanted.copies, "replaces": wanted.replaces}
    return NewEvent(f"{wanted.key}:issued", wanted.request, KIND, 1, IssuedOffline.model_validate(told).model_dump())


def _as_sealed(key: str, row: AheadRow) -> Sealed:
    return Sealed(key, row.serial, row.issued, row.expires, row.code, row.url, row.fields)
