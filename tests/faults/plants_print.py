"""Faults planted into the process that prints, each a lie that printers' drivers are known to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.app import papers
from kiosk.flows.walkup import events as ev
from printers.driver import Driver, Sent
from printers.line import Line
from printers.spool import Job, JobState, Spool
from printers.status import Status
from printers.transport import LineLost
from tests.faults import printing
from tests.faults.planting import replace

HEALTHY = 0x12


def _believes_written() -> None:
    """What was handed over is called printed."""

    def confirmed(self: Driver) -> Sent:
        self._dirty = False
        return Sent(Status.IDLE, whole=True)

    replace(Driver, "_confirmed", confirmed)


def _prints_again() -> None:
    """A job that was lost with the line is sent a second time, by itself."""
    genuine = Spool._tell

    def tell(
        self: Spool, job: Job, state: JobState, reason: str = "", paper: Mapping[str, float] | None = None
    ) -> bool:
        if job.data and (state is JobState.UNKNOWN or (state is JobState.FAILED and reason == Status.DISCONNECTED)):
            self._jobs.append(Job(job.id, job.title, job.data))
        return genuine(self, job, state, reason, paper)

    def lost(self: Spool) -> None:
        self._driver.close()
        self._report(Status.DISCONNECTED)
        self._pause(self._pace.retry)

    replace(Spool, "_tell", tell)
    # what waits when the line is lost is printed once it is back
    replace(Spool, "_lost", lost)
    replace(Spool, "_impatient", lambda self: self._stopping())


def _silence_is_health() -> None:
    """No answer is taken for "nothing to report", as by python-escpos' paper_status()."""
    genuine = Line.ask

    def ask(self: Line, n: int, wait: float) -> int:
        try:
            return genuine(self, n, wait)
        except LineLost as lost:
            if str(lost) != "silent":
                raise
            return HEALTHY

    replace(Line, "ask", ask)
    replace(Line, "_first_answer", lambda self, impatient: True)


def _voids_unasked() -> None:
    """After a restart what was in the printer is voided, also where it lies in somebody's hand."""
    genuine = papers.look_back

    def look_back(left: Any) -> tuple[tuple[ev.Record, ...], ev.PapersLeft]:
        return genuine([(job, title, "failed" if state != "printed" else state) for job, title, state in left])

    replace(printing, "look_back", look_back)


def _leaves_half_a_job() -> None:
    """What an earlier job left in the printer stays there."""

    def recovered(self: Driver) -> bool:
        self._dirty = False
        return True

    replace(Driver, "_recovered", recovered)
    replace(Driver, "_give_up", lambda self, status, whole: Sent(status, whole))


PLANTS: dict[str, Callable[[], None]] = {
    "believes_written": _believes_written,
    "prints_again": _prints_again,
    "silence_is_health": _silence_is_health,
    "voids_unasked": _voids_unasked,
    "leaves_half_a_job": _leaves_half_a_job,
}
