"""What the spool needs of a printer's driver, whatever its wire."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.clock import Clock
from printers.pace import Pace
from printers.plan import Plan
from printers.status import Status


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a job that was sent.

    Ready: the printer has confirmed it. Any other status stopped it; `whole` is then False when something of the page
    is certainly missing, and True when nobody knows.
    """

    status: Status
    whole: bool


@dataclass(frozen=True, slots=True)
class Levels:
    """Percent, in tens, that a printer itself says is left of its `paper` and its `toner`; −1 = it does not say."""

    paper: int = -1
    toner: int = -1


def tens(share: float) -> int:
    """A share of full in tens of percent, rounded up, so that 0 is nothing."""
    return math.ceil(share * 10) * 10


class Machine(Protocol):
    """One printer, driven on its spool's thread. LineLost means that it is gone, or silent past its deadline.

    `sent` counts the bytes of the last job that were handed over, or of which this was tried.
    """

    sent: int

    @property
    def open(self) -> bool:
        """Whether it has answered since it was last lost."""

    @property
    def clean(self) -> bool:
        """Whether nothing of a job can be left in the printer."""

    @property
    def levels(self) -> Levels:
        """As it said when it was looked at last."""

    @property
    def firmware(self) -> str:
        """Maker, model and firmware as it told them itself since it was last lost; "" = it told none."""

    def close(self) -> None:
        """Let go of it."""

    def suspect(self) -> None:
        """An earlier run may have left half a job in it: clear it before anything is printed."""

    def connect(self, impatient: Callable[[], bool]) -> bool:
        """Wait for a first answer; False, or LineLost, when `impatient` said so meanwhile."""

    def heard(self) -> bool:
        """Whether an idle printer has just said something by itself; returns at once."""

    def look(self) -> Status:
        """The status of an idle printer; what an earlier job left in it is cleared away."""

    def prepare(self) -> Status:
        """The status right before a job; nothing of an earlier one is in it when it is ready."""

    def plan(self, data: bytes, copies: int = 1) -> Plan:
        """How so many copies of a job will be sent, and what they take."""

    def send(self, job: Plan) -> Sent:
        """The whole job, once."""


Making = Callable[[Clock, Pace, Callable[[], bool]], Machine]
"""From the clock, its delays and what says that the worker is to stop."""
