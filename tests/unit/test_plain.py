"""What a voice says of a page: every word of it, in order, and nothing that only an eye can use."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.blocks import Align, Block, Column, Paragraph, Picture, Qr, Row, Seal, Table, Title
from printers import plain
from tests import drawn


def test_a_certificate_is_read_from_its_title_to_its_seal() -> None:
    said = plain.lines(drawn.blocks("enrolment", "zh"))
    assert said[:3] == ("江城职业学院", "在读证明", "编号 ZD-2026-000042：第 1 份，共 2 份")
    assert "江城职业学院教务处" in said
    assert said[said.index("2026年3月2日") + 1] == "江城职业学院 在读证明专用章"
    assert "扫码验真" in said


@pytest.mark.parametrize(("document", "language"), drawn.ALL)
def test_no_code_and_no_address_is_read_out(document: str, language: str) -> None:
    text = "\n".join(plain.lines(drawn.blocks(document, language), language))
    assert "http" not in text
    assert drawn.values(language)["code"] not in text
    assert "\n\n" not in text


def test_numbers_in_a_table_are_heard_with_their_titles() -> None:
    table = Table(
        (Column("课程", 0), Column("学分", 6, Align.RIGHT), Column("成绩", 6)), (("2023 秋",), ("英语", "4.0", "88"))
    )
    assert plain.lines([table]) == ("2023 秋", "英语，学分 4.0，成绩 88")
    assert plain.lines([table], "en")[1] == "英语, 学分 4.0, 成绩 88"
    assert plain.lines([Table((Column("", 9), Column("", 0)), (("事由", "发烧"),))]) == ("事由，发烧",)


def test_pictures_are_named_and_titles_set_wide_are_words() -> None:
    assert plain.lines([Picture("emblem.png", 16, "校徽"), Title("毕 业 证 明"), Title("Procedure List")]) == (
        *("校徽", "毕业证明"),
        "Procedure List",
    )
    assert plain.lines([Row("", "甲"), Row("乙", ""), Row("Sex", "male")], "en") == ("甲", "乙", "Sex: male")


@settings(max_examples=60)
@given(st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_any_text_is_said_in_clean_lines(words: list[str]) -> None:
    one, two, three, four = words
    blocks: list[Block] = [
        *(Title(one), Paragraph(two), Row(three, four), Seal(one, two, (three,)), Qr("A", (four,))),
        Table((Column(one, 3), Column(two, 0)), ((three, four), (one,))),
    ]
    for line in plain.lines(blocks):
        assert line == line.strip()
        assert line
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in line)
