"""Requests a person handed in, their numbers and their timelines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """Where a request stands. `waiting_to_send` is known to the terminal alone."""

    WAITING_TO_SEND = "waiting_to_send"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    REFUSED = "refused"
    ISSUED = "issued"
    REJECTED = "rejected"


MARKS = frozenset({"submitted", "step_approved", "step_refused", "finished", "issued", "voided"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a timeline. `step` is the index of the approval step, -1 for submitted and finished.

    `what`: one of MARKS. Times are Unix seconds.
    """

    what: str
    at: float
    step: int = -1
    by: str = ""
    due: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, by its idempotency key; `receipt` is the terminal's number, `values` what was handed in."""

    key: str
    item: str
    person: str
    receipt: str
    status: Status
    submitted: float
    step: int = 0
    due: float = 0.0
    values: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    serial: str = ""
    language: str = "zh"
    copies: int = 1


def receipt_number(terminal: str, day: str, count: int) -> str:
    """A-017, 20260302, 42 → A-017-20260302-0042: made by the terminal, so it exists offline."""
    return f"{terminal}-{day}-{count:04d}"


FINISHED = frozenset({Status.APPROVED, Status.ISSUED, Status.REFUSED, Status.REJECTED})


def finished(request: Request) -> bool:
    """Nothing more happens to it on the central side."""
    return request.status in FINISHED


def handed_out(request: Request) -> bool:
    """Its paper came out of a printer and counts."""
    last = [mark.what for mark in request.marks if mark.what in ("issued", "voided")]
    return bool(last) and last[-1] == "issued"


def collectable(request: Request) -> bool:
    """Its paper may be printed now: approved or numbered, and nobody holds one that counts."""
    return request.status in (Status.APPROVED, Status.ISSUED) and not handed_out(request)


def next_attempt(request: Request) -> int:
    """Number of the next seal: one more than were spoiled."""
    return 1 + sum(mark.what == "voided" for mark in request.marks)
