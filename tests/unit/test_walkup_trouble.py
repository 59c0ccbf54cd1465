"""What goes wrong between touch and paper: nothing counts twice, nothing half counts, nobody is held up."""

from __future__ import annotations

import pytest

from kiosk.domain.printer import PrinterState
from kiosk.flows.core import Elapsed
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Screen, Trouble
from tests.unit.walkup_kit import FULL, LEAVE, Walk, sealed, tells


def trouble(walk: Walk) -> Trouble | None:
    assert walk.state.job
    return walk.state.job.trouble


def test_nothing_is_sealed_or_printed_before_the_record() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.seal(1)
    walk.post(ev.Recorded("another key", "A-1", walk.now))
    assert not walk.of(ev.Seal)
    assert not walk.of(ev.Print)


def test_double_tap_and_back_make_one_request() -> None:
    walk = Walk()
    walk.enter().review().press("submit", "submit", "back", "submit", "out", "finish")
    assert walk.screen is Screen.WORKING
    assert len(walk.records("request.submitted")) == 1


def test_a_full_disk_seals_nothing_keeps_the_form_and_tries_again_with_the_same_key() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.post(ev.NotRecorded(walk.key, FULL))
    assert trouble(walk) is Trouble.NOT_RECORDED
    assert walk.state.filling
    assert not walk.of(ev.Seal)
    walk.press("try_again")
    walk.post(ev.NotRecorded(walk.key, FULL))
    walk.press("leave_it")
    assert walk.screen is Screen.REVIEW
    walk.press("submit")
    assert len({record.key for record in walk.records("request.submitted")}) == 1
    walk.record()
    assert len(walk.of(ev.Seal)) == 1


def test_a_full_disk_and_walking_away_keeps_the_draft() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    key = walk.key
    walk.post(ev.NotRecorded(key, FULL))
    walk.effects.clear()
    walk.run_out()
    assert [(draft.key, draft.values["purpose"]) for draft in walk.of(ev.SaveDraft)] == [(key, "loan")]
    assert not walk.of(ev.Record)


def test_a_journal_that_never_answers_holds_nobody() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.elapse("record")
    assert trouble(walk) is Trouble.NOT_RECORDED
    walk.record()
    assert walk.screen is Screen.WORKING
    assert len(walk.of(ev.Seal)) == 1


def test_a_journal_that_answers_after_the_person_left_starts_nothing() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    key = walk.key
    walk.run_out()
    before = walk.state
    assert not walk.record(key)
    assert walk.state == before


def test_no_seal_in_time_is_said_and_a_late_one_prints() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    walk.elapse("seal")
    assert trouble(walk) is Trouble.NOT_SEALED
    walk.seal()
    assert len(walk.of(ev.Print)) == 1
    walk.seal()
    assert len(walk.of(ev.Print)) == 1
    walk.job("printed")
    assert walk.screen is Screen.DONE


def test_a_late_seal_prints_nothing_once_the_person_left() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    key = walk.key
    walk.run_out()
    assert walk.screen is Screen.ATTRACT
    walk.post(ev.DocumentSealed(f"{key}:1", sealed(f"{key}:1")))
    walk.enter()
    walk.post(ev.DocumentSealed(f"{key}:1", sealed(f"{key}:1")))
    assert not walk.of(ev.Print)


def test_a_seal_during_still_there_waits_for_a_touch() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    walk.elapse("seal")
    walk.elapse("idle")
    assert walk.state.still == 20
    walk.seal()
    assert not walk.of(ev.Print), "nobody may stand here any more"
    walk.press("stay", "try_again")
    walk.seal()
    assert len(walk.of(ev.Print)) == 1
    assert walk.state.still is None


@pytest.mark.parametrize(("touch", "note"), [("leave_it", "done.not_sealed")])
def test_a_request_without_its_paper_stands_and_is_rated(touch: str, note: str) -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    walk.post(ev.NotSealed(f"{walk.key}:1", "offline"))
    walk.press(touch)
    assert walk.state.job
    assert (walk.screen, walk.state.job.note) == (Screen.DONE, note)
    walk.seal()
    assert not walk.of(ev.Print), "left for the next visit"
    walk.run_out()
    assert len(walk.records("rating.given")) == 1


def test_what_the_centre_refuses_is_not_tried_again() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    walk.post(ev.NotSealed(f"{walk.key}:1", "refused"))
    walk.press("try_again", "reprint")
    assert trouble(walk) is Trouble.SEAL_REFUSED
    assert len(walk.of(ev.Seal)) == 1
    walk.press("leave_it")
    assert walk.state.job
    assert walk.state.job.note == "done.refused"


def test_a_voided_attempt_is_passed_over_within_one_deadline() -> None:
    walk = Walk()
    walk.enter().review().press("submit")
    walk.record()
    for attempt in range(1, 6):
        walk.post(ev.NotSealed(f"{walk.key}:{attempt}", "voided"))
        walk.post(ev.NotSealed(f"{walk.key}:{attempt}", "voided"))
    assert [seal.key[-1] for seal in walk.of(ev.Seal)] == list("123456")
    assert walk.timers["seal"][0] - walk.now <= 8.0
    walk.elapse("seal")
    assert trouble(walk) is Trouble.NOT_SEALED


