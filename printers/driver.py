"""One ESC/POS printer: brings a job to it, watches it meanwhile, and waits for its word that all of it is out.

Everything here runs on the printer's thread. LineLost means the line is gone or silent past its deadline.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.clock import Clock
from printers.escpos import PIECE, millimetres
from printers.line import Line
from printers.machine import Levels, Sent
from printers.pace import Pace
from printers.plan import Plan, plan
from printers.profiles import Profile
from printers.status import READY, Status
from printers.transport import LineLost, speed

__all__ = ["Driver", "Pace", "Sent"]

FILL = bytes(PIECE)
"""NULs that end whatever command a lost line has cut in two: no command of ours is longer, alone they mean nothing."""
RESET = b"\x1b@\x1c."
CALM = (Status.IDLE, Status.PAPER_LOW)


class Driver:
    """The printer. `sent` counts the bytes of the last job that were handed over, or of which this was tried."""

    def __init__(self, address: str, profile: Profile, clock: Clock, pace: Pace, stopping: Callable[[], bool]) -> None:
        self._address, self._profile, self._clock, self._pace = address, profile, clock, pace
        self._line = Line(address, profile, clock, pace, stopping)
        self._dirty = False
        self._length = 0.0
        self._looked: Status | None = None
        self.sent = 0

    @property
    def open(self) -> bool:
        return self._line.open

    def close(self) -> None:
        self._line.close()

    @property
    def levels(self) -> Levels:
        """Such printers know nothing of it: their roll is counted."""
        return Levels()

    @property
    def firmware(self) -> str:
        """As GS I was answered."""
        return self._line.identity or ""

    @property
    def clean(self) -> bool:
        """Whether nothing of a job can be left in the printer."""
        return not self._dirty

    def suspect(self) -> None:
        """An earlier run may have left half a job in the printer: clear it before anything is printed."""
        self._dirty = True

    def connect(self, impatient: Callable[[], bool]) -> bool:
        """Open the line and wait for a first answer; False when `impatient` said so meanwhile."""
        self._looked = None
        return self._line.connect(impatient)

    def heard(self) -> bool:
        """Whether an idle printer has just said something by itself; returns at once."""
        return self._line.heard()

    def look(self) -> Status:
        """Ask an idle printer for everything and say it in one word; what an earlier job left is cleared away.

        From the second look on one that is ready and clean is asked once what it is: never right before a job.
        """
        before, self._looked = self._looked, self._look()
        calm = before in CALM and self._looked in CALM and self.clean
        if calm and self._profile.gs_i and self._line.identity is None:
            self._line.introduce(self._pace.tells)
        return self._looked

    def _look(self) -> Status:
        status = self._line.status(self._pace.answer)
        self._line.told = None
        if self._dirty and status in READY:
            return status if self._recovered() else Status.ERROR
        return status

    def prepare(self) -> Status:
        """The status right before a job; what an earlier one left in the printer is gone when it is ready."""
        self.sent, self._length = 0, 0.0
        return self._look()

    def plan(self, data: bytes, copies: int = 1) -> Plan:
        """How to send these bytes to this model."""
        return plan(data * copies, self._profile)

    def send(self, job: Plan) -> Sent:
        """A whole job. Its last print step is held back behind a GS r of its own, whose answer tells how far it is."""
        line = self._line
        self._dirty, line.surplus = True, 0
        for piece in job.body:
            if (status := self._hand_over(piece)) not in READY:
                return self._give_up(status, whole=False)
        self._demand()
        for piece in job.tail:
            if (status := self._hand_over(piece)) not in READY:
                return self._give_up(status, whole=not line.owed)
        if not self._profile.gs_r:
            raise LineLost("cannot confirm")
        self._demand()
        return self._confirmed()

    def _demand(self) -> None:
        if self._profile.gs_r:
            self._line.demand(self._wait(self._pace.busy))

    def _hand_over(self, piece: bytes) -> Status:
        self._length += millimetres(piece)
        self.sent += len(piece)
        wait = self._wait(self._pace.busy)
        self._line.write(piece, wait)
        return self._settled(wait)

    def _wait(self, least: float) -> float:
        """What the job so far takes on this line, and at the printer's slowest, beside the least wait."""
        wire, paper = self.sent / speed(self._address), self._length / self._profile.mm_per_s
        return least + self._pace.margin * (wire + paper)

    def _confirmed(self) -> Sent:
        line, end = self._line, self._clock.mono() + self._wait(self._pace.confirm)
        while (left := end - self._clock.mono()) > 0:
            if self._answered(self._pace.watch):
                return self._alone()
            status = self._settled(left)
            if status not in READY and line.owed:
                return self._give_up(status, whole=line.owed < 2)
        raise LineLost("never confirmed")

    def _alone(self) -> Sent:
        """The rest of a torn automatic status looks like answers to GS r; too many of them confirm nothing."""
        while self._line.pump(self._pace.alone):
            pass
        if self._line.surplus:
            raise LineLost("doubtful")
        self._dirty = False
        return Sent(Status.IDLE, whole=True)

    def _answered(self, seconds: float) -> bool:
        """Whether every GS r has been answered, waiting for it until then, or until the printer reports trouble."""
        line, end = self._line, self._clock.mono() + seconds
        while line.owed and (left := end - self._clock.mono()) > 0:
            if line.told and line.told.status not in READY:
                break
            line.pump(left)
        return not line.owed

    def _settled(self, wait: float) -> Status:
        """The status; a bad one must last, and the job's confirmation may come meanwhile."""
        status = self._line.in_job(wait)
        if status in READY:
            return status
        end = self._clock.mono() + self._pace.grace
        while (left := end - self._clock.mono()) > 0:
            self._line.pump(left)
        return self._line.in_job(wait)

    def _give_up(self, status: Status, *, whole: bool) -> Sent:
        """Stopped: empty the printer at once, lest new paper brings the rest of it.

        An answer behind the order tells that it has arrived. When the line goes before, the rest of the page may come
        after all, and nobody knows.
        """
        try:
            self._line.write(self._profile.clear, self._pace.answer)
            self._line.in_job(self._pace.answer)
        except LineLost:
            self.close()
            whole = True
        return Sent(status, whole)

    def _recovered(self) -> bool:
        """Clear what a spoiled job left, cut off what hangs there, and hear that nothing is left in the buffer."""
        line = self._line
        stale, wait = line.owed, self._pace.busy + self._pace.margin * len(FILL) / speed(self._address)
        line.write(self._profile.clear + FILL + RESET + self._profile.cutting, wait)
        if not self._profile.gs_r:
            self._dirty = False
            return True
        line.demand(wait, stale + 1)
        end = self._clock.mono() + wait
        while line.owed > stale:
            if self._clock.mono() > end:
                return False
            line.pump(self._pace.look)
        while line.pump(self._pace.grace):
            pass
        line.owed, self._dirty = 0, False
        return True
