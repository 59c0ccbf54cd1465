"""The questions to a printer, each with what is believed of its answer. LineLost means that there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeGuard

from kiosk.clock import Clock
from printers.ipp import words
from printers.ipp.exchange import Answer, Exchange, Posted
from printers.ipp.wire import Attribute, Attributes, Group, Message, Operation, Tag, attribute, encode
from printers.ipp.words import JobWord
from printers.pace import Pace

OLD, NEW = (1, 1), (2, 0)
ERRORS = 0x0100
"""Statuses from here on are refusals."""
NO_SUCH_OPERATION, WRONG_VERSION = 0x0501, 0x0503


class Asking:
    """One printer. `owner` names this terminal's jobs, there and in the printer's own display."""

    def __init__(
        self, address: str, owner: str, trusted: str, clock: Clock, pace: Pace, stopping: Callable[[], bool]
    ) -> None:
        self._address, self._owner, self._pace = address, owner, pace
        self._exchange = Exchange(address, trusted, clock, pace, stopping)
        self._version, self._number = NEW, 0
        self._seen: Attributes = {}

    def printer(self, wait: float, give_up: Callable[[], bool] | None = None) -> Attributes:
        """What it says of itself; nothing when its answer is none."""
        about = (attribute(Tag.KEYWORD, "requested-attributes", *words.PRINTER),)
        answer = self._question(Operation.GET_PRINTER_ATTRIBUTES, wait, about, give_up)
        if isinstance(answer, Message) and answer.code == WRONG_VERSION and self._version == NEW:
            self._version = OLD
            answer = self._question(Operation.GET_PRINTER_ATTRIBUTES, wait, about, give_up)
        self._seen = answer.group(Group.PRINTER) if _good(answer) else {}
        return self._seen

    def print_job(self, pdf: bytes) -> Posted:
        """The document as a job still to be asked for, on one side of A4 where the printer knows these words."""
        sheets = (("media", words.A4), ("sides", words.ONE_SIDED))
        wanted = [
            attribute(Tag.KEYWORD, name, value)
            for name, value in sheets
            if value in words.every(self._seen, f"{name}-supported")
        ]
        about = (attribute(Tag.NAME, "job-name", self._owner), attribute(Tag.MEDIA_TYPE, "document-format", words.PDF))
        return Posted(self._message(Operation.PRINT_JOB, about, wanted), pdf)

    def ask(self, posted: Posted, wait: float) -> Answer:
        """Ask for it."""
        return self._exchange.ask(posted, wait)

    def job(self, number: int) -> tuple[JobWord | None, Attributes]:
        """How a job is; None for one that it does not know, or says nothing sensible of."""
        about = (_job_id(number), attribute(Tag.KEYWORD, "requested-attributes", *words.JOB))
        answer = self._question(Operation.GET_JOB_ATTRIBUTES, self._pace.answer, about)
        job = answer.group(Group.JOB) if _good(answer) else {}
        return words.job_word(job), job

    def cancel(self, number: int) -> None:
        """Whether that did anything, its state tells."""
        self._question(Operation.CANCEL_JOB, self._pace.answer, (_job_id(number),))

    def left(self) -> list[int] | None:
        """Jobs of this terminal that have not ended, by number; None when it does not tell.

        A printer that keeps no list keeps no jobs.
        """
        which = attribute(Tag.KEYWORD, "which-jobs", "not-completed")
        about = (which, attribute(Tag.KEYWORD, "requested-attributes", "job-id", "job-name"))
        answer = self._question(Operation.GET_JOBS, self._pace.answer, about)
        if isinstance(answer, Message) and answer.code == NO_SUCH_OPERATION:
            return []
        if not _good(answer):
            return None
        own = (job for job in answer.all(Group.JOB) if words.one(job, "job-name", str) == self._owner)
        numbers = (words.one(job, "job-id", int) for job in own)
        return [number for number in numbers if number is not None]

    def _question(
        self,
        operation: Operation,
        wait: float,
        about: Iterable[Attribute],
        give_up: Callable[[], bool] | None = None,
    ) -> Answer:
        return self._exchange.ask(Posted(self._message(operation, about)), wait, give_up)

    def _message(self, operation: Operation, about: Iterable[Attribute], job: Iterable[Attribute] = ()) -> bytes:
        self._number = self._number % 0x7FFF_FFFF + 1
        head = (
            attribute(Tag.CHARSET, "attributes-charset", "utf-8"),
            attribute(Tag.LANGUAGE, "attributes-natural-language", "en"),
            attribute(Tag.URI, "printer-uri", self._address),
        )
        known = {each.name: each for each in (*about, attribute(Tag.NAME, "requesting-user-name", self._owner))}
        # a job is named right behind its printer, then whoever asks: old printers know no other order
        first = [known.pop(name) for name in ("job-id", "requesting-user-name") if name in known]
        groups = [(Group.OPERATION, (*head, *first, *known.values())), (Group.JOB, tuple(job))]
        return encode(self._version, operation, self._number, [(tag, each) for tag, each in groups if each])


def _job_id(number: int) -> Attribute:
    return attribute(Tag.INTEGER, "job-id", number)


def _good(answer: Answer) -> TypeGuard[Message]:
    return isinstance(answer, Message) and answer.code < ERRORS
