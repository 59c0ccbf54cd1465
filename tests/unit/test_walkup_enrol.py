"""Enrolling a face and withdrawing it: consent, two ways, one face in three poses, nothing kept before the record."""

from __future__ import annotations

import pytest

from kiosk.domain.consent import CURRENT
from kiosk.domain.faces import Quality
from kiosk.domain.people import Factor
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.state import FaceRecord, Outcome, Saving, Screen
from tests.unit.walkup_faces_kit import LISTED, Faces
from tests.unit.walkup_kit import FULL, NOW, STRANGER, STUDENT, Walk, tells


def outcome(walk: Faces) -> Outcome | None:
    assert walk.screen is Screen.FACE_DONE, walk.screen
    assert walk.state.errand
    return walk.state.errand.outcome


def test_without_a_recogniser_nothing_is_offered_and_nothing_asked() -> None:
    walk = Walk()
    walk.enter().press("open_face")
    assert walk.screen is Screen.HOME
    walk.press("out", "face_login")
    assert walk.screen is Screen.ATTRACT
    assert not [effect for effect in walk.effects if type(effect).__module__ == fe.__name__]


def test_the_whole_way() -> None:
    walk = Faces()
    walk.agree().photograph()
    assert not walk.of(fe.CheckFace), "only the last touch keeps anything"
    walk.press("face_keep")
    (check,) = walk.of(fe.CheckFace)
    asks = tuple(ask.ask for ask in walk.of(fe.TakePortrait))
    assert (check.person, check.asks, len(set(asks))) == (STUDENT.id, asks, 3)
    walk.checked()
    (enrol,) = walk.of(fe.EnrolFace)
    assert (enrol.person, enrol.asks, enrol.consent, enrol.factors) == (STUDENT.id, asks, CURRENT, ("code", "pin"))
    assert enrol.agreed == NOW
    assert walk.screen is Screen.SAVING, "not done before the record"
    walk.post(ev.Recorded(enrol.key, "", NOW + 3))
    assert outcome(walk) is Outcome.ENROLLED
    assert walk.effects[-2:].count(fe.DropPortraits(walk.state.session)) == 1
    assert walk.state.visit
    assert walk.state.visit.face == FaceRecord(CURRENT, NOW + 3)
    walk.press("face_home", "open_face")
    assert walk.screen is Screen.FACE


def test_declining_loses_nothing_and_says_so() -> None:
    walk = Faces()
    walk.enter().press("open_face", "face_decline")
    assert (walk.screen, walk.said, walk.state.errand) == (Screen.HOME, "face.declined", None)


@pytest.mark.parametrize("shown", [Factor.CODE, Factor.PIN, Factor.FACE])
def test_enrolling_takes_code_and_pin_and_no_face_stands_in_for_them(shown: Factor) -> None:
    walk = Faces()
    walk.enter(factor=shown).listed().press("open_face", "face_renew", "face_agree")
    assert walk.screen is Screen.FACTOR
    walk.press("face_look")
    assert walk.screen is Screen.FACTOR, "a face is not asked for"
    for way in {Factor.PIN, Factor.CODE} - {shown}:
        assert walk.screen is Screen.FACTOR
        walk.post(ev.Admitted(walk.state.session, STUDENT, way, NOW))
    assert walk.screen is Screen.SHOTS


def test_somebody_elses_pin_opens_no_camera() -> None:
    walk = Faces()
    walk.enter().press("open_face", "face_agree")
    walk.post(ev.Admitted(walk.state.session, STRANGER, Factor.PIN, NOW))
    assert (walk.screen, walk.said) == (Screen.FACTOR, "identify.other_person")


def test_going_back_takes_the_consent_back() -> None:
    walk = Faces()
    walk.agree().photograph(2).press("back")
    assert (walk.screen, walk.state.errand) == (Screen.CONSENT, None)
    assert fe.DropPortraits(walk.state.session) in walk.effects
    walk.press("face_agree")
    assert walk.screen is Screen.SHOTS, "the two ways were shown in this visit"
    assert walk.state.errand
    assert walk.state.errand.shots == ()


def test_a_photograph_is_taken_by_itself_once_two_pictures_in_a_row_would_do() -> None:
    walk = Faces()
    walk.agree().see(times=1)
    walk.see(quality=Quality.DARK, times=1)
    walk.see(times=1)
    assert not walk.of(fe.TakePortrait)
    walk.see(times=3)
    assert len(walk.of(fe.TakePortrait)) == 1, "one at a time"


