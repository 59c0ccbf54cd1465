"""One ESC/POS printer on one line: asks it, sends to it, and waits for its word that a job is out.

Everything here runs on the printer's thread. LineLost means the line is gone or silent past its deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.clock import Clock
from printers.escpos import millimetres
from printers.profiles import Profile
from printers.status import READY, DleAnswer, Flags, Inbox, RollAnswer, Status, dle
from printers.transport import LineLost, Wire, speed

GS_R = b"\x1dr\x01"
RESET = b"\x1b@\x1c."
NO_AUTOMATIC = b"\x1da\x00"


@dataclass(frozen=True, slots=True)
class Pace:
    """Every delay of the printer's thread, in seconds."""

    connect: float = 2.0
    """Longest wait for the line to open."""
    first: float = 12.0
    """Longest wait for the first answer after that: 8 s is normal on some."""
    again: float = 2.0
    """How often that first question is repeated."""
    answer: float = 3.0
    """Longest wait for an answer while idle."""
    busy: float = 12.0
    """The same while a job is in it, before what its length and its wire add."""
    confirm: float = 20.0
    """Longest wait for GS r behind the last byte, before what the job's length and its wire add."""
    margin: float = 2.0
    """How many times as long as computed a job may take on its wire and on its paper."""
    watch: float = 0.5
    """How often the status is asked while waiting for GS r."""
    grace: float = 0.3
    """How long a bad status must last before a job is given up; GS r may still come in it."""
    poll: float = 1.0
    """How often an idle printer is asked."""
    retry: float = 1.0
    """Between attempts to reach it."""
    look: float = 0.1
    """The longest single wait: stopping takes effect within it."""


