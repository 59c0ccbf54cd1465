"""A look as a way of identification: with digits, as the second way, and never a guess."""

from __future__ import annotations

import pytest

from kiosk.domain.matching.match import Match
from kiosk.domain.people import Factor
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.glance import MOST_DOUBTS
from kiosk.flows.walkup.state import Screen
from tests.unit.walkup_faces_kit import Faces
from tests.unit.walkup_kit import NOW, STRANGER, STUDENT, tells


def test_face_and_digits_let_in_and_count_as_one_way() -> None:
    walk = Faces()
    walk.digits()
    assert walk.screen is Screen.LOOK
    (ask,) = walk.of(fe.IdentifyFace)
    assert ask.tail == "0017"
    walk.see(times=1)
    assert walk.matched() == (fe.LoadPerson(0, STUDENT.id),)
    walk.post(ev.Admitted(0, STUDENT, Factor.FACE, NOW))
    assert walk.screen is Screen.HOME
    assert walk.state.visit
    assert walk.state.visit.factors == {Factor.FACE}
    assert "look" not in walk.timers
    walk.press("open_item income")
    assert walk.screen is Screen.FACTOR


@pytest.mark.parametrize("way", [Factor.PIN, Factor.CODE])
def test_face_and_another_way_are_two(way: Factor) -> None:
    walk = Faces()
    walk.digits().matched()
    walk.post(ev.Admitted(0, STUDENT, Factor.FACE, NOW))
    walk.press("open_item income")
    walk.post(ev.Admitted(0, STUDENT, way, NOW))
    assert walk.screen is Screen.ITEM


def test_the_digits() -> None:
    walk = Faces()
    walk.press("face_login", "digit 1", "digit T", "digit 2", "confirm")
    assert walk.screen is Screen.DIGITS
    assert not walk.of(fe.IdentifyFace)
    walk.press("digit 3", "digit 4", "digit 5", "erase", "digit 9")
    assert walk.state.entry.number == "1239"
    walk.press("back")
    assert (walk.screen, walk.state.session) == (Screen.ATTRACT, 1)


def test_a_code_works_while_digits_are_typed() -> None:
    walk = Faces()
    walk.press("face_login", "digit 1")
    assert ev.CheckCode(0, "K1:x") in walk.post(ev.CodeRead("K1:x"))
    walk.post(ev.Admitted(0, STUDENT, Factor.CODE, NOW))
    assert walk.screen is Screen.HOME


@pytest.mark.parametrize("why", ["doubt", "silent", "no_data", "swapped"])
def test_a_doubt_is_a_sentence_and_lets_nobody_in(why: str) -> None:
    walk = Faces()
    walk.digits().see(times=1)
    if why == "silent":
        walk.elapse("look")
    elif why == "no_data":
        walk.matched()
        walk.post(ev.NotAdmitted(0, "no_data"))
    else:
        walk.matched(None if why == "doubt" else STUDENT, track=7 if why == "doubt" else 8)
    assert (walk.screen, walk.said, walk.state.session) == (Screen.ATTRACT, "face.not_confirmed", 1)
    assert tells(walk.state) == []
    walk.post(ev.Admitted(0, STUDENT, Factor.FACE, NOW))
    assert walk.screen is Screen.ATTRACT, "what comes late lets nobody in"


@pytest.mark.parametrize("people", [0, 40])
def test_signing_in_by_face_is_offered_where_somebody_can_be_recognised(people: int) -> None:
    walk = Faces(people)
    walk.press("face_login")
    assert walk.screen is (Screen.DIGITS if people else Screen.ATTRACT)


def test_after_some_doubts_in_a_row_nobody_signs_in_by_face_for_a_minute() -> None:
    walk = Faces()
    for digits in ("0017", "0018", "0019"):
        walk.digits(digits).see(times=1)
        walk.matched(None)
    walk.press("face_login")
    assert walk.screen is Screen.ATTRACT
    walk.elapse("face_rest")
    walk.press("face_login")
    assert walk.screen is Screen.DIGITS


def private(walk: Faces) -> Faces:
    walk.enter().listed().press("open_item income")
    return walk


def test_a_look_is_the_second_way() -> None:
    walk = private(Faces())
    walk.press("face_look")
    assert walk.of(fe.VerifyFace)[-1].person == STUDENT.id
    walk.see(times=1)
    walk.matched()
    assert walk.screen is Screen.ITEM
    assert walk.state.visit
    assert walk.state.visit.factors == {Factor.CODE, Factor.FACE}
    assert walk.state.back[-1] is Screen.HOME


def test_going_back_from_a_look_leaves_the_other_way_open() -> None:
    walk = private(Faces())
    walk.press("face_look", "back")
    assert (walk.screen, walk.state.entry.number) == (Screen.FACTOR, STUDENT.number)


@pytest.mark.parametrize("who", [None, STRANGER])
def test_whoever_is_not_confirmed_shows_nothing(who: object) -> None:
    walk = private(Faces())
    walk.press("face_look")
    walk.matched(who)  # type: ignore[arg-type]
    assert (walk.screen, walk.said) == (Screen.FACTOR, "face.not_confirmed")
    assert walk.state.visit
    assert walk.state.visit.factors == {Factor.CODE}


def test_after_some_doubts_only_the_other_ways_are_left() -> None:
    walk = private(Faces())
    for _ in range(MOST_DOUBTS):
        walk.press("face_look")
        walk.matched(None)
    walk.press("face_look")
    assert walk.screen is Screen.FACTOR
    assert len(walk.of(fe.VerifyFace)) == MOST_DOUBTS


def test_only_the_answer_to_this_look_counts() -> None:
    walk = private(Faces())
    walk.press("face_look", "back", "face_look")
    first = walk.of(fe.VerifyFace)[0]
    assert not walk.post(fe.FaceMatched(first.session, first.ask, Match(7, STUDENT.id), NOW))
    assert walk.screen is Screen.LOOK
    walk.press("back")
    walk.matched()
    assert walk.screen is Screen.FACTOR


def test_a_code_shown_just_before_the_look_still_counts() -> None:
    walk = Faces()
    walk.enter_by_pin()
    walk.listed().press("open_item income", "face_look")
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.CODE, NOW))
    assert walk.screen is Screen.ITEM


@pytest.mark.parametrize("missing", ["enrolment", "recogniser", "new"])
def test_no_look_is_offered_that_cannot_confirm(missing: str) -> None:
    walk = Faces()
    walk.enter(factor=Factor.FACE if missing == "new" else Factor.CODE)
    walk.listed(None) if missing == "enrolment" else walk.listed()
    if missing == "recogniser":
        walk.post(ev.DeviceChanged("face", False))
    walk.press("open_item income", "face_look")
    assert walk.screen is Screen.FACTOR
