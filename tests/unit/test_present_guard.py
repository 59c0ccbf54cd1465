"""The guard's pane and a class, from state to view."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.admission import Outcome
from kiosk.flows.gate.guard import REASONS
from kiosk.flows.gate.state import Devices, Line
from tests.gui import gate_scenes as scenes
from tests.unit.present_gate_kit import STATES, named, strings, view

# --- the guard ---------------------------------------------------------------------------------------------------


def test_the_list_tells_time_person_outcome_reasons_temperature_and_passage() -> None:
    rows = named("guard_list")["overlay"]["body"]["rows"]
    assert len(rows) == 20
    referred = {"time": "08:41", "person": "李*", "reasons": "体温两次偏高 · 今日未打卡", "temperature": "37.8 ± 0.3 ℃"}
    assert rows[1].items() >= referred.items()
    assert (rows[0]["passed"], rows[5]["passed"], rows[1]["passed"]) == ("已通过", "未通过", "")
    assert rows[3]["reasons"] == "人工放行：体温复测正常"
    assert rows[2]["temperature"] == "未测"


def test_a_pin_never_stands_in_a_view() -> None:
    state = STATES["guard_pin"]
    typed = replace(state, guard=replace(state.guard, number="T20001", pin="246802", field="pin"))
    body = view(typed)["overlay"]["body"]
    assert body["boxes"][1]["text"] == "●" * 6
    assert not any("246802" in text for text in strings(view(typed)))


def test_nothing_can_be_pressed_while_the_pin_is_checked() -> None:
    body = named("guard_pin_busy")["overlay"]["body"]
    assert not [key for key in body["keys"] if key["live"]]
    assert body["acts"][0]["live"] is False


def test_the_guards_intents_are_the_flows() -> None:
    body = named("guard_reasons")["overlay"]["body"]
    assert [(row["act"], row["payload"]) for row in body["rows"]] == [("open_by_hand", name) for name in REASONS]
    assert [act["act"] for act in body["acts"]] == ["guard", "guard_close"]
    listed = named("guard_list")["overlay"]["body"]
    assert [act["act"] for act in (*listed["acts"], listed["out"])] == ["by_hand", "guard_close", "guard_out"]


def test_the_lane_is_told_over_the_guards_pane() -> None:
    assert named("guard_list")["overlay"]["body"]["now"] == {
        "tone": "stop",
        "icon": "halt",
        "title": "请稍候",
        "line": "李* · 37.8 ± 0.3 ℃",
    }
    assert named("guard_pin")["overlay"]["body"]["now"]["title"] == "请出示校园码 面向镜头"


def test_help_stands_over_the_guards_pane() -> None:
    assert named("guard_list", help=True)["overlay"]["screen"] == "Help"


# --- attendance --------------------------------------------------------------------------------------------------


def test_the_class_and_its_rate_stand_large() -> None:
    found = named("attend")
    assert found["bar"]["title"] == "一教 203 · 园林植物基础"
    body = found["body"]
    assert (body["rate"], body["percent"], body["times"]) == ("已签到 22 / 30", "73 %", "08:37–10:12")
    assert body["names"][:3] == ["王*", "李*", "欧***"]


def test_strangers_and_an_empty_class_do_not_spoil_the_rate() -> None:
    state = STATES["attend"]
    strangers = replace(state.attendance, signed=frozenset({"x", "y"}))
    assert view(replace(state, attendance=strangers))["body"]["rate"] == "已签到 0 / 30"
    nobody = replace(state.attendance, lesson=replace(scenes.LESSON, members=frozenset()))
    assert view(replace(state, attendance=nobody))["body"]["percent"] == "0 %"


@pytest.mark.parametrize(
    ("name", "title", "sub"),
    [
        ("attend_signed", "已签到", ""),
        ("attend_late", "已签到", "迟到 12 分钟"),
        ("attend_already", "已签过", ""),
        ("attend_stranger", "不在本班名单", "请与任课教师联系"),
    ],
)
def test_each_outcome_of_a_class(name: str, title: str, sub: str) -> None:
    body = view(STATES[name], room="A 203")["body"]
    assert (body["title"], body["sub"]) == (title, sub)


def test_a_room_without_a_class_says_so() -> None:
    found = view(STATES["attend_idle"], room="A 203")
    assert (found["screen"], found["body"]["title"]) == ("GateWatch", "现在没有课")
    assert found["bar"]["title"] == "A 203"
    assert view(STATES["attend_no_lesson"], room="A 203")["body"]["title"] == "现在没有课"


@pytest.mark.parametrize("missing", ["camera", "face", "scanner"])
def test_in_a_classroom_the_teacher_is_asked(missing: str) -> None:
    alone = frozenset({"scanner"} if missing == "scanner" else {missing, "camera"})
    devices = Devices(alone, alone - {missing, "camera"} if missing != "face" else frozenset({"camera"}))
    (told,) = view(replace(STATES["attend"], devices=devices), room="3-201")["troubles"]
    assert "找任课教师" in told
    assert "值班" not in told


def test_who_signs_in_twice_is_named_once() -> None:
    first = Line("att:1", "", 1.0, "张*", Outcome.ALLOW, ())
    again = Line("g:2", "", 2.0, "张*", Outcome.ALLOW, ("already_signed",))
    late = Line("att:3", "", 3.0, "李**", Outcome.ALLOW, ("late",))
    assert view(replace(STATES["attend"], lines=(late, again, first)), room="3-201")["body"]["names"] == ["李**", "张*"]