class Driver:
    """The printer. `sent` counts the bytes of the last job that were handed over."""

    def __init__(self, address: str, profile: Profile, clock: Clock, pace: Pace, stopping: Callable[[], bool]) -> None:
        self._address, self._profile, self._clock, self._pace = address, profile, clock, pace
        self._stopping = stopping
        self._wire: Wire | None = None
        self._inbox = Inbox()
        self._answers: deque[int] = deque()
        self._owed = 0
        self._dirty = False
        self.sent = 0

    @property
    def open(self) -> bool:
        return self._wire is not None

    def close(self) -> None:
        if self._wire:
            self._wire.close()
        self._wire = None

    def suspect(self) -> None:
        """An earlier run may have left half a job in the printer: clear it before anything is printed."""
        self._dirty = True

    def connect(self, impatient: Callable[[], bool]) -> bool:
        """Open the line and wait for a first answer; False when `impatient` said so meanwhile."""
        self.close()
        self._inbox, self._answers = Inbox(), deque()
        self._wire = Wire(self._address, self._pace.connect)
        if not self._profile.dle_eot:
            return True
        if not self._first_answer(impatient):
            return False
        while self._pump(self._pace.look):
            pass
        self._answers.clear()
        self._write(NO_AUTOMATIC, self._pace.answer)
        return True

    def _first_answer(self, impatient: Callable[[], bool]) -> bool:
        end = self._clock.mono() + self._pace.first
        again = 0.0
        while not self._answers:
            now = self._clock.mono()
            if now > end or impatient():
                return False
            if now >= again:
                again = now + self._pace.again
                self._write(b"\x10\x04\x01", self._pace.answer)
            self._pump(self._pace.look)
        return True

    def look(self, wait: float | None = None) -> Status:
        """Ask for everything and say it in one word; a printer that cannot be asked is taken for idle."""
        status = self._flags(wait or self._pace.answer).status if self._profile.dle_eot else Status.IDLE
        if self._dirty and status in READY and wait is None:
            return status if self._recovered() else Status.ERROR
        return status

    def _flags(self, wait: float) -> Flags:
        flags = Flags()
        for n in (1, 2, 3, 4):
            flags = dle(flags, n, self._ask(n, wait))
        return flags

    def prepare(self) -> Status:
        """The status right before a job; what an earlier one left in the printer is gone when it is ready."""
        self.sent = 0
        return self.look()

    def send(self, pieces: Iterable[bytes]) -> Status:
        """A whole job: ready at the end means that the printer has confirmed it, anything else that it is spoiled."""
        length = 0.0
        self._dirty = True
        for piece in pieces:
            length += millimetres(piece)
            wait = self._pace.busy + self._seconds(len(piece), millimetres(piece))
            self._write(piece, wait)
            self.sent += len(piece)
            status = self._settled(wait)
            if status not in READY:
                return self._give_up(status)
        if not self._profile.gs_r:
            raise LineLost("cannot confirm")
        self._demand(1)
        return self._confirmed(self._pace.confirm + self._seconds(self.sent, length))

    def _seconds(self, size: int, length: float) -> float:
        """What so many bytes take on this line and so many millimetres at its slowest, with the margin."""
        return self._pace.margin * (size / speed(self._address) + length / self._profile.mm_per_s)

    def _confirmed(self, wait: float) -> Status:
        end = self._clock.mono() + wait
        while (left := end - self._clock.mono()) > 0:
            if self._answered(self._pace.watch):
                self._dirty = False
                return Status.IDLE
            status = self._settled(left)
            if status not in READY and self._owed:
                return self._give_up(status)
        raise LineLost("never confirmed")

    def _settled(self, wait: float) -> Status:
        """The status; a bad one must last, and the job's confirmation may come meanwhile."""
        status = self.look(wait)
        if status in READY:
            return status
        end = self._clock.mono() + self._pace.grace
        while (left := end - self._clock.mono()) > 0:
            self._pump(left)
        return self.look(wait)

    def _give_up(self, status: Status) -> Status:
        """The job is spoiled: empty the printer at once, so that new paper does not bring the rest of it.

        An answer behind the order tells that it has been obeyed. What the printer said of itself stands,
        even when the line goes now.
        """
        try:
            self._write(self._profile.clear, self._pace.answer)
            self._ask(1, self._pace.answer)
        except LineLost:
            self.close()
        return status

    def _recovered(self) -> bool:
        """Clear what a spoiled job left, cut off what hangs there, and hear that nothing is left in the buffer."""
        stale = self._owed
        self._write(self._profile.clear + RESET + self._profile.cutting, self._pace.busy)
        if not self._profile.gs_r:
            self._dirty = False
            return True
        self._demand(stale + 1)
        end = self._clock.mono() + self._pace.busy
        while self._owed > stale:
            if self._clock.mono() > end:
                return False
            self._pump(self._pace.look)
        while self._pump(self._pace.grace):
            pass
        self._owed, self._dirty = 0, False
        return True

    # --- bytes --------------------------------------------------------------------------------------------

    def _demand(self, times: int) -> None:
        self._write(GS_R * times, self._pace.busy)
        self._owed += times

    def _answered(self, seconds: float) -> bool:
        """Whether every GS r has been answered, waiting for it at most so long."""
        end = self._clock.mono() + seconds
        while self._owed and (left := end - self._clock.mono()) > 0:
            self._pump(min(left, self._pace.look))
        return not self._owed

    def _ask(self, n: int, wait: float) -> int:
        self._answers.clear()
        self._write(bytes((0x10, 0x04, n)), wait)
        end = self._clock.mono() + wait
        while not self._answers:
            if self._clock.mono() > end:
                raise LineLost("silent")
            self._pump(self._pace.look)
        return self._answers.popleft()

    def _pump(self, seconds: float) -> bool:
        """Take in what comes within the time; False when nothing did."""
        assert self._wire is not None
        if self._stopping():
            raise LineLost("stopping")
        data = self._wire.read(min(seconds, self._pace.look))
        for answer in self._inbox.feed(data):
            match answer:
                case DleAnswer(byte):
                    self._answers.append(byte)
                case RollAnswer():
                    self._owed = max(0, self._owed - 1)
        return bool(data)

    def _write(self, data: bytes, wait: float) -> None:
        assert self._wire is not None
        end = self._clock.mono() + wait
        self._wire.write(data, lambda: self._stopping() or self._clock.mono() > end)
