"""Every document of the campus is filled from the campus's own data, with all that its page must carry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.catalogue import Item
from kiosk.domain.documents import fields_of, fill
from kiosk.shipped import documents
from sync.central import content
from sync.central.amounts import in_capitals
from sync.central.centre import Centre, Refusal, Work
from sync.central.content import Facts, Handed
from sync.central.database import reading
from sync.central.issuing import facts_of
from sync.central.people import by_number, with_records
from tests.sync.central_kit import LEFT, OTHER, RARE, STAFF, STUDENT

OWN = {"serial", "date", "expires", "campus", "code", "url", "copy", "printed_at", "terminal"}
"""What the centre adds to any document, and what the terminal adds."""

HOLDERS = {"employment": STAFF, "income": STAFF, "graduation": LEFT}
FIRST_MEAL = {"slip_day": "2026-03-02", "slip_meal": "lunch"}


def printed_by(centre: Centre, document: str) -> list[Item]:
    return [item for item in centre.catalogue.items.values() if document in (item.document, item.result)]


def first_choices(item: Item) -> dict[str, str]:
    """The answer somebody gives who takes the first of everything."""
    return {field.name: field.choices[0].value for field in item.fields if field.choices}


def facts(centre: Centre, number: str, item: str, values: dict[str, str], language: str = "zh") -> Facts:
    with reading(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        member = by_number(work, number)
        assert member is not None
        found = facts_of(work, with_records(work, member), centre.catalogue.items[item], values, language, None)
        earlier = {name: found.approved(name) for name in centre.catalogue.items}
    return replace(found, approved=lambda name: earlier.get(name, ()))


def test_every_document_that_an_item_prints_has_its_maker_and_its_page(central_still: Centre) -> None:
    wanted = {doc for item in central_still.catalogue.items.values() for doc in (item.document, item.result) if doc}
    assert wanted == set(content.KINDS)
    assert wanted <= set(documents())
    assert len({kind.prefix for kind in content.KINDS.values()}) == len(content.KINDS)


@pytest.mark.parametrize("document", sorted(content.KINDS))
def test_its_page_is_filled_completely_in_each_language(central_still: Centre, document: str) -> None:
    item = next(item for item in printed_by(central_still, document) if item.printable)
    for language in item.languages:
        values = {**first_choices(item), **(FIRST_MEAL if document == "meal_slip" else {})}
        known = facts(central_still, HOLDERS.get(document, STUDENT), item.id, values, language)
        fields = content.fields_of(document, known)
        assert not isinstance(fields, Refusal), fields
        assert all(isinstance(value, str) and value.strip() for value in fields.values())
        page = documents()[document]
        assert language in page.languages
        assert fields_of(page, language) - set(fields) <= OWN
        fill(page, language, {**dict.fromkeys(OWN, "x"), **fields})


def test_an_english_page_has_no_chinese_but_names_and_sums(central_still: Centre) -> None:
    for document, kind in content.KINDS.items():
        for item in printed_by(central_still, document):
            if "en" in item.languages and item.printable:
                holder = HOLDERS.get(document, STUDENT)
                fields = kind.make(facts(central_still, holder, item.id, first_choices(item), "en"))
                assert not isinstance(fields, Refusal)
                chinese = {name for name, value in fields.items() if any("\u4e00" <= c <= "\u9fff" for c in value)}
                assert chinese <= {"name", "income_words"}, (document, chinese)


@pytest.mark.parametrize(
    ("document", "number", "item", "values", "why"),
    [
        ("enrolment", LEFT, "enrolment", {}, "not_enrolled_now"),
        ("graduation", STUDENT, "graduation", {}, "not_graduated"),
        ("employment", STUDENT, "employment", {}, "not_employed"),
        ("income", STUDENT, "income", {}, "not_employed"),
        ("leave_slip", RARE, "leave_slip", {}, "no_leave"),
        ("health_slip", RARE, "health_slip", {}, "not_declared"),
        ("return_pass", RARE, "return_pass", {}, "not_registered"),
        ("meal_slip", STUDENT, "meal_slip", {"slip_day": "2026-03-02", "slip_meal": "dinner"}, "no_meal"),
        ("scholarship", LEFT, "scholarship", {"award": "national", "award_year": "this"}, "no_award"),
        ("fee_receipt", LEFT, "fee_receipt", {"fee": "tuition", "fee_year": "this"}, "no_fee"),
        ("transcript", STAFF, "transcript", {}, "no_courses"),
        ("conduct", STAFF, "conduct", {}, "no_conduct"),
        ("dormitory", STAFF, "dormitory_proof", {}, "no_dormitory"),
    ],
)
def test_nothing_is_certified_that_is_not_so(
    central_still: Centre, document: str, number: str, item: str, values: dict[str, str], why: str
) -> None:
    assert content.fields_of(document, facts(central_still, number, item, values)) == Refusal(why)


def test_a_declaration_of_yesterday_is_none_today(central_still: Centre) -> None:
    today = facts(central_still, STUDENT, "health_slip", {})
    fields = content.fields_of("health_slip", today)
    assert not isinstance(fields, Refusal)
    assert fields["health_state"] == "well"
    tomorrow = replace(today, today=today.today.replace(day=3))
    assert content.fields_of("health_slip", tomorrow) == Refusal("not_declared")


def test_a_fever_is_not_called_well(central_still: Centre) -> None:
    item = central_still.catalogue.items["health_check_in"]
    base = facts(central_still, STUDENT, "health_slip", {})
    for values, state in [
        ({"temperature": "38.5", "symptoms": "fever"}, "发热乏力"),
        ({"temperature": "36.5", "symptoms": "cough"}, "咳嗽咽痛"),
        ({"temperature": "38.5", "symptoms": "none"}, "fever"),
    ]:
        own = Handed(item, values, central_still.clock.local())
        fields = content.fields_of("health_slip", replace(base, item=item, values=values, own=own))
        assert not isinstance(fields, Refusal)
        assert fields["health_state"] == state


def test_a_transcript_lists_the_terms_asked_for_and_its_average_is_right(central_still: Centre) -> None:
    def transcript(**values: str) -> dict[str, str]:
        found = content.fields_of("transcript", facts(central_still, STUDENT, "transcript", values))
        assert not isinstance(found, Refusal)
        return found

    def lines(fields: dict[str, str]) -> list[list[str]]:
        return [line.split("|") for line in fields["courses"].split("\n")]

    everything, last = lines(transcript(terms="all")), lines(transcript(terms="term"))
    assert {line[0] for line in last} == {"2025–2026 学年第一学期"}
    assert len(everything) == 25
    assert len(last) == 5
    assert "gpa" not in transcript(terms="all", average="without")
    points = [(Decimal(credit), (Decimal(grade) - 50) / 10) for _, _, credit, grade in everything if int(grade) >= 60]
    credits = sum(Decimal(line[2]) for line in everything)
    assert transcript(terms="all")["gpa"] == f"{sum(c * p for c, p in points) / credits:.2f}"
    assert transcript(terms="all")["credits_total"] == f"{sum(c for c, _ in points):.1f}"


def test_fees_and_their_sum_agree(central_still: Centre) -> None:
    fields = content.fields_of(
        "fee_receipt", facts(central_still, OTHER, "fee_receipt", {"fee": "books", "fee_year": "all"})
    )
    assert not isinstance(fields, Refusal)
    amounts = [line.split("|")[2] for line in fields["fees"].split("\n")]
    assert amounts == ["486.50"] * 3
    assert (fields["fees_total"], fields["fees_words"]) == ("1459.50", "壹仟肆佰伍拾玖元伍角")


def test_slips_are_good_for_their_own_day(central_still: Centre) -> None:
    leave = facts(central_still, STUDENT, "leave_slip", {"which_leave": "latest"})
    fields = content.fields_of("leave_slip", leave)
    assert not isinstance(fields, Refusal)
    assert (fields["leave_days"], fields["leave_type"]) == ("2", "公假")
    assert content.last_day("leave_slip", leave, fields).isoformat() == "2026-03-04"
    assert content.last_day("health_slip", leave, {}) == leave.today
    meal: dict[str, Any] = {"meal_date": "2026-03-05"}
    assert content.last_day("meal_slip", leave, meal).isoformat() == "2026-03-05"


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("1.05", "壹元零伍分"),
        ("8650", "捌仟陆佰伍拾元整"),
        ("1002.30", "壹仟零贰元叁角"),
        ("10", "壹拾元整"),
        ("100001", "壹拾万零壹元整"),
        ("103800.00", "壹拾万叁仟捌佰元整"),
        ("20000000.16", "贰仟万元壹角陆分"),
        ("100000000", "壹亿元整"),
        ("100050000.00", "壹亿零伍万元整"),
        ("1234567890.12", "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        ("1.005", "壹元零壹分"),
    ],
)
def test_sums_in_capitals(yuan: str, words: str) -> None:
    assert in_capitals(Decimal(yuan)) == words


@pytest.mark.parametrize("yuan", ["-1", "1e16", "NaN"])
def test_no_sum_no_words(yuan: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        in_capitals(Decimal(yuan))


@pytest.mark.parametrize(
    ("asked", "said", "sum_"),
    [
        ("months_3", "近 3 个月", "25950.00"),
        ("months_6", "近 6 个月", "51900.00"),
        ("nonsense", "近 12 个月", "103800.00"),
    ],
)
def test_income_is_certified_for_the_months_asked_for(central_still: Centre, asked: str, said: str, sum_: str) -> None:
    fields = content.fields_of("income", facts(central_still, STAFF, "income", {"period": asked}))
    assert not isinstance(fields, Refusal)
    assert (fields["period"], fields["period_income"]) == (said, sum_)
