"""Who may come in, and who may open what is private."""

from __future__ import annotations

import pytest

from kiosk.domain.people import Factor
from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Entry, Screen
from tests.unit.walkup_kit import NOW, STRANGER, STUDENT, Walk, approved, tells


def test_a_code_is_checked_where_one_may_be_shown_and_nowhere_else() -> None:
    walk = Walk()
    assert walk.post(ev.CodeRead("K1:x")) == (ev.CheckCode(0, "K1:x"),)
    walk.press("open_pin")
    assert ev.CheckCode(0, "K1:x") in walk.post(ev.CodeRead("K1:x"))
    walk.enter()
    assert walk.of(ev.WatchCodes)[-1] == ev.WatchCodes(False)
    before = walk.state
    assert not walk.post(ev.CodeRead("K1:x"), ev.SeveralCodes())
    assert walk.state == before
    walk.press("out")
    assert walk.of(ev.WatchCodes)[-1] == ev.WatchCodes(True)


def test_two_codes_in_view_are_refused_with_a_sentence() -> None:
    walk = Walk()
    walk.post(ev.SeveralCodes())
    assert walk.state.message
    assert walk.state.message.key == "identify.several_codes"
    walk.elapse("message")
    assert walk.state.message is None


def test_a_wrong_pin_keeps_the_number_and_forgets_the_pin() -> None:
    walk = Walk()
    walk.press("open_pin", *(f"digit {digit}" for digit in "20230017"), "confirm", "digit 1", "digit 2", "confirm")
    assert walk.of(ev.CheckPin) == [ev.CheckPin(0, "20230017", "12")]
    walk.press("digit 3", "confirm", "erase", "clear")
    assert len(walk.of(ev.CheckPin)) == 1, "one check at a time"
    walk.post(ev.NotAdmitted(0, "wrong", 4))
    assert walk.state.entry == Entry("20230017", "", "pin")
    assert walk.state.message
    assert walk.state.message.values == {"left": "4", "until": "0"}


def test_a_lock_says_until_when() -> None:
    walk = Walk()
    walk.press("open_pin", "digit 1", "confirm", "digit 2", "confirm")
    walk.post(ev.NotAdmitted(0, "locked", 0, NOW + 900))
    assert walk.state.message
    assert (walk.state.message.key, walk.state.message.values["until"]) == ("identify.locked", f"{NOW + 900:.0f}")


def test_a_bad_code_does_not_disturb_somebody_typing() -> None:
    walk = Walk()
    walk.press("open_pin", "digit 1", "confirm", "digit 2")
    walk.post(ev.CodeRead("http://x"), ev.NotAdmitted(0, "unknown_code"))
    assert walk.state.entry == Entry("1", "2", "pin")


def test_typing_number_and_pin() -> None:
    walk = Walk()
    walk.press("open_pin", "confirm")
    assert walk.state.entry.field == "number"
    walk.press("digit t", "digit 1", "digit 2", "erase", "digit /", "digit \x1b", "digit 12", "digit 张")
    assert walk.state.entry.number == "T1"
    walk.press("entry_field pin", *["digit 7"] * 20)
    assert walk.state.entry.pin == "7" * 8
    walk.press("clear", "entry_field number", *["digit 7"] * 20)
    assert (walk.state.entry.pin, len(walk.state.entry.number)) == ("", 12)
    walk.press("entry_field nobody")
    assert walk.state.entry.field == "number"


@pytest.mark.parametrize("answer", [ev.Admitted(0, STUDENT, Factor.PIN, NOW), ev.NotAdmitted(0, "wrong")])
def test_an_answer_for_somebody_who_left_lets_nobody_in(answer: ev.Event) -> None:
    walk = Walk()
    walk.press("open_pin", "digit 1", "confirm", "digit 2", "confirm", "back")
    before = walk.state
    assert not walk.post(answer)
    assert walk.state == before
    walk.press("open_pin")
    walk.post(answer)
    assert walk.screen is Screen.PIN
    assert walk.state.visit is None


@pytest.mark.parametrize(("first", "second"), [(Factor.CODE, Factor.PIN), (Factor.PIN, Factor.CODE)])
def test_a_private_item_takes_two_ways_and_asks_when_it_is_opened(first: Factor, second: Factor) -> None:
    walk = Walk()
    walk.enter(factor=first)
    assert walk.screen is Screen.HOME
    walk.press("open_item income")
    assert (walk.screen, walk.state.entry.number) == (Screen.FACTOR, STUDENT.number)
    walk.post(ev.Admitted(walk.state.session, STUDENT, second, NOW))
    assert walk.screen is Screen.ITEM
    walk.press("back", "open_item income")
    assert walk.screen is Screen.ITEM, "asked once a visit"
    walk.press("start", "next", "set purpose=loan", "next", "submit")
    factors = walk.records("request.submitted")[0].body["factors"]
    assert isinstance(factors, list)
    assert {first, second} <= set(factors)


