"""The technician's screens as plain data: words, signs, what can be pressed, and what is never shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from kiosk.assets import ROOT
from kiosk.domain.backlog import DeadRow, Standing
from kiosk.domain.board import HOURS, Part
from kiosk.domain.faults import Code, Fault
from kiosk.domain.proving import PROOFS
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Doing, Page, Told
from kiosk.flows.walkup.state import Link, State
from sync.clockwatch import Doubt
from sync.wire import BODIES
from tests.gui import scenes
from tests.unit.test_present import TEXTS, acts, named, view, world
from ui.present import View
from ui.present.scene import Scene
from ui.present.technician import PAGES, board, plain, words

NOW = scenes.NOW
BENCH = [*(ROOT.parent / "kiosk" / "app" / "bench").glob("*.py"), ROOT.parent / "devices" / "tpm.py"]


def queue(name: str = "tech_queue", **changes: Any) -> State:
    """A scene with another queue, or told, or station."""
    state = named(name)
    assert state.technician
    around = {key: changes.pop(key) for key in ("station", "look") if key in changes}
    told = changes.pop("told", state.technician.told)
    technician = replace(state.technician, queue=replace(state.technician.queue, **changes), told=told)
    return replace(state, technician=technician, **around)


def rows(shown: View) -> dict[str, tuple[str, str]]:
    return {row["label"]: (row["chip"]["tone"], row["remedy"]) for row in shown["body"]["rows"]}


def scene(language: str = "en") -> Scene:
    return Scene(scenes.with_look(named("tech_queue"), language=language), world())


def test_the_numbers_stand_with_their_age_and_the_refused_in_red() -> None:
    shown = view(named("tech_bad"))["body"]
    assert [(one["number"], one["sub"]) for one in shown["stats"]] == [
        *(("1,204,377", "最早 9 小时前"), ("501", "原因见清单"), ("98,000", "保留 30 天")),
    ]
    assert [one["tone"] for one in shown["stats"]] == ["ink", "stop", "ink"]
    assert [one["tone"] for one in view(named("tech_calm"))["body"]["stats"]] == ["ink"] * 3


def test_each_row_says_state_fault_and_remedy() -> None:
    assert rows(view(named("tech_calm"))) == {"中心服务": ("go", ""), "本机记录": ("go", ""), "磁盘": ("go", "")}
    bad = rows(view(named("tech_bad")))
    assert {label: tone for label, (tone, _) in bad.items()} == {"中心服务": "stop", "本机记录": "stop", "磁盘": "wait"}
    assert bad["中心服务"][1].startswith("F-NET-01 检查网线")
    assert bad["本机记录"][1].startswith("F-JRN-01")
    assert "磁盘快满了" in bad["磁盘"][1]


def test_records_that_wait_for_an_hour_are_worth_a_look() -> None:
    assert rows(view(queue(standing=Standing(1, 0, 0, NOW - 3500, 0, 10**10))))["本机记录"][0] == "go"
    tone, remedy = rows(view(queue(standing=Standing(1, 0, 0, NOW - 3700, 0, 10**10))))["本机记录"]
    assert (tone, remedy[:4]) == ("wait", "最早的一")


@pytest.mark.parametrize("link", list(Link))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_of_the_line_has_its_word(link: Link, language: str) -> None:
    fault = Fault(Code.CENTRE_REFUSES, "centre")
    station = replace(scenes.READY, link=link, faults=() if link is Link.ONLINE else (fault,))
    state = scenes.with_look(queue(station=station), language=language)
    row = view(state)["body"]["rows"][0]
    assert row["text"]
    assert row["chip"]["icon"] == {"go": "tick", "wait": "alert", "stop": "cross"}[row["chip"]["tone"]]
    assert bool(row["remedy"]) is (link is not Link.ONLINE)


def test_a_letter_says_what_when_and_why() -> None:
    first = view(named("tech_queue"))["body"]["letters"][0]
    assert (first["title"], first["receipt"]) == ("申请", "回执 A-017-20260301-0007")
    assert first["sub"] == "3月2日 07:35 · 发送过 1 次 · 700\u00a0B"
    assert first["reason"] == "中心没有接受：查无此人，或已离校"
    assert first["says"] == "再次发送 申请 A-017-20260301-0007"


def test_the_reason_is_in_the_language_of_the_screen() -> None:
    said = [row["reason"] for row in view(scenes.with_look(named("tech_queue"), language="en"))["body"]["letters"]]
    assert said[0] == "The centre did not take it: No such person, or gone from the campus"
    assert said[1] == "The centre did not take it"
    assert said[2].startswith("The centre has another record under the same key. Sending again does not help")
    assert said[3].startswith("This terminal cannot decrypt it any more. Sending again")
    assert said[5] == "Refused by a newer centre"
    assert len(words.reason(scene(), "rejected: " + "x" * 9000)) <= words.LONGEST_REASON


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_record_has_its_word(language: str) -> None:
    named_kinds = {kind: words.kind(scene(language), kind) for kind, _ in BODIES}
    other = TEXTS.get(language, "technician.kind.other", kind="")
    assert [kind for kind, word in named_kinds.items() if word.startswith(other[:5])] == []
    assert "something.newer" in words.kind(scene(language), "something.newer")


def test_the_pager_is_there_when_one_page_does_not_hold_them_all() -> None:
    assert not view(named("tech_queue"))["body"]["pager"]["shown"]
    pager = view(named("tech_bad"))["body"]["pager"]
    assert (pager["text"], [one["live"] for one in pager["buttons"]]) == ("第 13–18 条，共 501 条", [True, True])
    last = view(queue(standing=Standing(0, 0, 14), first=2 * PER_PAGE, rows=()))["body"]["pager"]
    assert (last["text"], [one["live"] for one in last["buttons"]]) == ("第 13–14 条，共 14 条", [True, False])


def test_acts_are_dead_while_one_is_done_and_where_there_is_nothing_to_do() -> None:
    assert acts(view(named("tech_queue"))) == ["tech_retry_all", "tech_sticks"]
    assert acts(view(named("tech_calm"))) == ["(tech_retry_all)", "tech_sticks"]
    assert acts(view(named("tech_looking"))) == ["(tech_retry_all)", "(tech_sticks)"]
    for doing in Doing:
        shown = view(queue(doing=doing))
        assert acts(shown) == ["(tech_retry_all)", "(tech_sticks)"]
        assert not any(letter["again"]["live"] for letter in shown["body"]["letters"])


def test_the_time_left_is_told_as_soon_as_it_runs() -> None:
    assert view(named("tech_queue"))["body"]["hint"] == ""
    assert view(named("tech_queue"), left={"idle": 272.4})["body"]["hint"] == "无操作 4:32 后自动退出"


def test_the_sign_in_shows_what_is_typed_but_the_pin() -> None:
    shown = view(named("tech_pin"))
    assert [box["text"] for box in shown["body"]["boxes"]] == ["T2012004", "●●●●"]
    assert shown["message"]["text"] == ""
    assert "08:57" in view(named("tech_locked"))["message"]["text"]


WHY = ("full", "gone", "read_only", "no_recipient", "not_enrolled", "unreadable", "failed")


@pytest.mark.parametrize("reason", WHY)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_there_is_no_export_is_said_with_a_remedy(reason: str, language: str) -> None:
    state = scenes.with_look(queue(told=Told(f"technician.export.{reason}", tone="stop")), language=language)
    notice = view(state)["body"]["notice"]
    assert (notice["tone"], notice["icon"], notice["shown"]) == ("stop", "alert", True)
    assert len(notice["text"]) > 10


def test_sticks_are_offered_with_their_room_or_their_absence_with_a_remedy() -> None:
    body = view(named("tech_sticks"))["body"]
    assert [(one["act"], one["payload"]) for one in body["sticks"]] == [
        *(("tech_stick", "/media/usb0"), ("tech_stick", "/media/usb1")),
    ]
    assert body["sticks"][0]["text"] == "KINGSTON · 剩余 3.2\u00a0GB"
    assert "请插入 U 盘" in view(named("tech_no_stick"))["body"]["notice"]["text"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (99_500, "99.5 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes_are_short(number: int, said: str) -> None:
    assert words.size(number) == said.replace(" ", "\u00a0")


AGES = {
    -5: "just now",
    59: "just now",
    60: "a minute ago",
    119: "a minute ago",
    120: "2 minutes ago",
    3600: "an hour ago",
    7200: "2 hours ago",
    86400: "a day ago",
    864000: "10 days ago",
}


@pytest.mark.parametrize(("seconds", "said"), AGES.items())
def test_ages_are_short(seconds: float, said: str) -> None:
    assert words.age(scene(), NOW - seconds) == said


def test_every_page_has_its_view() -> None:
    assert set(PAGES) == set(Page)
    tabs = view(named("tech_queue"))["body"]["tabs"]
    assert [(tab["payload"], tab["chosen"]) for tab in tabs] == [(page, page is Page.QUEUE) for page in Page]


def test_the_way_in_is_where_nobody_is_served() -> None:
    shown = {name: view(named(name))["corner"] for name in ("attract", "pin", "home", "tech_queue")}
    assert shown == {"attract": True, "pin": False, "home": False, "tech_queue": False}
    assert not [act for act in str(view(named("attract"))).split("'") if act == "technician"]


def test_a_long_receipt_or_reason_stays_on_the_card() -> None:
    row = DeadRow(1, "x" * 300, NOW, 1, 1, "R" * 40, "rejected: " + "很长" * 400)
    letter = view(queue(rows=(row,)))["body"]["letters"][0]
    assert len(letter["title"]) <= 40
    assert len(letter["reason"]) <= words.LONGEST_REASON


def board_rows(state: State) -> dict[str, tuple[str, str]]:
    """Part → (tone of its badge, its remedy), in the order of the screen."""
    return {row["press"]["payload"]: (row["chip"]["tone"], row["remedy"]) for row in view(state)["body"]["parts"]}


def test_the_board_has_state_fault_and_remedy_in_one_row_and_what_is_broken_first() -> None:
    rows = board_rows(named("tech_board_broken"))
    assert list(rows)[:3] == ["thermal", "a4", "printer"]
    assert rows["thermal"][0] == "stop"
    assert rows["thermal"][1].startswith("F-THM-01 检查热像仪")
    assert (rows["printer"][0], rows["printer"][1][:8]) == ("wait", "F-PRN-05")
    assert rows["face"] == ("muted", "")
    assert rows["camera"] == ("go", "")
    calm = board_rows(named("tech_board"))
    assert next(iter(calm)) == "printer"
    assert sorted(tone for tone, _ in calm.values()) == ["go"] * 9 + ["wait"]


def test_a_chart_has_a_bar_an_hour_and_one_trouble_does_not_fill_it() -> None:
    bars = {row["press"]["payload"]: row["chart"] for row in view(named("tech_board"))["body"]["parts"]}
    assert [len(one) for one in bars.values()] == [HOURS] * len(bars)
    assert (max(bars["scanner"]), max(bars["camera"])) == (1.0, 0)
    part = Part("scanner", True, None, hours=(0,) * 23 + (1,))
    assert max(board.row(scene("zh"), part)["chart"]) == pytest.approx(1 / 3)


def test_what_a_part_does_not_tell_is_said_to_be_untold() -> None:
    body = view(named("tech_part"))["body"]
    assert {fact["label"]: fact["text"] for fact in body["facts"]}["固件"] == "设备没有报告"
    assert [test["run"]["payload"] for test in body["tests"]][:2] == ["thermal_picture", "thermal_drift"]


def test_a_finding_says_why_before_what_was_measured() -> None:
    found = {test["run"]["payload"]: test for test in view(named("tech_tests_done"))["body"]["tests"]}
    assert found["disk_write"]["found"] == "太慢 · 2350\u00a0ms（限值 ≤ 2000\u00a0ms）"
    assert found["ups"]["chip"] == {"text": "本机没有", "tone": "muted", "icon": "info"}
    assert found["touch_grid"]["chip"]["text"] == "还没有测"
    assert next(iter(found)) == "thermal_picture", "what failed stands first"


def test_every_word_that_a_test_may_say_has_a_sentence() -> None:
    said = re.compile(r"(?:failed|not_there)\(\s*\"([a-z_]+)\"|why=\"([a-z_]+)\"|TpmError\(\"([a-z_]+)\"")
    words_said = {word for file in BENCH for found in said.findall(file.read_text("utf-8")) for word in found if word}
    words_said |= {doubt.value for doubt in Doubt if doubt} | {"no_paper", "cover_open", "disconnected", "error"}
    assert len(words_said) > 30
    for language in ("zh", "en"):
        assert [word for word in words_said if f"technician.why.{word}" not in TEXTS.keys(language)] == []
        for proof in PROOFS:
            assert TEXTS.get(language, f"technician.test.{proof.name}")
            assert TEXTS.get(language, f"technician.part.{proof.part}")


def test_the_firmware_that_a_part_tells_stands_on_its_page_and_in_the_text() -> None:
    state = named("tech_board_broken")
    assert state.technician
    first, *rest = state.technician.bench.parts
    parts = (replace(first, firmware="1.10 (2018)"), *(replace(one, firmware="") for one in rest))
    technician = replace(state.technician, bench=replace(state.technician.bench, parts=parts, part=first.name))
    at = Scene(replace(state, technician=technician), world())
    told = [line for line in plain.devices(at, technician) if "固件" in line]
    assert [line.split() for line in told] == [["固件", "1.10", "(2018)"]]
    assert any("固件  1.10 (2018)" in line for line in plain.device(at, technician))
    silent = replace(technician, bench=replace(technician.bench, part=rest[0].name))
    assert any("固件  设备没有报告" in line for line in plain.device(at, silent))


def test_pages_as_text_say_the_same() -> None:
    state = named("tech_board_broken")
    assert state.technician
    at = Scene(state, world())
    lines = list(plain.devices(at, state.technician))
    thermal = next(n for n, line in enumerate(lines) if line.startswith("thermal"))
    assert "故障" in lines[thermal]
    assert lines[thermal + 1].strip().startswith("F-THM-01")
    done = named("tech_tests_done")
    assert done.technician
    text = "\n".join(plain.proofs(Scene(done, world()), done.technician))
    assert "disk_write" in text
    assert "不得投入使用" in text
