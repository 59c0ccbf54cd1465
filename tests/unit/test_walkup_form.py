"""Forms under ten fingers: pages, errors, keyboard, calendar, photographs."""

from __future__ import annotations

import pytest

from kiosk.domain import forms
from kiosk.domain.forms import ErrorCode
from kiosk.flows.core import Intent
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import pad
from kiosk.flows.walkup.state import Filling, Pad, Photo, Screen
from tests.unit.walkup_kit import ENROLMENT, LEAVE, NOW, PHOTO, REPAIR, Walk


def filling(walk: Walk) -> Filling:
    assert walk.state.filling
    return walk.state.filling


def at_leave(*touches: str) -> Walk:
    walk = Walk()
    walk.enter().press("open_item leave", "start", *touches)
    return walk


def photo_page() -> Walk:
    return at_leave(
        *("next", "set kind=sick", "set starts=2026-03-03", "set ends=2026-03-04", "next"),
        *("set reason=回家", "next", "edit paper"),
    )


def test_what_is_known_comes_first_and_is_not_asked() -> None:
    walk = at_leave()
    assert (walk.screen, filling(walk).page) == (Screen.FORM, 0)
    assert filling(walk).values == {"name": "欧阳明月", "phone": "13812342046"}


def test_a_form_that_needs_nothing_known_begins_with_its_questions() -> None:
    walk = Walk()
    walk.enter().press("open_item repair", "start")
    assert filling(walk).page == 1
    walk.press("previous")
    assert walk.screen is Screen.ITEM


@pytest.mark.parametrize(
    "touch", ["set name=别人", "set nobody=1", "set which=1", "edit name", "edit which", "edit kind"]
)
def test_locked_hidden_and_unknown_fields_cannot_be_set(touch: str) -> None:
    walk = at_leave()
    before = walk.state
    walk.press(touch)
    assert walk.state == before


def test_a_photograph_cannot_be_set_as_text() -> None:
    walk = at_leave("next", "set kind=sick", f"set paper={PHOTO}")
    assert "paper" not in filling(walk).values


def test_next_with_errors_stays_and_names_this_page_only() -> None:
    walk = at_leave("next", "next")
    assert filling(walk).page == 1
    assert set(filling(walk).errors) == {"kind", "starts", "ends"}
    assert filling(walk).errors["kind"].code is ErrorCode.REQUIRED
    walk.press("set kind=personal")
    assert set(filling(walk).errors) == {"starts", "ends"}


def test_mending_one_date_clears_the_error_it_caused_at_the_other() -> None:
    walk = at_leave("next", "set kind=personal", "set starts=2026-03-09", "set ends=2026-03-04")
    assert filling(walk).errors["ends"].code is ErrorCode.BEFORE_OTHER
    walk.press("set starts=2026-03-03")
    assert not filling(walk).errors


def test_submit_finds_what_slipped_through_and_leads_there() -> None:
    walk = Walk()
    walk.enter().review(LEAVE)
    walk.now = NOW + 10 * 86400
    walk.press("submit")
    assert (walk.screen, filling(walk).page) == (Screen.FORM, 1)
    assert filling(walk).errors["starts"].code is ErrorCode.TOO_EARLY
    assert not walk.of(ev.Record)


def test_pages_that_vanish_are_never_stood_on() -> None:
    walk = Walk()
    walk.enter().press("open_item repair", "start", "set place=room", "next", "set cost=12.50", "next")
    assert filling(walk).page == 3
    walk.press("set place=corridor")
    assert filling(walk).page == len(forms.pages(REPAIR, filling(walk).values)) - 1 == 1
    walk.press("next")
    assert walk.screen is Screen.REVIEW


@pytest.mark.parametrize(
    ("page", "lands"), [("0", 0), ("2", 2), ("99", 2), ("9" * 5000, None), ("-1", None), ("x", None)]
)
def test_review_leads_only_to_pages_that_are(page: str, lands: int | None) -> None:
    walk = Walk()
    walk.enter().review(LEAVE)
    walk.press(f"edit_page {page}")
    assert (walk.screen is Screen.FORM) is (lands is not None)
    assert lands is None or filling(walk).page == lands


