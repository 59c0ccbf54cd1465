"""The PDF as others read it: its text by pdftotext, its fonts by pdffonts, and its bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.blocks import Align, Block, Column, Cut, Paragraph, Picture, Qr, Row, Rule, Seal, Space, Table, Title
from kiosk.shipped import documents
from printers import faces, pdf
from printers.pdf.items import POINT, ROOM, Words
from printers.pdf.pages import BOTTOM, HEIGHT, LEFT, TOP, sheets
from tests import drawn

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
ANY = st.text(max_size=40)
EDGE = LEFT + ROOM + 0.01


def asked(program: str, data: bytes, *options: str) -> str:
    found = subprocess.run([program, *options], input=data, capture_output=True, timeout=30, check=True)
    assert not found.stderr, found.stderr
    return found.stdout.decode()


def text_of(data: bytes) -> str:
    """What a reader finds, without the breaks of lines."""
    return re.sub(r"\s", "", asked("pdftotext", data, "-raw", "-", "-"))


def of(*blocks: Block) -> bytes:
    return pdf.render(blocks, title="证明", created=drawn.MORNING)


def fits(blocks: list[Block]) -> None:
    for sheet in sheets(blocks):
        for item in sheet:
            wide = faces.width(item.text, item.bold) * item.size * POINT if isinstance(item, Words) else 0.0
            gaps = item.gap * (len(item.text) - 1) if isinstance(item, Words) else 0.0
            assert item.x >= LEFT - 0.01
            assert item.x + wide + gaps <= EDGE
            assert TOP <= item.y <= HEIGHT - BOTTOM / 2


@pytest.mark.parametrize(("document", "language"), drawn.ALL)
def test_what_was_written_is_read_back(document: str, language: str) -> None:
    found = text_of(drawn.sheet(document, language))
    for block in drawn.blocks(document, language):
        match block:
            case Title(text) | Paragraph(text):
                assert re.sub(r"\s", "", text) in found
            case Row(label, value):
                assert re.sub(r"\s", "", value) in found
                assert re.sub(r"\s", "", label) in found
            case Table(_, rows):
                assert all(re.sub(r"\s", "", cell)[:8] in found for row in rows for cell in row)
            case Seal(_, _, under):
                assert all(re.sub(r"\s", "", line) in found for line in under)


def test_the_fonts_are_in_the_file_and_only_as_far_as_needed() -> None:
    data = drawn.sheet("enrolment", "zh")
    lines = asked("pdffonts", data, "-").splitlines()[2:]
    assert len(lines) == 2
    for line in lines:
        assert re.match(r"[A-Z]{6}\+NotoSansCJK", line)
        assert re.search(r"CID Type 0C +\S+ +yes yes yes", line)
    assert len(data) < 80_000


def test_names_beyond_gbk_and_the_title_are_right() -> None:
    data = drawn.pdf_of("receipt", "zh", {"name": drawn.RARE})
    assert drawn.RARE in text_of(data)
    said = asked("pdfinfo", data, "-isodates", "-")
    assert re.search(r"Title: +受理回执", said)
    assert re.search(r"CreationDate: +2026-03-02T08:42:00", said)
    assert re.search(r"Page size: +595.28 x 841.89 pts \(A4\)", said)


def test_the_same_document_gives_the_same_bytes_and_another_time_does_not() -> None:
    blocks = drawn.blocks("receipt", "zh")
    once, again = (pdf.render(blocks, title="回执", created=drawn.MORNING) for _ in range(2))
    assert once == again
    assert pdf.render(blocks, title="回执", created=drawn.MORNING + timedelta(seconds=1)) != once


def test_signs_of_the_files_own_language_are_text() -> None:
    attack = ") Tj ET (a\\) <</JS (x)>> endstream endobj %%EOF"
    assert re.sub(r"\s", "", attack) in text_of(of(Paragraph(attack)))


def test_what_the_font_lacks_is_a_geta_and_no_word_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    assert "喜〓乐" in text_of(of(Paragraph("喜😀乐")))
    assert not caplog.records


def test_what_is_no_character_leaves_no_trace() -> None:
    assert text_of(of(Paragraph("张\x1b@\u202e伟\x00\ue000"), Row("a\u200f", "b\u2066"))) == "张@伟ab"


def test_nothing_at_all_is_an_empty_sheet() -> None:
    assert asked("pdfinfo", of(), "-").count("Pages:           1") == 1
    assert asked("pdfinfo", of(Title("甲"), Cut(), Title("乙"), Cut()), "-").count("Pages:           2") == 1


def words_of(sheet: tuple[object, ...]) -> list[Words]:
    return [item for item in sheet if isinstance(item, Words)]


def test_a_short_document_is_set_large_and_a_long_one_small_before_it_takes_a_second_sheet() -> None:
    sizes = []
    for rows in (5, 30, 36, 60):
        (sheet, *more) = sheets([Row("甲", f"{n}") for n in range(rows)])
        sizes.append((words_of(sheet)[0].size, len(more)))
    assert sizes[0] == (16.0, 0)
    assert [size for size, _ in sizes] == sorted((size for size, _ in sizes), reverse=True)
    assert sizes[-1] == (10.5, 1)


def test_sheets_are_numbered_and_no_line_of_a_paragraph_stands_alone() -> None:
    whole = [len(each.text) for each in words_of(sheets([Paragraph("很" * 160)] * 40)[0])][:4]
    for before in range(34, 44):
        rows: list[Block] = [Row("甲", f"{n}") for n in range(before)]
        first, second = sheets([*rows, *[Paragraph("很" * 160)] * 3])
        assert (words_of(first)[-1].text, words_of(second)[-1].text) == ("1 / 2", "2 / 2")
        on_first = sum(set(each.text) == {"很"} for each in words_of(first))
        assert len(whole) == 4
        assert on_first % 4 in (0, 2)


def test_a_heading_stays_with_its_rows_and_what_belongs_to_the_foot_at_the_foot() -> None:
    columns = (Column("课程", 0), Column("成绩", 8, Align.RIGHT))
    for before in range(40, 50):
        rows = [("一",) if n % 3 == 0 else (f"课{n}", "88") for n in range(before)]
        first, *_ = sheets([Table(columns, tuple(rows)), Rule(), Qr("A" * 50, ("扫码",))])
        last = [each for each in words_of(first) if " / " not in each.text][-1]
        assert last.text != "一"
    (sheet,) = sheets([Title("证明"), Rule(), Qr("A" * 50, ("扫码",))])
    assert words_of(sheet)[-1].y > HEIGHT - BOTTOM - 30


def test_lines_of_hanzi_reach_the_right_edge() -> None:
    (sheet,) = sheets([Paragraph("兹证明张伟，男，学号20230017，2023年9月1日入学，现系我校学生。" * 4, indent=True)])
    lines = words_of(sheet)
    ends = [each.x + faces.width(each.text) * each.size * POINT + each.gap * (len(each.text) - 1) for each in lines]
    assert ends[:-1] == pytest.approx([LEFT + ROOM] * (len(lines) - 1))
    assert lines[0].x > lines[1].x == LEFT
    for before, after in pairwise(lines):
        assert after.text[0] not in "，。"
        assert before.y < after.y


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ANY, min_size=5, max_size=5))
def test_any_text_anywhere_fits_the_sheet(words: list[str]) -> None:
    one, two, three, four, five = words
    fits(
        [
            *(Picture("emblem.png", 20, one), Title(one), Paragraph(two, indent=True), Space(2)),
            *(Row(three, four), Row(four, five, spread=True), Paragraph(five, Align.RIGHT, bold=True)),
            Table((Column(one, 10), Column(two, 0), Column(three, 12, Align.RIGHT)), ((five, four, three), (two,))),
            *(Seal(one, two, (three, four)), Rule(heavy=True), Qr(one, (two,)), Paragraph(three, Align.CENTRE), Cut()),
        ]
    )


def test_ten_thousand_characters_fit_too() -> None:
    for character in ("很", "（", "😀"):
        many = character * 10_000
        fits([Title(many), Row(many, many), Seal(many[:60], many[:30], (many,)), Table((Column("", 9),), ((many,),))])


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_text_in_any_field_is_a_sound_file_that_reads_as_it_was_written(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["enrolment_en", "leave_slip", "request_list"]))
    field = data.draw(st.sampled_from(["name", "college", "leave_reason", "values", "purpose"]))
    text = data.draw(ANY)
    language = documents()[name].languages[0]
    found = text_of(drawn.pdf_of(name, language, {field: "字A" + text}))
    serial = drawn.values(language)["receipt" if name == "request_list" else "serial"]
    assert serial in found


def test_a_seal_takes_names_of_any_length() -> None:
    seal = Seal("江城职业学院", "专用章", ("处", "日"))
    for arc in ("", "校", "江城市景观生态与园林工程职业技术学院", "Jiangcheng Vocational College of Arts and Crafts"):
        assert of(replace(seal, arc=arc))
