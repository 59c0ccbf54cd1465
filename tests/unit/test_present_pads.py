"""Keyboard and calendar: what their keys say and send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kiosk.flows.walkup.state import Filling, Pad
from tests.gui import scenes
from tests.unit.test_present import view
from ui.present import View


def _pad(name: str, **changes: Any) -> View:
    state = scenes.screens()[name]
    assert state.filling is not None
    assert state.filling.pad is not None
    filling = replace(state.filling, pad=replace(state.filling.pad, **changes))
    body: View = view(replace(state, filling=filling))["overlay"]["body"]
    return body


def _keys(body: View) -> list[str]:
    return [f"{key['act']}.{key['payload']}" for row in body["rows"] for key in row["keys"]]


def test_a_candidate_says_how_many_letters_it_takes() -> None:
    body = _pad("pad_zh", letters="yiyuan")
    first = body["candidates"][0]
    assert (first["text"], first["payload"]) == ("医院", "医院|6")
    assert len(body["candidates"]) <= 24


def test_english_and_signs_have_no_candidates() -> None:
    assert _pad("pad_zh", mode="en", letters="yi")["candidates"] == []
    assert _pad("pad_signs")["strip"] is False


@pytest.mark.parametrize("mode", ["zh", "en", "digits"])
def test_no_two_keys_of_a_board_send_the_same(mode: str) -> None:
    keys = _keys(_pad("pad_zh", mode=mode))
    assert len(keys) == len(set(keys))
    assert "pad_erase." in keys
    assert "pad_clear." in keys


def test_shift_shows_capitals_and_still_sends_letters() -> None:
    body = _pad("pad_en", shift=True)
    first = body["rows"][0]["keys"][0]
    assert (first["text"], first["payload"]) == ("Q", "q")


def test_a_number_has_only_what_a_number_may_have() -> None:
    phone = _keys(_pad("pad_digits"))
    assert "pad_key.-" in phone
    assert "pad_key.a" not in phone
    assert "pad_mode.zh" not in phone


def test_a_long_text_shows_its_end() -> None:
    body = _pad("pad_zh", text="长" * 400 + "尾")
    assert body["text"].endswith("尾")
    assert len(body["text"]) <= 201


def test_days_out_of_bounds_cannot_be_pressed() -> None:
    days = {day["payload"]: day["live"] for day in _pad("calendar")["days"] if day["here"]}
    assert days["2026-03-02"] is True
    assert days["2026-03-01"] is True
    earlier = {day["payload"]: day["live"] for day in _pad("calendar", month="2026-02")["days"] if day["here"]}
    assert earlier["2026-02-26"] is False
    assert earlier["2026-02-27"] is True


def test_a_day_before_the_other_date_cannot_be_pressed() -> None:
    days = {day["payload"]: day["live"] for day in _pad("calendar", target="ends")["days"] if day["here"]}
    assert days["2026-03-04"] is False
    assert days["2026-03-05"] is True


@pytest.mark.parametrize(("month", "weeks"), [("2026-02", 5), ("2026-03", 6), ("2026-08", 6), ("2027-02", 4)])
def test_a_month_begins_on_its_weekday(month: str, weeks: int) -> None:
    days = _pad("calendar", month=month)["days"]
    assert len(days) % 7 == 0
    assert len(days) >= weeks * 7
    first = next(day for day in days if day["here"])
    assert first["payload"] == f"{month}-01"
    assert days.index(first) == date.fromisoformat(f"{month}-01").weekday()
    assert [day for day in days if day["here"]][-1]["payload"][:7] == month


def test_months_turn_over_the_year() -> None:
    body = _pad("calendar", month="2026-12")
    assert (body["before"]["payload"], body["after"]["payload"]) == ("2026-11", "2027-01")
    assert _pad("calendar", month="nonsense")["month"] == "2026年3月"


def test_hours_wait_for_a_day_and_ok_for_both() -> None:
    empty = _pad("calendar", text="")
    assert not any(hour["live"] for hour in empty["hours"])
    assert empty["acts"][0]["live"] is False
    day = _pad("calendar", text="2026-03-05")
    assert all(hour["live"] for hour in day["hours"])
    assert day["acts"][0]["live"] is False
    assert _pad("calendar", text="2026-03-05T08:15")["acts"][0]["live"] is True


def test_no_two_cells_of_the_time_send_the_same() -> None:
    body = _pad("calendar", text="2026-03-05T08:30")
    names = [f"{cell['act']}.{cell['payload']}" for cell in (*body["hours"], *body["minutes"])]
    assert len(names) == len(set(names))
    assert "pad_time.08:00" in names
    assert "pad_time.14:30" in names


def test_a_form_without_its_item_shows_an_empty_page() -> None:
    state = replace(scenes.screens()["form_known"], item="gone", filling=Filling("gone", "k", {}, pad=Pad("x")))
    assert view(state)["body"]["rows"] == []
