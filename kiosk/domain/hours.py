"""Opening hours of a week, and spans of the day: "mon-fri 07:00-22:00; sat 08:00-12:00". Campus time throughout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """`lines`: as they are written, a group of days and its spans. `spans`: minutes of the week, Monday 00:00 = 0.

    Without lines it is always open. A span may run over midnight: its end then lies beyond its day.
    """

    lines: tuple[tuple[tuple[int, ...], tuple[Span, ...]], ...] = ()
    spans: tuple[Span, ...] = ()

    def open_at(self, when: datetime) -> bool:
        """Whether it is open at this moment of the campus."""
        now = _minute(when)
        return not self.lines or any(begin <= at < end for begin, end in self.spans for at in (now, now + WEEK_MIN))

    def opens(self, when: datetime) -> datetime | None:
        """The next opening after this moment; None = it is always open."""
        if not self.spans:
            return None
        now = _minute(when)
        wait = min((begin - now - 1) % WEEK_MIN + 1 for begin, _ in self.spans)
        return when.replace(second=0, microsecond=0) + timedelta(minutes=wait)


def parse(text: str) -> Hours:
    """What `service.open` says. Raises ValueError for what is no such text."""
    lines = tuple(_line(part.strip()) for part in text.split(";") if part.strip())
    spans = sorted({(d * DAY_MIN + a, d * DAY_MIN + b) for days, each in lines for d in days for a, b in each})
    return Hours(lines, tuple(spans))


def span(text: str) -> Span | None:
    """Minutes of the day of "22:30-06:30"; None for an empty text. Raises ValueError."""
    return _span(text) if text else None


def within(found: Span | None, when: datetime) -> bool:
    """Whether the time of day lies in this span, which may run over midnight."""
    now = _minute(when) % DAY_MIN
    return found is not None and any(found[0] <= at < found[1] for at in (now, now + DAY_MIN))


def minute(text: str) -> int:
    """Minutes since midnight of "04:10". Raises ValueError."""
    hour, _, minutes = text.partition(":")
    return int(hour) * 60 + int(minutes)


def _line(text: str) -> tuple[tuple[int, ...], tuple[Span, ...]]:
    days, _, spans = text.partition(" ")
    found = sorted({day for part in days.split(",") for day in _days(part)})
    return tuple(found), tuple(_span(part) for part in spans.split(","))


def _days(text: str) -> list[int]:
    first, _, last = text.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return [day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1)]


def _span(text: str) -> Span:
    begin, end = (minute(part) for part in text.split("-"))
    return begin, end if end > begin else end + DAY_MIN


def _minute(when: datetime) -> int:
    return when.weekday() * DAY_MIN + when.hour * 60 + when.minute
