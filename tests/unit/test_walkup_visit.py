"""Whole visits that go well, and the ends they come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.people import Factor
from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Draft, Link, Screen
from tests.unit.walkup_kit import ENGLISH, ENROLMENT, LEAVE, NOW, STUDENT, Walk, approved, tells


def test_number_and_pin_to_a_printed_certificate_and_stars() -> None:
    walk = Walk()
    walk.enter_by_pin().review()
    assert walk.state.visit
    assert walk.state.visit.factors == {Factor.NUMBER, Factor.PIN}
    walk.press("copies 2", "paper_language en", "submit")
    (asked,) = walk.records("request.submitted")
    assert asked.body["values"] == {"name": "欧阳明月", "number": "20230017", "purpose": "loan"}
    assert (asked.body["copies"], asked.body["language"], asked.receipt) == (2, "en", True)
    walk.record()
    assert walk.of(ev.Seal) == [ev.Seal(f"{asked.key}:1", asked.key, "enrolment", "en", 2)]
    walk.seal()
    (paper,) = walk.of(ev.Print)
    assert (paper.job, paper.copies, paper.language) == (f"{asked.key}:1:p", 2, "en")
    assert paper.sealed
    walk.job("queued")
    walk.job("printing")
    assert walk.screen is Screen.WORKING
    walk.job("printed")
    assert walk.screen is Screen.DONE
    walk.press("stars 5", "finish")
    (printed,) = walk.records("document.printed")
    (rated,) = walk.records("rating.given")
    assert printed.body == {"request": asked.key, "serial": f"S-{asked.key}:1", "copies": 2}
    assert (rated.body["stars"], rated.body["how"]) == (5, "given")
    assert walk.screen is Screen.ATTRACT
    assert not tells(walk.state)


def test_code_to_a_leave_request_offline_with_a_receipt_and_silence() -> None:
    walk = Walk(online=False)
    walk.enter().review(LEAVE).press("submit")
    walk.record()
    (paper,) = walk.of(ev.Print)
    assert paper.document == "receipt"
    assert paper.values["receipt"] == "A-017-20260302-0001"
    assert not walk.of(ev.Seal)
    walk.job("printed")
    assert walk.screen is Screen.DONE
    walk.elapse("rate")
    (rated,) = walk.records("rating.given")
    assert (rated.body["stars"], rated.body["how"]) == (3, "defaulted")
    assert walk.screen is Screen.ATTRACT
    assert not walk.timers


def test_a_certificate_prepared_offline_is_collected_at_the_next_visit() -> None:
    walk = Walk(online=False)
    walk.enter().review(ENROLMENT, "prepare").press("submit")
    (asked,) = walk.records("request.submitted")
    assert asked.body["prepare"] is True
    walk.record()
    assert not walk.of(ev.Seal)
    walk.job("printed")
    walk.press("finish")
    walk.post(ev.LinkChanged(Link.ONLINE))
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(asked.key, "enrolment"),)))
    walk.press("open_requests", f"open_request {asked.key}", "print_result", "print_result")
    (seal,) = walk.of(ev.Seal)
    assert (seal.request, seal.document) == (asked.key, "enrolment")
    assert seal.key.startswith(f"{asked.key}:1:")
    walk.seal()
    walk.job("printed")
    assert walk.screen is Screen.DONE
    walk.run_out()
    assert walk.screen is Screen.ATTRACT
    assert len(walk.records("document.printed")) == 1
    assert len(walk.records("rating.given")) == 1, "rated when it was handed in, not again"


def test_what_was_collected_in_this_visit_is_not_offered_again_by_a_list_fetched_before() -> None:
    walk = Walk()
    walk.enter()
    old = approved()
    walk.post(ev.RequestsLoaded(walk.state.session, (old,)))
    walk.press(f"open_request {old.key}", "print_result")
    walk.seal()
    walk.job("printed")
    walk.press("again")
    walk.post(ev.RequestsLoaded(walk.state.session, (old,)))
    walk.press(f"open_request {old.key}", "print_result")
    assert walk.screen is Screen.REQUEST
    assert len(walk.of(ev.Seal)) == len(walk.of(ev.Print)) == 1


def test_what_was_spoiled_in_this_visit_is_sealed_anew_though_the_list_does_not_know() -> None:
    walk = Walk()
    walk.enter()
    old = approved()
    walk.post(ev.RequestsLoaded(walk.state.session, (old,)))
    walk.press(f"open_request {old.key}", "print_result")
    walk.seal()
    walk.job("failed", "no_paper")
    walk.press("leave_it", "again")
    walk.post(ev.RequestsLoaded(walk.state.session, (old,)))
    walk.press(f"open_request {old.key}", "print_result")
    first, second = walk.of(ev.Seal)
    assert second.key.startswith(f"{old.key}:2:")
    walk.seal()
    walk.job("failed", "no_paper")
    voids = walk.records("document.voided")
    assert [void.body["serial"] for void in voids] == [f"S-{first.key}", f"S-{second.key}"]
    assert len({void.key for void in voids}) == 2, "a void under a used key would be lost"


def test_each_collection_is_sealed_under_a_key_of_its_own_as_it_was_asked_for() -> None:
    """What an earlier visit had sealed in another language, or nobody knows whether it came out, is not asked for."""
    walk = Walk()
    keys = set()
    for language in ("zh", "en"):
        walk.enter()
        asked = replace(approved(item="enrolment"), language=language, copies=2)
        walk.post(ev.RequestsLoaded(walk.state.session, (asked,)))
        walk.press(f"open_request {'f' * 32}", "print_result")
        seal = walk.of(ev.Seal)[-1]
        assert (seal.language, seal.copies, seal.replaces) == (language, 2, "")
        keys.add(seal.key)
        walk.post(ev.NotSealed(seal.key, "offline"))
        walk.press("try_again")
        assert walk.of(ev.Seal)[-1] == seal, "trying again is the same asking"
        walk.post(ev.NotSealed(seal.key, "offline"))
        walk.press("out")
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (ev.LinkChanged(Link.OFFLINE), "request.needs_centre"),
        (ev.PrinterChanged(PrinterState.NO_PAPER), "printer.no_paper"),
    ],
)
def test_nothing_is_collected_without_centre_or_paper(report: ev.Event, said: str) -> None:
    walk = Walk()
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(),)), report)
    walk.press(f"open_request {'f' * 32}", "print_result")
    assert not walk.of(ev.Seal)
    assert walk.state.message
    assert walk.state.message.key == said


def test_one_key_prints_the_list_and_leads_back_to_the_request() -> None:
    walk = Walk(online=False)
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(),)))
    walk.press(f"open_request {'f' * 32}", "print_list", "print_list")
    (paper,) = walk.of(ev.Print)
    assert paper.document == "request_list"
    assert paper.request
    walk.job("printed")
    assert walk.screen is Screen.REQUEST
    walk.press("print_list")
    first, second = walk.of(ev.Print)
    assert first.job != second.job
    walk.press("back")
    assert not walk.records("rating.given")


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_a_list_that_does_not_come_out_is_said(state: str) -> None:
    walk = Walk()
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(),)))
    walk.press(f"open_request {'f' * 32}", "print_list")
    walk.post(ev.PrinterChanged(PrinterState.COVER_OPEN))
    walk.job(state)
    assert walk.screen is Screen.REQUEST
    assert walk.state.message
    assert walk.state.message.key == "printer.cover_open"


def test_a_receipt_without_paper_is_no_trouble() -> None:
    walk = Walk()
    walk.enter().review(LEAVE).press("submit")
    walk.post(ev.PrinterChanged(PrinterState.NO_PAPER))
    walk.record()
    assert walk.screen is Screen.DONE
    assert walk.state.job
    assert walk.state.job.note == "done.no_paper"
    assert not walk.of(ev.Print)


def test_a_receipt_that_fails_leaves_the_request_standing() -> None:
    walk = Walk()
    walk.enter().review(LEAVE).press("submit")
    walk.record()
    walk.job("failed", "no_paper")
    assert walk.screen is Screen.DONE
    assert not walk.records("document.voided")


def test_an_english_certificate_is_asked_for_in_english_also_from_a_draft() -> None:
    walk = Walk()
    walk.enter().review(ENGLISH).press("out")
    (draft, *_) = reversed(walk.of(ev.SaveDraft))
    walk.enter()
    walk.post(ev.DraftsLoaded(walk.state.session, (Draft(draft.item, draft.key, draft.values, NOW),)))
    walk.press("open_item english", "resume", "next", "submit")
    (asked,) = walk.records("request.submitted")
    assert (asked.key, asked.body["language"]) == (draft.key, "en")


def test_a_draft_resumed_takes_locked_entries_from_the_campus() -> None:
    walk = Walk()
    walk.enter()
    stale = Draft("enrolment", "d" * 32, {"name": "旧名", "purpose": "loan"}, NOW)
    walk.post(ev.DraftsLoaded(walk.state.session, (stale,)))
    walk.press("open_item enrolment", "resume")
    assert walk.state.filling
    assert walk.state.filling.values == {"name": "欧阳明月", "number": "20230017", "purpose": "loan"}


def test_a_draft_resumed_without_the_centre_is_for_the_next_visit() -> None:
    walk = Walk(online=False)
    walk.enter()
    walk.post(ev.DraftsLoaded(walk.state.session, (Draft("enrolment", "d" * 32, {"purpose": "loan"}, NOW),)))
    walk.press("open_item enrolment", "resume", "next", "next", "submit")
    assert walk.records("request.submitted")[0].body["prepare"] is True


def test_a_discarded_draft_is_dropped_and_not_offered() -> None:
    walk = Walk()
    walk.enter()
    walk.post(ev.DraftsLoaded(walk.state.session, (Draft("enrolment", "d" * 32, {"purpose": "loan"}, NOW),)))
    assert ev.DropDraft(STUDENT.id, "enrolment") in walk.press("open_item enrolment", "discard")
    walk.press("resume")
    assert walk.screen is Screen.ITEM


def test_a_form_left_in_the_same_visit_is_fetched_as_a_draft() -> None:
    walk = Walk()
    walk.enter().press("open_item leave", "start", "next", "set kind=sick")
    effects = walk.press("back", "back")
    assert walk.screen is Screen.ITEM
    saved = [effect for effect in effects if isinstance(effect, ev.SaveDraft | ev.LoadDrafts)]
    assert isinstance(saved[0], ev.SaveDraft)
    assert saved[0].values["kind"] == "sick"
    assert isinstance(saved[1], ev.LoadDrafts)


def test_going_on_with_the_form_that_is_still_open_keeps_its_key_and_answers() -> None:
    walk = Walk()
    walk.enter().press("open_item enrolment", "start", "next", "set purpose=loan")
    key = walk.key
    walk.press("back", "back", "start")
    assert walk.key == key
    assert walk.state.filling
    assert walk.state.filling.values["purpose"] == "loan"


def test_a_draft_of_a_request_handed_in_meanwhile_is_not_offered() -> None:
    walk = Walk()
    walk.enter().review()
    draft = Draft("enrolment", walk.key, {"purpose": "loan"}, NOW)
    walk.press("submit")
    walk.record()
    walk.seal()
    walk.post(ev.DraftsLoaded(walk.state.session, (draft,)))
    walk.job("printed")
    walk.press("again", "open_item enrolment", "resume")
    assert walk.screen is Screen.ITEM
    assert walk.state.visit
    assert not walk.state.visit.drafts


def test_an_item_for_others_stays_closed() -> None:
    walk = Walk()
    walk.enter().press("open_item employment")
    assert walk.screen is Screen.HOME
    assert walk.state.message
    assert walk.state.message.key == "item.not_for_you"


def test_the_other_pages_of_home_open_and_close() -> None:
    walk = Walk()
    walk.enter()
    walk.press("open_category certificates")
    assert (walk.screen, walk.state.category) == (Screen.CATEGORY, "certificates")
    walk.press("open_item enrolment", "back")
    assert walk.screen is Screen.CATEGORY
    walk.press("back", "open_search", "pad_key z", "pad_key d")
    assert walk.state.query.letters == "zd"
    walk.press("open_item enrolment", "back", "back", "open_requests", "open_request x", "back", "back")
    assert walk.screen is Screen.HOME


def test_a_procedure_that_this_terminal_does_not_know_is_not_printed() -> None:
    walk = Walk()
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(item="of-tomorrow"),)))
    walk.press(f"open_request {'f' * 32}", "print_list", "print_result")
    assert walk.of(ev.Print) == walk.of(ev.Seal) == []
    assert walk.screen is Screen.REQUEST