def test_paper_out_in_mid_certificate_is_spoiled_refilled_and_replaced() -> None:
    walk = Walk().printing()
    key = walk.key
    walk.post(ev.PrinterChanged(PrinterState.NO_PAPER))
    walk.job("failed", "no_paper")
    assert trouble(walk) is Trouble.SPOILED
    (void,) = walk.records("document.voided")
    assert void.body == {"request": key, "serial": f"S-{key}:1", "reason": "spoiled"}
    walk.press("reprint")
    assert len(walk.of(ev.Seal)) == 1, "no paper yet"
    walk.post(ev.PrinterChanged(PrinterState.IDLE))
    walk.press("reprint", "reprint")
    assert walk.of(ev.Seal)[1:] == [ev.Seal(f"{key}:2", key, "enrolment", "zh", 1, f"S-{key}:1")]
    walk.seal(1)
    assert len(walk.of(ev.Print)) == 1, "the spoiled one is never printed again"
    walk.seal(2)
    walk.job("printed")
    assert [paper.job for paper in walk.of(ev.Print)] == [f"{key}:1:p", f"{key}:2:p"]
    (printed,) = walk.records("document.printed")
    assert printed.body["serial"] == f"S-{key}:2"
    assert len(walk.records("document.voided")) == 1


def test_replaces_survives_a_second_asking() -> None:
    walk = Walk().printing()
    key = walk.key
    walk.job("failed", "no_paper")
    walk.press("reprint")
    walk.post(ev.NotSealed(f"{key}:2", "offline"))
    walk.press("try_again")
    walk.post(ev.NotSealed(f"{key}:2", "voided"))
    assert [seal.replaces for seal in walk.of(ev.Seal)] == ["", *[f"S-{key}:1"] * 3]


@pytest.mark.parametrize("word", ["job", "timer"])
def test_silence_asks_and_no_voids_once_and_offers_a_reprint(word: str) -> None:
    walk = Walk().printing()
    if word == "timer":
        walk.elapse("print")
    else:
        walk.job("unknown", "silent")
    assert trouble(walk) is Trouble.UNKNOWN
    walk.press("leave_it", "reprint", "try_again")
    assert trouble(walk) is Trouble.UNKNOWN, "only the answer leads on"
    walk.press("not_out", "not_out")
    assert trouble(walk) is Trouble.SPOILED
    walk.job("printed")
    assert trouble(walk) is Trouble.SPOILED, "too late: it is voided"
    walk.press("reprint")
    walk.seal(2)
    walk.job("printed")
    assert [void.body["reason"] for void in walk.records("document.voided")] == ["unknown"]
    assert walk.of(ev.Seal)[1].replaces


def test_silence_asks_and_yes_counts_it() -> None:
    walk = Walk().printing()
    walk.job("unknown")
    walk.press("came_out", "not_out")
    assert walk.screen is Screen.DONE
    assert len(walk.records("document.printed")) == 1
    assert not walk.records("document.voided")


@pytest.mark.parametrize(("word", "kind"), [("printed", "document.printed"), ("failed", "document.voided")])
def test_the_printers_late_word_answers_the_question(word: str, kind: str) -> None:
    walk = Walk().printing()
    walk.elapse("print")
    walk.job(word)
    walk.run_out()
    papers = [*walk.records("document.printed"), *walk.records("document.voided")]
    assert [record.kind for record in papers] == [kind]


@pytest.mark.parametrize("how", ["time", "out"])
def test_leaving_a_paper_in_doubt_voids_it(how: str) -> None:
    walk = Walk().printing()
    walk.job("unknown")
    walk.press("out") if how == "out" else walk.run_out()
    assert len(walk.records("document.voided")) == 1
    assert not tells(walk.state)


def test_leaving_a_spoiled_paper_does_not_void_it_again() -> None:
    walk = Walk().printing()
    walk.job("failed")
    walk.run_out()
    assert len(walk.records("document.voided")) == 1


def test_words_of_another_job_change_nothing() -> None:
    walk = Walk().printing()
    before = walk.state
    walk.post(ev.JobChanged("another:1:p", "failed"), ev.NotSealed("another:1", "refused"))
    assert walk.state == before


def test_a_time_out_of_the_last_visit_changes_nothing() -> None:
    walk = Walk().printing()
    before = walk.state
    for timer in ("record", "seal", "print", "idle", "still", "rate", "message"):
        assert not walk.post(Elapsed(timer, walk.state.session - 1, walk.now))
    assert walk.state == before


def test_working_is_not_interrupted_by_still_there() -> None:
    walk = Walk()
    walk.enter().review(LEAVE).press("submit")
    assert "idle" not in walk.timers
    walk.post(Elapsed("idle", walk.state.session, walk.now))
    assert walk.state.still is None
    assert walk.screen is Screen.WORKING
