"""Who is it, and what did they hand in: answered from what is on this terminal, whether the centre is there or not."""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain import codes
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.requests import MARKS, Mark, Request, Status
from sync import cache, damage, pins
from sync.clockwatch import ClockWatch, built_of
from sync.nonces import Nonces
from sync.records import Committed, NewEvent, Refused
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault
from sync.wire import CodesRefused, KeyRow, NoticeRow, PersonRow, RequestRow, SpendAsk, Submitted
from sync.wire_gate import VisitRow

REPORT_S = 60.0
BEAT_S = 5.0
JUST_NOW_S = 600.0
A = TypeVar("A")


class Reason(StrEnum):
    """Why somebody was not let in. `two_codes` is the code reader's to say."""

    WRONG = "wrong"
    LOCKED = "locked"
    UNKNOWN_CODE = "unknown_code"
    NO_DATA = "no_data"
    TWO_CODES = "two_codes"


@dataclass(frozen=True, slots=True)
class Admitted:
    """`nonce`: that of the code, in hex. `doubtful`: it was read by a clock that cannot be trusted."""

    person: Person
    factor: Factor
    nonce: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """`until`: end of the lock, Unix seconds."""

    reason: Reason
    tries_left: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class VisitorAdmitted:
    """A visitor's code; `visit` is the id of the visit, whose gates and times somebody else judges."""

    visit: str
    nonce: str = ""
    doubtful: bool = False


Answer = Admitted | NotAdmitted


class Outbox(Protocol):
    """Where refused codes are reported: the journal."""

    def put(self, event: NewEvent, done: Callable[[Committed | Refused], None]) -> None: ...


