"""The terminal's own record: one writer thread, an act whole or not at all, an answer only once it is on the disk."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import QueueConfig
from kiosk.domain.faults import Code, Fault
from sync import audit, kinds, listing, outbox, retention
from sync.keeping import Keeper
from sync.kinds import Priority
from sync.printlog import PrintLog
from sync.records import Committed, NewEvent, Refused, Stamp, checked
from sync.space import Space
from sync.store import connect, transaction, truncate_log
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault

__all__ = ["BlobStored", "Committed", "Draft", "Journal", "NewEvent", "Refused"]

DAY_S = 86400.0
TRACES_S = 0.5
"""How soon the write-ahead log is tried again when somebody was reading in it."""
LOOK_S = 5.0
"""How often the room on the disk is looked at while nothing is written."""
Work = Callable[[sqlite3.Connection], None]
Failed = Callable[[Fault], None]
Part = Callable[[sqlite3.Connection], Callable[[], None]]
MOST_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class _Job:
    """`priority`: of what it writes; None = it only looks.

    `part`: its work inside a transaction that is open already; what it returns is called after the commit.
    """

    work: Work
    failed: Failed
    priority: Priority | None = Priority.LAST
    part: Part | None = None

    @property
    def insists(self) -> bool:
        """Nothing new: on a full disk it may use what was set aside."""
        return self.priority in (None, Priority.LAST)


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-filled form of one person; `saved_at` in Unix seconds."""

    item: str
    key: str
    values: dict[str, str]
    saved_at: float


@dataclass(frozen=True, slots=True)
class BlobStored:
    """Kept, and sent before the event that names it."""

    sha256: str


