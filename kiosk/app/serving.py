"""All that serves a technician, whichever the terminal: the queue's desk, the bench, and the way in by a shell."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kiosk.app import queue_acts
from kiosk.app.bench import making
from kiosk.app.doer import Doer
from kiosk.app.pages import PagesDesk, Started
from kiosk.app.recorder import Recorder
from kiosk.app.reports import Reports
from kiosk.app.techline import TechLine
from kiosk.app.techsession import Around
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup.events import JobChanged
from kiosk.flows.walkup.state import Station
from kiosk.text import Texts
from printers.spool import JobEvent
from sync.desk import Desk
from sync.journal import Journal
from sync.link import SyncProcess
from sync.vault import Vault
from ui.window import Window


@dataclass(frozen=True, slots=True)
class Base:
    """What every terminal's program has."""

    config: Config
    clock: Clock
    texts: Texts
    reports: Reports
    vault: Vault
    journal: Journal
    sync: SyncProcess
    desk: Desk
    started: Started


class Serving:
    """`station`: how the terminal is now; `parts`: the devices of `bench.Fittings`, by name."""

    def __init__(self, base: Base, shell: Window[Any], station: Callable[[], Station], **parts: Any) -> None:
        self._base, self._deliver, self._station = base, shell.deliver, station
        config, clock, journal = base.config, base.clock, base.journal
        self.line = TechLine(config.paths.state, self._around, shell.deliver)
        self.queue = queue_acts.desk(config, clock, base.vault, journal, base.sync, self.line.take)
        self.pages = PagesDesk(base.started, journal.note, self._tag, self.line.take)
        show = functools.partial(shell.picture, "code")
        around = (config, clock, base.texts, base.reports, journal)
        self.bench = making.desk(*around, self.line.take, show, **parts)
        base.reports.on_job, base.reports.on_spent = self._job, self.line.spent

    def handlers(self) -> dict[type[Effect], Callable[..., None]]:
        """Kind of effect → its one handler."""
        return {**self.queue.handlers(), **self.pages.handlers(), **self.bench.handlers()}

    def start(self) -> None:
        """The shell last: whoever comes in by it finds the rest."""
        for part in (self.queue, self.pages, self.bench, self.line):
            part.start()

    def threads(self) -> dict[str, Doer]:
        """What must beat, by the names of `pulses`."""
        looks, tests = self.bench.looks, self.bench.tests
        return {"board": looks, "bench": tests, "queue": self.queue.work, "pages": self.pages.work}

    def stop(self, timeout: float) -> None:
        """In reverse."""
        for part in (self.line, self.bench, self.pages, self.queue):
            part.stop(timeout)

    def anew(self) -> str:
        """Why the terminal should begin anew at a quiet moment, "" = it need not."""
        return "settings" if self.pages.went_back else ""

    def _tag(self, who: str) -> str:
        """Whom the campus can find by their id, and nobody else by the tag."""
        return self._base.vault.tag("person", who).hex()

    def _around(self) -> Around:
        base = self._base
        parts = (base.config, base.clock, base.texts, base.desk, self.handlers())
        return Around(*parts, self._recorder, self._station)

    def _recorder(self, deliver: Callable[[Event], None]) -> Recorder:
        """For a shell: what it records is its own to hear of, and the screen's."""

        def both(event: Event) -> None:
            deliver(event)
            self._deliver(event)

        return Recorder(self._base.journal, self._base.sync, both, self._base.clock)

    def _job(self, event: JobEvent) -> None:
        self.bench.job(event)
        self.line.told(JobChanged(event.id, event.state, event.reason, self._base.clock.now()))
