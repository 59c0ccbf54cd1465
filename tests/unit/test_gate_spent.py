"""A code that was taken elsewhere, and one that is read by a clock nobody trusts: the lane stays shut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.admission import Check, Hardness, Lesson, Order, Outcome, Place, Rule, Way
from kiosk.domain.matching.match import Doubt
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Phase
from kiosk.flows.walkup import events as walkup
from kiosk.flows.walkup.state import Link
from tests.unit.gate_kit import ALL, COOL, FEVER, NOW, RULES, WEI, Lane, a_pass, sight, unsure, visitor

NONCE, OTHER = "0a" * 6, "0b" * 6
CODE_ONLY = replace(RULES, way=Way.CODE, checks={Check.IDENTITY: Rule(Order.BEFORE)})
ELSEWHERE = walkup.CodeSpent(NONCE, False, NOW)
FIRST = walkup.CodeSpent(NONCE, True, NOW)


def online(**more: object) -> Lane:
    lane = Lane(**more)  # type: ignore[arg-type]
    lane.take(walkup.LinkChanged(Link.ONLINE))
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.code()
    return lane


def shown(lane: Lane) -> tuple[Outcome, list[str]]:
    assert lane.state.case is not None
    assert lane.state.case.decision is not None
    return lane.state.case.decision.outcome, [each.word for each in lane.state.case.decision.findings]


def test_taken_elsewhere_is_refused_as_a_code_that_does_not_work() -> None:
    lane = online()
    lane.known(nonce=NONCE)
    lane.face()
    lane.take(ELSEWHERE)
    record = lane.records[0].body
    assert (record["outcome"], record["person"], record["factors"], record["match"]) == ("refuse", "", [], None)
    assert record["nonce"] == NONCE, "it is reported"
    lane.commit()
    assert shown(lane)[1][0] == "unknown"
    assert lane.asked(ev.OpenGate) == []
    refused = online()
    refused.take(walkup.NotAdmitted(refused.n, "unknown_code"))
    assert shown(lane) == shown(refused), "nobody can tell the two apart"


def test_the_first_to_take_it_goes_on() -> None:
    lane = online()
    lane.known(nonce=NONCE)
    lane.take(walkup.CodeSpent(OTHER, False, NOW))
    lane.take(FIRST)
    lane.face()
    assert lane.state.phase is Phase.READING
    lane.warm()
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1
    assert lane.records[0].body["nonce"] == NONCE


def test_only_where_nothing_else_is_waited_for_a_moment_is_given_to_the_centre() -> None:
    lane = online(rules=CODE_ONLY)
    lane.known(nonce=NONCE)
    assert (lane.state.phase, lane.timers["spend"][1]) == (Phase.READING, 0.3)
    lane.elapse("spend")
    assert lane.state.phase is Phase.RECORDING
    assert "spend" not in lane.timers


def test_face_and_temperature_take_longer_than_the_centre_is_given() -> None:
    lane = online()
    lane.known(nonce=NONCE)
    lane.elapse("spend")
    lane.face()
    lane.warm()
    assert lane.state.phase is Phase.RECORDING


@pytest.mark.parametrize("link", [Link.OFFLINE, Link.UNKNOWN, Link.LOGIN, Link.REFUSED])
def test_without_a_line_nobody_waits(link: Link) -> None:
    lane = online(rules=CODE_ONLY)
    lane.take(walkup.LinkChanged(link))
    lane.known(nonce=NONCE)
    assert lane.state.phase is Phase.RECORDING


def test_a_word_that_comes_while_the_record_is_written_keeps_the_lane_shut() -> None:
    lane = online(rules=CODE_ONLY)
    lane.known(nonce=NONCE)
    lane.elapse("spend")
    lane.take(ELSEWHERE)
    lane.commit()
    assert lane.asked(ev.OpenGate) == []
    assert shown(lane) == (Outcome.REFUSE, ["unknown"])
    assert [(record.kind, record.body.get("passed")) for record in lane.records[1:]] == [("gate.passed", False)]
    assert lane.state.lines[0].outcome is Outcome.REFUSE


def test_a_late_commit_of_what_was_stopped_is_noted_as_shut() -> None:
    lane = online(rules=CODE_ONLY)
    lane.known(nonce=NONCE)
    lane.elapse("spend")
    lane.take(ELSEWHERE)
    lane.elapse("commit")
    lane.commit()
    assert lane.asked(ev.OpenGate) == []
    assert lane.records[-1].body["passed"] is False


def test_a_word_that_comes_after_the_opening_changes_nothing() -> None:
    lane = online()
    lane.known(nonce=NONCE)
    lane.face()
    lane.warm()
    lane.take(FIRST)
    lane.commit()
    state = lane.state
    lane.take(ELSEWHERE)
    assert lane.state == state


def test_a_word_on_somebody_who_is_referred_is_left() -> None:
    lane = online()
    lane.known(nonce=NONCE)
    lane.face()
    lane.take(FIRST)
    lane.warm(FEVER)
    lane.take(ELSEWHERE)
    lane.commit()
    assert shown(lane)[0] is Outcome.REFER
    assert [record.kind for record in lane.records] == ["gate.decided"]


def test_a_class_does_not_sign_in_by_a_code_that_was_taken_elsewhere() -> None:
    lane = online(place=Place("east", attendance=True))
    lane.take(ev.LessonLoaded(Lesson("l1", "高等数学", "3-201", NOW - 60, NOW + 60, frozenset({WEI}))))
    lane.known(nonce=NONCE)
    lane.take(ELSEWHERE)
    assert lane.records == []
    assert shown(lane)[0] is Outcome.REFUSE


@pytest.mark.parametrize(
    "rules",
    [
        CODE_ONLY,
        replace(CODE_ONLY, checks={Check.IDENTITY: Rule(Order.BEFORE, Hardness.LOG)}),
        replace(CODE_ONLY, checks={Check.BATCH: Rule(Order.ONLY)}),
        replace(RULES, no_face=Hardness.LOG),
    ],
)
def test_by_a_doubtful_clock_a_code_alone_is_for_the_guard_whatever_the_rules_say(rules: object) -> None:
    lane = online(rules=rules, devices=ALL - {"face"})
    lane.known(doubtful=True)
    lane.warm(COOL)
    outcome, words = shown(lane)
    assert (outcome, "code_doubtful" in words) == (Outcome.REFER, True)
    lane.commit()
    assert lane.asked(ev.OpenGate) == []


@pytest.mark.parametrize("found", [a_pass(enrolled=False), visitor()])
def test_by_a_doubtful_clock_whoever_has_no_face_on_record_is_for_the_guard(found: object) -> None:
    lane = online()
    lane.known(found, doubtful=True)  # type: ignore[arg-type]
    lane.warm()
    assert shown(lane)[0] is Outcome.REFER


def test_by_a_doubtful_clock_code_and_face_are_two_factors() -> None:
    lane = online()
    lane.known(doubtful=True)
    lane.face()
    lane.warm()
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1


def test_another_face_than_the_codes_is_still_said_first() -> None:
    lane = online()
    lane.known(doubtful=True)
    lane.face(unsure(Doubt.TOO_FAR))
    lane.warm()
    assert "unsure_too_far" in shown(lane)[1]