class Desk:
    """One thread with its own connections; each `done` is called on it.

    Of `config` it uses timing.lockout, terminal.campus, terminal.id and demo.enabled (the demonstration's PINs).
    `spend` hears of every code that was taken, after the `done` of it.
    """

    def __init__(
        self,
        cache_path: Path,
        journal_path: Path,
        vault: Vault,
        clock: Clock,
        config: Config,
        journal: Outbox,
        spend: Callable[[SpendAsk], None] = lambda _: None,
    ) -> None:
        self._cache_path, self._journal_path, self._vault, self._clock = cache_path, journal_path, vault, clock
        self._config, self._outbox = config, journal
        self._verifier = pins.Verifier(config.demo.enabled)
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._cache: tuple[int, sqlite3.Connection] | None = None
        self._journal: sqlite3.Connection | None = None
        self._watch = ClockWatch(self._writing, clock, built_of(config))
        self._spend, self._taken = spend, list[SpendAsk]()
        self._nonces = Nonces(self._writing, self._watch)
        self.beat = clock.mono()
        self._refused: Counter[str] = Counter()
        self._reported_at = -REPORT_S

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """What was asked before is answered first."""
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def check_pin(self, number: str, pin: str, done: Callable[[Answer], None]) -> None:
        """Student or staff number and PIN. Unknown numbers answer as known ones do, in the same time."""
        self._queue.put(lambda: done(self._guarded(lambda: self._pin(number, pin))))

    def check_code(self, text: str, done: Callable[[Answer], None]) -> None:
        """A personal code, whatever was read; each is good once."""
        self._queue.put(lambda: self._shown(lambda: self._code(text), done))

    def check_gate_code(self, text: str, done: Callable[[Answer | VisitorAdmitted], None]) -> None:
        """As `check_code`, at a lane: a visitor's code is good there, and there alone."""
        self._queue.put(lambda: self._shown(lambda: self._gate_code(text), done))

    def recognised(self, person_id: str, done: Callable[[Answer], None]) -> None:
        """Whom the recogniser named, as somebody who showed a face."""
        self._queue.put(lambda: done(self._guarded(lambda: self._recognised(person_id))))

    def requests_of(self, person_id: str, done: Callable[[tuple[Request, ...]], None]) -> None:
        """Everything this person handed in, newest first: the centre's word, and what it has not yet."""
        self._queue.put(lambda: done(self._requests(person_id)))

    def notices(self, done: Callable[[tuple[tuple[str, str], ...]], None]) -> None:
        """(zh, en) lines for the attract screen, in order."""
        self._queue.put(lambda: done(self._notices()))

    # --- the thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                self.beat = self._clock.mono()
                work = self._queue.get(timeout=BEAT_S)
            except queue.Empty:
                work = _nothing
            if work is None:
                break
            work()
            self._report()
        self._report(at_once=True)
        for db in (self._cache[1] if self._cache else None, self._journal):
            if db:
                db.close()

    def _guarded(self, check: Callable[[], A]) -> A | NotAdmitted:
        try:
            return check()
        except (sqlite3.Error, OSError) as error:
            log.event("desk_cannot_look", reason=getattr(error, "sqlite_errorname", type(error).__name__))
            damage.note(self._journal_path, error)
            damage.note(self._cache_path, error)
            self._forget_connections()
            return NotAdmitted(Reason.NO_DATA)

    def _forget_connections(self) -> None:
        """One that was opened while the disk could only be read stays so."""
        if self._journal:
            self._journal.close()
        self._cache = self._journal = None

    def _shown(self, check: Callable[[], A], done: Callable[[A | NotAdmitted], None]) -> None:
        """Whoever shows a code is answered first: the centre's word on it must find them known."""
        done(self._guarded(check))
        for ask in self._taken:
            self._spend(ask)
        self._taken.clear()

    def _pin(self, number: str, pin: str) -> Answer:
        db, journal, now = self._reading(), self._writing(), self._clock.now()
        like = next(cache.rows(db, self._vault, "persons", PersonRow), None)
        if like is None:
            return NotAdmitted(Reason.NO_DATA)
        owner = self._vault.tag("number", number)
        attempt = pins.begin(journal, owner, now, self._config.timing.lockout)
        if attempt.until:
            return NotAdmitted(Reason.LOCKED, 0, attempt.until)
        person_id, row = next(cache.rows_by_id(db, self._vault, "persons", PersonRow, owner), ("", None))
        if self._verifier.check(row.verifier if row else None, pin, like.verifier) and row:
            pins.right(journal, owner)
            return Admitted(_person(person_id, row), Factor.PIN)
        if attempt.left:
            return NotAdmitted(Reason.WRONG, attempt.left)
        return NotAdmitted(Reason.LOCKED, 0, now + self._config.timing.lockout)

    def _code(self, text: str) -> Answer:
        accepted = self._accepted(text)
        return accepted if isinstance(accepted, NotAdmitted) else self._owner_of(accepted)

    def _gate_code(self, text: str) -> Answer | VisitorAdmitted:
        accepted = self._accepted(text)
        if isinstance(accepted, NotAdmitted):
            return accepted
        if cache.row_of(self._reading(), self._vault, "visits", accepted.person, VisitRow) is not None:
            return VisitorAdmitted(accepted.person, self._take(accepted), bool(self._watch.doubt()))
        return self._owner_of(accepted)

    def _accepted(self, text: str) -> codes.CodeAccepted | NotAdmitted:
        """Whom the code was made for."""
        db, now = self._reading(), self._clock.now()
        found = list(cache.rows(db, self._vault, "keys", KeyRow))
        if not found:
            return NotAdmitted(Reason.NO_DATA)
        keys = {key.kid: bytes.fromhex(key.public) for key in found if key.use == "code" and not key.revoked}
        answer = codes.check(text, keys, self._config.terminal.campus, now, self._nonces.seen)
        if isinstance(answer, codes.CodeRefused):
            self._refused[answer.reason.value] += 1
            return NotAdmitted(Reason.UNKNOWN_CODE)
        return answer

    def _take(self, code: codes.CodeAccepted) -> str:
        """It lets somebody in, so it is spent; its nonce in hex."""
        at = max(0.0, self._clock.now())
        self._nonces.take(code.nonce, code.until, at)
        self._taken.append(SpendAsk(nonce=code.nonce.hex(), at=at, until=code.until))
        return code.nonce.hex()

    def _owner_of(self, code: codes.CodeAccepted) -> Answer:
        row = cache.row_of(self._reading(), self._vault, "persons", code.person, PersonRow)
        if row is None:
            self._refused["person"] += 1
            return NotAdmitted(Reason.UNKNOWN_CODE)
        return Admitted(_person(code.person, row), Factor.CODE, self._take(code), bool(self._watch.doubt()))

    def _recognised(self, person_id: str) -> Answer:
        row = cache.row_of(self._reading(), self._vault, "persons", person_id, PersonRow)
        return Admitted(_person(person_id, row), Factor.FACE) if row else NotAdmitted(Reason.NO_DATA)

    def _requests(self, person_id: str) -> tuple[Request, ...]:
        owner = self._vault.tag("person", person_id)
        try:
            known = cache.rows_by_id(self._reading(), self._vault, "requests", RequestRow, owner)
            found = {key: _request(key, row) for key, row in known}
        except (sqlite3.Error, OSError):
            self._cache, found = None, {}
        try:
            for request in self._own(owner):
                found.setdefault(request.key, request)
        except sqlite3.Error as error:
            log.event("desk_cannot_look", reason=getattr(error, "sqlite_errorname", type(error).__name__))
        mine = (request for request in found.values() if request.person == person_id)
        return tuple(sorted(mine, key=lambda request: -request.submitted))

    def _own(self, owner: bytes) -> list[Request]:
        """What this terminal took in and the centre has not answered, or only just now."""
        query = """SELECT key, body, at, state FROM outbox WHERE owner = ? AND kind = 'request.submitted'
            AND (state != 'sent' OR sent_at > ?)"""
        found = self._writing().execute(query, (owner, self._clock.now() - JUST_NOW_S)).fetchall()
        return list(filter(None, (self._local(*row) for row in found)))

    def _local(self, key: str, sealed: bytes, at: float, state: str) -> Request | None:
        try:
            body = Submitted.model_validate(json.loads(self._vault.open_("outbox", key, sealed)))
        except (UnreadableError, ValueError):
            return None
        status = {"queued": Status.WAITING_TO_SEND, "sent": Status.IN_APPROVAL, "dead": Status.REJECTED}[state]
        marks = (Mark("submitted", at),)
        return Request(key, body.item, body.person, body.receipt, status, at, values=body.values, marks=marks)

    def _notices(self) -> tuple[tuple[str, str], ...]:
        try:
            found = list(cache.rows(self._reading(), self._vault, "notices", NoticeRow))
        except (sqlite3.Error, OSError):
            self._cache = None
            return ()
        return tuple((row.zh, row.en) for row in sorted(found, key=lambda row: row.order))

    def _report(self, *, at_once: bool = False) -> None:
        """How many codes were refused and why, at most once a minute."""
        now = self._clock.mono()
        if not self._refused or (now - self._reported_at < REPORT_S and not at_once):
            return
        body = CodesRefused(counts=dict(self._refused)).model_dump()
        self._refused.clear()
        self._reported_at = now
        key = f"codes:{self._config.terminal.id}:{uuid.uuid4().hex}"
        self._outbox.put(NewEvent(key, f"codes:{self._config.terminal.id}", "codes.refused", 1, body), _nothing)

    def _reading(self) -> sqlite3.Connection:
        """cache.db as it is now: the sync process may have begun it anew. Raises sqlite3.Error, OSError."""
        inode = self._cache_path.stat().st_ino
        if self._cache and self._cache[0] != inode:
            self._cache[1].close()
            self._cache = None
        if self._cache is None:
            self._cache = (inode, reader(self._cache_path))
        return self._cache[1]

    def _writing(self) -> sqlite3.Connection:
        self._journal = self._journal or connect(self._journal_path, JOURNAL)
        return self._journal


def _nothing(*_: object) -> None:
    return


def _person(person_id: str, row: PersonRow) -> Person:
    return Person(person_id, row.number, row.name, row.name_en, Role(row.role), row.known)


def _request(key: str, row: RequestRow) -> Request:
    """A status or a mark that a newer centre may have is read as far as this program knows them."""
    try:
        status = Status(row.status)
    except ValueError:
        status = Status.IN_APPROVAL
    marks = tuple(Mark(m.what, m.at, m.step, m.by, m.due, m.note) for m in row.marks if m.what in MARKS)
    return Request(
        key,
        row.item,
        row.person,
        row.receipt,
        status,
        row.submitted,
        row.step,
        row.due,
        row.values,
        marks,
        row.serial,
        row.language,
        row.copies,
    )