def test_the_way_back_is_review_pages_guide_home() -> None:
    walk = Walk()
    walk.enter().review(LEAVE)
    seen = []
    for _ in range(6):
        seen.append((walk.screen, filling(walk).page) if walk.screen is Screen.FORM else walk.screen)
        walk.press("back")
    form = [(Screen.FORM, page) for page in (2, 1, 0)]
    assert seen == [Screen.REVIEW, *form, Screen.ITEM, Screen.HOME]
    assert walk.state.back == ()


def test_going_back_and_forth_does_not_pile_up_ways_back() -> None:
    walk = Walk()
    walk.enter().press("open_item leave")
    for _ in range(50):
        walk.press("start", "back")
    assert walk.state.back == (Screen.HOME,)


@pytest.mark.parametrize(("touch", "copies"), [("copies 2", 2), ("copies 0", 1), ("copies 99", 2), ("copies ²", 1)])
def test_copies_stay_within_the_items_limit(touch: str, copies: int) -> None:
    walk = Walk()
    walk.enter().review(ENROLMENT).press(touch, f"copies {'9' * 5000}", "paper_language fr")
    assert (filling(walk).copies, filling(walk).language) == (copies, "zh")


def test_each_type_opens_its_own_tool() -> None:
    walk = at_leave("edit phone")
    assert filling(walk).pad == Pad("phone", "13812342046", mode="digits")
    walk.press("pad_cancel", "next", "edit starts")
    assert filling(walk).pad == Pad("starts", mode="digits", month="2026-03")
    walk.press("pad_month 2026-04", "pad_day 2026-04-05", "pad_commit")
    assert filling(walk).values["starts"] == "2026-04-05"
    walk.press("edit starts")
    assert filling(walk).pad == Pad("starts", "2026-04-05", mode="digits", month="2026-04")
    walk.press("pad_cancel", "set kind=sick", "set ends=2026-04-06", "next", "edit reason")
    assert filling(walk).pad == Pad("reason", mode="zh")
    walk.press("pad_cancel", "edit back_at", "pad_time 08:30")
    assert filling(walk).pad
    assert filling(walk).pad.text == "", "first the day"
    walk.press("pad_day 2026-04-06", "pad_time 08:30", "pad_time 09:00", "pad_day 2026-04-07", "pad_commit")
    assert filling(walk).values["back_at"] == "2026-04-07T09:00"
    walk.press("set reason=回家", "next", "edit paper")
    assert filling(walk).photo == Photo("paper")


def test_a_number_and_money_are_typed_on_digits() -> None:
    walk = Walk()
    walk.enter().press("open_item repair", "start", "set place=room", "next", "edit cost")
    walk.press("pad_key 1", "pad_key 2", "pad_key .", "pad_key 5", "next")
    assert filling(walk).values["cost"] == "12.5", "next takes what stands on the keyboard"
    assert (filling(walk).page, filling(walk).pad) == (3, None)


def test_next_with_a_wrong_answer_on_the_keyboard_stays() -> None:
    walk = Walk()
    walk.enter().press("open_item repair", "start", "set place=room", "next", "edit cost", "pad_key x", "next")
    assert (filling(walk).page, filling(walk).errors["cost"].code) == (2, ErrorCode.BAD_MONEY)


def test_back_closes_the_keyboard_and_keeps_the_old_answer() -> None:
    walk = at_leave("edit phone", "pad_clear", "pad_key 1", "back")
    assert (walk.screen, filling(walk).pad) == (Screen.FORM, None)
    assert filling(walk).values["phone"] == "13812342046"


def test_walking_away_from_an_open_keyboard_keeps_what_was_typed() -> None:
    walk = at_leave("edit phone", "pad_clear", "pad_key 1", "pad_key 3")
    walk.run_out()
    assert walk.of(ev.SaveDraft)[-1].values["phone"] == "13"


def test_photo_taken_again_kept() -> None:
    walk = photo_page()
    n = walk.state.session
    assert walk.press("photo_take")[0] == ev.TakePhoto(n)
    walk.post(ev.PhotoTaken(n, False))
    assert walk.state.message
    assert walk.state.message.key == "photo.no_picture"
    walk.press("photo_take")
    walk.post(ev.PhotoTaken(n, True))
    assert filling(walk).photo == Photo("paper", "looking")
    assert ev.DropPhoto() in walk.press("photo_again")
    walk.press("photo_take")
    walk.post(ev.PhotoTaken(n, True))
    assert ev.KeepPhoto(n, "paper") in walk.press("photo_keep", "photo_keep")
    assert len(walk.of(ev.KeepPhoto)) == 1
    walk.post(ev.PhotoStored(n, "other", PHOTO), ev.PhotoStored(n - 1, "paper", PHOTO))
    assert filling(walk).photo == Photo("paper", "storing")
    walk.post(ev.PhotoStored(n, "paper", PHOTO))
    assert filling(walk).photo is None
    assert filling(walk).values["paper"] == PHOTO
    walk.press("next", "submit")
    assert walk.records("request.submitted")[0].body["attachments"] == {"paper": PHOTO}
    assert PHOTO not in str(walk.records("request.submitted")[0].body["values"])


