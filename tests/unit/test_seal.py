"""The seal as geometry: everything within the ring, evenly around, upright, and nothing on the star."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from printers import seal

NAMES = ["校", "江城职业学院", "江城市景观生态与园林工程职业技术学院", "Jiangcheng Vocational College", "J" * 60]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_stands_within_the_ring_and_clear_of_the_star(name: str) -> None:
    placed = seal.around(name)
    assert "".join(each.character for each in placed) == name.replace(" ", "")
    for each in placed:
        reach = math.hypot(each.x - 0.5, each.y - 0.5)
        assert reach + each.size / 2 <= 0.5 - seal.RING
        assert reach - each.size / 2 > seal.STAR[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_begins_and_ends_level_and_turns_clockwise(name: str) -> None:
    placed = seal.around(name)
    assert placed[0].turn == pytest.approx(-placed[-1].turn)
    assert all(before.turn < after.turn for before, after in pairwise(placed))
    assert placed[-1].turn - placed[0].turn <= 246.01


def test_hanzi_are_evenly_spaced_and_letters_by_their_width() -> None:
    turns = [each.turn for each in seal.around("江城职业学院")]
    assert [b - a for a, b in pairwise(turns)] == pytest.approx([26.0] * 5)
    narrow, wide = (seal.around(name) for name in ("iii", "mmm"))
    assert narrow[1].turn - narrow[0].turn < wide[1].turn - wide[0].turn


@pytest.mark.parametrize("line", ["章", "在读证明专用章", "OFFICIAL SEAL", "很" * 30])
def test_the_purpose_is_centred_below_the_star(line: str) -> None:
    placed = seal.below(line)
    assert all(each.y - each.size / 2 > 0.64 and each.turn == 0 for each in placed)
    for each in placed:
        assert math.hypot(each.x - 0.5, each.y + each.size / 2 - 0.5) < 0.5 - seal.RING
    if len(line) == 1:
        assert placed[0].x == pytest.approx(0.5)


def test_an_empty_seal_has_a_star_and_no_characters() -> None:
    assert (seal.around(""), seal.below(""), seal.lettered("", "")) == ((), (), ())
    assert len(seal.star()) == 10
    assert min(y for _, y in seal.star()) == pytest.approx(seal.STAR[1] - seal.STAR[2])


def test_rows_with_characters_are_known() -> None:
    (above, below) = seal.lettered("江城职业学院", "专用章")
    assert above[0] < 0.1 < above[1] < seal.STAR[1] < below[0] < 0.775 < below[1] < 0.9
