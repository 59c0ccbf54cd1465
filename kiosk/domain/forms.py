"""Forms as functions of an item and what has been entered: what is asked, what is wrong, which way it goes.

Values are text, as typed and as sent: dates 2026-03-02, times 2026-03-02T08:00, money 12.50, a photograph by its
SHA-256 in hex, choices by their value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from kiosk import text
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.catalogue import Computed, Field, FieldType, Item, Step, Words
from kiosk.domain.people import Person

Values = Mapping[str, str]

QUESTIONS_A_PAGE = 3
LONGEST_TEXT = 200
SHORTEST = timedelta(minutes=30)
"""From one time to the one that comes `after` it."""

LARGEST_NUMBER = 1_000_000_000

_DATETIME = re.compile(r"(19|20|21)\d\d-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,3})?", re.ASCII)
_MONEY = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ErrorCode(StrEnum):
    """What is wrong with an answer. Texts: `form.error.<code>`, with the values of the FieldError."""

    REQUIRED = "required"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_DATE = "not_a_date"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    BEFORE_OTHER = "before_other"
    NOT_A_NUMBER = "not_a_number"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BAD_PHONE = "bad_phone"
    BAD_MONEY = "bad_money"
    NO_PHOTO = "no_photo"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong answer. `values` fill the sentence: label_zh, label_en and, for bounds, limit_zh, limit_en."""

    code: ErrorCode
    values: Mapping[str, str] = field(default_factory=dict)


def prefill(item: Item, person: Person) -> dict[str, str]:
    """What the campus already knows, by field name; fields it knows nothing for are left out."""
    own = {"name": person.name, "name_en": person.name_en, "number": person.number}
    known = {**person.known, **own}
    return {f.name: known[f.known] for f in item.fields if f.known and known.get(f.known, "").strip()}


def visible(item: Item, values: Values) -> tuple[Field, ...]:
    """The fields that concern this person, in order. A locked one that the campus has no value for is left out."""
    shown: dict[str, Field] = {}
    for entry in item.fields:
        if entry.locked and not values.get(entry.name):
            continue
        if entry.when is None or _applies(entry.when, item, shown, values):
            shown[entry.name] = entry
    return tuple(shown.values())


def kept(item: Item, values: Values) -> dict[str, str]:
    """What is handed in: the answers of visible fields alone, none that a later choice made pointless."""
    return {f.name: values[f.name].strip() for f in visible(item, values) if values.get(f.name, "").strip()}


def steps(item: Item, values: Values) -> tuple[Step, ...]:
    """The approval steps these answers need, in order."""
    shown = {f.name: f for f in visible(item, values)}
    return tuple(s for s in item.steps if s.when is None or _applies(s.when, item, shown, values))


def pages(item: Item, values: Values) -> tuple[tuple[Field, ...], ...]:
    """Page 0: what the campus knows (maybe nothing). Then the questions, at most 3 a page, none empty."""
    fields = visible(item, values)
    known = tuple(f for f in fields if f.known)
    asked = sorted((f for f in fields if not f.known), key=lambda f: f.page)
    groups = [tuple(group) for _, group in groupby(asked, key=lambda f: f.page)]
    return (known, *(part for group in groups for part in _parts(group)))


def check(item: Item, values: Values, today: date) -> dict[str, FieldError]:
    """Every wrong answer by field name; empty = may be handed in."""
    found = ((f.name, check_field(f, values, today)) for f in visible(item, values))
    return {name: error for name, error in found if error}


def check_field(entry: Field, values: Values, today: date) -> FieldError | None:
    """What is wrong with the answer to one question; None = nothing. Never raises, whatever was typed."""
    if entry.locked:
        return None
    value = values.get(entry.name, "").strip()
    if not value:
        missing = ErrorCode.NO_PHOTO if entry.type is FieldType.PHOTO else ErrorCode.REQUIRED
        return _error(missing, entry) if entry.required else None
    return _CHECKS[entry.type](entry, value, values, today)


def show(entry: Field, value: str, language: str) -> str:
    """How an answer is written for people: the choice's label, 3月2日 08:42, ￥1,234.00; what is no answer as it is."""
    match entry.type:
        case FieldType.CHOICE:
            return next((c.label.of(language) for c in entry.choices if c.value == value), value)
        case FieldType.DATE:
            day = read_date(value)
            return _day_words(day).of(language) if day else value
        case FieldType.DATETIME:
            moment = read_datetime(value)
            return _moment_words(moment).of(language) if moment else value
        case FieldType.MONEY:
            return text.money(language, value) if _MONEY.fullmatch(value) else value
        case FieldType.NUMBER:
            return f"{value} {entry.unit.of(language)}" if entry.unit and value else value
        case FieldType.PHOTO:
            return "✓" if value else ""
        case FieldType.TEXT | FieldType.PHONE:
            day = read_date(value) if entry.known else None
            return _day_words(day).of(language) if day else value


def read_date(value: str) -> date | None:
    """2026-03-02 as a date, None for anything else."""
    moment = read_datetime(f"{value}T00:00")
    return moment.date() if moment else None


def read_datetime(value: str) -> datetime | None:
    """2026-03-02T08:00 as campus wall time without a zone, None for anything else."""
    if not _DATETIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _day_words(day: date) -> Words:
    return _both(lambda language: text.date(language, _unix(datetime.combine(day, time.min))))


def _moment_words(moment: datetime) -> Words:
    return _both(lambda language: text.day_time(language, _unix(moment)))


