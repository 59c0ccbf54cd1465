"""How much paper a printer has used: of the roll that is in it, and in its life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from printers.machine import tens
from printers.status import READY, Status

LOW_SHARE = 0.1
"""What is left of a roll that is told as running low."""
MAY_BE_CHANGED = frozenset({Status.COVER_OPEN, Status.NO_PAPER, Status.DISCONNECTED})
"""What a printer is while somebody changes its roll."""


@dataclass(frozen=True, slots=True)
class Usage:
    """`roll_mm`, `roll_cuts`: of this roll; `mm`, `cuts`: since the printer is counted.

    `low`, `ended`: the sensor has seen the end of this roll near, or over; `opened`: it may have been changed since.
    `dirty`: something of a job may be left in the printer.
    """

    roll_mm: float = 0.0
    roll_cuts: int = 0
    mm: float = 0.0
    cuts: int = 0
    low: bool = False
    ended: bool = False
    opened: bool = False
    dirty: bool = False

    def plus(self, mm: float, cuts: int) -> Usage:
        """With one job more."""
        return replace(
            self, roll_mm=self.roll_mm + mm, roll_cuts=self.roll_cuts + cuts, mm=self.mm + mm, cuts=self.cuts + cuts
        )

    def saw(self, status: Status) -> Usage:
        """After the printer has said this: paper after the end, or far from it again, is a new roll."""
        if status in MAY_BE_CHANGED:
            return replace(self, ended=self.ended or status is Status.NO_PAPER, opened=self.opened or self.low)
        if status not in READY:
            return self
        if self.ended or (self.low and self.opened and status is Status.IDLE):
            return Usage(mm=self.mm, cuts=self.cuts, low=status is Status.PAPER_LOW, dirty=self.dirty)
        return replace(self, low=self.low or status is Status.PAPER_LOW, opened=False)

    def left(self, roll_m: float) -> int:
        """Percent of a roll of so many metres, rounded up to tens; −1 where rolls are not counted."""
        return tens(self._share(roll_m)) if roll_m > 0 else -1

    def runs_low(self, roll_m: float) -> bool:
        """Whether its last tenth has begun, by count."""
        return roll_m > 0 and self._share(roll_m) <= LOW_SHARE

    def _share(self, roll_m: float) -> float:
        return max(0.0, 1 - self.roll_mm / (1000 * roll_m))


def usage(kept: Mapping[str, float]) -> Usage:
    """What was kept by `as_kept`; nothing of it is a printer that was never counted."""
    told = {each.name: kept.get(each.name, 0.0) for each in fields(Usage)}
    flags = (bool(told[name]) for name in ("low", "ended", "opened", "dirty"))
    return Usage(told["roll_mm"], int(told["roll_cuts"]), told["mm"], int(told["cuts"]), *flags)


def as_kept(now: Usage) -> dict[str, float]:
    """Plain numbers by name."""
    return {each.name: float(getattr(now, each.name)) for each in fields(Usage)}
