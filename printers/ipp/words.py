"""What a printer says of itself over IPP, in one word of ours; what it takes; how a job of it ended."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import TypeVar

from printers.ipp import supplies
from printers.ipp.wire import Attributes, Value
from printers.status import Status

T = TypeVar("T", bound=Value)

IDENTITY = ("printer-make-and-model", "printer-firmware-string-version")
PRINTER = (
    *("printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "document-format-supported"),
    *("media-supported", "sides-supported"),
    *supplies.ASKED,
    *IDENTITY,
)
"""What is asked of a printer."""
JOB = ("job-id", "job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed")
"""What is asked of a job."""
PDF = "application/pdf"
A4 = "iso_a4_210x297mm"
ONE_SIDED = "one-sided"
MOST_IDENTITY = 80

_IDLE, _PROCESSING, STOPPED = 3, 4, 5
_REASONS: Mapping[Status, frozenset[str]] = {
    Status.DISCONNECTED: frozenset({"offline", "connecting-to-device", "shutdown", "timed-out"}),
    Status.COVER_OPEN: frozenset({"cover-open", "door-open", "interlock-open"}),
    Status.NO_PAPER: frozenset({"media-empty", "media-needed", "input-tray-missing"}),
    Status.ERROR: frozenset(
        {
            *("media-jam", "output-area-full", "output-tray-missing", "marker-waste-full", "fuser-over-temp"),
            *("fuser-under-temp", "opc-life-over", "marker-supply-missing", "interpreter-resource-unavailable"),
        }
    ),
    Status.NO_TONER: frozenset({"toner-empty", "marker-supply-empty", "developer-empty"}),
    Status.TONER_LOW: frozenset({"toner-low", "marker-supply-low", "developer-low"}),
    Status.PAPER_LOW: frozenset({"media-low"}),
}
"""The worst first."""
_MILD = {Status.TONER_LOW: Status.NO_TONER, Status.PAPER_LOW: Status.NO_PAPER}
"""What still prints, and what comes of it: a warning of that, such as of one empty tray among several, is no more."""
_SEVERITIES = ("-error", "-warning", "-report")


def status_of(printer: Attributes, *, strict: bool = False) -> Status:
    """In one word. Attributes without a state are an error: whatever answers there is no printer in order.

    A reason without a severity is an error. What is said to be left counts as well: some printers warn of nothing, and
    some tell of an empty tray as a mere report, which it is where there are others. `strict`: warnings are as good as
    errors, as they are where it stands.
    """
    state = one(printer, "printer-state", int)
    if state not in (_IDLE, _PROCESSING, STOPPED):
        return Status.ERROR
    strict = strict or state == STOPPED
    reasons = every(printer, "printer-state-reasons")
    found = {word for reason in reasons if (word := _word(reason, strict))} | _left(printer, reasons)
    refuses = state == STOPPED or one(printer, "printer-is-accepting-jobs", bool) is False
    if refuses and not found - set(_MILD):
        return Status.ERROR
    plain = Status.BUSY if state == _PROCESSING else Status.IDLE
    return next((each for each in _REASONS if each in found), plain)


def identity(printer: Attributes) -> str:
    """Make, model and firmware as it tells them, "" = it tells none."""
    found = [word.strip() for name in IDENTITY for word in every(printer, name)[:1]]
    return " ".join(word for word in found if word and word.isprintable())[:MOST_IDENTITY]


def _left(printer: Attributes, reasons: tuple[str, ...]) -> set[Status]:
    empty = any(reason.startswith("media-empty") for reason in reasons)
    told = {
        Status.NO_PAPER: empty and supplies.no_sheets(printer),
        Status.PAPER_LOW: supplies.few_sheets(printer),
        Status.TONER_LOW: supplies.little_toner(printer),
    }
    return {word for word, true in told.items() if true}


def _word(reason: str, strict: bool) -> Status | None:
    """What a reason means, None for nothing that matters. CUPS calls a printer that it cannot reach offline-report."""
    severity = next((each for each in _SEVERITIES if reason.endswith(each)), "-error")
    bare = reason.removesuffix(severity)
    means = next((each for each, words in _REASONS.items() if bare in words), None)
    if strict or severity == "-error" or means is Status.DISCONNECTED or means in _MILD:
        return means
    return next((mild for mild, bad in _MILD.items() if bad is means and severity == "-warning"), None)


def takes_pdf(printer: Attributes) -> bool:
    """Whether it says so; one that says nothing of formats is not believed to."""
    return PDF in (each.lower() for each in every(printer, "document-format-supported"))


class JobWord(StrEnum):
    """How a job is. `doubtful`: the printer calls it done and not well."""

    WAITS = "waits"
    PRINTS = "prints"
    STOPPED = "stopped"
    DONE = "done"
    DOUBTFUL = "doubtful"
    GONE = "gone"


class JobState(IntEnum):
    """As the standard numbers them."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


_ODD_ENDS = frozenset({"job-completed-with-errors", "document-format-error"})


def job_word(job: Attributes) -> JobWord | None:
    """None when it says nothing that could be believed."""
    match one(job, "job-state", int):
        case JobState.COMPLETED:
            return JobWord.DOUBTFUL if _ODD_ENDS & set(every(job, "job-state-reasons")) else JobWord.DONE
        case JobState.CANCELED | JobState.ABORTED:
            return JobWord.GONE
        case JobState.STOPPED:
            return JobWord.STOPPED
        case JobState.PROCESSING:
            return JobWord.PRINTS
        case JobState.PENDING | JobState.HELD:
            return JobWord.WAITS
        case _:
            return None


def sheets(job: Attributes) -> int | None:
    """How many the printer says it has put out of a job; None where it does not count."""
    counts = (one(job, name, int) for name in ("job-impressions-completed", "job-media-sheets-completed"))
    return max((count for count in counts if count is not None), default=None)


def one(attributes: Attributes, name: str, kind: type[T]) -> T | None:
    """The single value of an attribute, None when it is not there or of another kind."""
    value = next(iter(attributes.get(name, ())), None)
    return value if isinstance(value, kind) and isinstance(value, bool) == (kind is bool) else None


def every(attributes: Attributes, name: str) -> tuple[str, ...]:
    """The words of an attribute."""
    return tuple(value for value in attributes.get(name, ()) if isinstance(value, str))
