"""What a service item is: guide, form, approval route, result. Its file is read by `itemfile`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.domain.people import Role
from kiosk.domain.printer import Outlet
from kiosk.domain.reading import Words

MOST_STEPS = 5

KNOWN = (
    "name",
    "name_en",
    "number",
    "gender",
    "college",
    "major",
    "class_name",
    "level",
    "phone",
    "dormitory",
    "enrolled",
    "graduates",
    "counsellor",
    "id_number_tail",
    "bank_card_tail",
    "department",
    "position",
    "title",
    "hired",
)
"""What the campus may know of a person, and so what a form never asks again."""


class FieldType(StrEnum):
    CHOICE = "choice"
    DATE = "date"
    DATETIME = "datetime"
    NUMBER = "number"
    MONEY = "money"
    PHONE = "phone"
    TEXT = "text"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    `known` names the entry of `Person.known` (or name, name_en, number) that fills it; `locked` values are the
    campus's own and only shown. `least`/`most` bound numbers, money (in 元), text length and, as days from
    today, dates. `after` names another date field that must not be later (times: half an hour between).
    `when` = (field or computed name, values): asked only then. `decimals` of a number, 0 = whole.
    `decides`: the answer decides what the paper states, beyond naming what it is for.
    """

    name: str
    type: FieldType
    label: Words
    hint: Words | None = None
    required: bool = True
    known: str = ""
    locked: bool = False
    choices: tuple[Choice, ...] = ()
    least: float | None = None
    most: float | None = None
    after: str = ""
    unit: Words | None = None
    when: tuple[str, tuple[str, ...]] | None = None
    page: int = 1
    decimals: int = 0
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of numbers: up to and including `most`, None = everything above."""

    name: str
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A value nobody types, for `when` to ask about: the band in which a number falls.

    One name in `of`: that number or money field. Two: the calendar days from the first date to the second, both
    counted. It has no value while those fields have none.
    """

    name: str
    of: tuple[str, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One approval: who (`by`, a key of Catalogue.departments), and the promised minutes. `when` as in Field."""

    name: Words
    by: str
    minutes: int
    when: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A service item. `document` names the file of assets/documents printed at once ("" = handed in, a receipt).

    `result` names the document that the finished procedure can be printed as ("" = none).
    `outlets` is what that document may be printed on, the best first; its own file says it.
    `factors` is how many ways of identification it takes (2 for private data).
    `offline`: without the network it is issued from what the centre sealed in advance.
    """

    id: str
    title: Words
    category: str
    icon: str
    summary: Words
    who: tuple[Role, ...]
    who_words: Words
    bring: tuple[Words, ...]
    minutes: int
    fields: tuple[Field, ...]
    steps: tuple[Step, ...]
    document: str = ""
    result: str = ""
    factors: int = 1
    copies: int = 1
    languages: tuple[str, ...] = ("zh",)
    order: int = 100
    computed: tuple[Computed, ...] = ()
    outlets: tuple[Outlet, ...] = (Outlet.RECEIPT,)
    offline: bool = False

    @property
    def printable(self) -> bool:
        """Comes out of the printer at once, after the centre's seal."""
        return bool(self.document)


@dataclass(frozen=True, slots=True)
class Category:
    """A drawer of the home screen; `icon` is the one character of its badge."""

    id: str
    title: Words
    icon: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What all items lean on: categories, departments that approve, and how known entries are shown."""

    categories: tuple[Category, ...] = ()
    departments: Mapping[str, Words] = field(default_factory=dict)
    known: Mapping[str, Field] = field(default_factory=dict)