def test_a_touch_takes_it_at_once_but_no_bad_one() -> None:
    walk = Faces()
    walk.agree().press("face_take")
    walk.see(quality=Quality.FAR, times=1)
    walk.press("face_take")
    assert not walk.of(fe.TakePortrait)
    walk.see(times=1)
    walk.press("face_take", "face_take")
    assert len(walk.of(fe.TakePortrait)) == 1


@pytest.mark.parametrize("bad", [{"quality": Quality.BLURRED}, {"others": 1}, {"turn": 0.3}])
def test_nothing_is_taken_of_a_face_that_will_not_do(bad: dict[str, object]) -> None:
    walk = Faces()
    walk.agree().see(times=4, **bad)  # type: ignore[arg-type]
    assert not walk.of(fe.TakePortrait)


def test_nothing_is_taken_under_a_question() -> None:
    walk = Faces()
    walk.agree().press("help")
    walk.see(times=4)
    walk.press("help_close")
    walk.elapse("idle")
    walk.see(times=4)
    assert not walk.of(fe.TakePortrait)


def test_a_flat_photograph_does_not_turn() -> None:
    walk = Faces()
    walk.agree().photograph(1)
    walk.see(turn=0.0, times=9)
    assert len(walk.of(fe.TakePortrait)) == 1
    walk.see(turn=-0.3, times=9)
    assert len(walk.of(fe.TakePortrait)) == 1, "left first, right is no left"


def test_a_photograph_counts_only_in_the_pose_that_was_asked_for() -> None:
    walk = Faces()
    walk.agree().see()
    walk.taken(turn=0.4)
    assert walk.state.errand
    assert (walk.state.errand.shots, walk.state.errand.asked) == ((), 0)
    walk.see()
    walk.taken()
    assert walk.state.errand
    assert [shot.ask for shot in walk.state.errand.shots] == [2]


@pytest.mark.parametrize("swap", ["gone", "other", "portrait"])
def test_another_face_begins_from_the_start(swap: str) -> None:
    walk = Faces()
    walk.agree().photograph(1)
    if swap == "gone":
        walk.post(fe.FaceGone(7))
    elif swap == "other":
        walk.see(8, times=1)
    else:
        walk.see(turn=0.3)
        walk.taken(8, 0.3)
    assert walk.state.errand
    assert (walk.state.errand.shots, walk.state.errand.asked, walk.said) == ((), 0, "face.from_the_start")
    assert walk.of(fe.DropPortraits)


def test_a_photograph_asked_for_before_the_start_counts_no_more() -> None:
    walk = Faces()
    walk.agree().see()
    old = walk.of(fe.TakePortrait)[-1]
    walk.press("face_again")
    walk.post(fe.PortraitTaken(old.session, old.ask, True, 7, 0.0))
    walk.see()
    assert len(walk.of(fe.TakePortrait)) == 2
    walk.post(fe.PortraitTaken(old.session, old.ask, True, 7, 0.0))
    assert walk.state.errand
    assert walk.state.errand.shots == ()


def test_a_late_photograph_of_the_last_person_is_not_the_next_ones() -> None:
    walk = Faces()
    walk.agree().see()
    late = walk.of(fe.TakePortrait)[-1]
    walk.press("out")
    walk.agree().see()
    before = walk.state
    assert not walk.post(fe.PortraitTaken(late.session, late.ask, True, 7, 0.0))
    assert walk.state == before


def test_every_photograph_gives_more_time() -> None:
    walk = Faces()
    walk.agree()
    walk.now += 40
    walk.photograph(1)
    assert walk.timers["idle"][0] == walk.now + walk.policy.timing.idle


def test_the_same_face_under_another_name_is_enrolled_nowhere_and_named_nowhere() -> None:
    walk = Faces()
    walk.agree().photograph().press("face_keep")
    walk.checked(STRANGER.id)
    assert outcome(walk) is Outcome.DOUBLED
    assert not walk.of(fe.EnrolFace)
    assert STRANGER.id not in repr(walk.state)
    (told,) = walk.records("face.doubled")
    assert told.body == {"person": STUDENT.id, "like": STRANGER.id, "consent": CURRENT}


def test_ones_own_earlier_face_is_no_double() -> None:
    walk = Faces()
    walk.agree().photograph().press("face_keep")
    walk.checked(STUDENT.id)
    assert walk.of(fe.EnrolFace)


