"""How every device did and does, heard from the reports: whoever looks at the board asks here, on any thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.board import HOURS
from kiosk.domain.faults import Fault
from sync import health
from sync.records import Stamp


class Writer(Protocol):
    """The journal: acts on its own thread."""

    def act(self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """Of one device: whether it is there (None = it has not said), its trouble, its last good sign (Unix seconds),
    and how often it went wrong in each of the last `HOURS` hours.
    """

    online: bool | None = None
    fault: Fault | None = None
    good: float = 0.0
    hours: tuple[int, ...] = (0,) * HOURS


class Health:
    """Counts a trouble once per change, as it is reported. What cannot be written is counted in memory all the same."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._online: dict[str, bool] = {}
        self._faults: dict[str, Fault] = {}
        self._good: dict[str, float] = {}
        self._counts: health.Counts = {}
        self._writer: Writer | None = None

    def begin(self, writer: Writer) -> None:
        """What earlier runs kept is taken up, and from here on every trouble is written down."""
        since = self._now() - HOURS * health.HOUR_S
        writer.act(lambda db, _: self._take_up(*health.load(db, since)), lambda _: None)
        self._writer = writer

    def _take_up(self, counts: health.Counts, signs: dict[str, float]) -> None:
        with self._lock:
            for device, hours in counts.items():
                mine = self._counts.setdefault(device, {})
                for hour, number in hours.items():
                    mine[hour] = mine.get(hour, 0) + number
            self._good = {**signs, **self._good}

    def end(self) -> None:
        """When each device was last well is written down."""
        with self._lock:
            self._see()
            signs = list(self._good.items())
        self._write(lambda db: health.well(db, signs))

    def online(self, device: str, there: bool) -> None:
        """It came, or it went."""
        with self._lock:
            self._see()
            self._online[device] = there
            good = self._good.get(device, 0.0)
        if not there and good:
            self._write(lambda db: health.well(db, [(device, good)]))

    def fault(self, fault: Fault) -> None:
        """Something went wrong with it."""
        at = self._now()
        with self._lock:
            self._see()
            self._faults[fault.device] = fault
            hours = self._counts.setdefault(fault.device, {})
            hours[health.hour_of(at)] = hours.get(health.hour_of(at), 0) + 1
        self._write(lambda db: health.count(db, fault.device, fault.code.value, at))

    def clear(self, device: str) -> None:
        """It is well again."""
        with self._lock:
            self._faults.pop(device, None)

    def of(self, device: str) -> Known:
        """All that is known of this device."""
        last = health.hour_of(self._now())
        with self._lock:
            self._see()
            counts = self._counts.get(device, {})
            hours = tuple(counts.get(last - back, 0) for back in range(HOURS - 1, -1, -1))
            return Known(self._online.get(device), self._faults.get(device), self._good.get(device, 0.0), hours)

    def _see(self) -> None:
        """Whatever is there and has no trouble is well at this moment."""
        now = self._now()
        for device, there in self._online.items():
            if there and device not in self._faults:
                self._good[device] = now

    def _write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        if self._writer:
            self._writer.act(lambda db, _: work(db), lambda _: None)
