"""Every sentence a person reads, by language and key, and how the campus writes dates, durations and sums."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.assets import ROOT, toml_files
from kiosk.clock import CAMPUS_ZONE

FOLDER = ROOT / "i18n"

HALF_DAY = 240
"""Minutes of office time that are written as half a day."""
WORKING_DAY = 480
"""Minutes of office time that are written as one working day."""

_GREETINGS = ((5, "early"), (8, "morning"), (11, "noon"), (13, "afternoon"), (18, "evening"))


class TextsError(ValueError):
    """A file of texts that cannot be used: says which file, which key, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of all languages: language → key (tables joined by dots) → template with {name} places."""

    by_language: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Texts:
        """Merge the `<language>.toml` and `<language>-<section>.toml` of a folder.

        Raises TextsError for a file that cannot be read, a value that is no text, or a key given twice.
        """
        found: dict[str, dict[str, str]] = {}
        origin: dict[tuple[str, str], str] = {}
        for file, data in toml_files(folder):
            if isinstance(data, Exception):
                raise TextsError(f"{file}: {data}") from data
            language = file.removesuffix(".toml").partition("-")[0]
            for key, value in _flat(file, data):
                if (language, key) in origin:
                    raise TextsError(f"{file}: {key} stands in {origin[language, key]} already")
                origin[language, key] = file
                found.setdefault(language, {})[key] = value
        return cls(found)

    def get(self, language: str, key: str, **values: object) -> str:
        """The sentence with its places filled. KeyError: no such language or key, or a place without a value."""
        template = self.by_language[language][key]
        return template.format_map(values) if "{" in template else template

    def keys(self, language: str) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self.by_language[language])

    def places(self, language: str, key: str) -> frozenset[str]:
        """The names that stand in braces in a sentence."""
        parsed = string.Formatter().parse(self.by_language[language][key])
        return frozenset(name for _, name, _, _ in parsed if name is not None)


def _flat(file: str, table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = above + name
        if isinstance(value, Mapping):
            yield from _flat(file, value, key + ".")
        elif isinstance(value, str):
            yield key, value
        else:
            raise TextsError(f"{file}: {key} is no text but {value!r}")


def date(language: str, unix: float) -> str:
    """2026年3月2日 · 2 March 2026."""
    return _dated(language, "time.date", _local(unix))


def day_time(language: str, unix: float) -> str:
    """3月2日 08:42 · 2 Mar 08:42."""
    return _dated(language, "time.day_time", _local(unix))


def clock_time(language: str, unix: float) -> str:
    """08:42, in both languages."""
    return _clock(language, _local(unix))


def weekday(language: str, unix: float) -> str:
    """星期一 · Monday."""
    return shipped_texts().get(language, f"time.weekday.{_local(unix).weekday()}")


def greeting(language: str, unix: float) -> str:
    """By the hour: 早上好 from 5, 上午好 from 8, 中午好 from 11, 下午好 from 13, 晚上好 from 18 · Good morning …"""
    hour = _local(unix).hour
    part = "evening"
    for first, name in _GREETINGS:
        if hour >= first:
            part = name
    return shipped_texts().get(language, f"time.greeting.{part}")


def duration(language: str, minutes: float) -> str:
    """Office time: 15 分钟, 1 小时 30 分钟, 半天 (4 hours), 1 个工作日 (8 hours) · 15 minutes … 1 working day.

    Rounded up to minutes, from a working day on to half days, so that no promise is written shorter than it is.
    """
    whole = math.ceil(minutes)
    if whole <= 0:
        return shipped_texts().get(language, "time.duration.at_once")
    if whole == HALF_DAY:
        return shipped_texts().get(language, "time.duration.half_day")
    if whole >= WORKING_DAY:
        return _counted(language, "day", math.ceil(whole / HALF_DAY) / 2)
    if whole < 60:
        return _counted(language, "minute", whole)
    hours = _counted(language, "hour", whole // 60)
    if whole % 60 == 0:
        return hours
    rest = _counted(language, "minute", whole % 60)
    return shipped_texts().get(language, "time.duration.hours_minutes", hours=hours, minutes=rest)


def money(language: str, yuan: Decimal | float | str) -> str:
    """￥1,234.00 · CNY 1,234.00; halves of a fen are rounded up. A text must be a plain number such as "12.5"."""
    amount = Decimal(str(yuan)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "-" if amount < 0 else ""
    return sign + shipped_texts().get(language, "money.amount", amount=f"{abs(amount):,}")


@cache
def shipped_texts() -> Texts:
    """The sentences that come with the program, read once."""
    return Texts.load()


def _local(unix: float) -> datetime:
    return datetime.fromtimestamp(unix, CAMPUS_ZONE)


def _clock(language: str, at: datetime) -> str:
    return shipped_texts().get(language, "time.clock", hour=at.hour, minute=at.minute)


def _dated(language: str, key: str, at: datetime) -> str:
    month = shipped_texts().get(language, f"time.month.{at.month}")
    parts = {"year": at.year, "month": at.month, "month_name": month, "month_short": month[:3], "day": at.day}
    return shipped_texts().get(language, key, **parts, clock=_clock(language, at))


def _counted(language: str, unit: str, count: float) -> str:
    if count == 1:
        return shipped_texts().get(language, f"time.duration.{unit}")
    return shipped_texts().get(language, f"time.duration.{unit}s", count=f"{count:g}")
