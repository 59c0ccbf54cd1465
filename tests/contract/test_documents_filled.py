"""What the centre says of everybody is enough for each document, and each of them fits its paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

import pytest

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.catalogue import Item
from kiosk.domain.documents import fill
from kiosk.shipped import documents, items
from kiosk.text import shipped_texts
from printers import profile
from printers.escpos import encode
from sync.central import content, demodata
from sync.central.centre import Refusal
from sync.central.content import Facts, Handed
from sync.central.people import Member
from tests.papers import sample

TODAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 7, 35, tzinfo=CAMPUS_ZONE)
TEXTS = shipped_texts()
ITEMS = items().items
EARLIER: Mapping[str, dict[str, str]] = {
    "leave": {"type": "sick", "starts": "2026-03-02T08:00", "ends": "2026-03-04T18:00", "reason": "发烧"},
    "health_check_in": {"temperature": "36.4", "symptoms": "none"},
    "return_registration": {"returns_on": "2026-03-02", "time_window": "morning"},
    "meal_order": {"meal_day": "2026-03-02", "meal": "lunch", "menu": "usual", "counter": "first"},
}
ANSWERS: Mapping[str, dict[str, str]] = {"meal_slip": {"slip_day": "2026-03-02", "slip_meal": "lunch"}}


def earlier(name: str) -> tuple[Handed, ...]:
    return (Handed(ITEMS[name], EARLIER[name], MORNING),)


@pytest.fixture(scope="module")
def everybody() -> list[Member]:
    return list(demodata.everybody(TODAY))


def printable() -> list[tuple[str, str]]:
    return [(item.id, language) for item in ITEMS.values() if item.printable for language in item.languages]


def said_of(member: Member, item: Item, language: str) -> dict[str, str] | Refusal:
    facts = Facts(
        member=member,
        item=item,
        values=ANSWERS.get(item.id, {}),
        language=language,
        today=TODAY,
        approved=earlier,
        texts=TEXTS,
    )
    return content.fields_of(item.document, facts)


@pytest.mark.parametrize(("item", "language"), printable())
def test_the_centre_has_every_field_of_everybody_it_certifies(
    item: str, language: str, everybody: list[Member]
) -> None:
    own = {name: sample()[name] for name in ("campus", "serial", "date", "expires", "code", "url", "copy")}
    outcomes: Counter[str] = Counter()
    for member in everybody:
        if member.role not in ITEMS[item].who:
            continue
        said = said_of(member, ITEMS[item], language)
        if isinstance(said, Refusal):
            outcomes[str(said)] += 1
            continue
        blocks = fill(documents()[ITEMS[item].document], language, {**said, **own})
        if outcomes["filled"] < 3:
            assert len(encode(blocks, profile("generic-80mm"))) < 40_000
        outcomes["filled"] += 1
    assert outcomes["filled"] > 5, outcomes
