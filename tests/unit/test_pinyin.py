"""The on-screen pinyin pad offers what people mean, and keeps the letters it did not use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import pinyin


def texts(letters: str) -> list[str]:
    return [candidate.text for candidate in pinyin.candidates(letters)]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("zhang", "张"),
        ("zhang", "章"),
        ("wei", "伟"),
        ("de", "的"),
        ("le", "了"),
        ("hang", "行"),
        ("chang", "长"),
        ("nv", "女"),
        ("lve", "略"),
        ("lue", "略"),
        ("yiyuan", "医院"),
        ("women", "我们"),
        ("chongqing", "重庆"),
        ("qj", "请假"),
        ("xian", "西安"),
        ("ZHANG", "张"),
        ("zh", "中"),
    ],
)
def test_what_is_meant_is_among_the_candidates(letters: str, expected: str) -> None:
    assert expected in texts(letters)


def test_a_word_comes_first_and_uses_all_letters() -> None:
    assert pinyin.candidates("loushui")[0] == pinyin.Candidate("漏水", 7)


def test_a_character_of_the_first_syllable_keeps_the_rest() -> None:
    assert pinyin.Candidate("张", 5) in pinyin.candidates("zhangwei")


def test_letters_left_over_are_still_turned_into_characters() -> None:
    assert pinyin.Candidate("漏水", 7) in pinyin.candidates("loushuil")


def test_an_apostrophe_parts_syllables_and_is_used_up() -> None:
    offered = pinyin.candidates("xi'an")
    assert pinyin.Candidate("西安", 5) in offered
    assert pinyin.Candidate("西", 3) in offered
    assert "先" not in [candidate.text for candidate in offered]


def test_common_characters_come_before_rare_ones() -> None:
    offered = texts("shi")
    assert offered[0] == "是"
    assert "筮" not in offered


def test_a_seldom_reading_comes_late() -> None:
    offered = texts("nai")
    assert "能" not in offered[:6]


@pytest.mark.parametrize("letters", ["", "123", "张", "zh ang", "zhang\0", "z" * 41, "é", "İ", "'", "''"])
def test_what_is_no_pinyin_has_no_candidates(letters: str) -> None:
    assert pinyin.candidates(letters) == ()


@given(st.text("abcdefghijklmnopqrstuvwxyz'", max_size=45) | st.text(max_size=10))
def test_candidates_are_few_distinct_and_use_letters_that_are_there(letters: str) -> None:
    offered = pinyin.candidates(letters)
    assert len(offered) <= pinyin.MOST
    assert len(set(offered)) == len(offered)
    assert all(1 <= candidate.used <= len(letters) and candidate.text for candidate in offered)


@pytest.mark.parametrize(
    ("toned", "letters"), [("lǜ", "lv"), ("háng", "hang"), ("ń", "n"), ("ê̄", "e"), ("zhāng", "zhang")]
)
def test_tones_are_taken_off(toned: str, letters: str) -> None:
    assert pinyin.plain(toned) == letters
