"""The technician at the lane: in only while nobody is served, alone as long as they are there, gone without a trace."""

from __future__ import annotations

import pytest

from kiosk.domain.people import Factor
from kiosk.flows.core import StartTimer, StopTimer
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Phase
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Phase as Step
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup import events as walkup
from tests.unit.gate_kit import JING, WEI, Lane, sight
from tests.unit.technician_kit import CLERK, PIN, WORKER


def technician(lane: Lane) -> Technician:
    assert lane.state.technician
    return lane.state.technician


def sign_in(lane: Lane, nonce: str = "aa") -> None:
    lane.touch("technician", *(f"digit {one}" for one in WORKER.number), "confirm")
    lane.touch(*(f"digit {one}" for one in PIN), "confirm")
    lane.take(walkup.Admitted(lane.n, WORKER, Factor.PIN, lane.now))
    lane.take(walkup.CodeRead("K1:…", lane.now))
    lane.take(ev.CodeAccepted(lane.n, WORKER.id, nonce))
    assert technician(lane).inside


def test_number_pin_and_code_open_the_board() -> None:
    lane = Lane()
    sign_in(lane)
    assert lane.asked(walkup.CheckPin) == [walkup.CheckPin(lane.n, WORKER.number, PIN)]
    assert lane.asked(te.LookAtBoard) == [te.LookAtBoard(lane.n, 1)]
    assert lane.timers["idle"] == (lane.n, 300.0)


def test_somebody_elses_code_opens_nothing() -> None:
    lane = Lane()
    lane.touch("technician", "digit 1", "confirm", "digit 1", "confirm")
    lane.take(walkup.Admitted(lane.n, WORKER, Factor.PIN, lane.now))
    lane.take(ev.CodeAccepted(lane.n, WEI))
    lane.take(ev.CodeAccepted(lane.n - 1, WORKER.id))
    assert technician(lane).phase is Step.CODE


def test_whoever_has_no_duty_stays_outside() -> None:
    lane = Lane()
    lane.touch("technician", "digit 1", "confirm", "digit 1", "confirm")
    lane.take(walkup.Admitted(lane.n, CLERK, Factor.PIN, lane.now))
    assert technician(lane).phase is Step.PIN
    assert lane.timers["idle"][1] == 60.0


@pytest.mark.parametrize("busy", ["case", "guard", "help"])
def test_nobody_is_interrupted(busy: str) -> None:
    lane = Lane()
    if busy == "case":
        lane.code()
    else:
        lane.touch(busy)
    lane.touch("technician")
    assert lane.state.technician is None


def test_nobody_passes_meanwhile() -> None:
    lane = Lane()
    sign_in(lane)
    lane.take(ev.FaceSeen(sight(), lane.now))
    lane.take(walkup.CodeRead("K1:SOMEBODY", lane.now))
    lane.take(ev.CodeAccepted(lane.n, JING))
    lane.take(ev.FaceMatched(lane.n, None, lane.now))  # type: ignore[arg-type]
    lane.touch("guard", "by_hand", "open_by_hand escorted")
    assert (lane.state.phase, lane.state.case) == (Phase.WATCHING, None)
    assert not lane.asked(ev.OpenGate)
    assert not lane.records


@pytest.mark.parametrize("how", ["out", "back", "silence", "elsewhere"])
def test_leaving_leaves_nothing_and_the_lane_watches(how: str) -> None:
    lane = Lane()
    sign_in(lane)
    before = lane.n
    if how == "silence":
        lane.elapse("idle")
    elif how == "elsewhere":
        lane.take(walkup.CodeSpent("aa", False))
    else:
        lane.touch(how)
    assert lane.state.technician is None
    assert lane.n == before + 1
    assert lane.asked(te.Note)[-1] == te.Note("technician.out", {"who": WORKER.id})
    assert {StopTimer("idle"), StopTimer("technician")} <= set(lane.asked(StopTimer))
    assert WORKER.id not in repr(lane.state)
    lane.code()
    assert lane.state.case is not None


def test_each_touch_begins_the_wait_anew_and_the_boards_own_clock_does_not() -> None:
    lane = Lane()
    sign_in(lane)
    waits = len(lane.asked(StartTimer))
    lane.elapse("technician")
    assert [each.timer for each in lane.asked(StartTimer)[waits:]] == ["technician"]  # type: ignore[attr-defined]
    lane.touch("tech_page tests")
    assert StartTimer("idle", lane.n, 300.0) in lane.asked(StartTimer)[waits + 1 :]
