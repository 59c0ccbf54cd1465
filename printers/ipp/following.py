"""A job in a printer, followed until the printer says how it ended, or taken back when it has stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from kiosk.clock import Clock
from printers.ipp import words
from printers.ipp.asking import Asking
from printers.ipp.wire import Attributes
from printers.ipp.words import JobWord
from printers.machine import Sent
from printers.pace import Pace
from printers.status import READY, Status
from printers.transport import LineLost

T = TypeVar("T")
_GOES_ON = frozenset({JobWord.WAITS, JobWord.PRINTS, JobWord.STOPPED})


class Following:
    """Jobs of one printer, one after the other."""

    def __init__(self, asking: Asking, clock: Clock, pace: Pace, stopping: Callable[[], bool]) -> None:
        self._asking, self._clock, self._pace, self._stopping = asking, clock, pace, stopping
        self._never = threading.Event()
        self.ended = True

    def follow(self, number: int, sheets: int, wait: float) -> Sent:
        """What became of it, in the printer's own words: slow is not failed, stopped is once that has lasted.

        What has not ended in time is taken back, and again the printer says how far it was. Raises LineLost when it is
        gone. `ended`: nothing of the job is left there.
        """
        self.ended, begun = False, False
        well = self._clock.mono()
        end = well + wait
        while self._clock.mono() < end:
            word, job = self._patient(lambda: self._asking.job(number))
            begun = begun or word in (JobWord.PRINTS, JobWord.STOPPED)
            if word not in _GOES_ON:
                return self._over(word, job, sheets, begun, Status.ERROR)
            status, stopped = self._health(word)
            if status in READY:
                well = self._clock.mono()
            elif self._clock.mono() - well > (self._pace.grace if stopped else self._pace.busy):
                return self._called_off(number, sheets, begun, status)
            self.rest()
        found = self._patient(lambda: self._asking.printer(self._pace.answer))
        cause = words.status_of(found, strict=True)
        return self._called_off(number, sheets, begun, Status.ERROR if cause in READY else cause)

    def _health(self, word: JobWord | None) -> tuple[Status, bool]:
        """The printer's status, and whether it stands still; a job that was stopped stands for no good reason."""
        found = self._patient(lambda: self._asking.printer(self._pace.answer))
        status = words.status_of(found)
        if word is JobWord.STOPPED:
            return (Status.ERROR if status in READY else status), True
        return status, words.one(found, "printer-state", int) == words.STOPPED

    def _over(self, word: JobWord | None, job: Attributes, sheets: int, begun: bool, status: Status) -> Sent:
        """`begun`: it was seen being printed. Where sheets are not counted, all may then be out."""
        self.ended = word is not None
        if word is JobWord.DONE:
            return Sent(Status.IDLE, whole=True)
        if word is not JobWord.GONE:
            return Sent(status, whole=True)
        out = words.sheets(job)
        return Sent(status, whole=begun if out is None else out >= sheets)

    def _called_off(self, number: int, sheets: int, begun: bool, status: Status) -> Sent:
        """Take it back, lest new paper brings it when nobody waits for it any more."""
        self._patient(lambda: self._asking.cancel(number))
        end = self._clock.mono() + self._pace.busy
        while self._clock.mono() < end:
            word, job = self._patient(lambda: self._asking.job(number))
            if word not in _GOES_ON:
                return self._over(word, job, sheets, begun, status)
            self.rest()
        return Sent(status, whole=True)

    def _patient(self, ask: Callable[[], T]) -> T:
        """One lost question in the middle of a job is no lost printer."""
        end = self._clock.mono() + self._pace.busy
        while True:
            try:
                return ask()
            except LineLost:
                if self._stopping() or self._clock.mono() > end:
                    raise
                self.rest()

    def take_back(self) -> bool:
        """No job of this terminal is left in the printer; whether that came about in time."""
        end = self._clock.mono() + self._pace.busy
        while self._clock.mono() < end and (left := self._asking.left()) is not None:
            if not left:
                self.ended = True
                return True
            for number in left:
                self._asking.cancel(number)
            self.rest()
        return False

    def rest(self) -> None:
        """Between two questions. Raises LineLost when the worker is to stop."""
        end = self._clock.mono() + self._pace.watch
        while (left := end - self._clock.mono()) > 0:
            if self._stopping():
                raise LineLost("stopping")
            self._never.wait(min(left, self._pace.look))
