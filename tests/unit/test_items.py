"""The items that are shipped: complete, in both languages, each its own form."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from kiosk import shipped as program
from kiosk.domain import catalogue
from kiosk.domain.catalogue import Catalogue, Field, Item, Words
from kiosk.domain.people import Role

PRINTABLE = """
enrolment enrolment_en employment income transcript graduation conduct leave_slip dormitory_proof scholarship
fee_receipt health_slip return_pass meal_slip
"""
HANDED_IN = """
leave student_card repair room_booking reimbursement equipment asset_retirement personal_data seal_use visitor
make_up return_registration health_check_in meal_order class_sign_in
"""
AT_ONCE, FOLLOWED_UP = PRINTABLE.split(), HANDED_IN.split()
STAFF_ONLY = {"department", "position", "title", "hired", "bank_card_tail"}
STUDENT_ONLY = {"college", "major", "class_name", "level", "dormitory", "enrolled", "graduates", "counsellor"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return program.items()


def asked(item: Item) -> frozenset[str]:
    return frozenset(field.name for field in item.fields if not field.known)


def words_of(item: Item) -> list[Words]:
    fields = [words for field in item.fields for words in field_words(field)]
    return [item.title, item.summary, item.who_words, *item.bring, *fields, *(step.name for step in item.steps)]


def field_words(field: Field) -> list[Words]:
    optional = [words for words in (field.hint, field.unit) if words]
    return [field.label, *optional, *(choice.label for choice in field.choices)]


def test_all_shipped_items_are_read_with_no_problem(shipped: Catalogue) -> None:
    assert catalogue.report(shipped) == ""
    assert set(shipped.items) >= {*AT_ONCE, *FOLLOWED_UP}
    assert [name for name in AT_ONCE if not shipped.items[name].printable] == []
    assert [name for name in FOLLOWED_UP if shipped.items[name].printable] == []


def test_no_two_forms_ask_the_same(shipped: Catalogue) -> None:
    same = [(a.id, b.id) for a, b in combinations(shipped.items.values(), 2) if asked(a) == asked(b)]
    assert same == []


def test_every_item_asks_something_of_its_own(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        others = {name for other in shipped.items.values() if other is not item for name in asked(other)}
        assert asked(item) - others, item.id


def test_no_two_items_share_a_title_or_a_guide(shipped: Catalogue) -> None:
    for part in ("title", "summary"):
        for language in ("zh", "en"):
            texts = [getattr(item, part).of(language) for item in shipped.items.values()]
            assert len(texts) == len(set(texts)), part


def test_english_texts_hold_no_chinese(shipped: Catalogue) -> None:
    everything = [words for item in shipped.items.values() for words in words_of(item)]
    everything += [category.title for category in shipped.categories]
    assert [words.en for words in everything if CHINESE.search(words.en)] == []


def test_private_data_takes_two_factors(shipped: Catalogue) -> None:
    assert [shipped.items[name].factors for name in ("income", "transcript")] == [2, 2]


def test_plain_facts_are_issued_without_the_network(shipped: Catalogue) -> None:
    offline = {item.id for item in shipped.items.values() if item.offline}
    assert offline == {"enrolment", "enrolment_en", "employment", "dormitory_proof"}


def test_every_item_shows_what_the_campus_knows(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        known = {field.known for field in item.fields if field.known}
        assert {"name", "number"} <= known, item.id
        if Role.STAFF not in item.who:
            assert not known & STAFF_ONLY, item.id
        if Role.STUDENT not in item.who:
            assert not known & STUDENT_ONLY, item.id


def test_what_is_shown_on_a_step_is_short_enough_for_the_flow_chart(shipped: Catalogue) -> None:
    for item in shipped.items.values():
        assert all(len(step.name.zh) <= 7 and len(step.name.en) <= 24 for step in item.steps), item.id
        assert len(item.title.zh) <= 7, item.id


def test_promised_times_stay_within_a_day(shipped: Catalogue) -> None:
    assert [item.id for item in shipped.items.values() if item.minutes > 480] == []


def test_every_category_holds_items_and_every_department_is_used(shipped: Catalogue) -> None:
    assert {item.category for item in shipped.items.values()} == {category.id for category in shipped.categories}
    used = {step.by for item in shipped.items.values() for step in item.steps}
    assert used == set(shipped.departments)
