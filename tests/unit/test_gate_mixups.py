"""Two people at one lane: nobody passes on the other's face, temperature, record or opening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.admission import Check, Entrant, Hardness, Outcome, Place, Way, decide
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt
from kiosk.domain.people import Factor
from kiosk.domain.screening.reading import Cannot, NoReading
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Phase
from kiosk.flows.walkup import events as walkup
from tests.unit.gate_kit import COOL, FEVER, GUARD, HOUR, JING, NOW, RULES, Lane, a_pass, sight, sure, unsure, visitor


def words(lane: Lane) -> set[str]:
    assert lane.state.case is not None
    assert lane.state.case.decision is not None
    return {each.word for each in lane.state.case.decision.findings}


def test_the_temperature_of_whoever_stood_there_before_the_match_is_taken_again() -> None:
    lane = Lane()
    lane.code()
    lane.warm(COOL)
    lane.take(ev.FaceSeen(sight(2), NOW))
    lane.known()
    lane.face(sure(track=2))
    assert lane.state.phase is Phase.READING, "a helper's cool forehead is not this person's"
    assert lane.asked(ev.Measure)[-1] == ev.Measure(lane.n, 2.0, 2)
    lane.warm(FEVER)
    lane.commit()
    assert "above" in words(lane)
    assert lane.asked(ev.OpenGate) == []
    readings = lane.records[0].body["readings"]
    assert isinstance(readings, list)
    assert [each["corrected"] for each in readings] == [38.7]


def test_a_face_that_changes_while_it_is_measured_begins_the_measurement_anew() -> None:
    lane = Lane()
    lane.code()
    lane.take(ev.FaceSeen(sight(2), NOW))
    assert lane.asked(ev.Measure) == [ev.Measure(lane.n, 2.0, 1), ev.Measure(lane.n, 2.0, 2)]
    lane.take(ev.MeasureDone(lane.n, COOL, NOW, 1))
    assert lane.state.case is not None
    assert lane.state.case.measured is None, "the answer about the one before comes late"
    lane.elapse("reading")
    assert lane.state.case.first is None


def test_a_measurement_that_began_anew_too_late_is_taken_a_second_time() -> None:
    lane = Lane()
    lane.code()
    lane.known()
    lane.take(ev.FaceSeen(sight(2), NOW))
    lane.face(sure(track=2))
    lane.elapse("reading")
    assert lane.state.phase is Phase.RECHECK
    assert lane.state.case is not None
    assert lane.state.case.first == NoReading(Cannot.UNSTEADY)
    lane.warm()
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1


def test_a_head_turn_of_another_face_does_not_undo_the_swap() -> None:
    lane = Lane(replace(RULES, head_turn=True))
    lane.walk_in()
    lane.take(ev.FaceSeen(sight(2), NOW))
    lane.take(ev.TurnSeen(lane.n, Liveness.LIVE))
    lane.commit()
    assert lane.records[0].body["liveness"] == "swapped"
    assert lane.asked(ev.OpenGate) == []


def test_a_face_that_left_before_it_was_recognised_is_a_swap() -> None:
    lane = Lane()
    lane.code()
    lane.known()
    lane.take(ev.FaceSeen(sight(2), NOW))
    lane.face(sure(track=1))
    lane.warm()
    assert "swapped" in words(lane)


def test_a_head_turn_that_nobody_could_look_at_is_for_the_guard() -> None:
    lane = Lane(replace(RULES, head_turn=True))
    lane.walk_in()
    lane.take(ev.TurnSeen(lane.n, Liveness.UNKNOWN))
    assert lane.records[0].body["outcome"] == "refer"


def test_a_face_of_a_second_ago_is_not_asked_for_when_the_camera_went_away() -> None:
    lane = Lane()
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.take(walkup.DeviceChanged("camera", False))
    lane.code()
    lane.known()
    assert lane.asked(ev.VerifyFace) == []
    lane.warm()
    assert "unsure_engine_away" in words(lane)


def test_the_answer_about_somebody_else_confirms_nobody() -> None:
    lane = Lane()
    lane.walk_in(match=sure(JING))
    assert lane.records[0].body["outcome"] == "refer"
    assert "unsure_too_far" in words(lane)


@pytest.mark.parametrize("doubt", [Doubt.NO_TEMPLATE, Doubt.NOT_ENROLLED])
@pytest.mark.parametrize(("hardness", "outcome"), [(Hardness.DENY, Outcome.REFER), (Hardness.LOG, Outcome.ALLOW)])
def test_a_face_on_record_that_the_recogniser_lacks_is_not_waived(
    doubt: Doubt, hardness: Hardness, outcome: Outcome
) -> None:
    entrant = Entrant(a_pass(), frozenset({Factor.CODE}), unsure(doubt))
    found = decide(entrant, COOL, replace(RULES, no_face=hardness), Place("east"), NOW)
    assert (found.outcome, found.findings[0].word) == (outcome, f"unsure_{doubt}")


@pytest.mark.parametrize("errand", [{"gates": ("west",)}, {"begins": NOW + HOUR}, {"ends": NOW - 60}])
def test_a_visitors_gate_and_hours_hold_whatever_the_rules_look_at(errand: dict[str, object]) -> None:
    few = replace(RULES, checks={Check.TEMPERATURE: RULES.checks[Check.TEMPERATURE]})
    entrant = Entrant(visitor(**errand), frozenset({Factor.CODE}))
    assert decide(entrant, COOL, few, Place("east"), NOW).outcome is Outcome.REFUSE


def test_a_face_that_was_withdrawn_a_moment_ago_is_nobodys() -> None:
    lane = Lane(replace(RULES, way=Way.FACE))
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.face()
    lane.take(ev.PassLoaded(lane.n, a_pass(enrolled=False), NOW))
    lane.warm()
    assert lane.records[0].body["outcome"] == "refuse"
    assert (lane.records[0].body["person"], lane.records[0].body["factors"]) == ("", [])


def test_new_rules_hold_from_the_next_person_on() -> None:
    plain = replace(RULES, checks={c: r for c, r in RULES.checks.items() if c is not Check.TEMPERATURE})
    lane = Lane(plain)
    lane.code()
    lane.take(ev.RulesLoaded(replace(RULES, rev=8)))
    lane.known()
    lane.face()
    assert lane.records[0].body["rules_rev"] == 7
    assert "not_taken" not in words(lane), "judged for a fever without a reading"
    lane.commit()
    lane.elapse("passage")
    assert (lane.state.rules.rev, lane.state.coming) == (8, None)


def test_who_goes_through_before_the_lane_opened_is_not_this_person() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.take(ev.Passage(NOW))
    assert lane.asked(ev.NotePassage) == []
    lane.opens()
    lane.take(ev.Passage(NOW + 1))
    assert len(lane.asked(ev.NotePassage)) == 1


def test_opening_by_hand_overrules_the_case_that_the_guard_saw() -> None:
    lane = Lane()
    lane.walk_in(FEVER)
    lane.commit()
    seen = lane.records[0].key
    lane.guard_in()
    lane.touch("by_hand")
    lane.code("K1:NEXT")
    lane.known(a_pass(JING))
    lane.face(sure(JING))
    lane.warm(FEVER)
    lane.commit()
    assert lane.state.phase is Phase.SHOWING
    lane.touch("open_by_hand papers")
    assert lane.records[-1].body["decision"] == seen
    lane.commit()
    lane.opens()
    lane.take(ev.Passage(NOW))
    assert lane.asked(ev.NotePassage) == [], "nobody knows which of the two went through"


def test_a_pin_that_is_confirmed_after_the_pane_was_closed_signs_nobody_in() -> None:
    lane = Lane()
    lane.touch("guard", *(f"digit {one}" for one in GUARD.number), "confirm", "digit 1", "confirm")
    lane.touch("guard_close", "guard")
    lane.take(walkup.Admitted(-1, GUARD, Factor.PIN, NOW))
    assert (lane.state.guard.person, lane.state.guard.pane) == (None, "pin")


def test_a_guards_session_is_no_longer_for_a_clock_that_was_set_back() -> None:
    lane = Lane()
    lane.guard_in()
    lane.now -= HOUR
    lane.touch("by_hand", "open_by_hand device")
    assert lane.records == []


def test_a_classroom_has_nothing_to_open_by_hand() -> None:
    lane = Lane(place=Place("east", attendance=True))
    lane.guard_in()
    lane.touch("by_hand", "open_by_hand device")
    assert lane.records == []
