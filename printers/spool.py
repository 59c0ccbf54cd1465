"""One printer's queue: a worker thread that keeps the line, watches the status and knows what came out.

"printed" means that the byte of GS r, queued behind the job, came back. Bytes that were handed over and never
confirmed are "unknown"; a job that the printer itself reported stopped (paper, cover, cutter) is "failed".
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from printers import escpos
from printers.driver import Driver, Pace
from printers.profiles import profile
from printers.status import READY, Status
from printers.transport import LineLost


class JobState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Bytes to be printed. `title` is for the technician, never a person's data."""

    id: str
    title: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job has come to `state`; `reason` is the printer's status behind a failure, or empty."""

    id: str
    state: JobState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """The printer's status has changed."""

    status: Status


class JobStore(Protocol):
    """Where jobs survive a crash; called from the printer's thread, returns when it is on disk."""

    def put(self, job_id: str, title: str, state: str, detail: str) -> None:
        """Keep the job's state."""

    def unfinished(self) -> list[tuple[str, str, str]]:
        """(id, title, state) of the jobs last kept as queued or printing."""


OnEvent = Callable[[JobEvent | StatusEvent], None]


class Spool:
    """The queue of one printer. `on_event` is called on its thread; an empty address is a printer never there."""

    def __init__(
        self, config: PrinterConfig, store: JobStore, on_event: OnEvent, clock: Clock, pace: Pace | None = None
    ) -> None:
        self._store, self._on_event, self._clock = store, on_event, clock
        self._pace = pace or Pace()
        self._address = config.address
        self._driver = Driver(config.address, profile(config.profile), clock, self._pace, self._stopping)
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._stop = False
        self._status: Status | None = None
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)
        self.beat = clock.mono()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """End the worker; a job in the printer is then unknown. Returns within the time, whatever the printer does."""
        with self._wake:
            self._stop = True
            self._wake.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def submit(self, job: Job) -> None:
        """Queue a job; returns at once, what becomes of it comes as JobEvents."""
        with self._wake:
            self._jobs.append(job)
            self._wake.notify_all()

    @property
    def status(self) -> Status:
        return self._status or Status.DISCONNECTED

    def _stopping(self) -> bool:
        self.beat = self._clock.mono()
        return self._stop

    # --- the worker ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        for job_id, title, state in self._store.unfinished():
            self._tell(Job(job_id, title, b""), JobState.UNKNOWN)
            if state == JobState.PRINTING:
                self._driver.suspect()
        while not self._stopping():
            try:
                self._serve()
            except LineLost:
                if not self._stop:
                    self._lost()
        self._driver.close()
        for job in self._jobs:
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)

    def _serve(self) -> None:
        if not self._driver.open and not (self._address and self._driver.connect(self._impatient)):
            self._lost()
            return
        job = self._next()
        if job is None:
            self._report(self._driver.look())
            self._pause(self._pace.poll)
        else:
            self._print(job)

    def _next(self) -> Job | None:
        with self._wake:
            return self._jobs[0] if self._jobs else None

    def _impatient(self) -> bool:
        """Whether to stop waiting for a first answer: a job asks, and the printer was known to be away."""
        return self._stopping() or (bool(self._jobs) and self._status is Status.DISCONNECTED)

    def _lost(self) -> None:
        """The line is gone: say so, fail what waits, and try again after a pause."""
        self._driver.close()
        self._report(Status.DISCONNECTED)
        while (job := self._next()) is not None:
            self._jobs.popleft()
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)
        self._pause(self._pace.retry)

    def _pause(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._stop or bool(self._jobs), seconds)

    def _report(self, status: Status) -> None:
        if status is not self._status:
            self._status = status
            self._on_event(StatusEvent(status))

    def _tell(self, job: Job, state: JobState, reason: str = "") -> None:
        self._store.put(job.id, job.title, state, reason)
        self._on_event(JobEvent(job.id, state, str(reason)))

    # --- one job ------------------------------------------------------------------------------------------

    def _print(self, job: Job) -> None:
        """From queued to its end. The job leaves the queue first: whatever happens, it is never sent twice."""
        with self._wake:
            self._jobs.popleft()
        self._tell(job, JobState.QUEUED)
        try:
            status = self._driver.prepare()
        except LineLost:
            self._tell(job, JobState.FAILED, Status.DISCONNECTED)
            raise
        self._report(status)
        if status not in READY:
            self._tell(job, JobState.FAILED, status)
            return
        self._tell(job, JobState.PRINTING)
        self._report(Status.BUSY)
        try:
            outcome = self._driver.send(escpos.pieces(job.data))
        except LineLost:
            self._tell(job, *self._after_loss())
            raise
        if outcome in READY:
            self._tell(job, JobState.PRINTED)
        else:
            self._tell(job, JobState.FAILED, outcome)
        self._report(outcome)

    def _after_loss(self) -> tuple[JobState, str]:
        if not self._driver.sent:
            return JobState.FAILED, Status.DISCONNECTED
        return JobState.UNKNOWN, Status.DISCONNECTED
