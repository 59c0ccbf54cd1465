"""A caretaker with a clock that is turned by hand, and what it did to its terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from devices.backlight import Backlight
from kiosk.app.caretaker import Caretaker, Senses
from kiosk.app.starts import Starts
from kiosk.app.watchdog import Pulse
from kiosk.clock import CAMPUS_ZONE, Clock
from kiosk.config import ServiceConfig
from kiosk.domain.faults import Fault
from kiosk.flows.core import Event
from kiosk.flows.service import Service, ServiceChanged

MORNING = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE)


class Hand(Clock):
    """`pass_` moves both the time of day and the time that never jumps."""

    def __init__(self, at: datetime = MORNING) -> None:
        super().__init__()
        object.__setattr__(self, "_now", at.timestamp())
        object.__setattr__(self, "_mono", 1000.0)

    _now: float
    _mono: float

    def now(self) -> float:
        return self._now

    def mono(self) -> float:
        return self._mono

    def local(self) -> datetime:
        return datetime.fromtimestamp(self._now, CAMPUS_ZONE)

    def pass_(self, seconds: float) -> None:
        object.__setattr__(self, "_now", self._now + seconds)
        object.__setattr__(self, "_mono", self._mono + seconds)


@dataclass
class Watched:
    """What a caretaker may do to a terminal, written down."""

    is_quiet: bool = True
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    wells: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    wants_anew: str = ""

    def deliver(self, event: Event) -> None:
        self.events.append(event)

    def fault(self, fault: Fault) -> None:
        self.faults.append(fault)

    def well(self, device: str) -> None:
        self.wells.append(device)

    def quiet(self) -> bool:
        return self.is_quiet

    def anew(self) -> str:
        return self.wants_anew

    def quit(self, code: int) -> None:
        self.codes.append(code)

    @property
    def service(self) -> Service:
        last = self.events[-1]
        assert isinstance(last, ServiceChanged)
        return last.service


class Care:
    """One caretaker in a folder of its own; `senses`: sizes in bytes, and whether a time service works."""

    def __init__(
        self, folder: Path, config: ServiceConfig, at: datetime = MORNING, pulses: Sequence[Pulse] = (), before: int = 0
    ) -> None:
        self.clock, self.hands = Hand(at), Watched()
        self.resident, self.synced = 0, True
        self.update_ready, self.asked = False, 0
        self.starts = Starts(folder, config.quick_ends)
        (folder / "starts").write_text(str(before), "ascii")
        self.starts.begin()
        senses = Senses(lambda: self.resident, lambda: self.synced, Backlight(folder / "backlight"), self._update)
        self.tender = Caretaker(config, self.clock, self.hands, pulses, self.starts, senses)

    def _update(self) -> bool:
        self.asked += self.update_ready
        return self.update_ready

    def run(self, seconds: float, step: float = 1.0) -> None:
        """Tick as the window does."""
        for _ in range(round(seconds / step)):
            self.clock.pass_(step)
            self.tender.tick()
