"""One printer of A4 over IPP: hands it a PDF as a job and follows that job until the printer says how it ended.

Everything here runs on the printer's thread. LineLost means that it is not reached, or silent past its deadline;
whatever else it answers is a status.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kiosk.clock import Clock
from printers.ipp import supplies, words
from printers.ipp.asking import ERRORS, NO_SUCH_OPERATION, WRONG_VERSION, Asking
from printers.ipp.exchange import Answer, Odd
from printers.ipp.following import Following
from printers.ipp.wire import Group
from printers.machine import Levels, Sent
from printers.pace import Pace
from printers.plan import Plan
from printers.status import READY, Status

PACE = Pace(confirm=60.0, poll=5.0)
"""Looked at less often than a receipt printer: some wake up at each question."""
SHEET_MM, SHEET_S = 297.0, 20.0
"""A sheet's length, and the longest that one takes."""
BYTES_PER_S = 100_000.0
_PAGE = re.compile(rb"/Type\s*/Page\b")
_NOT_TAKEN = frozenset({*range(0x0400, 0x0500), NO_SUCH_OPERATION, 0x0502, WRONG_VERSION, 0x0506, 0x0507})
"""With these a printer has not taken a job (0502 out of service, 0506 not accepting, 0507 busy).

After other errors of its own nobody knows.
"""


class IppPrinter:
    """The printer at an ipp:// or ipps:// address. `sent` counts the bytes of the last job that were handed over.

    `owner` names this terminal's jobs; `trusted`: PEM file of the printer's certificate or of who issued it, "" = the
    system's.
    """

    def __init__(
        self, address: str, owner: str, trusted: str, clock: Clock, pace: Pace, stopping: Callable[[], bool]
    ) -> None:
        self._pace = pace
        self._asking = Asking(address, owner, trusted, clock, pace, stopping)
        self._following = Following(self._asking, clock, pace, stopping)
        self._open = False
        self._levels = Levels()
        self._firmware = ""
        self.sent = 0

    @property
    def open(self) -> bool:
        return self._open

    def close(self) -> None:
        self._open = False

    @property
    def levels(self) -> Levels:
        """Of its trays with A4 together, and of the toner or ink that will be over first."""
        return self._levels

    @property
    def firmware(self) -> str:
        """As its attributes say."""
        return self._firmware

    @property
    def clean(self) -> bool:
        """Whether no job of ours can be left in the printer."""
        return self._following.ended

    def suspect(self) -> None:
        """An earlier run may have left a job in the printer: take it back before anything is printed."""
        self._following.ended = False

    def connect(self, impatient: Callable[[], bool]) -> bool:
        """Wait for a first answer, of whatever kind. Raises LineLost, also when `impatient` said so meanwhile."""
        self._asking.printer(self._pace.first, impatient)
        self._open = True
        return True

    def heard(self) -> bool:
        """Nothing ever comes unasked."""
        return False

    def plan(self, data: bytes, copies: int = 1) -> Plan:
        """The file as it is, once for each copy; its sheets count as so much paper."""
        return Plan((data,) * copies, (), SHEET_MM * copies * max(1, len(_PAGE.findall(data))), 0)

    def look(self) -> Status:
        """How an idle printer is, in one word; what an earlier job left in it is taken back."""
        found = self._asking.printer(self._pace.answer)
        status, self._levels = words.status_of(found), supplies.levels(found)
        self._firmware = words.identity(found)
        if status in READY and not words.takes_pdf(found):
            return Status.ERROR
        if status in READY and not self.clean:
            return status if self._following.take_back() else Status.ERROR
        return status

    def prepare(self) -> Status:
        """The status right before a job."""
        self.sent = 0
        return self.look()

    def send(self, job: Plan) -> Sent:
        """Every copy a job of the printer's own, the next one when it has said that the one before is out."""
        sheets = round(job.mm / SHEET_MM / len(job.body))
        for left, pdf in reversed(tuple(enumerate(job.body))):
            sent = self._one(pdf, sheets)
            if sent.status not in READY:
                # with copies still to come something is certainly missing
                return Sent(sent.status, sent.whole and not left)
        return sent

    def _one(self, pdf: bytes, sheets: int) -> Sent:
        """The whole file, asked for once; then its state until it has ended."""
        self.suspect()
        work = self._pace.margin * (sheets * SHEET_S + len(pdf) / BYTES_PER_S)
        answer = self._hand_over(pdf, self._pace.busy + work)
        if (refused := self._refused(answer)) is not None:
            return refused
        number = None if isinstance(answer, Odd) else words.one(answer.group(Group.JOB), "job-id", int)
        if number is None:
            return Sent(Status.ERROR, whole=True)
        return self._following.follow(number, sheets, self._pace.confirm + work)

    def _hand_over(self, pdf: bytes, wait: float) -> Answer:
        posted = self._asking.print_job(pdf)
        try:
            return self._asking.ask(posted, wait)
        finally:
            self.sent += posted.sent

    def _refused(self, answer: Answer) -> Sent | None:
        """None when it was taken, or may have been by an answer that nobody can read."""
        if isinstance(answer, Odd):
            certain, taken = 300 <= answer.status < 500, answer.status < 300
        else:
            certain, taken = answer.code in _NOT_TAKEN, answer.code < ERRORS
        if taken:
            return None
        self._following.ended = certain
        return Sent(Status.ERROR, whole=not certain)
