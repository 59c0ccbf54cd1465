"""A broken item file is refused with every reason, naming file, key, what was found and what is allowed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import catalogue
from kiosk.domain.catalogue import Category, Field, FieldType, Item, Problem, Shared, Words

SHARED = Shared(
    (Category("study", Words("学籍", "Study"), "学"),),
    {"college": Words("学院", "College")},
    {"name": Field("name", FieldType.TEXT, Words("姓名", "Name"), known="name", locked=True, required=False)},
)
STEP = {"name": {"zh": "学院", "en": "College"}, "by": "college", "minutes": 10}
GOOD: dict[str, Any] = {
    "title": {"zh": "请假", "en": "Leave"},
    "category": "study",
    "icon": "假",
    "summary": {"zh": "请假。", "en": "Leave."},
    "who": ["student"],
    "who_words": {"zh": "学生", "en": "Students"},
    "minutes": 60,
    "known": ["name"],
    "bring": [{"zh": "事由", "en": "Why"}],
    "field": [
        {
            "name": "kind",
            "type": "choice",
            "label": {"zh": "类型", "en": "Kind"},
            "choices": [{"value": "a", "zh": "甲", "en": "A"}, {"value": "b", "zh": "乙", "en": "B"}],
        },
        {"name": "first", "type": "date", "label": {"zh": "从", "en": "From"}, "least": 0, "most": 9},
        {"name": "last", "type": "date", "label": {"zh": "到", "en": "To"}, "after": "first"},
        {
            "name": "why",
            "type": "text",
            "label": {"zh": "事由", "en": "Why"},
            "when": {"field": "kind", "is": ["b"]},
        },
    ],
    "computed": [
        {"name": "length", "days": ["first", "last"], "bands": [{"name": "short", "most": 3}, {"name": "long"}]}
    ],
    "step": [STEP, {**STEP, "when": {"field": "length", "is": ["long"]}}],
}


def parse(data: dict[str, Any]) -> Item | tuple[Problem, ...]:
    return catalogue.parse_item("leave.toml", data, SHARED)


def problems(data: dict[str, Any]) -> tuple[Problem, ...]:
    parsed = parse(data)
    assert not isinstance(parsed, Item)
    return parsed


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The good item with one place replaced; `to` None takes the key away."""
    data = copy.deepcopy(GOOD)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return data


def test_a_good_file_becomes_an_item_named_as_the_file() -> None:
    item = parse(GOOD)
    assert isinstance(item, Item)
    assert item.id == "leave"
    assert [field.name for field in item.fields] == ["name", "kind", "first", "last", "why"]
    assert item.steps[1].when == ("length", ("long",))


BROKEN = [
    (("step",), [STEP] * 6, "step", "at most 5 approval steps"),
    (("field", 0, "type"), "colour", "field.kind.type", "choice, date, datetime, number, money, phone, text, photo"),
    (("title", "en"), None, "title.en", "a text that is not empty"),
    (("title", "zh"), "  ", "title.zh", "a text that is not empty"),
    (("summary",), "only one language", "summary", '{ zh = "…", en = "…" }'),
    (("field", 3, "label"), {"zh": "事由"}, "field.why.label.en", "a text that is not empty"),
    (("colour",), "red", "colour", "no such key"),
    (("field", 1, "lesat"), 3, "field.first.lesat", "no such key"),
    (("who",), ["teacher"], "who", "student, staff"),
    (("who",), ["student", "student"], "who", "each name once"),
    (("category",), "sports", "category", "study"),
    (("languages",), ["zh", "fr"], "languages", "zh, en"),
    (("known",), ["salary"], "known", "name"),
    (("icon",), "假条", "icon", "one character"),
    (("minutes",), 0, "minutes", "a whole number from 1"),
    (("minutes",), 15, "minutes", "the steps' own minutes together, 20"),
    (("factors",), 3, "factors", "from 1 to 2"),
    (("copies",), True, "copies", "a whole number"),
    (("field", 0, "choices"), None, "field.kind.choices", "2 to 9 choices"),
    (("field", 0, "choices", 1, "value"), "a", "field.kind.choices", "each value once"),
    (("field", 3, "choices"), GOOD["field"][0]["choices"], "field.why.choices", "only on type choice"),
    (("field", 1, "most"), -1, "field.first.least, most", "least not above most"),
    (("field", 1, "most"), float("nan"), "field.first.most", "a number"),
    (("field", 1, "most"), 10**9, "field.first.least, most", "days from today"),
    (("field", 0, "least"), 1, "field.kind.least, most", "only on types"),
    (("field", 3, "after"), "first", "field.why.after", "only on types date, datetime"),
    (("field", 2, "after"), "begin", "field.last.after", "a date field above: first"),
    (("field", 1, "after"), "last", "field.first.after", "a date field above: none"),
    (("field", 3, "when", "field"), "mood", "field.why.when", "kind, length"),
    (("field", 3, "when", "is"), ["c"], "field.why.when", "one of a, b"),
    (("field", 3, "when", "is"), "b", "field.why.when.is", "a list of"),
    (("field", 3, "name"), "kind", "field", "each name once"),
    (("field", 3, "name"), "Why?", "field[4].name", "small letters"),
    (("field", 3, "locked"), True, "field.why.locked", "only together with known"),
    (("field", 3, "known"), "salary", "field.why.known", "id_number_tail"),
    (("computed", 0, "days"), ["first", "end"], "computed.length.days", "type date, datetime"),
    (("computed", 0, "bands"), [{"name": "long"}], "computed.length.bands", "the last without"),
    (("computed", 0, "name"), "kind", "field", "each name once"),
    (("step", 0, "by"), "canteen", "step[1].by", "college"),
    (("step", 1, "when", "is"), ["longest"], "step[2].when", "short, long"),
    (("step",), [GOOD["step"][1]], "step", "at least one step that always applies"),
    (("step",), "none", "step", "a list of tables"),
    (("document",), "leave_slip", "step", "none where `document`"),
]


