"""Persist before act: every program's way from a flow's `Record` to the journal, and back."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.clock import Clock
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.link import SyncProcess
from sync.wire import NEWEST


class Recorder:
    """Asks for the commit; sync hears of it once it is on the disk. A journal that writes again is said to be well."""

    def __init__(self, journal: Journal, sync: SyncProcess, deliver: Callable[[Event], None], clock: Clock) -> None:
        self._journal, self._sync, self._deliver, self._clock = journal, sync, deliver, clock
        self._refused = False

    def record(self, effect: ev.Record) -> None:
        body, v = dict(effect.body), NEWEST[effect.kind]
        event = NewEvent(effect.key, effect.stream, effect.kind, v, body, effect.receipt)
        self._journal.put(event, self._done)

    def _done(self, answer: Committed | Refused) -> None:
        if isinstance(answer, Committed):
            if self._refused:
                self._deliver(ev.FaultCleared("journal"))
            self._sync.nudge()
            self._deliver(ev.Recorded(answer.key, answer.receipt, self._clock.now()))
        else:
            self._deliver(ev.NotRecorded(answer.key, answer.fault))
        self._refused = isinstance(answer, Refused)
