"""The guard at the lane: opening by hand, the pane, the list."""

from __future__ import annotations

from kiosk.domain.people import Factor
from kiosk.flows.gate import events as ev
from kiosk.flows.walkup import events as walkup
from tests.unit.gate_kit import (
    FEVER,
    GUARD,
    HOUR,
    NOW,
    TEACHER,
    WEI,
    Lane,
)


def test_the_guard_opens_by_hand_with_a_reason_on_record() -> None:
    lane = Lane()
    lane.walk_in(FEVER)
    lane.commit()
    stopped = lane.records[0].key
    lane.guard_in()
    lane.touch("by_hand", "open_by_hand remeasured")
    assert lane.records[-1].kind == "gate.opened"
    body = {"gate": "east", "direction": "in", "decision": stopped, "guard": GUARD.id, "reason": "remeasured"}
    assert lane.records[-1].body == body
    assert lane.asked(ev.OpenGate) == []
    lane.commit()
    assert lane.asked(ev.OpenGate) == [ev.OpenGate(lane.records[-1].key, 0.7)]
    assert lane.state.lines[0].by_hand == "remeasured"
    lane.opens()
    lane.take(ev.Passage(NOW))
    assert lane.asked(ev.NotePassage) == [ev.NotePassage(WEI, True, NOW)]


def test_the_guard_may_open_for_somebody_the_terminal_never_saw() -> None:
    lane = Lane()
    lane.guard_in()
    lane.touch("by_hand", "open_by_hand emergency")
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1
    assert lane.records[0].body["decision"] == ""


def test_nobody_else_opens_by_hand() -> None:
    lane = Lane()
    lane.touch("guard", "open_by_hand emergency", "by_hand", "open_by_hand emergency")
    lane.touch("guard", "digit T", "confirm", "digit 1", "confirm")
    lane.take(walkup.Admitted(-1, TEACHER, Factor.PIN, NOW))
    assert lane.state.guard.problem == "not_guard"
    lane.touch("by_hand", "open_by_hand emergency")
    assert lane.records == []


def test_a_guards_session_ends() -> None:
    lane = Lane()
    lane.guard_in()
    lane.now += 9 * HOUR
    lane.touch("by_hand", "open_by_hand device")
    assert lane.records == []
    lane.touch("guard")
    assert lane.state.guard.pane == "pin"


def test_an_open_lane_is_not_opened_again_by_hand() -> None:
    lane = Lane()
    lane.walk_in()
    lane.commit()
    lane.guard_in()
    lane.touch("by_hand", "open_by_hand device")
    lane.commit()
    assert len(lane.asked(ev.OpenGate)) == 1
    assert [record.kind for record in lane.records] == ["gate.decided"]


def test_an_unknown_reason_opens_nothing() -> None:
    lane = Lane()
    lane.guard_in()
    lane.touch("by_hand", "open_by_hand because")
    assert lane.records == []


def test_the_guards_pane_closes_by_itself_and_forgets_what_was_typed() -> None:
    lane = Lane()
    lane.touch("guard", "digit T", "confirm", "digit 1")
    lane.elapse("guard")
    assert (lane.state.guard.pane, lane.state.guard.number, lane.state.guard.pin) == ("", "", "")


def test_the_list_holds_the_last_twenty_masked() -> None:
    lane = Lane()
    for n in range(23):
        lane.now = NOW + n
        lane.code(f"K1:{n}")
        lane.known()
        lane.face()
        lane.warm(FEVER)
        lane.commit()
    assert len(lane.state.lines) == 20
    assert lane.state.lines[0].at == NOW + 22
    assert lane.state.lines[0].person == "张*"
    assert lane.state.lines[0].reasons == ("above",)
