"""Service items: what a person can ask for, as data of `assets/items/*.toml` (docs/items.md says how)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.domain.itemfile import parse_categories as parse_categories
from kiosk.domain.itemfile import parse_item as parse_item
from kiosk.domain.items import KNOWN as KNOWN
from kiosk.domain.items import MOST_STEPS as MOST_STEPS
from kiosk.domain.items import Band as Band
from kiosk.domain.items import Category as Category
from kiosk.domain.items import Choice as Choice
from kiosk.domain.items import Computed as Computed
from kiosk.domain.items import Field as Field
from kiosk.domain.items import FieldType as FieldType
from kiosk.domain.items import Item as Item
from kiosk.domain.items import Shared as Shared
from kiosk.domain.items import Step as Step
from kiosk.domain.people import Factor, Role
from kiosk.domain.reading import Problem as Problem
from kiosk.domain.reading import Words as Words

SHARED_FILE = "categories.toml"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the terminal serves; what could not be read is in `problems`, the rest serves."""

    items: Mapping[str, Item]
    categories: tuple[Category, ...]
    problems: tuple[Problem, ...] = ()
    departments: Mapping[str, Words] = field(default_factory=dict)


def build(files: Iterable[tuple[str, dict[str, Any] | Exception]]) -> Catalogue:
    """All files of the items folder; a broken one is left out and named in `problems`, the rest serves."""
    read = dict(files)
    shared, problems = _shared_of(read.pop(SHARED_FILE, FileNotFoundError(SHARED_FILE)))
    items: list[Item] = []
    for name, data in read.items():
        item = unreadable(name, data) if isinstance(data, Exception) else parse_item(name, data, shared)
        if isinstance(item, Item):
            items.append(item)
        else:
            problems += item
    items.sort(key=lambda item: (item.order, item.id))
    return Catalogue({item.id: item for item in items}, shared.categories, problems, shared.departments)


def report(catalogue: Catalogue) -> str:
    """One line per problem, ready for a terminal; empty when there is none."""
    return "\n".join(f"{p.file}: {p.key}: found {p.found}; allowed: {p.allowed}" for p in catalogue.problems)


def unreadable(file: str, error: Exception) -> tuple[Problem, ...]:
    """A file that is no TOML at all, or cannot be opened."""
    return (Problem(file, "(file)", str(error), "a readable TOML file in UTF-8"),)


def _shared_of(data: dict[str, Any] | Exception) -> tuple[Shared, tuple[Problem, ...]]:
    parsed = unreadable(SHARED_FILE, data) if isinstance(data, Exception) else parse_categories(SHARED_FILE, data)
    return (parsed, ()) if isinstance(parsed, Shared) else (Shared(), parsed)


def allowed_for(item: Item, role: Role) -> bool:
    """Whether people of this role may ask for the item."""
    return role in item.who


def factors_missing(item: Item, shown: frozenset[Factor]) -> bool:
    """Whether the item takes one more way of identification than the person has shown."""
    ways = shown - {Factor.NUMBER}
    return len(ways) < item.factors
