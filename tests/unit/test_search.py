"""Items are found by what people type: names, pinyin, initials, English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import shipped
from kiosk.domain import search
from kiosk.domain.people import Role

INDEX = search.index(shipped.items())


def found(query: str, role: Role = Role.STUDENT) -> list[str]:
    return [item.id for item in search.find(INDEX, query, role)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("zdzm", "enrolment"),
        ("ZDZM", "enrolment"),
        ("zaiduzhengming", "enrolment"),
        ("zai du", "enrolment"),
        ("在读", "enrolment"),
        ("在读zm", "enrolment"),
        ("zaidzhengm", "enrolment"),
        ("qj", "leave"),
        ("请假", "leave"),
        ("qingjiatiao", "leave_slip"),
        ("cjd", "transcript"),
        ("caoxing", "conduct"),
        ("baoxiu", "repair"),
        ("健康打卡", "health_check_in"),
        ("transcript", "transcript"),
        ("leave", "leave"),
        ("dorm repair", "repair"),
        ("proof enrol", "enrolment"),
        ("dingcan", "meal_order"),
    ],
)
def test_the_first_hit_is_what_was_meant(query: str, first: str) -> None:
    assert found(query)[:1] == [first]


def test_a_whole_name_comes_before_a_name_that_begins_so() -> None:
    assert found("qj")[:2] == ["leave", "leave_slip"]


def test_what_begins_so_comes_before_what_holds_it_and_what_mentions_it() -> None:
    hits = found("健康")
    assert hits[:2] == ["health_slip", "health_check_in"]
    assert "return_registration" in hits[2:]


def test_only_what_this_role_may_ask_for_is_found() -> None:
    assert "income" not in found("shouru")
    assert found("shouru", Role.STAFF) == ["income"]
    assert "enrolment" not in found("zdzm", Role.STAFF)


@pytest.mark.parametrize("query", ["", "  ", "xyzzy", "😀", "zdzmx", "((", "'"])
def test_what_fits_nothing_finds_nothing(query: str) -> None:
    assert found(query) == []


@given(st.text(max_size=60) | st.text("zhcesigqj ", max_size=60))
def test_no_query_raises(query: str) -> None:
    search.find(INDEX, query, Role.STUDENT)


def test_every_item_is_found_by_its_own_name_and_initials() -> None:
    for entry in INDEX.entries:
        role = entry.item.who[0]
        initials = "".join(readings[0][0] if readings else c for c, readings in entry.title)
        assert entry.item.id in found(entry.item.title.zh, role)
        assert entry.item.id in found(initials, role)[:3]
        assert found(entry.item.title.en, role)[0] == entry.item.id
