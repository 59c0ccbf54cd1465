"""Service items: what a person can ask for, as data of `assets/items/*.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.domain.people import Factor, Role

MOST_STEPS = 5


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
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in `zh` or `en`."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    `known` names the entry of `Person.known` (or name, name_en, number) that fills it; `locked` values are the
    campus's own and only shown. `least`/`most` bound numbers, money (in 元), text length and, as days from
    today, dates. `after` names another date field that must not be later. `when` = (field, values): asked only then.
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


@dataclass(frozen=True, slots=True)
class Step:
    """One approval: who (`by`, a department), and the promised minutes. `when` as in Field."""

    name: Words
    by: str
    minutes: int
    when: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A service item. `document` names the file of assets/documents printed at once ("" = handed in, a receipt).

    `result` names the document that the finished procedure can be printed as ("" = none).
    `factors` is how many ways of identification it takes (2 for private data).
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

    @property
    def printable(self) -> bool:
        """Comes out of the printer at once, after the centre's seal."""
        return bool(self.document)


@dataclass(frozen=True, slots=True)
class Category:
    id: str
    title: Words
    icon: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item file was refused: file, key, what stands there, what is allowed."""

    file: str
    key: str
    found: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the terminal serves; what could not be read is in `problems`, the rest serves."""

    items: Mapping[str, Item]
    categories: tuple[Category, ...]
    problems: tuple[Problem, ...] = ()


def allowed_for(item: Item, role: Role) -> bool:
    """Whether people of this role may ask for the item."""
    return role in item.who


def factors_missing(item: Item, shown: frozenset[Factor]) -> bool:
    """Whether the item takes one more way of identification than the person has shown."""
    ways = shown - {Factor.NUMBER}
    return len(ways) < item.factors
