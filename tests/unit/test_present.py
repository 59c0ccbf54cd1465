"""State to view: every decision of the screens, without a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kiosk.config import TerminalConfig, Timing
from kiosk.domain import search
from kiosk.domain.faults import Code, Fault
from kiosk.domain.people import Factor, Role
from kiosk.domain.printer import READY, PrinterState
from kiosk.domain.requests import Mark, Status
from kiosk.flows.walkup.state import Entry, Filling, Link, Message, Pad, Rating, Screen, State, Trouble
from kiosk.text import shipped_texts
from tests.gui import scenes
from ui.present import View, World, present

TEXTS = shipped_texts()
INDEX = search.index(scenes.items())


def world(left: Mapping[str, float] | None = None, pictures: Mapping[str, str] | None = None) -> World:
    """A terminal on Monday morning."""
    return World(
        TerminalConfig(),
        Timing(),
        TEXTS,
        scenes.items(),
        lambda: INDEX,
        scenes.MORNING,
        left=left or {},
        pictures=pictures or {},
    )


def view(state: State, **around: Any) -> View:
    return present(state, world(**around))


def named(name: str) -> State:
    return scenes.screens()[name]


def acts(shown: View) -> list[str]:
    """What can be done at the foot of a page, dead ones in brackets."""
    return [one["act"] if one["live"] else f"({one['act']})" for one in shown["body"]["acts"]]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", list(scenes.screens()))
def test_every_state_has_its_words(name: str, language: str) -> None:
    shown = view(scenes.with_look(named(name), language=language))
    assert shown["screen"]
    assert [text for text in _strings(shown) if "{" in text or "}" in text] == []


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_report_of_the_adapters_has_its_words(language: str) -> None:
    for link in Link:
        for printer in PrinterState:
            station = replace(scenes.READY, link=link, printer=printer)
            for name in ("attract", "home", "item", "item_request", "review", "request_finished", "trouble_spoiled"):
                view(scenes.with_look(replace(named(name), station=station), language=language))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_trouble_and_status_and_mark_has_its_words(language: str) -> None:
    base = named("trouble_unknown")
    assert base.job is not None
    for kind in Trouble:
        shown = view(scenes.with_look(replace(base, job=replace(base.job, trouble=kind)), language=language))
        assert shown["body"]["acts"]
    request = scenes.REQUESTS[0]
    for status in Status:
        for what in ("submitted", "step_approved", "step_refused", "finished", "issued", "voided"):
            changed = replace(request, status=status, marks=(Mark(what, scenes.NOW, step=0),))
            visit = replace(scenes.VISIT, requests=(changed,))
            view(scenes.with_look(replace(named("request"), visit=visit), language=language))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_every_item_of_the_catalogue_can_be_shown(language: str, role: Role) -> None:
    for item in scenes.items().items.values():
        for page in range(6):
            filling = Filling(item.id, "k", {}, page=page)
            state = replace(named("form_known"), item=item.id, filling=filling)
            view(scenes.with_look(state, language=language))
        state = replace(named("item"), item=item.id)
        shown = view(scenes.with_look(state, language=language))
        labels = [node["label"] for node in shown["body"]["chart"]["nodes"]]
        assert len(labels) == len(item.steps) + (3 if item.printable else 2)


MESSAGES = [
    "item.not_for_you",
    "identify.wrong",
    "identify.locked",
    "identify.unknown_code",
    "identify.no_data",
    "identify.two_codes",
    "identify.several_codes",
    "identify.other_person",
    "request.needs_centre",
    "photo.no_picture",
    "photo.not_kept",
    *(f"{printer}.{state}" for state in PrinterState for printer in ("printer", "a4")),
]


@pytest.mark.parametrize("key", MESSAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_message_of_the_flow_has_its_words(key: str, language: str) -> None:
    said = Message(key, {"left": "3", "until": str(round(scenes.NOW))}, "stop")
    shown = view(scenes.with_look(replace(named("pin"), message=said), language=language))
    assert shown["message"]["text"]
    assert shown["message"]["tone"] == "stop"


def test_a_lock_says_until_when() -> None:
    said = Message("identify.locked", {"left": "0", "until": str(round(scenes.NOW) + 900)}, "stop")
    assert "08:57" in view(replace(named("pin"), message=said))["message"]["text"]


def test_both_languages_have_the_same_keys_and_places() -> None:
    assert TEXTS.keys("zh") == TEXTS.keys("en")
    own = (key for key in TEXTS.keys("zh") if not key.startswith("time."))
    for key in own:
        in_both = {"zh": TEXTS.places("zh", key), "en": TEXTS.places("en", key)}
        plain = {language: {p.removesuffix(f"_{language}") for p in found} for language, found in in_both.items()}
        assert plain["zh"] == plain["en"], key


def test_attract_offers_only_ways_that_are_there() -> None:
    for station in (scenes.READY, scenes.BARE, replace(scenes.READY, camera=False)):
        body = view(replace(named("attract"), station=station))["body"]
        words = " ".join(_strings(body))
        assert "脸" not in words
        assert "face" not in words.lower()
        assert "镜头" not in words
    assert view(replace(named("attract"), station=scenes.BARE))["body"]["title"] == "请用学工号和密码登录"


def test_the_bar_shows_strangers_little() -> None:
    assert view(named("home"))["bar"]["title"] == "张* 同学，上午好"
    assert view(named("home_staff"))["bar"]["title"] == "欧*** 老师，上午好"
    english = view(scenes.with_look(named("home"), language="en"))["bar"]["title"]
    assert english == "Good morning, Zhang W."
    for language in ("zh", "en"):
        assert len(view(scenes.with_look(named("home_long_name"), language=language))["bar"]["title"]) < 40


def test_no_view_grows_with_a_long_name() -> None:
    assert all(len(text) < 600 for text in _strings(view(named("home_long_name"))))


def test_the_form_masks_what_stands_in_it() -> None:
    rows = {row["name"]: row["text"] for row in view(named("form_known"))["body"]["rows"]}
    assert rows["name"] == "张*"
    assert rows["number"] == "2023**17"
    assert rows["phone"] == "138****2046"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("item", ["start"]),
        ("item_request", ["start"]),
        ("item_request_offline", ["start"]),
        ("item_offline", ["prepare"]),
        ("item_no_paper", ["prepare"]),
        ("item_draft", ["resume", "discard"]),
        ("review", ["submit", "previous"]),
        ("trouble_not_recorded", ["try_again", "leave_it"]),
        ("trouble_not_sealed", ["try_again", "leave_it"]),
        ("trouble_seal_refused", ["leave_it"]),
        ("trouble_spoiled", ["(reprint)", "leave_it"]),
        ("trouble_spoiled_ready", ["reprint", "leave_it"]),
        ("trouble_unknown", ["came_out", "not_out"]),
        ("done", ["finish", "again"]),
        ("request", []),
        ("request_finished", ["print_result", "print_list"]),
        ("request_refused", ["print_list"]),
        ("request_waiting", []),
        ("form_known", ["next", "previous"]),
    ],
)
def test_what_can_be_done(name: str, expected: list[str]) -> None:
    assert acts(view(named(name))) == expected


def test_an_unknown_link_holds_nobody_up() -> None:
    station = replace(scenes.READY, link=Link.UNKNOWN)
    shown = view(replace(named("item"), station=station))
    assert acts(shown) == ["start"]
    assert shown["bar"]["link"]["shown"] is False


def test_offline_is_said_on_the_card_of_a_certificate_alone() -> None:
    tiles = {tile["payload"]: tile["sub"] for tile in view(named("home_offline"))["body"]["often"]}
    by_kind = {item.id: item.printable for item in scenes.items().items.values()}
    assert {payload for payload, sub in tiles.items() if "离线" in sub} == {p for p in tiles if by_kind[p]}


def test_home_shows_what_is_used_most_first() -> None:
    often = [tile["payload"] for tile in view(named("home"))["body"]["often"]]
    assert often[:2] == ["leave", "repair"]
    assert len(often) == 4


def test_services_for_others_are_not_offered() -> None:
    staff = view(replace(named("category"), visit=named("home_staff").visit, category="certificates"))
    offered = {tile["payload"] for tile in staff["body"]["tiles"]}
    assert "enrolment" not in offered
    assert offered


def test_search_finds_by_initials_and_says_when_nothing_is_found() -> None:
    found = view(replace(named("search"), query=Pad("search", letters="zdzm")))
    assert found["body"]["tiles"][0]["payload"] == "enrolment"
    nothing = view(replace(named("search"), query=Pad("search", letters="qqq")))
    assert nothing["body"]["tiles"] == []
    assert nothing["body"]["hint"] == "没有找到，换个说法试试"


def test_confirm_waits_for_number_and_pin() -> None:
    def confirm(**entry: Any) -> View:
        body = view(replace(named("pin"), entry=Entry(**entry)))["body"]
        act: View = body["acts"][0]
        return act

    assert not confirm(number="20")["live"]
    assert confirm(number="20230017")["text"] == "下一步：输入密码"
    assert not confirm(number="20230017", pin="12", field="pin")["live"]
    assert confirm(number="20230017", pin="1357", field="pin")["text"] == "登录"
    assert not confirm(number="20230017", pin="1357", field="pin", checking=True)["live"]


def test_a_pin_is_never_in_the_view() -> None:
    shown = view(named("pin_secret"))
    assert "1357" not in str(shown)
    assert shown["body"]["boxes"][1]["text"] == "●●●●"


def test_the_second_factor_is_the_one_not_shown_yet() -> None:
    assert view(named("factor_pin"))["body"]["keys"]
    code = view(named("factor_code"))["body"]
    assert code["keys"] == []
    assert code["live"] is True
    dark = view(replace(named("factor_code"), station=scenes.BARE))["body"]
    assert dark["notice"]["shown"]
    assert dark["live"] is False


def test_an_error_stands_at_its_field_in_words() -> None:
    rows = {row["name"]: row["error"] for row in view(named("form_errors"))["body"]["rows"]}
    assert rows["ends"] == "结束时间不能早于3月9日 08:00，请重新选择"
    assert rows["starts"] == ""


def test_silence_counts_as_three_and_is_said_so() -> None:
    body = view(named("done"), left={"rate": 11.6})["body"]
    assert body["rest"] == "不评价按三星计入 · 12 秒后返回首页"
    given = view(named("done_stars"), left={"rate": 11.6})["body"]
    assert [star["on"] for star in given["stars"]] == [True] * 4 + [False]
    assert given["rest"].startswith("谢谢")


def test_idle_is_counted_down_only_when_it_is_near() -> None:
    assert view(named("home"), left={"idle": 45.0})["foot"]["line"] == "设备就绪"
    assert view(named("home"), left={"idle": 19.8})["foot"]["line"] == "20 秒后询问是否继续"
    assert view(named("attract"), left={"idle": 19.8})["foot"]["line"] == "设备就绪"


def test_help_tells_whom_to_call_and_the_number_of_the_screen() -> None:
    station = replace(scenes.READY, faults=(Fault(Code.PRINTER_NO_PAPER, "printer"),))
    body = view(replace(named("help"), station=station))["overlay"]["body"]
    assert body["phone"] == "027-8888 1234"
    texts = [row["text"] for row in body["rows"]]
    assert "A-017-S06" in texts
    assert "F-PRN-02" in texts


def test_still_there_goes_before_everything_else() -> None:
    state = replace(named("pad_zh"), help=True, still=7)
    over = view(state)["overlay"]
    assert (over["screen"], over["body"]["seconds"]) == ("Still", "7")


def test_a_late_step_is_called_late() -> None:
    late = replace(scenes.REQUESTS[0], due=scenes.NOW - 60)
    shown = view(replace(named("request"), visit=replace(scenes.VISIT, requests=(late,))))
    assert "超过承诺时间" in shown["body"]["sub"]


def test_the_preview_is_shown_where_there_is_one() -> None:
    there = {"preview": "image://picture/preview/3"}
    assert view(named("review"), pictures=there)["body"]["preview"] == there["preview"]
    assert view(named("review"))["body"]["preview"] == ""
    assert view(named("review_request"), pictures=there)["body"]["preview"] == ""


def test_forward_and_back_are_told_apart() -> None:
    depths = [view(named(name))["depth"] for name in ("attract", "pin", "home", "item", "form_known", "form_questions")]
    assert depths == sorted(depths)
    assert len(set(depths)) == len(depths)


def test_a_page_keeps_its_key_while_it_is_filled_in() -> None:
    before = named("form_questions")
    assert before.filling is not None
    changed = replace(before.filling, values={**before.filling.values, "type": "official"})
    assert view(before)["key"] == view(replace(before, filling=changed))["key"]
    assert view(before)["key"] != view(named("form_text"))["key"]


def test_copies_stay_within_the_limit() -> None:
    body = view(named("review"))["body"]
    assert [one["payload"] for one in body["copies"]] == ["1", "2", "3"]
    assert [one["chosen"] for one in body["copies"]] == [True, False, False]


def test_one_visit_with_nothing_open_shows_no_overlay() -> None:
    assert view(named("home"))["overlay"]["key"] == ""
    rated = replace(named("done"), rating=Rating(3))
    assert view(rated)["overlay"]["key"] == ""


def test_factors_of_number_and_pin_ask_for_the_code() -> None:
    visit = replace(scenes.VISIT, factors=frozenset({Factor.NUMBER, Factor.PIN}))
    shown = view(replace(named("factor_code"), visit=visit))
    assert shown["body"]["title"] == "请再出示校园码"
    assert shown["screen"] == "Factor"
    assert Screen.FACTOR.value == "factor"


@pytest.mark.parametrize(("device", "words"), [("camera", "摄像头未连接"), ("scanner", "扫码器未连接")])
def test_a_device_that_should_be_there_is_missed_in_one_line(device: str, words: str) -> None:
    state = named("attract")
    station = replace(state.station, fitted=frozenset({"camera", "scanner"}), camera=True, scanner=True)
    assert view(replace(state, station=station))["foot"]["line"] == "设备就绪"
    away = replace(station, camera=device != "camera", scanner=device != "scanner")
    assert view(replace(state, station=away))["foot"]["line"] == words


TRANSCRIPT = "transcript"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("a4", PrinterState)
@pytest.mark.parametrize("printer", [PrinterState.IDLE, PrinterState.NO_PAPER])
def test_before_a_document_of_sheets_is_begun_its_printer_is_told_of(
    a4: PrinterState, printer: PrinterState, language: str
) -> None:
    """Out of paper there, it comes on a receipt or is made ready; with neither it is made ready."""
    station = replace(scenes.READY, fitted=scenes.READY.fitted | {"a4"}, a4=a4, printer=printer)
    state = replace(named("item"), item=TRANSCRIPT, station=station)
    shown = view(scenes.with_look(state, language=language))
    works, said = a4 in READY or printer in READY, TEXTS.get(language, f"a4.{a4}")
    assert acts(shown) == (["start"] if a4 in READY else ["start", "prepare"] if works else ["prepare"])
    assert (said in shown["body"]["notice"]["text"]) is (a4 not in READY)
    filling = Filling(TRANSCRIPT, "k", {})
    review = view(scenes.with_look(replace(state, screen=Screen.REVIEW, filling=filling), language=language))
    assert ("submit" in acts(review)) is works
    assert (said in review["body"]["notice"]["text"]) is (a4 not in READY)


def test_the_tile_of_a_document_of_sheets_says_what_it_comes_on() -> None:
    station = replace(scenes.READY, fitted=scenes.READY.fitted | {"a4"}, a4=PrinterState.NO_PAPER)
    shown = view(replace(named("home"), station=station))["body"]["often"]
    (tile,) = (one for one in shown if one["payload"] == TRANSCRIPT)
    assert tile["sub"] == TEXTS.get("zh", "tile.no_a4")
