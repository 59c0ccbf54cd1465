"""The terminal's parts as a technician sees them: how each is, where it is plugged in, how often it failed."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.faults import Fault

PARTS = ("camera", "scanner", "thermal", "relay", "printer", "a4", "face", "centre", "disk", "clock")
"""Every part there may be, in the order of the board; a terminal shows those it is built with."""
HOURS = 24
"""So many hours stand on a part's chart, the running one last."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `online`: True, False, or None where that is not known yet.

    `says`: what it measures now, in figures and units that need no translation. `port`: as configured. `firmware`: as
    the part or its plug tells, "" = it tells none. `good`: its last good sign, Unix seconds, 0 = never. `hours`: how
    often it went wrong in each of the last `HOURS` hours.
    """

    name: str
    online: bool | None = None
    fault: Fault | None = None
    says: str = ""
    port: str = ""
    firmware: str = ""
    good: float = 0.0
    hours: tuple[int, ...] = (0,) * HOURS

    @property
    def well(self) -> bool:
        """Nothing is known against it."""
        return self.online is True and self.fault is None