def test_a_photo_that_could_not_be_kept_is_framed_again() -> None:
    walk = photo_page()
    walk.press("photo_take")
    walk.post(ev.PhotoTaken(walk.state.session, True))
    walk.press("photo_keep")
    walk.post(ev.PhotoStored(walk.state.session, "paper", ""))
    assert filling(walk).photo == Photo("paper")
    assert walk.state.message
    assert walk.state.message.key == "photo.not_kept"


@pytest.mark.parametrize("touch", ["photo_cancel", "back"])
@pytest.mark.parametrize("taken", [False, True])
def test_a_photo_given_up_is_forgotten(touch: str, taken: bool) -> None:
    walk = photo_page()
    walk.press("photo_take")
    if taken:
        walk.post(ev.PhotoTaken(walk.state.session, True))
    assert ev.DropPhoto() in walk.press(touch)
    assert (walk.screen, filling(walk).photo) == (Screen.FORM, None)
    before = walk.state
    walk.post(ev.PhotoTaken(walk.state.session, True), ev.PhotoStored(walk.state.session, "paper", PHOTO))
    assert walk.state == before


def test_an_answer_made_pointless_is_not_handed_in() -> None:
    walk = Walk()
    walk.enter().press("open_item enrolment", "start", "next", "set purpose=other", "set which=竞赛")
    walk.press("set purpose=loan", "next", "submit")
    values = walk.records("request.submitted")[0].body["values"]
    assert values == {"name": "欧阳明月", "number": "20230017", "purpose": "loan"}


def typed(start: Pad, *touches: str) -> Pad:
    for touch in touches:
        name, _, payload = touch.partition(" ")
        after = pad.typed(start, Intent(name, payload))
        assert after is not None, touch
        start = after
    return start


@pytest.mark.parametrize(
    ("touches", "text", "letters"),
    [
        (("pad_key h", "pad_key J"), "", "hj"),
        (("pad_key h", "pad_key u", "pad_key i", "pad_pick 回|3"), "回", ""),
        (("pad_key h", "pad_key u", "pad_key i", "pad_key j", "pad_pick 回|3"), "回", "j"),
        (("pad_key a", "pad_erase", "pad_erase"), "", ""),
        (("pad_pick 回|0", "pad_key a", "pad_erase"), "回", ""),
        (("pad_pick 回|0", "pad_erase"), "", ""),
        (("pad_key a", "pad_key 3"), "a3", ""),
        (("pad_key a", "pad_space", "pad_space"), "a ", ""),
        (("pad_key a", "pad_mode en", "pad_key b"), "ab", ""),
        (("pad_mode en", "pad_shift", "pad_key b", "pad_key b"), "Bb", ""),
        (("pad_key ab", "pad_key ", "pad_key \x1b", "pad_key \n"), "", ""),
        (("pad_pick no number", "pad_pick |", "pad_pick a|b|0"), "a|b", ""),
        (("pad_pick 回|0", "pad_key a", "pad_clear"), "", ""),
    ],
)
def test_the_keyboard(touches: tuple[str, ...], text: str, letters: str) -> None:
    after = typed(Pad("reason"), *touches)
    assert (after.text, after.letters) == (text, letters)


def test_the_keyboard_is_bounded() -> None:
    long = typed(Pad("reason"), *["pad_pick " + "很" * 300 + "|0"] * 5, *["pad_key a"] * 100, *["pad_key 1"] * 5)
    assert len(long.text) <= pad.MOST_TEXT
    assert len(typed(Pad("reason"), *["pad_key a"] * 100).letters) <= pad.MOST_LETTERS


def test_what_is_no_key_is_nothing() -> None:
    assert pad.typed(Pad("search"), Intent("pad_commit")) is None
    assert pad.typed(Pad("search"), Intent("pad_mode", "xx")) is None
