"""Documents as data: what a file may say, and what filling it gives."""

from __future__ import annotations

import tomllib
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.assets import ROOT, toml_files
from kiosk.domain.blocks import Paragraph, Picture, Qr, Row, Seal, Table, Title
from kiosk.domain.catalogue import Problem
from kiosk.domain.documents import Document, MissingFieldError, clean, fields_of, fill, parse
from kiosk.shipped import documents
from kiosk.text import shipped_texts
from tests.papers import english, sample

CERTIFICATES = {
    *("enrolment", "enrolment_en", "employment", "income", "transcript", "graduation", "conduct", "leave_slip"),
    *("dormitory", "scholarship", "fee_receipt", "health_slip", "return_pass", "meal_slip"),
}
CENTRE = {
    *("name", "name_en", "number", "gender", "id_tail", "college", "department", "major", "class_name", "level"),
    *("schooling_years", "enrolled", "graduates", "position", "title", "hired", "monthly_income", "period_income"),
    *("period", "covers"),
    *("income_words", "conduct_grade", "dormitory", "dormitory_since", "leave_type", "leave_from", "leave_to"),
    *("leave_days", "leave_reason", "scholarships", "courses", "credits_total", "gpa", "fees", "fees_total"),
    *("fees_words", "declared_at", "health_state", "declared_temperature", "batch", "window", "gate", "meal_date"),
    *("meal_period", "meal_name", "meal_window", "meal_price", "purpose", "campus", "date", "expires", "serial"),
    *("code", "url", "copy", "terminal", "printed_at"),
}
"""Every field that the centre or the terminal has for a certificate."""


ALL = [(each.id, language) for each in documents().values() for language in each.languages]


def made(text: str, values: dict[str, str] | None = None) -> Any:
    document = parse("made.toml", tomllib.loads('title = {zh = "甲", en = "A"}\n' + text))
    assert isinstance(document, Document), document
    return fill(document, "zh", values or {})


def test_every_document_that_items_name_is_there_in_their_languages() -> None:
    known = documents()
    assert set(known) == CERTIFICATES | {"receipt", "request_list", "queue_slip", "readiness"}
    for name, item in toml_files(ROOT / "items"):
        if isinstance(item, dict) and item.get("document"):
            document = known[item["document"]]
            assert set(item.get("languages", ["zh"])) <= set(document.languages), name


@pytest.mark.parametrize(("name", "language"), ALL)
def test_every_document_fills(name: str, language: str) -> None:
    values = english() if language == "en" else sample()
    blocks = fill(documents()[name], language, values)
    assert any(isinstance(block, Title) for block in blocks)
    assert sum(isinstance(block, Qr) for block in blocks) == 1


@pytest.mark.parametrize("name", sorted(CERTIFICATES))
def test_a_certificate_asks_for_no_field_that_nobody_has(name: str) -> None:
    document = documents()[name]
    for language in document.languages:
        assert fields_of(document, language) <= CENTRE


@pytest.mark.parametrize("name", sorted(CERTIFICATES - {"meal_slip"}))
def test_a_certificate_is_numbered_sealed_dated_and_verifiable(name: str) -> None:
    document = documents()[name]
    blocks = fill(document, document.languages[0], sample())
    text = repr(blocks)
    assert sample()["serial"] in text
    assert sample()["url"] in text
    assert "2026年5月31日" in text or "31 May 2026" in text
    seal = next(block for block in blocks if isinstance(block, Seal))
    assert seal.arc == sample()["campus"]
    assert "2026" in seal.under[-1]


@pytest.mark.parametrize(("name", "language"), ALL)
def test_each_missing_field_is_named_never_a_blank(name: str, language: str) -> None:
    document = documents()[name]
    for field in fields_of(document, language):
        for gone in ({}, {field: ""}, {field: " \u200e\x00"}):
            values = {**{k: v for k, v in sample().items() if k != field}, **gone}
            with pytest.raises(MissingFieldError, match=f"{name}.*{field}$") as error:
                fill(document, language, values)
            assert (error.value.document, error.value.name) == (name, field)


