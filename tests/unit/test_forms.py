"""What a form asks, what it finds wrong and which way a request goes."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import assets, shipped
from kiosk.domain import forms
from kiosk.domain.catalogue import Band, Choice, Computed, Field, FieldType, Item, Step, Words
from kiosk.domain.forms import ErrorCode
from kiosk.domain.people import Person, Role

TODAY = date(2026, 3, 2)
ITEMS = shipped.items().items
PERSON = Person(
    "00c0ffee00c0ffee",
    "20230017",
    "张伟",
    "Zhang Wei",
    Role.STUDENT,
    {"college": "景观生态学院", "class_name": "园林2301", "counsellor": "李敏", "phone": "13812342046", "secret": "x"},
)
W = Words("问题", "Question")


def ask(kind: FieldType, **more: object) -> Field:
    return Field("q", kind, W, **more)  # type: ignore[arg-type]


def code(field: Field, value: str, **others: str) -> ErrorCode | None:
    error = forms.check_field(field, {"q": value, **others}, TODAY)
    return error.code if error else None


CHOICE = ask(FieldType.CHOICE, choices=(Choice("a", W), Choice("b", W)))
DAY = ask(FieldType.DATE, least=-1, most=7)
TIME = ask(FieldType.DATETIME, least=0, most=7, after="from")
COUNT = ask(FieldType.NUMBER, least=1, most=5)
HEAT = ask(FieldType.NUMBER, least=34, most=42, decimals=1)
MONEY = ask(FieldType.MONEY, least=0.01, most=500)
TEXT = ask(FieldType.TEXT, least=2, most=4)
PHONE = ask(FieldType.PHONE)
PHOTO = ask(FieldType.PHOTO)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (TEXT, "", ErrorCode.REQUIRED),
        (TEXT, "   ", ErrorCode.REQUIRED),
        (CHOICE, "a", None),
        (CHOICE, "c", ErrorCode.NOT_A_CHOICE),
        (DAY, "2026-03-01", None),
        (DAY, "2026-03-09", None),
        (DAY, "2026-02-28", ErrorCode.TOO_EARLY),
        (DAY, "2026-03-10", ErrorCode.TOO_LATE),
        (DAY, "2026-02-30", ErrorCode.NOT_A_DATE),
        (DAY, "20260302", ErrorCode.NOT_A_DATE),
        (DAY, "２０２６-03-02", ErrorCode.NOT_A_DATE),
        (TIME, "2026-03-02T08:00", None),
        (TIME, "2026-03-02 08:00", ErrorCode.NOT_A_DATE),
        (TIME, "2026-03-02T25:00", ErrorCode.NOT_A_DATE),
        (COUNT, "5", None),
        (COUNT, "2.5", ErrorCode.NOT_A_NUMBER),
        (COUNT, "٣", ErrorCode.NOT_A_NUMBER),
        (COUNT, "1e3", ErrorCode.NOT_A_NUMBER),
        (COUNT, "NaN", ErrorCode.NOT_A_NUMBER),
        (COUNT, "-4", ErrorCode.TOO_SMALL),
        (COUNT, "6", ErrorCode.TOO_LARGE),
        (HEAT, "36.5", None),
        (HEAT, "36.55", ErrorCode.NOT_A_NUMBER),
        (MONEY, "12.50", None),
        (MONEY, "0.00", ErrorCode.TOO_SMALL),
        (MONEY, "500.01", ErrorCode.TOO_LARGE),
        (MONEY, "12.505", ErrorCode.BAD_MONEY),
        (MONEY, "￥12", ErrorCode.BAD_MONEY),
        (TEXT, "字", ErrorCode.TOO_SHORT),
        (TEXT, "𠮷野家店", None),
        (TEXT, "五个字太长", ErrorCode.TOO_LONG),
        (ask(FieldType.TEXT), "字" * 201, ErrorCode.TOO_LONG),
        (PHONE, "13812342046", None),
        (PHONE, "0731-8812345", None),
        (PHONE, "12345", ErrorCode.BAD_PHONE),
        (PHONE, "23812342046", ErrorCode.BAD_PHONE),
        (PHOTO, "ab" * 32, None),
        (PHOTO, "", ErrorCode.NO_PHOTO),
        (PHOTO, "picture.jpg", ErrorCode.NO_PHOTO),
    ],
)
def test_an_answer_is_checked_by_its_type(field: Field, value: str, expected: ErrorCode | None) -> None:
    assert code(field, value) is expected


def test_what_need_not_be_answered_may_be_left_out() -> None:
    assert code(ask(FieldType.TEXT, required=False), "") is None
    assert code(ask(FieldType.PHOTO, required=False), "") is None


def test_a_time_must_come_half_an_hour_after_the_other() -> None:
    assert code(TIME, "2026-03-03T08:29", **{"from": "2026-03-03T08:00"}) is ErrorCode.BEFORE_OTHER
    assert code(TIME, "2026-03-03T08:30", **{"from": "2026-03-03T08:00"}) is None
    assert code(TIME, "2026-03-03T08:30", **{"from": "not yet"}) is None


def test_a_day_may_be_the_same_as_the_other() -> None:
    field = ask(FieldType.DATE, after="from")
    assert code(field, "2026-03-02", **{"from": "2026-03-02"}) is None
    assert code(field, "2026-03-01", **{"from": "2026-03-02"}) is ErrorCode.BEFORE_OTHER


def test_what_is_the_campus_s_own_is_never_found_wrong() -> None:
    assert code(ask(FieldType.PHONE, known="phone", locked=True), "not a phone") is None


def test_every_error_has_its_sentence_in_both_languages() -> None:
    limits = {"label_zh": "人数", "label_en": "People", "limit_zh": "5 人", "limit_en": "5 people"}
    for language in ("zh", "en"):
        data = tomllib.loads((assets.ROOT / "i18n" / f"{language}-forms.toml").read_text("utf-8"))
        texts = data["form"]["error"]
        assert set(texts) == {error.value for error in ErrorCode}
        assert all(text.format(**limits) for text in texts.values())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("field", "value"),
    [(DAY, "2020-01-01"), (DAY, "2030-01-01"), (COUNT, "0"), (COUNT, "9"), (MONEY, "0.00"), (TEXT, "一"), (CHOICE, "")],
)
def test_the_values_of_an_error_fill_its_sentence(field: Field, value: str, language: str) -> None:
    error = forms.check_field(field, {"q": value}, TODAY)
    assert error is not None
    data = tomllib.loads((assets.ROOT / "i18n" / f"{language}-forms.toml").read_text("utf-8"))
    sentence = data["form"]["error"][error.code.value].format(**error.values)
    assert W.of(language) in sentence
    assert "{" not in sentence


def test_prefill_takes_what_the_campus_knows() -> None:
    filled = forms.prefill(ITEMS["leave"], PERSON)
    assert filled == {
        "name": "张伟",
        "number": "20230017",
        "college": "景观生态学院",
        "class_name": "园林2301",
        "counsellor": "李敏",
        "phone": "13812342046",
    }


@given(st.sampled_from(sorted(ITEMS)), st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=12))
def test_prefill_never_fills_a_field_that_names_nothing(name: str, known: dict[str, str]) -> None:
    item = ITEMS[name]
    person = Person("0" * 16, "1", "王芳", "Wang Fang", Role.STUDENT, known)
    named = {field.name: field.known for field in item.fields if field.known}
    for field, value in forms.prefill(item, person).items():
        assert field in named
        assert value in {"1", "王芳", "Wang Fang", known.get(named[field])}


def answers(item: Item) -> st.SearchStrategy[dict[str, str]]:
    """Likely and unlikely answers to a form: choices that exist, dates about today, anything at all."""
    days = st.dates(date(2026, 2, 20), date(2026, 4, 1)).map(date.isoformat)
    sensible = {
        FieldType.DATE: days,
        FieldType.DATETIME: days.map(lambda day: f"{day}T08:00"),
        FieldType.NUMBER: st.integers(-1, 200).map(str),
        FieldType.MONEY: st.decimals(0, 90000, places=2).map(str),
    }
    strategies = {}
    for field in item.fields:
        picked = st.sampled_from([choice.value for choice in field.choices] or [""])
        strategies[field.name] = sensible.get(field.type, picked) | st.text(max_size=20) | picked
    return st.fixed_dictionaries({}, optional=strategies)


@given(st.data())
def test_no_answers_break_a_form_and_the_pages_hold_exactly_what_is_visible(data: st.DataObject) -> None:
    item = ITEMS[data.draw(st.sampled_from(sorted(ITEMS)))]
    values = data.draw(answers(item))
    shown = forms.visible(item, values)
    pages = forms.pages(item, values)
    assert sorted(f.name for page in pages for f in page) == sorted(f.name for f in shown)
    assert all(field.known for field in pages[0])
    assert all(1 <= len(page) <= 3 and not any(field.known for field in page) for page in pages[1:])
    assert set(forms.check(item, values, TODAY)) <= {field.name for field in shown}
    assert set(forms.kept(item, values)) <= {field.name for field in shown}
    assert item.printable or forms.steps(item, values)
    for field in shown:
        for language in ("zh", "en"):
            assert isinstance(forms.show(field, values.get(field.name, ""), language), str)


@given(st.sampled_from([CHOICE, DAY, TIME, COUNT, HEAT, MONEY, TEXT, PHONE, PHOTO]), st.text(), st.text())
def test_checking_never_raises_for_any_text(field: Field, value: str, other: str) -> None:
    forms.check_field(field, {"q": value, "from": other}, TODAY)
    forms.show(field, value, "zh")


@pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_a_year_no_form_can_mean_is_no_date(value: str) -> None:
    assert code(DAY, value) is ErrorCode.NOT_A_DATE
    assert code(TIME, f"{value}T08:00") is ErrorCode.NOT_A_DATE


LEAVE = {"type": "personal", "starts": "2026-03-03T08:00", "ends": "2026-03-05T17:00"}


def test_three_days_of_leave_need_the_counsellor_alone() -> None:
    assert [step.by for step in forms.steps(ITEMS["leave"], LEAVE)] == ["counsellor"]


def test_a_fourth_day_needs_the_college_and_a_parent_s_phone() -> None:
    longer = {**LEAVE, "ends": "2026-03-06T08:00"}
    assert [step.by for step in forms.steps(ITEMS["leave"], longer)] == ["counsellor", "college_office"]
    assert "family_contact" in {field.name for field in forms.visible(ITEMS["leave"], longer)}
    assert "family_contact" not in {field.name for field in forms.visible(ITEMS["leave"], LEAVE)}


def test_the_diagnosis_is_asked_of_the_sick_alone() -> None:
    names = {kind: {f.name for f in forms.visible(ITEMS["leave"], {"type": kind})} for kind in ("sick", "personal")}
    assert "diagnosis" in names["sick"]
    assert "diagnosis" not in names["personal"]


def test_an_answer_that_a_later_choice_made_pointless_is_not_handed_in() -> None:
    values = {**LEAVE, "diagnosis": "ab" * 32, "off_campus": "no", "destination": "长沙"}
    assert set(forms.kept(ITEMS["leave"], values)) == {"type", "starts", "ends", "off_campus"}


def test_a_page_of_five_questions_becomes_two() -> None:
    many = tuple(Field(name, FieldType.TEXT, W, page=2) for name in "abcde")
    item = Item("t", W, "c", "t", W, (Role.STUDENT,), W, (), 10, (*many, Field("first", FieldType.TEXT, W)), ())
    assert [[f.name for f in page] for page in forms.pages(item, {})] == [[], ["first"], ["a", "b", "c"], ["d", "e"]]


def test_a_hidden_answer_decides_nothing_further() -> None:
    yes_no = (Choice("yes", W), Choice("no", W))
    item = Item(
        "t", W, "c", "t", W, (Role.STUDENT,), W, (), 10,
        fields=(
            Field("a", FieldType.CHOICE, W, choices=yes_no),
            Field("b", FieldType.CHOICE, W, choices=yes_no, when=("a", ("yes",))),
            Field("c", FieldType.NUMBER, W, when=("b", ("yes",))),
        ),
        steps=(Step(W, "x", 1), Step(W, "y", 1, ("size", ("big",)))),
        computed=(Computed("size", ("c",), (Band("small", 10), Band("big"))),),
    )  # fmt: skip
    hidden = {"a": "no", "b": "yes", "c": "99"}
    assert [field.name for field in forms.visible(item, hidden)] == ["a"]
    assert [step.by for step in forms.steps(item, hidden)] == ["x"]
    assert [step.by for step in forms.steps(item, {**hidden, "a": "yes"})] == ["x", "y"]


def test_the_size_of_a_reimbursement_decides_its_route() -> None:
    item = ITEMS["reimbursement"]
    assert "leader" not in [step.by for step in forms.steps(item, {"amount": "5000.00"})]
    assert "leader" in [step.by for step in forms.steps(item, {"amount": "5000.01"})]
    assert "leader" not in [step.by for step in forms.steps(item, {"amount": "much"})]


def test_a_locked_entry_the_campus_does_not_have_is_not_shown_and_a_missing_phone_is_asked() -> None:
    nobody = forms.prefill(ITEMS["leave"], Person("0" * 16, "1", "王芳", "", Role.STUDENT, {}))
    assert [field.name for field in forms.pages(ITEMS["leave"], nobody)[0]] == ["name", "number", "phone"]
    assert forms.check(ITEMS["leave"], nobody, TODAY)["phone"].code is ErrorCode.REQUIRED


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        (DAY, "2026-03-02", "2026年3月2日", "2 March 2026"),
        (TIME, "2026-03-02T08:42", "3月2日 08:42", "2 Mar 08:42"),
        (MONEY, "1234", "￥1,234.00", "CNY 1,234.00"),
        (CHOICE, "a", "问题", "Question"),
        (ask(FieldType.NUMBER, unit=Words("人", "people")), "3", "3 人", "3 people"),
        (PHOTO, "ab" * 32, "✓", "✓"),
        (TEXT, "事由", "事由", "事由"),
        (MONEY, "much", "much", "much"),
    ],
)
def test_an_answer_is_written_for_people(field: Field, value: str, zh: str, en: str) -> None:
    assert (forms.show(field, value, "zh"), forms.show(field, value, "en")) == (zh, en)
