"""Opening hours and spans of the day, as the configuration writes them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from kiosk.clock import CAMPUS_ZONE
from kiosk.config.keys import HOURS
from kiosk.domain import hours

WEEK = hours.parse("mon-fri 07:00-22:00; sat,sun 08:00-12:00,13:00-20:00")
NIGHT = hours.parse("fri-sun 22:00-02:00; mon-thu 00:00-24:00")


def at(day: int, clock: str) -> datetime:
    """1 = Monday 2 March 2026."""
    return datetime.strptime(f"2026-03-{day + 1:02d} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=CAMPUS_ZONE)


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        *((1, "06:59", False), (1, "07:00", True), (5, "21:59", True), (5, "22:00", False)),
        *((6, "07:30", False), (6, "11:59", True), (6, "12:00", False), (7, "13:00", True), (7, "20:00", False)),
    ],
)
def test_a_week_has_its_hours(day: int, clock: str, is_open: bool) -> None:
    assert WEEK.open_at(at(day, clock)) is is_open


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [(5, "23:30", True), (6, "01:59", True), (6, "02:00", False), (8, "01:59", True), (8, "12:00", True)],
)
def test_hours_run_over_midnight_and_over_the_end_of_the_week(day: int, clock: str, is_open: bool) -> None:
    assert NIGHT.open_at(at(day, clock)) is is_open


@pytest.mark.parametrize(
    ("day", "clock", "opens"),
    [(1, "06:59", (1, "07:00")), (1, "07:00", (2, "07:00")), (5, "22:30", (6, "08:00")), (7, "20:00", (8, "07:00"))],
)
def test_the_next_opening(day: int, clock: str, opens: tuple[int, str]) -> None:
    assert WEEK.opens(at(day, clock)) == at(*opens)


def test_without_hours_it_is_always_open() -> None:
    always = hours.parse("")
    assert always.open_at(at(7, "03:00"))
    assert always.opens(at(7, "03:00")) is None


@pytest.mark.parametrize(("clock", "dark"), [("22:29", False), ("22:30", True), ("03:00", True), ("06:30", False)])
def test_a_night_runs_over_midnight(clock: str, dark: bool) -> None:
    assert hours.within(hours.span("22:30-06:30"), at(3, clock)) is dark
    assert hours.within(hours.span("06:30-22:30"), at(3, clock)) is not dark
    assert not hours.within(hours.span(""), at(3, clock))


@pytest.mark.parametrize("text", ["monday 07:00-08:00", "mon 7-8", "mon 07:00-25:00", "mon", "07:00-22:00", "mon;tue"])
def test_what_is_no_such_text_is_refused_by_the_configuration(text: str) -> None:
    assert not re.fullmatch(HOURS[0], text)


def test_what_the_configuration_takes_can_be_read() -> None:
    for text in ("", "mon-sun 00:00-24:00", "sat-mon 10:00-11:00; wed 22:00-02:00"):
        assert re.fullmatch(HOURS[0], text)
        hours.parse(text)
