"""One person at the lane: what happens in order, and what goes wrong in every place."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Lesson, Outcome, Place
from kiosk.domain.faults import Code, Fault
from kiosk.domain.screening.reading import Cannot, NoReading
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Phase
from kiosk.flows.walkup import events as walkup
from tests.unit.gate_kit import (
    ALL,
    COOL,
    FEVER,
    HOUR,
    JING,
    MAYBE,
    NOW,
    WEI,
    Lane,
    a_pass,
    sight,
    sure,
    unsure,
    visitor,
    words,
)

FULL = Fault(Code.JOURNAL_REFUSED, "journal", "disk full")


def test_code_and_face_and_temperature_open_the_lane_after_the_commit() -> None:
    lane = Lane()
    lane.walk_in()
    assert lane.state.phase is Phase.RECORDING
    assert lane.asked(ev.OpenGate) == []
    lane.commit()
    assert lane.asked(ev.OpenGate) == [ev.OpenGate(lane.records[0].key, 0.7)]
    assert lane.state.phase is Phase.SHOWING
    lane.take(ev.GateOpened(lane.records[0].key))
    lane.take(ev.Passage(NOW + 2))
    assert (lane.records[1].kind, lane.records[1].body["passed"]) == ("gate.passed", True)
    assert lane.asked(ev.NotePassage) == [ev.NotePassage(WEI, True, NOW + 2)]
    lane.elapse("show")
    assert lane.state.phase is Phase.WATCHING
    assert lane.state.case is None
    assert lane.state.lines[0].passed is True


def test_the_record_holds_measurements_and_reasons_and_no_name_picture_or_template() -> None:
    lane = Lane()
    lane.walk_in()
    body = lane.records[0].body
    assert body["person"] == WEI
    assert body["readings"] == [
        {"raw": 35.1, "ambient": 22.0, "offset": 1.3, "corrected": 36.4, "u": 0.3, "basis": "reference", "frames": 4}
    ]
    assert body["match"] == {
        "score": 0.6,
        "limit": 1.013,
        "second": 1.4,
        "frames": 3,
        "gallery": 200,
        "adapted": True,
        "doubt": "",
    }
    assert (body["outcome"], body["liveness"], body["rules_rev"]) == ("allow", "live", 7)
    assert "张" not in str(body)


def test_answers_may_come_in_any_order() -> None:
    lane = Lane()
    lane.code()
    lane.warm()
    lane.known()
    assert lane.state.phase is Phase.READING
    lane.face()
    assert lane.state.phase is Phase.RECORDING


def test_a_person_who_does_not_pass_is_noted_as_such() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.elapse("passage")
    assert lane.records[1].body["passed"] is False
    assert lane.state.phase is Phase.WATCHING
    assert lane.asked(ev.NotePassage) == []


def test_a_fever_is_referred_and_stays_shut() -> None:
    lane = Lane()
    lane.walk_in(FEVER)
    lane.commit()
    assert lane.state.case is not None
    assert lane.state.case.decision is not None
    assert lane.state.case.decision.outcome is Outcome.REFER
    assert lane.asked(ev.OpenGate) == []
    lane.elapse("show")
    assert lane.state.phase is Phase.WATCHING


def test_a_reading_in_between_is_taken_again_and_both_are_kept() -> None:
    lane = Lane()
    lane.walk_in(MAYBE)
    assert lane.state.phase is Phase.RECHECK
    assert ev.Sound("recheck") in lane.effects
    lane.warm(MAYBE)
    assert "between_twice" in words(lane)
    readings = lane.records[0].body["readings"]
    assert isinstance(readings, list)
    assert len(readings) == 2


def test_a_second_reading_may_clear_somebody() -> None:
    lane = Lane()
    lane.walk_in(MAYBE)
    lane.warm(COOL)
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1


def test_whoever_stood_badly_is_measured_again() -> None:
    lane = Lane()
    lane.walk_in(NoReading(Cannot.TOO_FAR))
    assert lane.state.phase is Phase.RECHECK
    lane.elapse("reading")
    assert "cannot_silent" in words(lane)


def test_a_stranger_with_somebody_elses_code_is_for_the_guard() -> None:
    lane = Lane()
    lane.walk_in(match=unsure())
    lane.commit()
    assert "unsure_too_far" in words(lane)
    assert lane.asked(ev.OpenGate) == []


def test_a_refused_code_is_a_refusal() -> None:
    lane = Lane()
    lane.code("https://example.com")
    lane.take(walkup.NotAdmitted(lane.n, "unknown_code"))
    assert (lane.state.phase, words(lane)) == (Phase.RECORDING, {"unknown", "not_taken"})


def test_a_code_of_nobody_here_is_a_refusal() -> None:
    lane = Lane()
    lane.code()
    lane.take(ev.CodeAccepted(lane.n, JING))
    lane.take(ev.PassLoaded(lane.n, None, NOW))
    assert "unknown" in words(lane)


def test_the_wrong_batch_is_told_with_its_hours() -> None:
    lane = Lane()
    window = replace(a_pass(), window=None)
    lane.walk_in(found=window)
    assert "no_batch" in words(lane)


def test_a_revoked_person_is_not_measured() -> None:
    lane = Lane()
    lane.code()
    lane.known(a_pass(revoked=True))
    assert lane.state.phase is Phase.RECORDING
    assert {"revoked", "not_taken"} <= words(lane)


def test_a_visitor_passes_by_code_alone() -> None:
    lane = Lane()
    lane.code()
    lane.known(visitor())
    lane.warm()
    assert {"visitor", "visit_good"} <= words(lane)
    assert (lane.records[0].body["person"], lane.records[0].body["visit"]) == ("", visitor().person)


def test_time_runs_out_with_whatever_is_missing() -> None:
    lane = Lane()
    lane.code()
    lane.known()
    lane.elapse("reading")
    assert lane.state.phase is Phase.RECORDING
    assert {"unsure_no_good_frame", "cannot_silent"} <= words(lane)


def test_nobody_answers_at_all() -> None:
    lane = Lane()
    lane.code()
    lane.elapse("reading")
    assert "unknown" in words(lane)


def test_answers_of_the_person_before_change_nothing() -> None:
    lane = Lane()
    lane.code()
    old = lane.n
    lane.elapse("reading")
    lane.commit()
    lane.elapse("show")
    lane.code("K1:OTHER")
    lane.take(ev.PassLoaded(old, a_pass(), NOW))
    lane.take(ev.FaceMatched(old, sure(), NOW))
    lane.take(ev.MeasureDone(old, COOL, NOW))
    assert lane.state.case is not None
    assert (lane.state.case.allowed, lane.state.case.match, lane.state.case.measured) == (None, None, None)


def test_a_disk_that_refuses_keeps_the_lane_shut() -> None:
    lane = Lane()
    lane.walk_in()
    lane.take(walkup.NotRecorded(lane.records[0].key, FULL))
    assert (lane.state.phase, lane.state.said) == (Phase.SHOWING, "not_recorded")
    assert lane.asked(ev.OpenGate) == []


def test_a_commit_that_comes_too_late_opens_nothing_and_says_so() -> None:
    lane = Lane()
    lane.walk_in()
    lane.elapse("commit")
    lane.take(walkup.Recorded(lane.records[0].key, "", NOW))
    assert lane.asked(ev.OpenGate) == []
    assert (lane.records[1].kind, lane.records[1].body["passed"]) == ("gate.passed", False)


def test_a_dead_relay_is_told_and_nobody_is_said_to_have_passed() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.take(ev.GateFailed(lane.records[0].key, NOW))
    assert lane.state.said == "gate_failed"
    assert lane.records[1].body["passed"] is False
    lane.elapse("show")
    assert lane.state.phase is Phase.WATCHING


def test_without_a_passage_sensor_the_screen_goes_on_by_itself() -> None:
    lane = Lane(devices=ALL - {"sensor"})
    lane.walk_in()
    lane.commit()
    assert "passage" not in lane.timers
    assert len(lane.asked(ev.NotePassage)) == 1
    lane.elapse("show")
    assert lane.state.phase is Phase.WATCHING


def test_the_next_person_is_taken_as_soon_as_the_lane_is_free() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.code("K1:NEXT")
    assert lane.state.phase is Phase.SHOWING
    lane.opens()
    lane.take(ev.Passage(NOW + 1))
    assert lane.state.phase is Phase.READING
    assert lane.asked(walkup.CheckCode)[-1] == walkup.CheckCode(lane.n, "K1:NEXT")


def test_a_stop_gives_way_to_the_next_code_but_not_to_the_same_one() -> None:
    lane = Lane()
    lane.walk_in(FEVER)
    lane.commit()
    lane.code()
    assert lane.state.phase is Phase.SHOWING
    lane.code("K1:NEXT")
    assert lane.state.phase is Phase.READING


def test_a_second_person_behind_the_first_is_noticed() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.opens()
    lane.take(ev.Passage(NOW))
    lane.take(ev.Passage(NOW + 1))
    assert lane.state.said == "followed"
    assert len([record for record in lane.records if record.kind == "gate.passed"]) == 1


def test_without_a_thermal_camera_nothing_is_waited_for_and_the_policy_decides() -> None:
    lane = Lane(devices=ALL - {"thermal"})
    lane.code()
    assert lane.asked(ev.Measure) == []
    lane.known()
    lane.face()
    assert "cannot_no_camera" in words(lane)


def test_without_a_recogniser_the_policy_decides() -> None:
    lane = Lane(devices=ALL - {"face"})
    lane.code()
    lane.known()
    lane.warm()
    assert "unsure_engine_away" in words(lane)
    assert lane.asked(ev.VerifyFace) == []


def test_whoever_is_not_enrolled_is_not_looked_at() -> None:
    lane = Lane()
    lane.code()
    lane.known(a_pass(enrolled=False))
    lane.warm()
    assert lane.asked(ev.VerifyFace) == []
    assert "code_only" in words(lane)


def test_two_codes_at_once() -> None:
    lane = Lane()
    lane.take(walkup.SeveralCodes())
    assert lane.state.said == "several_codes"
    lane.elapse("prompt")
    assert lane.state.said == ""


def test_a_class_signs_in_once_and_without_a_door() -> None:
    lesson = Lesson("l1", "高等数学", "3-201", NOW - 60, NOW + HOUR, frozenset({WEI}))
    lane = Lane(place=Place("room", attendance=True))
    lane.take(ev.LessonLoaded(lesson))
    lane.code()
    lane.known()
    lane.face()
    assert (lane.records[0].kind, lane.records[0].key) == ("attendance.signed", f"att:l1:{WEI}")
    assert lane.records[0].body["late_minutes"] == 1
    lane.commit()
    assert lane.state.attendance.signed == {WEI}
    assert lane.asked(ev.OpenGate) == []
    assert lane.asked(ev.Measure) == []
    lane.code("K1:AGAIN")
    lane.known()
    lane.face()
    assert len(lane.records) == 1
    assert "already_signed" in words(lane)


def test_news_of_rules_and_devices_reach_the_state() -> None:
    lane = Lane()
    assert lane.take(walkup.FeedChanged("rules")) == (ev.LoadRules(),)
    assert lane.take(walkup.FeedChanged("lessons")) == (ev.LoadLesson(),)
    assert lane.take(walkup.FeedChanged("notices")) == ()
    lane.take(walkup.DeviceChanged("thermal", False))
    assert lane.state.devices.away("thermal")
    lane.take(walkup.FaultRaised(Fault(Code.THERMAL_OFFLINE, "thermal")))
    assert lane.state.devices.faults == {"thermal": "F-THM-01"}
    lane.take(walkup.FaultCleared("thermal"))
    assert lane.state.devices.faults == {}
    lane.take(ev.FaceSeen(sight(), NOW))
    lane.take(walkup.DeviceChanged("camera", False))
    assert lane.state.sight is None