@pytest.mark.parametrize(("path", "to", "key", "allowed"), BROKEN, ids=[f"{b[2]}-{n}" for n, b in enumerate(BROKEN)])
def test_what_is_wrong_is_named(path: tuple[Any, ...], to: Any, key: str, allowed: str) -> None:
    found = [problem for problem in problems(changed(*path, to=to)) if problem.key == key]
    assert found
    assert found[0].file == "leave.toml"
    assert any(allowed in problem.allowed for problem in found)


def test_every_problem_of_a_file_is_named_not_the_first() -> None:
    data = changed("title", "en", to=None)
    data["field"][0]["type"] = "colour"
    data["who"] = []
    data["step"] = [STEP] * 6
    assert {problem.key for problem in problems(data)} >= {"title.en", "field.kind.type", "who", "step"}


def test_a_broken_file_is_left_out_and_the_rest_serves() -> None:
    files: list[tuple[str, dict[str, Any] | Exception]] = [
        ("categories.toml", CATEGORIES),
        ("broken.toml", ValueError("line 3")),
        ("leave.toml", GOOD),
        ("other.toml", changed("category", to="sports")),
    ]
    built = catalogue.build(files)
    assert list(built.items) == ["leave"]
    assert {problem.file for problem in built.problems} == {"broken.toml", "other.toml"}
    assert len(catalogue.report(built).splitlines()) == len(built.problems)
    assert "other.toml: category: found 'sports'; allowed: one of study" in catalogue.report(built)


CATEGORIES: dict[str, Any] = {
    "category": [{"id": "study", "icon": "学", "title": {"zh": "学籍", "en": "Study"}}],
    "departments": {"college": {"zh": "学院", "en": "College"}},
    "known": {"name": {"label": {"zh": "姓名", "en": "Name"}}},
}


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("category", [], "category"),
        ("category", CATEGORIES["category"] * 2, "category"),
        ("departments", {"college": {"zh": "学院"}}, "departments.college.en"),
        ("known", {"salary": {"label": {"zh": "工资", "en": "Salary"}}}, "known.salary."),
        ("colour", "red", "colour"),
    ],
)
def test_broken_shared_definitions_are_named(key: str, value: Any, place: str) -> None:
    parsed = catalogue.parse_categories("categories.toml", {**CATEGORIES, key: value})
    assert not isinstance(parsed, Shared)
    assert place in [problem.key for problem in parsed]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(GOOD)), JUNK)
def test_no_content_of_a_file_raises(key: str, value: Any) -> None:
    parse({**GOOD, key: value})


@given(st.sampled_from(["name", "type", "label", "hint", "choices", "least", "most", "after", "when", "page"]), JUNK)
def test_no_content_of_a_field_raises(key: str, value: Any) -> None:
    parse(changed("field", 0, key, to=value) if value is not None else GOOD)


CERTIFICATE = {
    **{name: value for name, value in GOOD.items() if name not in ("step", "result")},
    "document": "enrolment",
    "offline": True,
}


def test_an_item_may_be_issued_without_the_network() -> None:
    item = parse(CERTIFICATE)
    assert isinstance(item, Item), item
    assert item.offline


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"factors": 2}, "two factors and the network"),
        ({"document": "", "step": GOOD["step"]}, "only with `document`"),
        ({"field": [{**GOOD["field"][0], "decides": True}, *GOOD["field"][1:]]}, "not known when"),
    ],
)
def test_what_cannot_be_sealed_in_advance_is_refused_with_the_reason(more: dict[str, Any], reason: str) -> None:
    table = {name: value for name, value in {**CERTIFICATE, **more}.items() if value != ""}
    assert isinstance(parse({**table, "offline": False}), Item)
    (problem,) = problems(table)
    assert problem.key == "offline"
    assert reason in problem.allowed