def test_what_cannot_be_checked_is_not_enrolled() -> None:
    walk = Faces()
    walk.agree().photograph().press("face_keep")
    walk.checked(None)
    assert outcome(walk) is Outcome.NOT_CHECKED
    silent = Faces()
    silent.agree().photograph().press("face_keep")
    silent.elapse("record")
    assert outcome(silent) is Outcome.NOT_CHECKED
    silent.checked()
    assert not silent.of(fe.EnrolFace)


def test_a_record_that_fails_or_is_late_is_told_as_it_is() -> None:
    walk = Faces()
    walk.agree().photograph().press("face_keep")
    walk.checked()
    key = walk.of(fe.EnrolFace)[-1].key
    walk.elapse("record")
    assert outcome(walk) is Outcome.UNSURE
    walk.post(ev.Recorded(key, "", NOW))
    assert outcome(walk) is Outcome.ENROLLED
    failed = Faces()
    failed.agree().photograph().press("face_keep")
    failed.checked()
    failed.post(ev.NotRecorded(failed.of(fe.EnrolFace)[-1].key, FULL))
    assert outcome(failed) is Outcome.NOT_SAVED
    assert failed.state.visit
    assert failed.state.visit.face is None


def test_nobody_leaves_between_the_touch_and_the_record() -> None:
    walk = Faces()
    walk.agree().photograph().press("face_keep", "out", "back", "face_again")
    assert walk.screen is Screen.SAVING
    assert "idle" not in walk.timers


@pytest.mark.parametrize("poses", [0, 1, 2, 3])
@pytest.mark.parametrize("how", ["out", "idle"])
def test_leaving_keeps_nothing(poses: int, how: str) -> None:
    walk = Faces()
    walk.agree().photograph(poses)
    walk.press("out") if how == "out" else walk.run_out()
    assert walk.screen is Screen.ATTRACT
    assert (walk.state.errand, walk.state.sight, tells(walk.state)) == (None, None, [])
    assert not [effect for effect in walk.effects if isinstance(effect, fe.EnrolFace | fe.CheckFace)]
    assert walk.of(ev.Wipe)


def test_withdrawing_takes_two_ways_and_one_last_touch() -> None:
    walk = Faces()
    walk.enter().listed().press("open_face", "face_withdraw")
    assert walk.screen is Screen.FACTOR
    walk.press("face_look")
    walk.see(times=1)
    walk.matched()
    assert walk.screen is Screen.WITHDRAW
    assert not walk.of(fe.WithdrawFace)
    walk.press("back")
    assert walk.screen is Screen.FACE
    walk.press("face_withdraw", "face_withdraw_yes")
    (ask,) = walk.of(fe.WithdrawFace)
    assert (walk.screen, ask.person) == (Screen.SAVING, STUDENT.id)
    walk.post(ev.Recorded(ask.key, "", NOW))
    assert outcome(walk) is Outcome.WITHDRAWN
    assert walk.state.visit
    assert walk.state.visit.face is None


def test_withdrawing_needs_no_recogniser() -> None:
    walk = Faces()
    walk.enter().listed()
    walk.post(ev.DeviceChanged("face", False), ev.Admitted(walk.state.session, STUDENT, Factor.PIN, NOW))
    walk.press("open_face", "face_renew")
    assert walk.screen is Screen.FACE, "but photographs do"
    walk.press("face_withdraw")
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, NOW))
    walk.press("face_withdraw_yes")
    walk.post(ev.NotRecorded(walk.of(fe.WithdrawFace)[-1].key, FULL))
    assert outcome(walk) is Outcome.NOT_SAVED
    assert walk.state.visit
    assert walk.state.visit.face == LISTED
    assert walk.state.errand
    assert walk.state.errand.saving is Saving.WITHDRAWING


def test_the_record_is_fetched_with_the_person_and_again_when_it_changed() -> None:
    walk = Faces()
    walk.enter()
    assert walk.of(fe.LoadFace) == [fe.LoadFace(0, STUDENT.id)]
    assert fe.LoadFace(0, STUDENT.id) in walk.post(ev.FeedChanged("templates"))
    walk.post(fe.FaceLoaded(99, LISTED))
    assert walk.state.visit
    assert not walk.state.visit.face_known


def test_faces_are_watched_only_where_the_screen_says_so() -> None:
    walk = Faces()
    walk.agree()
    assert walk.of(fe.WatchFaces) == [fe.WatchFaces(True)]
    walk.press("back")
    assert walk.of(fe.WatchFaces)[-1] == fe.WatchFaces(False)
    walk.see()
    assert walk.state.sight is None
