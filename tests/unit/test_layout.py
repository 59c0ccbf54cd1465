"""Line breaks, columns and tables: everything fits, nothing is lost, punctuation stays where it belongs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.blocks import Align, Block, Column, Paragraph, Picture, Qr, Row, Rule, Seal, Space, Table, Title
from kiosk.domain.documents import clean
from printers.layout import MOST_CELL_LINES, Feed, PictureLine, QrLine, SealLine, TextLine, lay
from printers.typeset import MOST_LINES, NOT_FIRST, NOT_LAST, cells, cut, pad, spread, wrap

HAN = st.text(st.sampled_from("兹证明张伟系我校在读学生，。、；：（）《》“”2026年3月A b1-"), max_size=120)
ANY = st.text(max_size=80)


def texts(*blocks: Block, columns: int = 48) -> list[str]:
    return [line.text for line in lay(blocks, columns) if isinstance(line, TextLine)]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("张伟", 4),
        ("，。", 4),
        ("℃①·—", 8),
        ("𠮷", 2),
        ("é", 2),
        ("ñ", 1),
        ("e\u0301", 1),
        ("ｱ", 1),
        ("😀", 2),
        ("─", 2),
    ],
)
def test_width_in_columns(text: str, width: int) -> None:
    assert cells(text) == width


@given(HAN, st.integers(8, 48), st.sampled_from([0, 4]))
def test_lines_fit_and_nothing_is_lost(text: str, columns: int, indent: int) -> None:
    lines = wrap(text, columns, indent)
    assert all(cells(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(HAN)
def test_punctuation_neither_begins_nor_ends_a_line_wrongly(text: str) -> None:
    lines = wrap("证明" + text.replace(" ", ""), 24)
    for before, after in pairwise(lines):
        runs = sum(c in NOT_FIRST or c in NOT_LAST for c in before[-6:] + after[:6])
        if runs <= 3:
            assert after[0] not in NOT_FIRST, (before, after)
            assert before[-1] not in NOT_LAST, (before, after)


def test_a_comma_takes_the_character_before_it_to_the_next_line() -> None:
    assert wrap("一二三四，五", 8) == ["一二三", "四，五"]
    assert wrap("一二三（四五）", 8) == ["一二三", "（四五）"]


def test_no_hanzi_stands_alone_on_the_last_line() -> None:
    assert wrap("一二三四五六七八九", 8) == ["一二三四", "五六七", "八九"]
    assert wrap("一二三四五六七八九。", 8) == ["一二三四", "五六七", "八九。"]
    assert wrap("一二三四五六七八九十", 8)[-1] == "九十"
    assert wrap("一二三四五六（七）八", 16) == ["一二三四五六", "（七）八"]
    assert wrap("一二", 2) == ["一", "二"]


def test_what_is_left_out_of_a_cell_shows() -> None:
    table = Table((Column("", 10), Column("", 0)), (("事由", "很" * 400),))
    lines = texts(table)
    assert len(lines) == MOST_CELL_LINES
    assert lines[-1].endswith("很…")
    assert not any("…" in line for line in lines[:-1])


def test_a_table_too_wide_for_the_paper_sets_each_row_on_two_lines() -> None:
    table = Table(
        (Column("项目", 0), Column("实测值", 10, Align.RIGHT), Column("限值", 14, Align.RIGHT), Column("结果", 6)),
        (("打印机",), ("状态应答", "38 ms", "≤ 500 ms", "通过")),
    )
    assert texts(table)[-1] == "状态应答" + " " * 13 + "38 ms" + " " * 6 + "≤ 500 ms 通过"
    lines = texts(table, columns=32)
    assert lines[0] == "项目"
    assert lines[1].split() == ["实测值", "限值", "结果"]
    assert lines[3:5] == ["打印机", "状态应答"]
    assert lines[5].split() == ["38", "ms", "≤", "500", "ms", "通过"]
    assert all(cells(line) <= 32 for line in lines)


def test_words_and_numbers_with_their_units_stay_whole() -> None:
    assert wrap("生于2026年", 8) == ["生于", "2026年"]
    assert wrap("the quick brown", 9) == ["the quick", "brown"]
    assert wrap("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]


@given(ANY, st.integers(2, 30))
def test_cut_and_pad_keep_the_width(text: str, columns: int) -> None:
    text = clean(text)
    assert cells(cut(text, columns)) <= columns
    for align in ("left", "centre", "right"):
        assert cells(pad(text, columns, align)) == columns


def test_labels_are_spread_over_the_common_width() -> None:
    assert spread("姓名", 8) == "姓    名"
    assert spread("申请人", 8) == "申 请 人"
    assert spread("受理编号", 8) == "受理编号"
    assert spread("No.", 8) == "No.     "
    assert texts(Row("姓名", "张伟"), Row("受理编号", "A-1")) == ["姓    名  张伟", "受理编号  A-1"]


def test_a_long_value_hangs_under_its_beginning() -> None:
    lines = texts(Row("事由", "很" * 30))
    assert lines[0].startswith("事由  很")
    assert lines[1].startswith("      很")


def test_a_spread_row_gives_the_whole_line_or_two() -> None:
    assert texts(Row("编号 1", "第 1 份", spread=True)) == ["编号 1" + " " * 35 + "第 1 份"]
    long = texts(Row("编号 " + "9" * 40, "第 1 份 / 共 2 份", spread=True))
    assert long == ["编号 " + "9" * 40, "第 1 份 / 共 2 份"]


def test_tables_stand_in_columns() -> None:
    table = Table(
        (Column("课程", 0), Column("学分", 6, Align.RIGHT), Column("成绩", 6, Align.RIGHT)),
        (("2023 秋",), ("大学英语", "4.0", "88"), ("很长的课程名称" * 5, "1", "优"), ("只有名称",)),
    )
    lines = texts(table)
    assert lines[1] == "─" * 24
    assert lines[2] == "2023 秋"
    assert lines[3] == pad("大学英语", 34) + "    4.0" + "     88"
    assert all(cells(line) <= 48 for line in lines)
    assert lines[4].endswith("优")
    assert not lines[5].endswith("优")
    assert all(cells(line) <= 32 for line in texts(table, columns=32))


def test_title_paragraph_rule_space_qr_and_seal() -> None:
    lines = lay(
        [
            Title("在读证明"),
            Paragraph("一" * 30, indent=True),
            Rule(heavy=True),
            Space(2),
            Qr("AB", ("扫码",)),
            Seal("校", "章", ("处", "日")),
            Picture("emblem.png", 10, "校徽"),
        ]
    )
    assert lines == (
        TextLine("在读证明", Align.CENTRE, double=True, bold=True),
        TextLine("    " + "一" * 22),
        TextLine("一" * 8),
        TextLine("━" * 24),
        Feed(36),
        QrLine("AB"),
        TextLine("扫码", Align.CENTRE),
        SealLine("校", "章"),
        Feed(12),
        TextLine("处", Align.RIGHT),
        TextLine("日", Align.RIGHT),
        PictureLine("emblem.png", 80),
        Feed(12),
    )


def test_ten_thousand_characters_make_a_bounded_page() -> None:
    for character in ("很", "a", "，", "（", "\u0301", "😀"):
        assert len(texts(Paragraph(character * 10_000))) <= MOST_LINES
        assert len(texts(Row(character * 10_000, character * 10_000))) <= MOST_LINES
        assert len(texts(Row(character * 10_000, character * 10_000, spread=True))) <= 2 * MOST_LINES
        assert len(texts(Table((Column("", 10), Column("", 0)), ((character * 10_000,) * 2,)))) <= MOST_CELL_LINES


@given(st.lists(ANY, min_size=5, max_size=5), st.sampled_from([32, 42, 48]))
def test_any_text_anywhere_fits(words: list[str], columns: int) -> None:
    one, two, three, four, five = words
    blocks: list[Block] = [
        Title(one),
        Paragraph(two, indent=True),
        Row(three, four),
        Row(four, five, spread=True),
        Table((Column(one, 10), Column(two, 0), Column(three, 12, Align.RIGHT)), ((five, four, three), (two,))),
        Qr(one, (two,)),
    ]
    for line in lay(blocks, columns):
        if isinstance(line, TextLine):
            assert cells(line.text) * (2 if line.double else 1) <= columns
            assert clean(line.text) == line.text
