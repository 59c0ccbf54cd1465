"""The one place where the time of day enters; everything else is handed a Clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

CAMPUS_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time as Unix seconds, shifted by `offset` seconds (demonstrations begin on a fixed morning)."""

    offset: float = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.offset

    def mono(self) -> float:
        """Seconds that never jump, for durations and deadlines."""
        return time.monotonic()

    def local(self) -> datetime:
        """Campus wall time with its zone."""
        return datetime.fromtimestamp(self.now(), CAMPUS_ZONE)


def starting_at(local: datetime) -> Clock:
    """A clock that reads `local` (campus time, zone optional) at this moment and runs on from there."""
    aware = local if local.tzinfo else local.replace(tzinfo=CAMPUS_ZONE)
    return Clock(aware.timestamp() - time.time())
