"""Faces at the lane: alone, with the last digits, turned to a side, or gone over to another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.admission import Way
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Ask, Phase
from tests.unit.gate_kit import (
    NOW,
    RULES,
    WEI,
    Lane,
    a_pass,
    sight,
    unsure,
    words,
)


def test_a_face_that_changes_in_mid_case_is_a_swap() -> None:
    lane = Lane()
    lane.take(ev.FaceSeen(sight(1), NOW))
    lane.code()
    lane.known()
    lane.face()
    lane.take(ev.FaceSeen(sight(2), NOW))
    lane.warm()
    assert "swapped" in words(lane)
    assert lane.records[0].body["liveness"] == "swapped"


def test_face_alone_searches_and_says_so_when_it_cannot_confirm() -> None:
    lane = Lane(replace(RULES, way=Way.FACE))
    lane.take(ev.FaceSeen(sight(), NOW))
    assert lane.asked(ev.IdentifyFace) == [ev.IdentifyFace(lane.n, "", 2.0)]
    lane.warm()
    lane.face(unsure(Doubt.TWO_ALIKE))
    assert words(lane) == {"unsure_two_alike", "below"}
    lane.commit()
    lane.elapse("show")
    lane.take(ev.FaceSeen(sight(), NOW))
    assert lane.state.phase is Phase.WATCHING, "the same face is not tried again and again"
    lane.code()
    assert lane.state.phase is Phase.READING


def test_face_alone_admits_whom_it_confirms() -> None:
    lane = Lane(replace(RULES, way=Way.FACE))
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.face()
    assert lane.asked(ev.LoadPass) == [ev.LoadPass(lane.n, WEI)]
    lane.take(ev.PassLoaded(lane.n, a_pass(), NOW))
    lane.warm()
    assert "face_only" in words(lane)


def test_face_and_last_digits() -> None:
    lane = Lane(replace(RULES, way=Way.FACE_DIGITS))
    lane.take(ev.FaceSeen(sight(), NOW))
    assert lane.state.ask is Ask.DIGITS
    lane.touch("tail 0", "tail 0", "tail 9", "tail_erase", "tail 0", "tail 1")
    assert lane.asked(ev.IdentifyFace) == [ev.IdentifyFace(lane.n, "0001", 2.0)]
    lane.face()
    lane.take(ev.PassLoaded(lane.n, a_pass(), NOW))
    lane.warm()
    assert "face_digits" in words(lane)


def test_digits_left_alone_go_away() -> None:
    lane = Lane(replace(RULES, way=Way.FACE_DIGITS))
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.touch("tail 1")
    lane.elapse("reading")
    assert (lane.state.phase, lane.state.case) == (Phase.WATCHING, None)


@pytest.mark.parametrize(("verdict", "word"), [(Liveness.LIVE, "live"), (Liveness.STILL, "still")])
def test_a_head_turn_where_the_policy_asks(verdict: Liveness, word: str) -> None:
    lane = Lane(replace(RULES, head_turn=True))
    lane.walk_in()
    assert lane.state.ask in (Ask.TURN_LEFT, Ask.TURN_RIGHT)
    lane.take(ev.TurnSeen(lane.n, verdict))
    assert word in words(lane)


def test_the_side_of_the_head_turn_is_not_always_the_same() -> None:
    sides = set()
    for n in range(12):
        lane = Lane(replace(RULES, head_turn=True))
        lane.state = replace(lane.state, session=n)
        lane.walk_in()
        sides.add(lane.state.ask)
    assert sides == {Ask.TURN_LEFT, Ask.TURN_RIGHT}
