"""A form being filled in: mistakes told at the field, another look in the middle, a draft for one person alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.flows.walkup.state import Look
from tests.gui.visit_kit import Visit, standing


@pytest.fixture
def visit(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    with standing(tmp_path, qtbot, monkeypatch) as terminal:
        yield terminal


def test_a_mistake_is_told_at_its_field_and_gone_when_mended(visit: Visit) -> None:
    visit.enter()
    visit.press("open_item.leave", "start", "next", "next")
    visit.see("请填写请假类型")
    visit.press("set.type=personal")
    visit.see_no("请填写请假类型")
    visit.see("请填写开始时间")
    for field, day in (("ends", "2026-03-04"), ("starts", "2026-03-05")):
        visit.press(f"edit.{field}", f"pad_day.{day}", "pad_time.08:00", "pad_commit")
    visit.see_no("请填写开始时间")
    visit.press("next")
    visit.see("结束时间不能早于3月5日 08:30")
    visit.press("edit.ends", "pad_day.2026-03-06", "pad_commit")
    visit.see_no("不能早于")
    visit.press("next", "edit.reason")
    visit.pinyin("hui", "回")
    visit.press("pad_commit", "set.off_campus=no", "next")
    visit.see("事由至少写 4 个字")
    visit.press("edit.reason")
    visit.pinyin("jia", "家")
    visit.press("pad_mode.en")
    visit.type("ok")
    visit.press("pad_commit")
    visit.see_no("事由至少写")
    visit.see("回家ok")
    visit.press("next")
    visit.on("review")


@pytest.mark.parametrize("landscape", [False, True])
def test_large_contrast_and_low_reach_lose_nothing(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, landscape: bool
) -> None:
    with standing(tmp_path, qtbot, monkeypatch, landscape) as visit:
        visit.press("large", "contrast", "low_reach")
        visit.enter()
        visit.press("large", "contrast", "low_reach")
        assert visit.state.look == Look()
        visit.press("large", "low_reach", "open_item.leave", "start", "next", "set.type=personal", "edit.starts")
        visit.press("pad_day.2026-03-03", "pad_time.08:00")
        before = visit.state
        for name in ("large", "contrast", "low_reach"):
            visit.shell.bridge.intent(name, "")  # the foot with these is not on a form
            visit.view.grabWindow()
            assert visit.state.filling == before.filling
        visit.press("pad_commit", "edit.ends", "pad_day.2026-03-04", "pad_time.08:00", "pad_commit", "next")
        visit.reason()
        visit.press("set.off_campus=no", "next", "submit")
        visit.see("提交成功，请取回执")
        (row,) = visit.rows("request.submitted")
        assert (row["values"]["starts"], row["values"]["reason"]) == ("2026-03-03T08:00", "family")


def test_a_form_left_half_way_is_offered_to_the_same_person_alone(visit: Visit) -> None:
    visit.enter()
    visit.press("open_item.leave", "start", "next", "set.type=personal", "next", "out")
    visit.on("attract")
    visit.enter("code-of-situ")
    visit.press("open_item.leave")
    visit.until(lambda: visit.can("start"), "a fresh start")
    assert not visit.reads("草稿")
    assert not visit.can("resume")
    visit.press("out")
    visit.number()
    visit.pin()
    visit.on("home")
    visit.press("open_item.leave")
    visit.see("您有一份没填完的草稿")
    visit.press("resume", "next")
    chosen = visit.item("set.type=personal")
    assert chosen is not None
    assert chosen.property("chosen") is True
    visit.press("out")
    visit.on("attract")