def _money_words(yuan: str) -> Words:
    return _both(lambda language: text.money(language, yuan))


def _both(written: Callable[[str], str]) -> Words:
    return Words(written("zh"), written("en"))


def _unix(local: datetime) -> float:
    return local.replace(tzinfo=CAMPUS_ZONE).timestamp()


def _parts(group: tuple[Field, ...]) -> list[tuple[Field, ...]]:
    return [group[i : i + QUESTIONS_A_PAGE] for i in range(0, len(group), QUESTIONS_A_PAGE)]


def _applies(when: tuple[str, tuple[str, ...]], item: Item, shown: Mapping[str, Field], values: Values) -> bool:
    name, wanted = when
    computed = next((c for c in item.computed if c.name == name), None)
    if computed:
        return band(computed, {k: values.get(k, "") for k in shown}) in wanted
    return name in shown and values.get(name, "") in wanted


def band(computed: Computed, values: Values) -> str:
    """The name of the band these answers fall into, "" while they say nothing."""
    amount = _amount([values.get(name, "").strip() for name in computed.of])
    if amount is None:
        return ""
    return next((b.name for b in computed.bands if b.most is None or amount <= Decimal(str(b.most))), "")


def _amount(texts: list[str]) -> Decimal | None:
    if len(texts) == 1:
        return Decimal(texts[0]) if _NUMBER.fullmatch(texts[0]) else None
    first, last = (read_date(entered[:10]) for entered in texts)
    return Decimal((last - first).days + 1) if first and last else None


def _error(code: ErrorCode, entry: Field, limit: Words | None = None) -> FieldError:
    values = {"label_zh": entry.label.zh, "label_en": entry.label.en}
    if limit:
        values |= {"limit_zh": limit.zh, "limit_en": limit.en}
    return FieldError(code, values)


def _same(text: str) -> Words:
    return Words(text, text)


def _with_unit(entry: Field, number: float) -> Words:
    plain = f"{number:.{entry.decimals}f}"
    return Words(f"{plain} {entry.unit.zh}", f"{plain} {entry.unit.en}") if entry.unit else _same(plain)


def _check_choice(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    known = value in [choice.value for choice in entry.choices]
    return None if known else _error(ErrorCode.NOT_A_CHOICE, entry)


def _check_date(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    day = read_date(value)
    if day is None:
        return _error(ErrorCode.NOT_A_DATE, entry)
    other = read_date(values.get(entry.after, "").strip())
    if other and day < other:
        return _error(ErrorCode.BEFORE_OTHER, entry, _day_words(other))
    return _check_days(entry, day, today)


def _check_datetime(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    moment = read_datetime(value)
    if moment is None:
        return _error(ErrorCode.NOT_A_DATE, entry)
    other = read_datetime(values.get(entry.after, "").strip())
    if other and moment - other < SHORTEST:
        return _error(ErrorCode.BEFORE_OTHER, entry, _moment_words(other + SHORTEST))
    return _check_days(entry, moment.date(), today)


def _check_days(entry: Field, day: date, today: date) -> FieldError | None:
    if entry.least is not None and day < (first := today + timedelta(days=entry.least)):
        return _error(ErrorCode.TOO_EARLY, entry, _day_words(first))
    if entry.most is not None and day > (last := today + timedelta(days=entry.most)):
        return _error(ErrorCode.TOO_LATE, entry, _day_words(last))
    return None


def _check_number(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    if not _NUMBER.fullmatch(value) or len(value.partition(".")[2]) > entry.decimals:
        return _error(ErrorCode.NOT_A_NUMBER, entry)
    return _check_size(entry, Decimal(value), lambda limit: _with_unit(entry, limit))


def _check_money(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    if not _MONEY.fullmatch(value):
        return _error(ErrorCode.BAD_MONEY, entry)
    return _check_size(entry, Decimal(value), lambda limit: _money_words(str(limit)))


def _check_size(entry: Field, number: Decimal, words: Callable[[float], Words]) -> FieldError | None:
    most = LARGEST_NUMBER if entry.most is None else entry.most
    if entry.least is not None and number < Decimal(str(entry.least)):
        return _error(ErrorCode.TOO_SMALL, entry, words(entry.least))
    return _error(ErrorCode.TOO_LARGE, entry, words(most)) if number > Decimal(str(most)) else None


def _check_text(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    most = LONGEST_TEXT if entry.most is None else int(entry.most)
    if entry.least is not None and len(value) < entry.least:
        return _error(ErrorCode.TOO_SHORT, entry, _same(str(int(entry.least))))
    return _error(ErrorCode.TOO_LONG, entry, _same(str(most))) if len(value) > most else None


def _check_phone(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    return None if _PHONE.fullmatch(value) else _error(ErrorCode.BAD_PHONE, entry)


def _check_photo(entry: Field, value: str, values: Values, today: date) -> FieldError | None:
    return None if _SHA256.fullmatch(value) else _error(ErrorCode.NO_PHOTO, entry)


_CHECKS: dict[FieldType, Callable[[Field, str, Values, date], FieldError | None]] = {
    FieldType.CHOICE: _check_choice,
    FieldType.DATE: _check_date,
    FieldType.DATETIME: _check_datetime,
    FieldType.NUMBER: _check_number,
    FieldType.MONEY: _check_money,
    FieldType.PHONE: _check_phone,
    FieldType.TEXT: _check_text,
    FieldType.PHOTO: _check_photo,
}
