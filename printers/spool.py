"""One printer's queue: a worker thread that keeps the line, watches the status and knows what came out.

"printed" means that the printer said so: the byte of GS r, queued behind the job, came back; over IPP, the job has
completed. Bytes that were handed over and never confirmed are "unknown"; a job that the printer itself reported
stopped (paper, cover, cutter) is "failed" as long as something of its page was certainly missing then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Protocol

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from printers.driver import Driver
from printers.machine import Machine, Making
from printers.pace import Pace
from printers.plan import Plan
from printers.profiles import profile
from printers.status import READY, Status
from printers.transport import LineLost
from printers.usage import Usage, as_kept, usage


class JobState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Bytes to be printed, `copies` times. `title` is for the technician, never a person's data."""

    id: str
    title: str
    data: bytes = field(repr=False)
    copies: int = 1


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job has come to `state`; `reason` is the printer's status behind a failure, or empty."""

    id: str
    state: JobState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """The printer's status has changed, or the tens of what it has left, in percent, −1 = not known.

    `paper`: of the roll, by count, or of the tray, as the printer says; `toner`: as it says.
    """

    status: Status
    paper: int = -1
    toner: int = -1


class JobStore(Protocol):
    """Where jobs and the paper they took survive a crash; from several threads, returns when it is on disk."""

    def put(self, job_id: str, title: str, state: str, detail: str, paper: Mapping[str, float] | None = None) -> bool:
        """Keep the job's state, and with it the paper used so far; False when it could not be kept."""

    def unfinished(self) -> list[tuple[str, str, str]]:
        """(id, title, state) of the jobs last kept as queued or printing."""

    def paper(self) -> Mapping[str, float]:
        """What was kept last of the paper, empty at first."""

    def keep_paper(self, paper: Mapping[str, float]) -> None:
        """Keep it beside any job."""


OnEvent = Callable[[JobEvent | StatusEvent], None]
NOT_KEPT = "not_kept"
"""Reason of a job that was not printed because the journal does not take its record."""


