"""Closed or out of service: nobody begins a visit, whoever is in one goes on, a technician gets in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import PrinterState
from kiosk.flows.service import Mode, Service, ServiceChanged
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Screen
from tests.gui import scenes
from tests.unit.test_present import named, view
from tests.unit.walkup_kit import Walk

CLOSED = ServiceChanged(Service(closed=True, opens=1e9))
OPEN = ServiceChanged(Service())
ENDS = ev.FaultRaised(Fault(Code.PROGRAM_ENDS, "program"))


@pytest.mark.parametrize("shut", [CLOSED, ENDS])
def test_nobody_begins_a_visit_by_touch_code_or_face(shut: ServiceChanged | ev.FaultRaised) -> None:
    walk = Walk()
    assert walk.post(shut) == (ev.WatchCodes(False),)
    walk.press("open_pin", "face_login")
    assert walk.post(ev.CodeRead("K1:…", walk.now)) == ()
    assert walk.screen is Screen.ATTRACT
    shown = view(walk.state)
    assert (shown["screen"], shown["body"]["acts"], shown["corner"]) == ("FaceNote", [], True)
    walk.press("technician")
    assert walk.screen is Screen.TECHNICIAN


def test_a_visit_that_runs_may_finish_and_then_it_is_closed() -> None:
    walk = Walk().enter().review()
    walk.post(CLOSED)
    walk.press("submit")
    walk.record()
    walk.seal()
    walk.job("printed")
    assert walk.screen is Screen.DONE
    effects = walk.press("out")
    assert effects[-1] == ev.WatchCodes(False)
    assert view(walk.state)["key"] == "away.closed"


def test_in_the_morning_it_serves_again() -> None:
    walk = Walk()
    walk.post(CLOSED)
    assert walk.post(OPEN) == (ev.WatchCodes(True),)
    walk.enter()
    assert walk.screen is Screen.HOME


def test_language_and_help_work_while_it_is_closed() -> None:
    walk = Walk()
    walk.post(CLOSED)
    walk.press("language en", "help")
    assert walk.state.look.language == "en"
    assert "call" in view(walk.state)["overlay"]["body"]["text"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ev.DeviceChanged("camera", False), Mode.DEGRADED),
        (ev.PrinterChanged(PrinterState.NO_PAPER), Mode.DEGRADED),
        (ev.PrinterChanged(PrinterState.PAPER_LOW), Mode.IN_SERVICE),
        (ev.LinkChanged(Link.OFFLINE), Mode.DEGRADED),
        (ev.SpaceChanged("full"), Mode.DEGRADED),
        (ev.FaultRaised(Fault(Code.JOURNAL_DAMAGED, "journal")), Mode.OUT),
        (ev.FaultRaised(Fault(Code.CLOCK_UNKEPT, "ntp")), Mode.IN_SERVICE),
        (CLOSED, Mode.CLOSED),
    ],
)
def test_what_is_away_is_said_in_one_word(event: ev.DeviceChanged, expected: Mode) -> None:
    walk = Walk()
    walk.state = replace(walk.state, station=replace(walk.state.station, fitted=frozenset({"camera"})))
    assert walk.state.station.mode is Mode.IN_SERVICE
    walk.post(event)
    assert walk.state.station.mode is expected


def test_the_hours_stand_on_the_screen_and_out_of_service_the_phone_and_the_fault() -> None:
    closed = view(named("away_closed"))["body"]["rows"]
    assert closed[-1]["text"].startswith("2026年3月3日")
    out = [row["text"] for row in view(scenes.screens()["away_out"])["body"]["rows"]]
    assert out == ["027-8888 1234", "A-017", "F-RUN-01"]


def test_the_screen_is_dark_only_while_nobody_is_there() -> None:
    walk = Walk()
    walk.post(ServiceChanged(Service(dark=0.75)))
    assert view(walk.state)["dark"] == 0.75
    walk.press("open_pin")
    assert view(walk.state)["dark"] == 0.0
