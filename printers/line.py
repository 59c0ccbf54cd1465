"""Questions and answers on an open line to a printer: real time, automatic status and GS r share it.

Everything here runs on the printer's thread. LineLost means the line is gone or silent past its deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeVar

from kiosk.clock import Clock
from printers.pace import Pace
from printers.profiles import Profile
from printers.status import DleAnswer, Flags, Inbox, InfoAnswer, RollAnswer, Status, dle
from printers.transport import LineLost, Wire

GS_R = b"\x1dr\x01"
AUTOMATIC, NO_AUTOMATIC = b"\x1da\xff", b"\x1da\x00"
GS_I, MAKER, MODEL, FIRMWARE = b"\x1dI", 66, 67, 65
INITIALISE = b"\x1b@"
T = TypeVar("T")


class Line:
    """One printer's line, open or not. `owed`: answers to GS r still to come; `surplus`: such that nobody asked for.

    `told` is what the printer last said by itself, or None; whoever has looked into it takes it away. `identity`: its
    maker, model and firmware, "" = it tells none; None = it was not asked yet.
    """

    def __init__(self, address: str, profile: Profile, clock: Clock, pace: Pace, stopping: Callable[[], bool]) -> None:
        self._address, self._profile, self._clock, self._pace = address, profile, clock, pace
        self._stopping = stopping
        self._wire: Wire | None = None
        self._forget()

    def _forget(self) -> None:
        self._inbox, self._answers = Inbox(), deque[int]()
        self.owed = self.surplus = 0
        self.told: Flags | None = None
        self._roll = Flags()
        self._texts = deque[str]()
        self.identity: str | None = None

    @property
    def open(self) -> bool:
        return self._wire is not None

    def close(self) -> None:
        if self._wire:
            self._wire.close()
        self._wire = None

    def connect(self, impatient: Callable[[], bool]) -> bool:
        """Open the line and wait for a first answer; False when `impatient` said so meanwhile."""
        self.close()
        self._forget()
        self._wire = Wire(self._address, self._pace.connect)
        if not self._first_answer(impatient):
            return False
        while self._profile.answers and self.pump(self._pace.look):
            pass
        self._forget()
        if self._profile.answers:
            self.write(AUTOMATIC if self._profile.automatic else NO_AUTOMATIC, self._pace.answer)
        return True

    def _first_answer(self, impatient: Callable[[], bool]) -> bool:
        """Some take 8 s to it. GS r is answered each time it was asked, and none of these answers may come later."""
        question, end, again = self._question(), self._clock.mono() + self._pace.first, 0.0
        while question and not (self._answers or self.told or (again and question == GS_R and not self.owed)):
            now = self._clock.mono()
            if now > end or impatient():
                return False
            if now >= again:
                again = now + self._pace.again
                self.write(question, self._pace.answer)
                self.owed += question == GS_R
            self.pump(self._pace.look)
        return True

    def _question(self) -> bytes:
        if self._profile.dle_eot:
            return b"\x10\x04\x01"
        if self._profile.automatic:
            return AUTOMATIC
        return GS_R if self._profile.gs_r else b""

    # --- questions ----------------------------------------------------------------------------------------

    def status(self, wait: float) -> Status:
        """Ask an idle printer for everything it can say; one that can say nothing at all is taken for idle."""
        if self._profile.dle_eot:
            return self.real_time(wait)
        if self._profile.automatic:
            self.told = None
            self.write(AUTOMATIC, wait)
            return self._waited(wait, lambda: self.told).status
        if self._profile.gs_r:
            self.demand(wait)
            return self._waited(wait, lambda: None if self.owed else self._roll).status
        return Status.IDLE

    def in_job(self, wait: float) -> Status:
        """The status while a job is in it: what is not asked in real time would wait behind the job."""
        if self._profile.dle_eot:
            return self.real_time(wait)
        self.heard()
        return self.told.status if self.told else Status.IDLE

    def heard(self) -> bool:
        """Whether the printer has said something by itself; returns at once. A line that only takes is not read."""
        if self._profile.answers:
            self.pump(0)
        return self.told is not None

    def real_time(self, wait: float) -> Status:
        """DLE EOT 1 to 4, in one word."""
        flags = Flags()
        for n in (1, 2, 3, 4):
            flags = dle(flags, n, self.ask(n, wait))
        self.told = None
        return flags.status

    def ask(self, n: int, wait: float) -> int:
        self._answers.clear()
        self.write(bytes((0x10, 0x04, n)), wait)
        self._waited(wait, lambda: self._answers or None)
        return self._answers.popleft()

    def demand(self, wait: float, times: int = 1) -> None:
        """GS r: answered once everything before it has been processed."""
        self.write(GS_R * times, wait)
        self.owed += times

    def _waited(self, wait: float, found: Callable[[], T | None]) -> T:
        end = self._clock.mono() + wait
        while (answer := found()) is None:
            if self._clock.mono() > end:
                raise LineLost("silent")
            self.pump(self._pace.look)
        return answer

    def introduce(self, wait: float) -> None:
        """Ask an idle, ready printer what it is, each word for `wait` seconds; after a silence no more is asked.

        Who knows nothing of GS I may take its letter for text: what is begun on the line is thrown away.
        """
        told = dict.fromkeys((MAKER, MODEL, FIRMWARE), "")
        self.write(NO_AUTOMATIC, wait)
        for n in (MODEL, MAKER, FIRMWARE):
            text = self._introduced(n, wait)
            if text is None:
                break
            told[n] = text
        self.write(INITIALISE + (AUTOMATIC if self._profile.automatic else b""), wait)
        self.identity = " ".join(filter(None, told.values()))

    def _introduced(self, n: int, wait: float) -> str | None:
        self._inbox.expects += 1
        self.write(GS_I + bytes((n,)), wait)
        end = self._clock.mono() + wait
        while not self._texts and self._clock.mono() < end:
            self.pump(self._pace.look)
        return self._texts.popleft() if self._texts else None

    # --- bytes --------------------------------------------------------------------------------------------

    def pump(self, seconds: float) -> bool:
        """Take in what comes within the time; False when nothing did."""
        assert self._wire is not None
        if self._stopping():
            raise LineLost("stopping")
        data = self._wire.read(min(seconds, self._pace.look))
        for answer in self._inbox.feed(data):
            match answer:
                case DleAnswer(byte):
                    self._answers.append(byte)
                case RollAnswer(low, end):
                    self._roll = Flags(paper_low=low, paper_end=end)
                    self.owed, self.surplus = max(0, self.owed - 1), self.surplus + (not self.owed)
                case InfoAnswer(text):
                    self._texts.append(text)
                case Flags():
                    self.told = answer
        return bool(data)

    def write(self, data: bytes, wait: float) -> None:
        assert self._wire is not None
        end = self._clock.mono() + wait
        self._wire.write(data, lambda: self._stopping() or self._clock.mono() > end)
