"""Sealed in advance: for whom, how many, until when; withdrawn when facts change; counted once a terminal tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.domain.catalogue import FieldType, Item
from kiosk.domain.certificates import Outcome
from sync.central import aheads, content, devices, people
from sync.central.centre import Ahead, Centre, Work
from sync.central.database import reading, writing
from sync.central.facts import Facts, Handed
from tests.sync.ahead_kit import BOOK, DAY, NOW, ahead, change, conflicts, issued, later, of, page, worth
from tests.sync.central_kit import LEFT, OTHER, STAFF, STUDENT, Api, served
from tests.sync.keys_kit import Key
from tests.sync.test_central_documents import handed_in, marks_of, said, status_of

# --- for whom, how many, until when -----------------------------------------------------------------------------


def test_two_of_each_item_and_language_that_the_person_may_ask_for(central_api: Api) -> None:
    rows = ahead(central_api)
    assert sorted((row["document"], row["language"]) for row in rows) == sorted(
        2 * [("enrolment", "zh"), ("enrolment", "en"), ("enrolment_en", "en"), ("dormitory", "zh")]
    )
    assert {row["document"] for row in ahead(central_api, STAFF)} == {"employment"}
    assert len({row["serial"] for row in rows}) == len({row["url"] for row in rows}) == 8
    assert all(row["use_by"] == pytest.approx(NOW + 7 * DAY, abs=60) for row in rows)


def test_they_are_certificates_like_any_other_but_for_what_they_are_for(central_api: Api) -> None:
    row = of(ahead(central_api))[0]
    asked = central_api.ask(handed_in(central_api), "enrolment").json()
    own = {"serial", "purpose"}
    assert {name: row["fields"][name] for name in row["fields"].keys() - own} == {
        name: asked["fields"][name] for name in asked["fields"].keys() - own
    }
    assert "purpose" not in row["fields"]
    assert row["serial"] not in (asked["serial"], row["url"])
    assert worth(central_api, row["code"]) is Outcome.VALID


def test_an_answer_that_was_lost_is_given_again_and_another_journal_gets_its_own(central_api: Api) -> None:
    first = ahead(central_api)
    assert ahead(central_api) == first
    other = ahead(central_api, book="f" * 16)
    assert not {row["serial"] for row in first} & {row["serial"] for row in other}


def test_two_terminals_hold_none_in_common_and_neither_may_report_the_others(central_api: Api) -> None:
    mine = {row["serial"] for row in ahead(central_api)}
    first, code = central_api.key, devices.issue_code(central_api.centre, "B-002")
    central_api.key = Key(central_api.centre.clock.now)
    assert central_api.post("/v1/enrol", central_api.key.ask(code, "B-002")).status_code == 200
    theirs = ahead(central_api)
    assert not mine & {row["serial"] for row in theirs}
    central_api.key = first
    key = handed_in(central_api)
    assert "没有这个证明编号" in central_api.reason(issued(key, of(theirs)[0]["serial"]))


def test_nothing_is_said_that_will_not_be_true_on_the_last_day_of_its_use(central_api: Api) -> None:
    with reading(central_api.centre.engine) as connection:
        member = people.by_number(Work(central_api.centre, connection, NOW), STUDENT)
    assert member is not None
    change(central_api, known={**member.known, "graduates": "2026-03-05"})
    assert {row["document"] for row in ahead(central_api)} == {"dormitory"}
    assert ahead(central_api, LEFT) == [] or {row["document"] for row in ahead(central_api, LEFT)} == {"dormitory"}


def test_those_about_to_lapse_are_made_up_for_and_used_first(central_api: Api) -> None:
    old = of(ahead(central_api))
    with later(central_api, 4) as api:
        rows = of(ahead(api))
    assert [row["serial"] for row in rows[:2]] == [row["serial"] for row in old]
    assert len(rows) == 4
    assert rows[2]["use_by"] > NOW + 10 * DAY


@pytest.mark.parametrize(("policy", "count"), [(Ahead(days=0), 0), (Ahead(people=1), 0), (Ahead(each=1, people=2), 4)])
def test_the_college_says_how_much_is_sealed_in_advance(central_api: Api, policy: Ahead, count: int) -> None:
    ahead(central_api, OTHER)
    with served(replace(central_api.centre, ahead=policy)) as url:
        assert len(ahead(replace(central_api, url=url))) == count


def test_who_has_left_gets_none(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    with writing(central_api.centre.engine) as connection:
        people.forget(Work(central_api.centre, connection, NOW), person)
    answer = central_api.post("/v1/documents:ahead", {"person": person, "book": BOOK})
    assert (answer.status_code, answer.json()["type"]) == (409, "person_unknown")


# --- withdrawn --------------------------------------------------------------------------------------------------


def test_changed_facts_withdraw_what_was_sealed_and_a_new_telephone_does_not(central_api: Api) -> None:
    rows = ahead(central_api)
    with reading(central_api.centre.engine) as connection:
        member = people.by_number(Work(central_api.centre, connection, NOW), STUDENT)
    assert member is not None
    change(central_api, known={**member.known, "phone": "13800000000"})
    assert central_api.feed("revocations") == {}
    change(central_api, name="张伟国")
    assert set(central_api.feed("revocations")) == {row["serial"] for row in rows}
    assert worth(central_api, rows[0]["code"]) is Outcome.REVOKED
    assert page(central_api, rows[0]) == "voided"
    assert {row["fields"]["name"] for row in ahead(central_api)} == {"张伟国"}


def test_who_leaves_and_which_terminal_is_stolen_withdraw_theirs_alone(central_api: Api) -> None:
    mine, others = ahead(central_api), ahead(central_api, OTHER)
    used = of(mine)[0]["serial"]
    key = handed_in(central_api)
    assert central_api.send(issued(key, used)) == ["created"]
    with writing(central_api.centre.engine) as connection:
        people.forget(Work(central_api.centre, connection, NOW), central_api.person(OTHER))
    assert set(central_api.feed("revocations")) == {row["serial"] for row in others}
    assert central_api.operate("revoke-device", "--terminal", "A-017") == 0
    central_api.key = Key(central_api.centre.clock.now)
    code = devices.issue_code(central_api.centre, "B-002")
    assert central_api.post("/v1/enrol", central_api.key.ask(code, "B-002")).status_code == 200
    ended = set(central_api.feed("revocations"))
    assert ended == {row["serial"] for row in (*mine, *others)} - {used}, "what was reported counts"


# --- told of ----------------------------------------------------------------------------------------------------


def test_until_it_is_told_of_the_page_says_what_is_true_and_then_it_counts(central_api: Api) -> None:
    row = of(ahead(central_api))[0]
    assert page(central_api, row) == "pending"
    ask = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    told = issued(ask["key"], row["serial"])
    assert central_api.send(ask, told) == ["created", "created"]
    assert page(central_api, row) == "valid"
    assert status_of(central_api, ask["key"]) == ("issued", row["serial"])
    assert central_api.send(told, said(ask["key"], "printed", row["serial"], copies=1)) == ["duplicate", "created"]
    assert marks_of(central_api, ask["key"])[-1] == "issued"
    assert row["serial"] not in {each["serial"] for each in ahead(central_api)}
    assert len(of(ahead(central_api))) == 2


def test_one_that_came_out_spoiled_is_void_and_the_next_takes_its_place(central_api: Api) -> None:
    first, second = of(ahead(central_api))
    key = handed_in(central_api)
    assert (
        central_api.send(
            issued(key, first["serial"]),
            said(key, "voided", first["serial"], reason="spoiled"),
            issued(key, second["serial"], 2, replaces=first["serial"]),
            said(key, "printed", second["serial"], copies=1),
        )
        == ["created"] * 4
    )
    assert (page(central_api, first), page(central_api, second)) == ("superseded", "valid")
    assert status_of(central_api, key) == ("issued", second["serial"])
    assert conflicts(central_api) == []


def test_the_gauges_count_them(central_api: Api) -> None:
    row = of(ahead(central_api))[0]
    central_api.send(issued("nobody-knows-it", row["serial"]))
    text = central_api.get("/metrics").text
    assert 'campus_sealed_ahead{state="held"} 7.0' in text
    assert 'campus_sealed_ahead{state="withdrawn"} 1.0' in text
    assert "campus_offline_conflicts 1.0" in text


def test_what_never_was_issued_is_forgotten_long_after_its_last_day(central_api: Api) -> None:
    ahead(central_api)
    with writing(central_api.centre.engine) as connection:
        work = Work(central_api.centre, connection, NOW + 200 * DAY)
        aheads.purge(work)
    assert central_api.sql("select count(*) from sealed_ahead") == [(0,)]


# --- which items may be: the marks in the files are true ---------------------------------------------------------


def test_an_offline_item_says_nothing_but_what_the_campus_knows(central_still: Centre) -> None:
    """Whatever is answered, and whatever was approved, the fields are the same but for the purpose."""
    for item in central_still.catalogue.items.values():
        if item.offline:
            number = STUDENT if item.id != "employment" else STAFF
            plain = fields(central_still, item, number, {})
            assert "purpose" not in plain
            for answers in every_answer(item):
                assert {**fields(central_still, item, number, answers), "purpose": ""} == {**plain, "purpose": ""}


def test_questions_that_decide_are_marked(central_still: Centre) -> None:
    for item in central_still.catalogue.items.values():
        unmarked = [each for each in every_answer(item) if not any(f.decides for f in item.fields if f.name in each)]
        if item.printable and item.id not in ("health_slip", "return_pass", "meal_slip", "leave_slip"):
            number = STAFF if item.who == ("staff",) else LEFT if item.id == "graduation" else STUDENT
            made = [fields(central_still, item, number, each) for each in unmarked]
            assert len({tuple(sorted({**each, "purpose": ""}.items())) for each in made}) <= 1, item.id


def every_answer(item: Item) -> list[dict[str, str]]:
    choices = [{f.name: choice.value} for f in item.fields if f.type is FieldType.CHOICE for choice in f.choices]
    return [*choices, *({f.name: "12"} for f in item.fields if f.type is not FieldType.CHOICE and not f.known)]


def fields(centre: Centre, item: Item, number: str, answers: dict[str, str]) -> dict[str, str]:
    def nothing(_name: str) -> tuple[Handed, ...]:
        raise AssertionError("draws on another request")

    with reading(centre.engine) as connection:
        work = Work(centre, connection, NOW)
        member = people.by_number(work, number)
        assert member is not None
        member = people.with_records(work, member)
    made = content.fields_of(item.document, Facts(member, item, answers, "zh", date(2026, 3, 2), nothing, centre.texts))
    assert isinstance(made, dict), made
    return made