@pytest.mark.parametrize("name", sorted(CERTIFICATES - {"meal_slip"}))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_copy_is_marked_as_such(name: str, language: str) -> None:
    document = documents()[name]
    if language not in document.languages:
        return
    values = english() if language == "en" else sample()
    second = {"zh": "第 2 份，共 3 份", "en": "Copy 2 of 3"}[language]
    assert shipped_texts().get(language, "paper.copy", copy=2, copies=3) == second
    first = {"zh": "第 1 份，共 2 份", "en": "Copy 1 of 2"}[language]
    rows = [block.value for block in fill(document, language, {**values, "copy": second}) if isinstance(block, Row)]
    assert second in rows
    assert first not in rows


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        ("income", "zh", "人民币壹拾万叁仟捌佰元整"),
        ("income", "en", "人民币壹拾万叁仟捌佰元整"),
        ("fee_receipt", "zh", "人民币陆仟贰佰元整"),
    ],
)
def test_money_stands_in_capitals_too(name: str, language: str, words: str) -> None:
    blocks = fill(documents()[name], language, english() if language == "en" else sample())
    assert words in [block.value for block in blocks if isinstance(block, Row)]


def test_a_slip_of_the_queue_shows_its_number_large() -> None:
    for language in ("zh", "en"):
        blocks = fill(documents()["queue_slip"], language, sample())
        assert [block.text for block in blocks if isinstance(block, Title)] == ["A042"]


def test_a_report_of_readiness_says_its_outcome_in_words_and_lists_every_test() -> None:
    for language, words in (("zh", "结论：可以使用，部分功能受限"), ("en", "Outcome: in service with restrictions")):
        blocks = fill(documents()["readiness"], language, sample())
        assert words in [block.text for block in blocks if isinstance(block, Paragraph)]
        (table,) = [block for block in blocks if isinstance(block, Table)]
        assert sum(len(row) == 4 for row in table.rows) == 7


def test_pictures_of_documents_are_there() -> None:
    pictures = {
        block for name, x in ALL for block in fill(documents()[name], x, sample()) if isinstance(block, Picture)
    }
    assert pictures
    assert all((ROOT / "documents" / picture.file).is_file() and picture.words for picture in pictures)


def test_no_two_certificates_say_the_same() -> None:
    bodies = {}
    for name in CERTIFICATES:
        document = documents()[name]
        blocks = fill(document, document.languages[0], sample())
        bodies[name] = tuple(block.text for block in blocks if isinstance(block, Paragraph) and len(block.text) > 20)
    assert len(set(bodies.values())) == len(bodies)


def test_dates_are_written_as_the_language_writes_them() -> None:
    row = '[[block]]\nkind = "row"\nzh = ["日期", "{date}"]\n'
    for raw, written in (
        ("2026-03-02", "2026年3月2日"),
        ("2023-09", "2023年9月"),
        ("2026-03-02T08:05", "2026年3月2日 08:05"),
        ("2026-13-02", "2026-13-02"),
        ("明天", "明天"),
    ):
        assert made(row, {"date": raw}) == (Row("日期", written),)
    english_row = parse(
        "made.toml",
        {
            "title": {"zh": "甲", "en": "A"},
            "languages": ["en"],
            "block": [{"kind": "row", "en": ["Date", "{date}"]}],
        },
    )
    assert isinstance(english_row, Document)
    assert fill(english_row, "zh", {"date": "2026-03-02"}) == (Row("Date", "2 March 2026"),)


def test_a_value_is_translated_by_the_documents_words() -> None:
    text = '[words.gate.zh]\neast = "东门"\n[[block]]\nkind = "text"\nzh = "从{gate}进"\n'
    assert made(text, {"gate": "east"}) == (Paragraph("从东门进"),)
    assert made(text, {"gate": "西门"}) == (Paragraph("从西门进"),)


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    assert made('[[block]]\nkind = "text"\nzh = "{name}"\n', {"name": "{number}"}) == (Paragraph("{number}"),)


def test_table_lines_become_rows_and_the_last_column_keeps_the_rest() -> None:
    text = '[[block]]\nkind = "table"\nsource = "values"\nwidths = [10, 0]\n'
    (table,) = made(text, {"values": "事由|甲|乙\n\n电话|138"})
    assert isinstance(table, Table)
    assert table.rows == (("事由", "甲|乙"), ("电话", "138"))


def test_grouped_table_gives_headings_where_the_first_cell_changes() -> None:
    text = '[[block]]\nkind = "table"\nsource = "courses"\ngroup = true\nwidths = [0, 6]\n'
    (table,) = made(text, {"courses": "一|甲|1\n一|乙|2\n二|丙|3"})
    assert table.rows == (("一",), ("甲", "1"), ("乙", "2"), ("二",), ("丙", "3"))


