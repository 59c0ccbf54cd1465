"""Keeps a terminal that nobody looks after: watchdog, hours and night, memory, time service, and when to begin anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from devices.backlight import Backlight
from kiosk import log
from kiosk.app import memory, timesync
from kiosk.app.notify import ALIVE, patience, tell
from kiosk.app.starts import HEALTHY_S, Starts
from kiosk.app.watchdog import Pulse, Watchdog
from kiosk.clock import Clock
from kiosk.config import ServiceConfig
from kiosk.domain import hours
from kiosk.domain.faults import Code, Fault
from kiosk.flows.core import Event
from kiosk.flows.service import Service, ServiceChanged

AGAIN, STALLED = 75, 76
"""Exit codes: the program begins anew at a quiet moment; a part it cannot do without stands still."""
TICK_S = 1.0
QUIET_S = 30.0
"""So long nobody must have been there before the program begins anew."""
LARGE_S = 3600.0
"""A program that is large again sooner than this would only begin anew over and over."""
NIGHT_MIN = 180
"""How long after its time the nightly start is still tried."""
UPDATES_FROM, INSTALL_S = "03:00", 300.0
"""From when on updates are installed where neither hours nor a nightly start say when; how long that may take."""
MEMORY_EVERY_S, TIME_EVERY_S = 30.0, 60.0
TIME_GRACE_S = 600.0
"""A machine that was switched on needs some minutes to find its time servers."""
MEGABYTE = 1_000_000


class Hands(Protocol):
    """What the caretaker does to the terminal; from its window's thread."""

    def deliver(self, event: Event) -> None: ...
    def fault(self, fault: Fault) -> None: ...
    def well(self, device: str) -> None: ...
    def quiet(self) -> bool: ...
    def anew(self) -> str: ...
    def quit(self, code: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Senses:
    """Where it looks; a test looks elsewhere."""

    resident: Callable[[], int]
    synchronised: Callable[[], bool | None] = timesync.synchronised
    light: Backlight = field(default_factory=Backlight)
    update: Callable[[], bool] = lambda: False
    """Asks the machine for the update that lies ready; whether one does. It stops the program and starts it again."""


class Caretaker:
    """`tick` every second on the window's thread, from the first frame on."""

    def __init__(
        self,
        config: ServiceConfig,
        clock: Clock,
        hands: Hands,
        pulses: Sequence[Pulse],
        starts: Starts,
        senses: Senses,
    ) -> None:
        self._config, self._clock, self._hands, self._starts, self._senses = config, clock, hands, starts, senses
        self.watchdog = Watchdog(pulses, clock.mono, hands.fault, hands.well)
        self._hours, self._night = hours.parse(config.open), hours.span(config.night)
        self._began = self._busy_at = clock.mono()
        self._due = {"memory": self._began + MEMORY_EVERY_S, "time": self._began + TIME_GRACE_S}
        self._service = Service()
        self._standing: set[str] = set()
        self._healthy = self._over = False
        self._asked = -INSTALL_S

    @property
    def every(self) -> float:
        """Seconds between two ticks: the service manager hears of them well within its patience."""
        return min(TICK_S, patience() / 3) if patience() else TICK_S

    def tick(self) -> None:
        """Look at everything once."""
        now = self._clock.mono()
        if not self._hands.quiet():
            self._busy_at = now
        self._look_at_parts()
        self._look_at_hours(now)
        self._look_at_memory(now)
        self._look_at_time(now)
        if not self._healthy and now - self._began >= HEALTHY_S:
            self._healthy = True
            self._starts.healthy()
        self._begin_anew(now)

    def _look_at_parts(self) -> None:
        self.watchdog.look()
        if self.watchdog.alive:
            tell(ALIVE)
        else:
            self._quit(STALLED, "stalled")

    def _look_at_hours(self, now: float) -> None:
        """Opening hours and night; the panel's own light where it can be set, else the screen draws darker."""
        local, config = self._clock.local(), self._config
        is_open = self._hours.open_at(local)
        opens = None if is_open else self._hours.opens(local)
        night = hours.within(self._night, local)
        dark = 0.0
        if self._night is not None:
            dim = night and self._busy_at != now
            lit = self._senses.light.dim(config.night_percent if dim else config.day_percent)
            dark = 1 - config.night_percent / 100 if night and not lit else 0.0
        service = Service(not is_open, opens.timestamp() if opens else 0.0, dark)
        if service != self._service:
            self._service = service
            self._hands.deliver(ServiceChanged(service))

    def _look_at_memory(self, now: float) -> None:
        most = self._config.memory_megabytes
        if not most or not self._time_for("memory", now, MEMORY_EVERY_S):
            return
        resident = self._senses.resident() // MEGABYTE
        self._say(Fault(Code.MEMORY_GROWN, "memory", f"{resident} of {most} MB"), resident > most)

    def _look_at_time(self, now: float) -> None:
        if not self._config.time_sync or not self._time_for("time", now, TIME_EVERY_S):
            return
        self._say(Fault(Code.CLOCK_UNKEPT, "time-service"), self._senses.synchronised() is False)

    def _time_for(self, what: str, now: float, seconds: float) -> bool:
        if now < self._due[what]:
            return False
        self._due[what] = now + seconds
        return True

    def _say(self, fault: Fault, wrong: bool) -> None:
        """Once per change."""
        if wrong and fault.device not in self._standing:
            self._standing.add(fault.device)
            self._hands.fault(fault)
        elif not wrong and fault.device in self._standing:
            self._standing.discard(fault.device)
            self._hands.well(fault.device)

    def _begin_anew(self, now: float) -> None:
        """Never in a visit: everything is on the disk, nobody is there, and nobody was for a while."""
        if self._starts.too_many and now - self._began >= self._config.retry_minutes * 60 and self._rests(now):
            self._starts.once_more()
            self._quit(AGAIN, "out_of_service")
        if not self._rests(now):
            return
        if self.watchdog.stalled:
            # counted as a quick end: what stands still at every start must not go round for ever
            self._quit(STALLED, "part_stalled")
        if now - self._asked < INSTALL_S:
            return
        if self._may_update(now) and self._senses.update():
            self._asked = now
            log.event("update_asked")
            return
        if reason := self._reason(now):
            self._quit(AGAIN, reason)

    def _reason(self, now: float) -> str:
        if "memory" in self._standing and now - self._began >= LARGE_S:
            return "memory"
        return self._hands.anew() or ("nightly" if self._nightly(now) else "")

    def _may_update(self, now: float) -> bool:
        """In the night's start, or while it is closed; where neither is set in the small hours."""
        if self._config.restart or self._config.open:
            return self._nightly(now) or self._service.closed
        return self._passed(UPDATES_FROM, now)

    def _nightly(self, now: float) -> bool:
        return bool(self._config.restart) and self._passed(self._config.restart, now)

    def _passed(self, when: str, now: float) -> bool:
        """This time of day has passed while this run was up, and not long ago."""
        local = self._clock.local()
        ago = (local.hour * 60 + local.minute - hours.minute(when)) % hours.DAY_MIN
        return ago < NIGHT_MIN and now - self._began > ago * 60 + local.second

    def _rests(self, now: float) -> bool:
        return now - self._busy_at >= QUIET_S

    def _quit(self, code: int, reason: str) -> None:
        if not self._over:
            self._over = True
            log.event("begins_anew", reason=reason)
            self._hands.quit(code)


def resident_of(pid: int) -> Callable[[], int]:
    """Bytes of the largest process among this one and its children."""
    return lambda: memory.largest(pid)[1]
