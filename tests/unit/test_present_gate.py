"""The lane's state to its view: every decision of the screens, without a window."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.assets import ROOT
from kiosk.domain import admission
from kiosk.domain.admission import Check, Decision, Finding, Hardness, Outcome, Result, Way
from kiosk.domain.matching.match import Doubt
from kiosk.domain.screening.reading import Basis, Cannot, NoReading
from kiosk.flows.gate.guard import REASONS
from kiosk.flows.gate.state import Ask, Devices, Phase
from tests.gui import gate_scenes as scenes
from tests.gui.gate_scenes import ALL, SIGHT, reading
from tests.unit.present_gate_kit import STATES, TEXTS, named, shown, strings, view
from ui.present.gate import guard as guard_side

DEGREES = re.compile(r"\d ?℃")
VALUES = {"value", "host", "gates", "begins", "ends", "title", "minutes", "date", "batch"}
WORDS = re.compile(r'_Word\(\s*f?"([a-z_{}]+)"')


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(STATES))
def test_every_state_has_its_words(name: str, language: str) -> None:
    found = view(replace(STATES[name], language=language), room="A 203" if name.startswith("attend") else "")
    assert [text for text in strings(found) if "{" in text or "}" in text] == []
    assert found["screen"].startswith("Gate")


# --- words -----------------------------------------------------------------------------------------------------


def finding_words() -> set[str]:
    """All words that `decide` can find, read from its source; what stands for a part is spelt out."""
    source = Path(admission.__file__).with_name("decision.py").read_text("utf-8")
    plain = set(WORDS.findall(source)) | set(re.findall(r'"(face_digits|face_only|code_only|number_pin)"', source))
    plain |= {"already_inside", "already_outside", "data_old", "no_face"}
    plain |= {f"unsure_{doubt}" for doubt in Doubt if doubt} | {f"cannot_{why}" for why in Cannot}
    plain |= {"above", "above_twice", "between", "between_twice", "live", "cold", "swapped", "still", "not_asked"}
    return {word for word in plain if "{" not in word}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_has_a_sentence_and_a_short_word(language: str) -> None:
    keys = TEXTS.keys(language)
    wanted = finding_words()
    assert {"checked_in", "batch_wrong_time", "visit_wrong_gate", "revoked", "above"} <= wanted
    assert {word for word in wanted if f"gate.found.{word}" not in keys} == set()
    assert {word for word in wanted if f"gate.reason.{word}" not in keys} == set()
    used = {place for word in wanted for place in TEXTS.places(language, f"gate.found.{word}")}
    assert used <= VALUES


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_check_reason_and_doubt_has_its_words(language: str) -> None:
    keys = TEXTS.keys(language)
    assert {f"gate.check.{check}" for check in Check} <= keys
    assert {f"gate.cannot.{why}" for why in Cannot} <= keys
    assert {f"gate.ask.{ask}" for ask in Ask if ask} <= keys
    assert {f"gate.by_hand.{name}" for name in REASONS} <= keys
    assert REASONS == guard_side.REASONS


def test_the_gates_words_are_all_used() -> None:
    """A key that no source names, whole or by its table, is a leftover."""
    folder = Path(__file__).parents[2] / "ui" / "present" / "gate"
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    data = tomllib.loads((ROOT / "i18n" / "zh-gate.toml").read_text("utf-8"))["gate"]
    tables = {name for name, value in data.items() if isinstance(value, dict)}
    assert {name for name in tables if f"gate.{name}" not in source} == set()
    assert {name for name in data.keys() - tables if f'"gate.{name}"' not in source} == set()


def test_a_word_of_tomorrow_does_not_stop_the_lane() -> None:
    assert named("watching_odd_word")["body"]["title"] == TEXTS.get("zh", "gate.said.cannot_confirm")
    line = replace(STATES["guard_list"].lines[0], reasons=("a word of tomorrow",), by_hand="")
    assert named("guard_list", lines=(line,))["overlay"]["body"]["rows"][0]["reasons"] == "无法确认"
    hand = replace(line, by_hand="tomorrow")
    assert "tomorrow" in named("guard_list", lines=(hand,))["overlay"]["body"]["rows"][0]["reasons"]


# --- temperature -------------------------------------------------------------------------------------------------


@given(st.floats(30, 43), st.floats(0.05, 2.5))
def test_a_temperature_never_stands_without_its_uncertainty(corrected: float, u: float) -> None:
    body = shown(reading(corrected, u))
    assert body["temperature"] == f"{corrected:.1f} ± {u:.1f} ℃"
    assert "不是诊断" in body["screening"]


@pytest.mark.parametrize("why", list(Cannot))
def test_without_a_reading_there_are_words_and_no_number(why: Cannot) -> None:
    body = shown(NoReading(why), word=f"cannot_{why}")
    assert not body["measured"]
    assert body["temperature"] == TEXTS.get("zh", f"gate.cannot.{why}")
    assert [text for text in strings(body) if DEGREES.search(text)] == []


def test_an_uncalibrated_camera_tells_no_number() -> None:
    body = shown(reading(33.1, 2.0, Basis.NONE), word="cannot_uncalibrated")
    assert body["temperature"] == TEXTS.get("zh", "gate.cannot.uncalibrated")
    assert [text for text in strings(body) if DEGREES.search(text)] == []


@pytest.mark.parametrize("name", list(STATES))
def test_wherever_a_temperature_stands_it_is_called_screening(name: str) -> None:
    found = named(name)
    for part in (found["body"], found["overlay"]["body"]):
        texts = [text for text in strings({k: v for k, v in part.items() if k != "now"}) if text]
        if any(DEGREES.search(text) for text in texts):
            assert any("不是诊断" in text for text in texts)
            assert all("±" in text for text in texts if DEGREES.search(text))


# --- what is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", list(Way))
def test_each_way_has_its_sentence(way: Way) -> None:
    state = replace(STATES["watching"], rules=replace(scenes.DAILY, way=way))
    assert view(state)["body"]["title"] == TEXTS.get("zh", f"gate.watch.{way}")


@pytest.mark.parametrize("part", ["camera", "face"])
def test_without_a_recogniser_nobody_is_asked_for_a_face(part: str) -> None:
    devices = Devices(ALL, ALL - {part})
    state = replace(STATES["watching"], devices=devices, rules=replace(scenes.DAILY, way=Way.FACE))
    assert view(state)["body"]["title"] == TEXTS.get("zh", "gate.watch.code")


def test_a_bad_picture_is_said_so_that_the_person_can_mend_it() -> None:
    assert named("watching_far")["body"]["hint"] == "请走近一点"
    assert named("watching_others")["body"]["hint"] == "请一位一位来"
    assert named("watching")["body"]["hint"] != "请走近一点"


@pytest.mark.parametrize("ask", [ask for ask in Ask if ask not in (Ask.NOTHING, Ask.DIGITS)])
def test_each_ask_has_its_sentence_and_sign(ask: Ask) -> None:
    body = named(f"ask_{ask}")["body"]
    assert body["title"] == TEXTS.get("zh", f"gate.ask.{ask}")
    assert (ROOT / "icons" / f"{body['icon']}.svg").is_file()


def test_the_digits_typed_so_far_stand_in_their_boxes() -> None:
    found = named("ask_digits")
    assert found["screen"] == "GateDigits"
    assert [box["text"] for box in found["body"]["boxes"]] == ["0", "0", "", ""]
    assert [box["active"] for box in found["body"]["boxes"]] == [False, False, True, False]
    assert [key["payload"] for key in found["body"]["keys"] if key["act"] == "tail"] == list("1234567890")


def test_the_steps_say_what_is_being_looked_at() -> None:
    def stages(name: str) -> list[str]:
        return [step["state"] for step in named(name)["body"]["steps"]]

    assert stages("watching") == []
    assert stages("reading_code") == ["done", "next", "next"]
    assert stages("reading") == ["done", "now", "now"]
    assert stages("recheck") == ["done", "done", "now"]
    assert stages("recording") == []


# --- outcomes --------------------------------------------------------------------------------------------------


def test_green_means_allowed_and_recorded_and_opened() -> None:
    green = {name for name in STATES if named(name)["screen"] == "GateAllow"}
    assert green == {name for name in STATES if name.startswith("allow")} - {"allow_failed", "allow_followed"} | {
        "guard_list_allow",
        "attend_signed",
        "attend_late",
        "attend_already",
    }


def test_allowed_tells_name_factors_check_in_and_batch() -> None:
    body = named("allow")["body"]
    assert (body["title"], body["person"], body["tone"], body["icon"]) == ("请通行", "张*", "go", "tick")
    assert body["line"] == "校园码 + 人脸 · 今日已打卡 · 第三批"
    assert named("allow_noted")["body"]["notes"] == ["今日未打卡"]
    assert named("allow_by_hand")["body"]["line"] == "值班人工放行 · 体温复测正常"


def test_stopped_tells_every_finding_the_worst_first() -> None:
    body = named("refer")["body"]
    assert (body["title"], body["sub"], body["icon"]) == ("请稍候", "请到右侧值班处复测", "halt")
    assert [row["label"] for row in body["rows"]] == ["体温", "健康打卡", "身份", "返校批次"]
    assert (body["rows"][0]["strong"], body["rows"][0]["text"]) == ("37.8 ± 0.3 ℃", "两次偏高")
    assert [row["chip"]["text"] for row in body["rows"]] == ["复测", "提醒", "通过", "符合"]
    assert len({(row["chip"]["tone"], row["chip"]["icon"]) for row in body["rows"]}) == 3
    assert len(named("refuse_many")["body"]["rows"]) == 9


def test_colour_shape_and_word_always_differ_together() -> None:
    seen = {
        (body["tone"], body["icon"]): body["title"]
        for body in (named(name)["body"] for name in ("allow", "refer", "unsure"))
    }
    assert seen == {("go", "tick"): "请通行", ("stop", "halt"): "请稍候", ("wait", "question"): "无法确认"}


def test_the_record_is_called_saved_only_when_it_is() -> None:
    assert named("refer")["body"]["record"] == "记录号 G2-20261124-084213-07 · 已保存"
    for name in ("unrecorded", "attend_stranger"):
        assert "已保存" not in named(name)["body"]["record"]
    lost = named("unrecorded")["body"]
    assert (lost["kind"], lost["record"], lost["sub"]) == ("unrecorded", "未保存", "记录没有保存，请到值班处")


def test_a_door_that_does_not_answer_is_not_green() -> None:
    body = named("allow_failed")["body"]
    assert (body["kind"], body["tone"], body["sub"]) == ("failed", "wait", "闸机没有回应，请值班人员开门")


def test_a_visitor_is_told_the_gate_by_its_name() -> None:
    body = named("refuse_visitor")["body"]
    assert body["rows"][0]["text"] == "预约的是 北门、正门"
    assert body["person"] == "司***"
    host = Finding(Check.VISIT, Result.GOOD, "visit_good", {"host": "刘敏"})
    case = STATES["refuse_visitor"].case
    assert case is not None
    told = named("refuse_visitor", case=replace(case, decision=Decision(Outcome.REFER, (host,))))["body"]
    assert told["rows"][0]["text"] == "刘* 邀请，时间符合"


@pytest.mark.parametrize("name", list(STATES))
def test_no_view_holds_a_whole_name_a_number_or_an_id(name: str) -> None:
    text = " ".join(strings(named(name)))
    assert not [secret for secret in ("张伟", "李娜", "文静", "建国", "00000000000000") if secret in text]


# --- the picture -------------------------------------------------------------------------------------------------


def test_the_frame_is_green_only_for_the_one_who_may_pass() -> None:
    assert named("watching")["lane"]["box"]["shown"] is False
    assert named("ask_code")["lane"]["box"]["tone"] == ""
    assert named("reading")["lane"]["box"]["tone"] == "wait"
    assert named("refer")["lane"]["box"]["tone"] == "wait"
    assert named("allow")["lane"]["box"]["tone"] == "go"
    assert named("allow", sight=replace(SIGHT, track=99))["lane"]["box"]["tone"] == ""


def test_a_moving_face_changes_the_frame_and_nothing_else() -> None:
    state = STATES["reading"]
    moved = replace(SIGHT, box=replace(SIGHT.box, x=0.41), at=2.0, frame=101)
    one, two = view(state), view(replace(state, sight=moved))
    assert one["lane"]["box"] != two["lane"]["box"]
    assert {**one, "lane": None} == {**two, "lane": None}
    nearly = replace(moved, box=replace(moved.box, x=0.41002))
    assert view(replace(state, sight=nearly)) == two


def test_the_key_is_the_phase_until_somebody_is_shown_something() -> None:
    assert [named(name)["key"] for name in ("watching", "watching_far", "ask_code")] == ["watching"] * 3
    assert named("reading")["key"] == "reading"
    assert named("allow")["key"] == "showing.allow.7"
    assert named("allow", session=8)["key"] != named("allow")["key"]


def test_a_camera_that_is_away_shows_no_picture_and_no_frame() -> None:
    lane = named("away_camera", sight=SIGHT)["lane"]
    assert (lane["live"], lane["box"]["shown"], lane["missing"]) == (False, False, "摄像头未连接，请用校园码")


def test_a_lane_built_without_a_camera_sends_people_to_the_scanner() -> None:
    found = named("watching_scanner")
    assert (found["lane"]["live"], found["troubles"]) == (False, [])
    assert found["lane"]["missing"] == found["body"]["hint"] == "在扫码窗口出示手机上的校园码"


# --- what is away ------------------------------------------------------------------------------------------------


def test_a_lane_in_order_says_nothing_of_its_devices() -> None:
    assert named("watching")["troubles"] == []


@pytest.mark.parametrize("part", sorted(ALL - {"sensor"}))
def test_every_part_that_is_away_is_told_with_what_holds_meanwhile(part: str) -> None:
    assert len(named(f"away_{part}")["troubles"]) == 1


def test_the_rules_decide_what_is_said_of_a_missing_thermal_camera() -> None:
    assert "到值班处" in named("away_thermal")["troubles"][0]
    assert "照常通行" in named("away_thermal_log")["troubles"][0]
    rules = replace(scenes.DAILY, checks={}, no_reading=Hardness.DENY)
    assert named("away_thermal", rules=rules)["troubles"] == []


def test_three_troubles_are_enough_and_the_door_comes_first() -> None:
    told = named("away_all")["troubles"]
    assert len(told) == 3
    assert "闸机" in told[0]


def test_old_rules_are_told_with_their_date() -> None:
    assert "2026年1月31日" in named("away_rules")["troubles"][0]


def test_every_phase_has_a_screen() -> None:
    folder = Path(__file__).parents[2] / "ui" / "qml"
    screens = {view(replace(STATES["reading"], phase=phase))["screen"] for phase in Phase}
    assert [screen for screen in screens if not (folder / f"{screen}.qml").is_file()] == []


def test_a_refused_code_is_told_how_to_be_mended() -> None:
    unknown = Finding(Check.IDENTITY, Result.BAD, "unknown")
    case = STATES["unsure"].case
    assert case is not None
    refused = replace(case, code="K1:ABC", match=None, decision=Decision(Outcome.REFUSE, (unknown,)))
    body = named("unsure", case=refused)["body"]
    assert (body["title"], body["sub"]) == ("无法确认", "请在手机上刷新校园码再试")
    assert body["rows"][0]["text"] == "这个码不能用"


def test_a_green_screen_with_much_to_say_has_a_lower_picture() -> None:
    allowed = STATES["allow"].case
    assert allowed is not None
    notes = tuple(Finding(Check.DIRECTION, Result.NOTED, word) for word in ("already_inside", "not_checked_in"))
    told = named("allow", case=replace(allowed, decision=Decision(Outcome.ALLOW, notes)))
    away = named(
        "allow",
        case=replace(allowed, decision=Decision(Outcome.ALLOW, notes)),
        devices=Devices(frozenset({"relay", "thermal", "camera"})),
    )
    assert named("allow")["lane"]["share"] > told["lane"]["share"] > away["lane"]["share"]