class Journal:
    """journal.db. Every method returns at once; each `done` is called on the writer's thread.

    `boot` names this run of the monotonic clock. `draft_days`: how long a half-filled form is kept. `limits`: how much
    may be kept, None = as much as the disk takes. `beat` is the `mono` of the writer's last sign of life. On its thread
    `on_space` is told when the room changes, and `on_damage` once when the file was found damaged: then this program
    must end, and mend it at the next start; `on_whole` when a break in the audit chain was accepted.
    """

    def __init__(
        self,
        path: Path,
        vault: Vault,
        clock: Clock,
        terminal_id: str,
        boot: str,
        on_fault: Callable[[Fault], None],
        draft_days: float = 7.0,
        limits: QueueConfig | None = None,
        on_space: Callable[[Space], None] = lambda _: None,
        on_damage: Callable[[], None] = lambda: None,
        look_s: float = LOOK_S,
        on_whole: Callable[[], None] = lambda: None,
    ) -> None:
        self._path, self._vault, self._clock, self._on_fault = path, vault, clock, on_fault
        self._terminal, self._boot, self._draft_s = terminal_id, boot, draft_days * DAY_S
        self.beat = clock.mono()
        self._keeper, self._look_s = Keeper(path, limits, on_fault, on_space, on_damage), look_s
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._db: sqlite3.Connection | None = None
        self._traces = self._broken = False
        self._on_whole = on_whole
        self._counting = threading.Lock()
        self._count_db: sqlite3.Connection | None = None

    def start(self) -> None:
        """Begin to write; old drafts are swept first."""
        self._thread.start()
        self._ask(self._sweep, lambda _: None)

    def stop(self, timeout: float = 3.0) -> None:
        """Everything handed in before is written first."""
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)
        with self._counting:
            if self._count_db:
                self._count_db.close()
                self._count_db = None

    def put(self, event: NewEvent, done: Callable[[Committed | Refused], None]) -> None:
        """Commit one event. The same key again answers with what is stored. Raises ValueError for a bad event."""
        checked(event)
        at, mono = self._clock.now(), self._clock.mono()
        stamp = Stamp(self._terminal, self._boot, at, mono)
        self._ask(
            lambda db: done(outbox.insert(db, self._vault, event, stamp)),
            lambda fault: done(Refused(event.key, fault)),
            kinds.of(event.kind).priority,
            lambda db: functools.partial(done, outbox.enter(db, self._vault, event, stamp)),
        )

    def act(
        self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None], kind: str = ""
    ) -> None:
        """Run `work` on the writer's thread, over its connection; it opens its own transaction.

        `kind`: of the event it writes, "" = it only looks. `failed` is called instead when there is no room for this
        kind, or sqlite3.Error comes out of the work. The stamp tells when it was asked for.
        """
        stamp = Stamp(self._terminal, self._boot, self._clock.now(), self._clock.mono())
        self._ask(lambda db: work(db, stamp), failed, kinds.of(kind).priority if kind else None)

    def begin(self, facts: audit.Facts, **detail: audit.Plain) -> None:
        """The program starts: look whether the audit chain is whole, and write down what has changed since.

        `facts`: what it runs with, by name, such as a digest of the configuration.
        """

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            with transaction(db):
                broken = audit.begin(db, stamp.at, stamp.boot, facts, **detail)
            self._broken = broken is not None
            if broken:
                self._on_fault(Fault(Code.AUDIT_BROKEN, "audit", str(broken)))

        self.act(work, lambda _: None)

    def note(self, kind: str, /, **detail: audit.Plain) -> None:
        """One entry of the audit chain; no person's data in `detail`. A disk that takes nothing is told as a fault."""

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            with transaction(db):
                audit.append(db, kind, stamp.at, stamp.boot, **detail)

        self.act(work, lambda _: None)

    def leave_no_traces(self) -> None:
        """On the writer's thread: something was deleted that must go from the write-ahead log as well."""
        self._traces = True

    def save_draft(
        self,
        person: str,
        item: str,
        key: str,
        values: dict[str, str],
        done: Callable[[Fault | None], None] | None = None,
    ) -> None:
        """Keep a half-filled form for this person alone; it takes the place of an earlier one of the same item.

        One that was handed in after all, by a disk that took its time, is no draft any more.
        """
        answer = done or (lambda _: None)
        body = json.dumps({"key": key, "values": values}, ensure_ascii=False).encode()

        def work(db: sqlite3.Connection) -> None:
            owner = self._vault.tag("person", person)
            sealed = self._vault.seal("drafts", f"{owner.hex()}:{item}", body)
            with transaction(db):
                if not outbox.holds(db, key):
                    row = (owner, item, sealed, self._clock.now())
                    db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", row)
            # an earlier one of the same item may have been replaced
            self._traces = True
            answer(None)

        self._ask(work, answer)

    def drop_draft(self, person: str, item: str) -> None:
        """Forget it, also in the write-ahead log."""

        def work(db: sqlite3.Connection) -> None:
            with transaction(db):
                db.execute("DELETE FROM drafts WHERE owner = ? AND item = ?", (self._vault.tag("person", person), item))
            self._traces = True

        self._ask(work, lambda _: None)

    def drafts_of(self, person: str, done: Callable[[tuple[Draft, ...]], None]) -> None:
        """This person's drafts, newest first; none when they cannot be read."""
        self._ask(lambda db: done(self._drafts(db, person)), lambda _: done(()), None)

    def put_blob(self, data: bytes, done: Callable[[BlobStored | Refused], None]) -> None:
        """Keep a photograph under its SHA-256, sealed."""
        sha = hashlib.sha256(data).hexdigest()

        def work(db: sqlite3.Connection) -> None:
            sealed = self._vault.seal("blobs", sha, data)
            with transaction(db):
                db.execute(
                    "INSERT OR IGNORE INTO blobs (sha256, body, size, at) VALUES (?, ?, ?, ?)",
                    (sha, sealed, len(data), self._clock.now()),
                )
            done(BlobStored(sha))

        self._ask(work, lambda fault: done(Refused(sha, fault)), Priority.HIGH)

    def job_store(self, printer: str = "") -> PrintLog:
        """Where the spool keeps its jobs and counts this printer's paper, over a connection of its own."""
        return PrintLog(self._path, self._vault, self._clock, self._on_fault, printer)

    def counts(self) -> dict[str, int]:
        """Outbox rows by state; from any thread, none when the file cannot be read."""
        with self._counting:
            try:
                self._count_db = self._count_db or connect(self._path, JOURNAL)
                return listing.counts(self._count_db)
            except sqlite3.Error:
                return {}

    def export(self, target: Path) -> int:
        """Every row as a JSON line; how many. On the caller's thread. Raises sqlite3.Error, OSError."""
        return listing.export(self._path, self._vault, target)

    def _ask(
        self, work: Work, failed: Failed, priority: Priority | None = Priority.LAST, part: Part | None = None
    ) -> None:
        self._queue.put(_Job(work, failed, priority, part))

    def _run(self) -> None:
        while True:
            self.beat = self._clock.mono()
            try:
                job = self._queue.get(timeout=min(TRACES_S, self._look_s) if self._traces else self._look_s)
            except queue.Empty:
                self._look()
                continue
            if job is None:
                break
            for each in self._left(self._waiting(job)):
                self._do(each)
            self._clean()
        self._close()

    def _waiting(self, first: _Job) -> list[_Job]:
        """This one and those that wait behind it, as far as they can share a transaction; the last may be another."""
        jobs = [first]
        with contextlib.suppress(queue.Empty):
            while jobs[-1].part and len(jobs) < MOST_TOGETHER:
                job = self._queue.get_nowait()
                if job is None:
                    self._queue.put(None)
                    break
                jobs.append(job)
        return jobs

    def _left(self, jobs: list[_Job]) -> list[_Job]:
        """Those that share one are committed by one fsync. When it fails nothing has happened: each is done alone."""
        parts = [job.part for job in jobs if job.part]
        if len(parts) < 2:
            return jobs
        try:
            db = self._open()
            if not self._keeper.roomy(db):
                return jobs
            with transaction(db):
                answers = [part(db) for part in parts]
        except sqlite3.Error:
            return jobs
        self._keeper.worked()
        for answer in answers:
            answer()
        return jobs[len(parts) :]

    def _do(self, job: _Job) -> None:
        try:
            self._attempt(job)
            return
        except sqlite3.Error as error:
            trouble = error
        if job.insists and self._keeper.rescues(trouble, self._db):
            try:
                self._attempt(job)
                return
            except sqlite3.Error as error:
                trouble = error
        # a connection that was opened while the disk could only be read stays so
        self._close()
        job.failed(self._keeper.failed(trouble))

    def _attempt(self, job: _Job) -> None:
        db = self._open()
        refused = self._keeper.refuses(db, job.priority) if job.priority else None
        if refused:
            job.failed(refused)
            return
        job.work(db)
        if job.priority:
            self._keeper.worked()

    def _look(self) -> None:
        self._clean()
        try:
            db = self._open()
            self._keeper.look(db)
            if self._broken and audit.verify(db) is None:
                self._broken = False
                self._on_whole()
        except sqlite3.Error as error:
            self._close()
            self._keeper.failed(error)

    def _clean(self) -> None:
        if self._traces and self._queue.empty() and self._db:
            self._traces = not truncate_log(self._db)

    def _open(self) -> sqlite3.Connection:
        self._db = self._db or connect(self._path, JOURNAL)
        return self._db

    def _close(self) -> None:
        if self._db:
            self._db.close()
        self._db = None

    def _drafts(self, db: sqlite3.Connection, person: str) -> tuple[Draft, ...]:
        query = "SELECT item, body, saved_at FROM drafts WHERE owner = ? AND saved_at > ? ORDER BY saved_at DESC"
        oldest = self._clock.now() - self._draft_s
        found = db.execute(query, (self._vault.tag("person", person), oldest)).fetchall()
        drafts = filter(None, (self._draft(person, *row) for row in found))
        # a power cut between "handed in" and "draft dropped" leaves one behind
        return tuple(draft for draft in drafts if not outbox.holds(db, draft.key))

    def _draft(self, person: str, item: str, sealed: bytes, saved_at: float) -> Draft | None:
        # the second place is that of drafts from before 0.1.0
        for place in (self._vault.tag("person", person).hex(), person):
            try:
                kept = json.loads(self._vault.open_("drafts", f"{place}:{item}", sealed))
                break
            except UnreadableError:
                continue
        else:
            log.event("draft_unreadable", item=item)
            return None
        return Draft(item, kept["key"], kept["values"], saved_at)

    def _sweep(self, db: sqlite3.Connection) -> None:
        with transaction(db):
            now = self._clock.now()
            gone = db.execute("DELETE FROM drafts WHERE saved_at <= ?", (now - self._draft_s,)).rowcount
            retention.swept(db, now, drafts=gone)
        self._traces = True
