"""A spool under test: where it keeps its jobs, and everything that it says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from printers.machine import Making
from printers.pace import Pace
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import NOT_KEPT, Job, JobEvent, JobState, Spool, StatusEvent
from printers.status import Status
from tests.papers import job

QUICK = Pace(
    connect=1.0,
    first=2.0,
    again=0.3,
    answer=0.6,
    busy=1.5,
    confirm=2.0,
    margin=0.2,
    watch=0.05,
    grace=0.1,
    poll=0.05,
    retry=0.1,
    look=0.02,
)
DATA = job("enrolment")
SLIP = job("receipt")
ENDS = frozenset({JobState.PRINTED, JobState.UNKNOWN, JobState.FAILED})


class Store:
    """A job store in memory; `before` are the jobs that an earlier run left."""

    def __init__(self, before: list[tuple[str, str, str]] | None = None) -> None:
        self.before = before or []
        self.rows: list[tuple[str, str, str]] = []
        self.used: dict[str, float] = {}
        self.full = False

    def put(self, job_id: str, title: str, state: str, detail: str, paper: Mapping[str, float] | None = None) -> bool:
        if not self.full:
            self.rows.append((job_id, str(state), str(detail)))
            self.used = dict(paper or self.used)
        return not self.full

    def paper(self) -> dict[str, float]:
        return self.used

    def keep_paper(self, paper: Mapping[str, float]) -> None:
        self.used = dict(paper)

    def unfinished(self) -> list[tuple[str, str, str]]:
        return self.before


class Bench:
    """A spool on a printer, and what it has said. `making`: as the spool's."""

    def __init__(
        self, config: PrinterConfig, pace: Pace, store: Store | None = None, making: Making | None = None
    ) -> None:
        self.store, self.events = store or Store(), list[JobEvent | StatusEvent]()
        self.changed = threading.Condition()
        self.spool = Spool(config, self.store, self.note, Clock(), pace, making)
        self.spool.start()

    def note(self, event: JobEvent | StatusEvent) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def told(self) -> StatusEvent | None:
        """What it said last of the printer."""
        return next((each for each in reversed(self.events) if isinstance(each, StatusEvent)), None)

    def wait(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, seconds), self.events

    def status(self, status: Status, seconds: float = 10.0) -> None:
        self.wait(lambda: self.statuses()[-1:] == [status], seconds)

    def statuses(self) -> list[Status]:
        return [event.status for event in self.events if isinstance(event, StatusEvent)]

    def states(self, name: str) -> list[JobState]:
        return [event.state for event in self.events if isinstance(event, JobEvent) and event.id == name]

    def outcome(self, name: str, seconds: float = 20.0) -> tuple[JobState, str]:
        """The job's last word. Whoever hears of it has heard before how the printer is."""
        self.wait(lambda: bool(ENDS & set(self.states(name))), seconds)
        last = [event for event in self.events if isinstance(event, JobEvent) and event.id == name][-1]
        before = self.events[: self.events.index(last)]
        status = next((event.status for event in reversed(before) if isinstance(event, StatusEvent)), "")
        assert status == last.reason or last.reason in ("", NOT_KEPT) or self.spool._stop, before
        return last.state, last.reason

    def print(self, name: str, data: bytes = DATA) -> tuple[JobState, str]:
        self.spool.submit(Job(name, "made up", data))
        return self.outcome(name)


class Receipts(Bench):
    """A spool on the simulated receipt printer."""

    def __init__(
        self,
        printer: EscposPrinter,
        address: str,
        pace: Pace = QUICK,
        store: Store | None = None,
        profile: str = "generic-80mm",
        roll: float = 80.0,
    ) -> None:
        self.printer = printer
        super().__init__(PrinterConfig(address=address, profile=profile, roll=roll), pace, store)