@pytest.mark.parametrize("factor", [Factor.CODE, Factor.PIN])
def test_the_same_way_twice_is_one_way(factor: Factor) -> None:
    walk = Walk()
    walk.enter(factor=factor).press("open_item income")
    walk.post(ev.Admitted(walk.state.session, STUDENT, factor, NOW))
    assert walk.screen is Screen.FACTOR
    assert walk.state.message
    walk.press("back", "open_item income", "start")
    assert walk.screen is Screen.FACTOR


def test_another_persons_code_opens_nothing() -> None:
    walk = Walk()
    walk.enter().press("open_item income", "digit 1")
    walk.post(ev.Admitted(walk.state.session, STRANGER, Factor.PIN, NOW))
    assert walk.screen is Screen.FACTOR
    assert walk.state.visit
    assert (walk.state.visit.person, walk.state.visit.factors) == (STUDENT, {Factor.CODE})
    assert walk.state.message
    assert walk.state.message.key == "identify.other_person"
    assert walk.state.entry.pin == ""


def test_going_back_leaves_the_private_item_closed_and_no_pin_behind() -> None:
    walk = Walk()
    walk.enter().press("open_item income", "digit 1", "digit 3", "confirm", "back")
    assert walk.screen is Screen.HOME
    assert walk.state.entry == Entry()
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, NOW))
    assert walk.screen is Screen.HOME
    walk.press("start", "resume", "submit")
    assert walk.screen is Screen.HOME


def test_the_second_way_may_be_locked() -> None:
    walk = Walk()
    walk.enter().press("open_item income", "digit 1", "entry_field number", "confirm")
    assert walk.of(ev.CheckPin) == [ev.CheckPin(walk.state.session, STUDENT.number, "1")]
    walk.post(ev.NotAdmitted(walk.state.session, "locked", 0, NOW + 900))
    assert walk.screen is Screen.FACTOR
    assert walk.state.entry == Entry(STUDENT.number, "", "pin")


def test_collecting_a_private_paper_takes_two_ways_and_returns_to_it() -> None:
    walk = Walk()
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(item="income"),)))
    walk.press("open_requests", f"open_request {'f' * 32}", "print_result")
    assert walk.screen is Screen.FACTOR
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.PIN, NOW))
    assert walk.screen is Screen.REQUEST
    assert not walk.of(ev.Seal), "a factor is no touch"
    walk.press("print_result")
    assert len(walk.of(ev.Seal)) == 1


def test_a_code_shown_during_the_countdown_stops_it() -> None:
    walk = Walk()
    walk.enter(factor=Factor.PIN).press("open_item income")
    walk.elapse("idle")
    walk.post(ev.Admitted(walk.state.session, STUDENT, Factor.CODE, NOW))
    assert (walk.screen, walk.state.still) == (Screen.ITEM, None)
    assert "still" not in walk.timers
    assert "idle" in walk.timers


def test_answers_of_another_session_change_nothing() -> None:
    walk = Walk()
    walk.enter().press("out")
    walk.enter(STRANGER)
    before, old = walk.state, walk.state.session - 1
    late = (
        ev.Admitted(old, STUDENT, Factor.PIN, NOW),
        ev.NotAdmitted(old, "wrong"),
        ev.RequestsLoaded(old, (approved(),)),
        ev.DraftsLoaded(old, ()),
        ev.PhotoTaken(old, True),
        ev.PhotoStored(old, "paper", "ab"),
        ev.Recorded("e" * 32, "A-1", NOW),
    )
    assert not walk.post(*late)
    assert walk.state == before


def test_reports_reach_every_screen() -> None:
    walk = Walk()
    walk.post(ev.PrinterChanged(PrinterState.PAPER_LOW), ev.BacklogChanged(3, 1), ev.DeviceChanged("scanner", True))
    station = walk.state.station
    assert (station.printer, station.queued, station.dead, station.scanner) == (PrinterState.PAPER_LOW, 3, 1, True)
    assert walk.post(ev.FeedChanged("notices")) == (ev.LoadNotices(),)
    assert walk.post(ev.FeedChanged("requests")) == ()
    walk.enter()
    effects = walk.post(ev.FeedChanged("requests"))
    assert ev.LoadRequests(walk.state.session, STUDENT.id) in effects
    walk.press("out")
    assert not tells(walk.state)
    assert walk.state.station == station