class Spool:
    """The queue of one printer. `on_event` is called on its thread, and on that of whoever submits.

    An empty address is a printer never there. `making`: another driver than the one for receipt printers. Of several
    spools on one journal the one that is started first `looks_back` for all, before any of them takes a job.
    """

    def __init__(
        self,
        config: PrinterConfig,
        store: JobStore,
        on_event: OnEvent,
        clock: Clock,
        pace: Pace | None = None,
        making: Making | None = None,
        looks_back: bool = True,
    ) -> None:
        self._store, self._on_event, self._clock = store, on_event, clock
        self._pace = pace or Pace()
        self._address, self._roll_m = config.address, config.roll
        make = making or partial(Driver, config.address, profile(config.profile))
        self._driver: Machine = make(clock, self._pace, self._stopping)
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._stop = self._over = False
        self._looks_back = looks_back
        self._usage = Usage()
        self._told: StatusEvent | None = None
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self.beat = clock.mono()

    def start(self) -> None:
        """Look back, on the caller's thread, and begin."""
        self._usage = usage(self._store.paper())
        if self._usage.dirty:
            self._driver.suspect()
        if self._looks_back:
            self._look_back()
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End the worker; a job in the printer is then unknown. Returns within the time, whatever the printer does."""
        with self._wake:
            self._stop = True
            self._wake.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def submit(self, job: Job) -> None:
        """Queue a job, once that is on disk; what becomes of it comes as JobEvents."""
        if not self._tell(job, JobState.QUEUED):
            return
        with self._wake:
            if not self._over:
                self._jobs.append(job)
                self._wake.notify_all()
                return
        self._tell(job, JobState.FAILED, Status.DISCONNECTED)

    @property
    def status(self) -> Status:
        return self._told.status if self._told else Status.DISCONNECTED

    @property
    def usage(self) -> Usage:
        """The paper it has used."""
        return self._usage

    @property
    def firmware(self) -> str:
        """What the printer tells of itself: maker, model, firmware; "" = nothing."""
        return self._driver.firmware

    def _stopping(self) -> bool:
        self.beat = self._clock.mono()
        return self._stop

    # --- the worker ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping():
            try:
                self._serve()
            except LineLost:
                if not self._stop:
                    self._lost()
        self._driver.close()
        with self._wake:
            self._over = True
        for job in self._jobs:
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)

    def _look_back(self) -> None:
        """What an earlier run left: of a job that was queued no byte went out, of one in the printer nobody knows."""
        for job_id, title, state in self._store.unfinished():
            begun = state == JobState.PRINTING
            self._tell(Job(job_id, title, b""), JobState.UNKNOWN if begun else JobState.FAILED)
            if begun:
                self._driver.suspect()

    def _serve(self) -> None:
        if not self._driver.open and not (self._address and self._driver.connect(self._impatient)):
            self._lost()
            return
        job = self._next()
        if job is None:
            self._report(self._driver.look())
            self._idle()
        else:
            self._print(job)

    def _next(self) -> Job | None:
        with self._wake:
            return self._jobs[0] if self._jobs else None

    def _impatient(self) -> bool:
        """Whether to stop waiting for a first answer: a job asks, and the printer was known to be away."""
        return self._stopping() or (bool(self._jobs) and self._told is not None and self.status is Status.DISCONNECTED)

    def _lost(self) -> None:
        """The line is gone: say so, fail what waits, and try again after a pause."""
        self._driver.close()
        self._report(Status.DISCONNECTED)
        while (job := self._next()) is not None:
            self._jobs.popleft()
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)
        self._pause(self._pace.retry)

    def _gone(self) -> None:
        """A line that was let go is no printer that is away."""
        if not self._stop:
            self._report(Status.DISCONNECTED)

    def _pause(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._stop or bool(self._jobs), seconds)

    def _idle(self) -> None:
        """Until the next look is due, a job has come, or the printer has said something by itself."""
        end = self._clock.mono() + self._pace.poll
        while (left := end - self._clock.mono()) > 0 and not self._jobs and not self._stop:
            self._pause(min(left, self._pace.look))
            if self._driver.heard():
                return

    def _report(self, status: Status) -> None:
        seen = self._usage
        if status is not Status.BUSY:
            seen = replace(seen.saw(status), dirty=not self._driver.clean)
        if seen != self._usage:
            self._usage = seen
            self._store.keep_paper(as_kept(seen))
        low = status is Status.IDLE and seen.runs_low(self._roll_m)
        told = self._driver.levels
        paper = seen.left(self._roll_m) if self._roll_m > 0 else told.paper
        now = StatusEvent(Status.PAPER_LOW if low else status, paper, told.toner)
        if now != self._told:
            self._told = now
            self._on_event(now)

    def _tell(self, job: Job, state: JobState, reason: str = "", paper: Mapping[str, float] | None = None) -> bool:
        """Persist, then say so. Before the printer has it a job that cannot be kept has failed; False then."""
        kept = self._store.put(job.id, job.title, state, reason, paper)
        if not kept and state in (JobState.QUEUED, JobState.PRINTING):
            state, reason = JobState.FAILED, NOT_KEPT
        self._on_event(JobEvent(job.id, state, str(reason)))
        return kept

    # --- one job ------------------------------------------------------------------------------------------

    def _print(self, job: Job) -> None:
        """From queued to its end. The job leaves the queue first: whatever happens, it is never sent twice."""
        with self._wake:
            self._jobs.popleft()
        try:
            status = self._driver.prepare()
        except LineLost:
            self._gone()
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)
            raise
        self._report(status)
        if status not in READY:
            self._tell(job, JobState.FAILED, status)
            return
        way = self._driver.plan(job.data, job.copies)
        used = replace(self._usage.plus(way.mm, way.cuts), dirty=True)
        if not self._tell(job, JobState.PRINTING, paper=as_kept(used)):
            return
        self._usage = used
        self._report(Status.BUSY)
        self._send(job, way)

    def _send(self, job: Job, way: Plan) -> None:
        """The printer's status is told before the job's end: whoever prints it again must know where that can be."""
        try:
            outcome = self._driver.send(way)
        except LineLost:
            self._gone()
            self._tell(job, *self._after_loss())
            raise
        self._report(outcome.status)
        if outcome.status in READY:
            self._tell(job, JobState.PRINTED)
        else:
            self._tell(job, JobState.UNKNOWN if outcome.whole else JobState.FAILED, outcome.status)

    def _after_loss(self) -> tuple[JobState, str]:
        if not self._driver.sent:
            return JobState.FAILED, Status.DISCONNECTED
        return JobState.UNKNOWN, Status.DISCONNECTED
