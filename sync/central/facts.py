"""What a certificate may draw on: the person, their answers, and what was approved for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.domain import forms
from kiosk.domain.catalogue import Item
from kiosk.text import Texts
from sync.central.people import Member

FIRST_MONTH_OF_A_SCHOOL_YEAR = 9


@dataclass(frozen=True, slots=True)
class Handed:
    """An approved request of the same person: what was answered, and when (campus wall time)."""

    item: Item
    values: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a certificate may draw on. `approved`: the person's approved requests by item, newest first."""

    member: Member
    item: Item
    values: Mapping[str, str]
    language: str
    today: date
    approved: Callable[[str], tuple[Handed, ...]]
    texts: Texts
    own: Handed | None = None

    def known(self, name: str) -> str:
        """What the campus knows, in the document's language where it has both."""
        member = self.member
        english = member.private.get(f"{name}_en", "") if self.language == "en" else ""
        return english or member.known.get(name, "") or member.private.get(name, "")

    def word(self, name: str, item: Item | None = None, values: Mapping[str, str] | None = None) -> str:
        """An answer as people read it: the choice's label, not its value."""
        field = next((f for f in (item or self.item).fields if f.name == name), None)
        return forms.show(field, (values or self.values).get(name, ""), self.language) if field else ""


def school_year(day: date) -> int:
    """The year in which its school year began."""
    return day.year if day.month >= FIRST_MONTH_OF_A_SCHOOL_YEAR else day.year - 1