def test_optional_block_goes_with_its_field() -> None:
    text = '[[block]]\nkind = "text"\nwhen = "gpa"\nzh = "绩点 {gpa}"\n[[block]]\nkind = "rule"\n'
    assert len(made(text)) == 1
    assert len(made(text, {"gpa": "3.5"})) == 2


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[block]]\nkind = "video"', "block.1.kind"),
        ('[[block]]\nkind = "text"', "block.1.zh"),
        ('[[block]]\nkind = "row"\nzh = ["一"]', "block.1.zh"),
        ('[[block]]\nkind = "text"\nzh = "一"\nalign = "middle"', "block.1.align"),
        ('[[block]]\nkind = "text"\nzh = "一"\ncolour = "red"', "block.1.colour"),
        ('[[block]]\nkind = "table"\nwidths = [0]', "block.1.source"),
        ('[[block]]\nkind = "table"\nsource = "a"\nwidths = ["x"]', "block.1.widths"),
        ('[[block]]\nkind = "qr"', "block.1.source"),
        ('[[block]]\nkind = "space"\nhalves = 99', "block.1.halves"),
        ('[[block]]\nkind = "image"\nwidth = 16\nzh = "校徽"', "block.1.file"),
        ('[[block]]\nkind = "image"\nfile = "../faces/a.png"\nwidth = 16\nzh = "校徽"', "block.1.file"),
        ('[[block]]\nkind = "image"\nfile = "a.png"\nwidth = 600\nzh = "校徽"', "block.1.width"),
        ('languages = ["fr"]\n[[block]]\nkind = "cut"', "languages"),
        ("", "block"),
        ('pages = 2\n[[block]]\nkind = "cut"', "pages"),
    ],
)
def test_a_wrong_file_names_file_key_and_what_is_allowed(text: str, key: str) -> None:
    problems = parse("made.toml", tomllib.loads('title = {zh = "甲", en = "A"}\n' + text))
    assert isinstance(problems, tuple)
    assert isinstance(problems[0], Problem)
    assert [(problem.file, problem.key) for problem in problems] == [("made.toml", key)]
    assert problems[0].allowed


def test_table_needs_as_many_titles_as_widths() -> None:
    problems = parse(
        "made.toml",
        tomllib.loads(
            'title = {zh = "甲", en = "A"}\n[[block]]\nkind = "table"\nsource = "a"\nwidths = [4, 0]\nzh = ["一"]\n'
            'aligns = ["left"]'
        ),
    )
    assert isinstance(problems, tuple)
    assert {problem.key for problem in problems} == {"block.1.zh", "block.1.aligns"}


def test_clean_takes_out_commands_marks_and_breaks() -> None:
    assert clean("张\x1b@伟\x1dV\x00\x10\x04\x01") == "张@伟V"
    assert clean("a\u202eb\u200fc\u2066d\ufeffe\u200df") == "abcdef"
    assert clean("一\n二\t三\u2028四") == "一 二 三 四"
    assert clean("a\x85\x9bb\ud800c\ue000d") == "a bcd"
    assert clean("e" + "\u0301" * 500) == "é\u0301\u0301"
    assert clean("𠮷䶮\U00031350") == "𠮷䶮\U00031350"
    assert clean("葛\U000e0100") == "葛"


@given(st.text(max_size=60))
def test_clean_leaves_only_printable_characters_and_is_stable(text: str) -> None:
    once = clean(text)
    assert all(unicodedata.category(c)[0] in "LMNPSZ" or ord(c) >= 0x20000 for c in once)
    assert clean(once) == once


def test_a_name_of_ten_thousand_characters_is_cut() -> None:
    text = '[[block]]\nkind = "text"\nzh = "{name}"\n'
    (paragraph,) = made(text, {"name": "很" * 10_000})
    assert len(paragraph.text) == 200
    assert paragraph.text.endswith("…")


def test_the_code_of_the_qr_is_never_shortened_or_translated() -> None:
    text = '[words.code.zh]\n"2026-03-02" = "x"\n[[block]]\nkind = "qr"\nsource = "code"\n'
    assert made(text, {"code": "A" * 300})[0].text == "A" * 300
    assert made(text, {"code": "2026-03-02"})[0].text == "2026-03-02"
    assert made(text, {"code": "AB\x1d(k\x00C"})[0].text == "AB(kC"
