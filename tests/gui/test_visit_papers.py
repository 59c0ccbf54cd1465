"""Visits that end with paper, or without: real presses on real screens, down to the printer's wire."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from kiosk.flows.walkup.state import Screen, State
from sync import ahead
from sync.cache import Cache
from sync.store import connect
from sync.tables import JOURNAL
from tests import papers
from tests.gui.scenes import STUDENT
from tests.gui.visit_kit import Visit, standing
from tests.sync.ahead_kit import Seals


@pytest.fixture
def visit(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    with standing(tmp_path, qtbot, monkeypatch) as terminal:
        yield terminal


def test_a_wrong_pin_is_told_and_the_right_one_opens(visit: Visit) -> None:
    visit.number()
    visit.pin("24680")
    visit.see("学工号或密码不对，还可以再试 4 次")
    assert not visit.can("confirm")
    assert not any(STUDENT.known["phone"] in text for text in visit.texts())
    visit.pin()
    visit.on("home")
    visit.see("张* 同学")
    assert not visit.reads(STUDENT.number)


def test_a_certificate_from_code_to_stars(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    visit.see("提交并打印")
    visit.press("submit")
    visit.see("请取走您的证明")
    visit.see("ZD-2026-000001")
    with Image.open(visit.printer.pages[0]) as page:
        assert page.height > page.width
    visit.press("stars.5")
    visit.see("非常满意")
    visit.press("finish")
    visit.on("attract")
    visit.until(lambda: bool(visit.rows("rating.given")), "the stars in the journal")
    assert [row["serial"] for row in visit.rows("document.printed")] == ["ZD-2026-000001"]
    assert [(row["stars"], row["how"]) for row in visit.rows("rating.given")] == [(5, "given")]
    assert (len(visit.rows("request.submitted")), len(visit.printer.pages), visit.tells()) == (1, 1, [])


def test_a_double_tap_hands_in_once(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    at = visit.aim("submit")
    visit.tap_at(at)
    visit.shell.bridge.intent("submit", "")  # a touch already under way when the screen changed
    visit.tap_at(at)
    visit.see("请取走您的证明")
    visit.press("finish")
    visit.until(lambda: bool(visit.rows("rating.given")), "the end of the visit in the journal")
    kinds = ("request.submitted", "document.printed")
    assert [len(visit.rows(kind)) for kind in kinds] == [1, 1]
    assert (len(visit.printer.pages), len(visit.centre.asked)) == (1, 1)


def test_an_answer_changed_after_the_last_look_is_the_one_handed_in(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    visit.see("实习")
    visit.press("edit_page.1", "set.purpose=loan", "next")
    visit.on("review")
    visit.see("助学贷款")
    assert not visit.reads("实习")
    visit.press("submit")
    visit.see("请取走您的证明")
    assert [row["values"]["purpose"] for row in visit.rows("request.submitted")] == ["loan"]


def test_offline_a_certificate_is_registered_for_the_next_visit(visit: Visit) -> None:
    visit.enter()
    visit.press("open_item.enrolment")
    visit.centre.link("offline")
    visit.see("网络暂时中断，证明要等校务中心盖电子签章")
    assert not visit.can("start")
    visit.press("prepare", "next", "set.purpose=internship", "next")
    visit.see("提交后不用等，下次来时")
    visit.press("submit")
    visit.see("已经登记，下次领取")
    assert [row["prepare"] for row in visit.rows("request.submitted")] == [True]
    assert visit.centre.asked == []


def test_offline_one_that_was_sealed_in_advance_comes_out(visit: Visit) -> None:
    """With the real journal and cache, down to the printer; said before it is begun."""
    serial = sealed_ahead(visit)
    visit.enter()
    visit.centre.link("offline")
    visit.press("open_category.certificates")
    visit.see("断网也能打印")
    visit.press("open_item.enrolment")
    visit.see("可用校务中心预先为您盖好章的证明")
    visit.press("start", "next", "set.purpose=internship", "next")
    visit.see("纸上不写用途")
    visit.press("submit")
    visit.see("请取走您的证明")
    visit.see("尚待终端回报")
    assert visit.reads(serial)
    assert [row["serial"] for row in visit.rows("document.issued_offline")] == [serial]
    visit.until(lambda: len(visit.rows("document.printed")) == 1, "printed on record")
    visit.press("again", "open_category.certificates")
    visit.see("离线 · 可预约下次取")
    visit.see_no("断网也能打印")


def sealed_ahead(visit: Visit) -> str:
    """One is in this terminal's keeping; its serial."""
    folder, vault, seals = visit.terminal.config.paths.state, visit.terminal.vault, Seals(visit.terminal.clock.now())
    row, cache = seals.row(more=papers.sample()), Cache(folder / "cache.db", vault)
    with contextlib.closing(connect(folder / "journal.db", JOURNAL)) as db:
        seals.feeds(cache)
        ahead.keep(cache, vault, STUDENT.id, ahead.book(db), [row])
    cache.close()
    return row.serial


def test_a_network_lost_in_mid_form_costs_no_request(visit: Visit) -> None:
    visit.enter()
    visit.leave()
    visit.centre.link("offline")
    visit.press("previous", "next", "submit")
    visit.see("提交成功，请取回执")
    (row,) = visit.rows("request.submitted")
    assert (row["item"], row["values"]["reason"]) == ("leave", "family")
    assert visit.reads(row["receipt"])
    visit.press("again")
    visit.see("离线 · 仍可办理")
    visit.press("open_requests")
    visit.see("待送出")


def test_a_network_lost_in_mid_certificate_is_said_and_kept(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    visit.centre.seals = False
    visit.shell.hurry["seal"] = 0.02
    visit.centre.link("offline")
    visit.press("submit")
    visit.see("暂时没能盖上签章")
    visit.press("leave_it")
    visit.see("已经保存，下次领取")
    assert len(visit.rows("request.submitted")) == 1
    assert visit.printer.pages == []


def test_without_paper_nobody_can_ask_for_a_print_until_there_is_some(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    visit.printer.poke("paper_out")
    visit.see("打印机缺纸")
    assert not visit.can("submit")
    visit.printer.poke("refill")
    visit.press("submit")
    visit.see("请取走您的证明")
    assert len(visit.printer.pages) == 1


def test_paper_that_ends_in_mid_certificate_voids_it_and_a_refill_reprints(visit: Visit) -> None:
    visit.enter()
    visit.certificate()
    visit.printer.poke("paper_out_after", 2000)
    visit.press("submit")
    visit.see("这张证明没有打完")
    visit.see("打印机缺纸")
    assert not visit.can("reprint")
    visit.printer.poke("refill")
    visit.see("打印机已经就绪")
    visit.press("reprint")
    visit.see("请取走您的证明")
    visit.see("ZD-2026-000002")
    assert [row["serial"] for row in visit.rows("document.voided")] == ["ZD-2026-000001"]
    assert visit.centre.asked[1].replaces == "ZD-2026-000001"
    assert (len(visit.printer.pages), len(visit.rows("request.submitted"))) == (1, 1)
    assert visit.state.screen is Screen.DONE


def test_a_preview_that_comes_too_late_is_not_kept_for_the_next_person(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, gone = threading.Event(), threading.Event()
    drawn = visit.terminal.papers.preview

    def slow(state: State) -> bytes | None:
        drawing.set()
        assert gone.wait(5)
        return drawn(state)

    monkeypatch.setattr(visit.terminal.papers, "preview", slow)
    visit.enter()
    visit.certificate()
    visit.until(drawing.is_set, "a preview being drawn")
    visit.press("out")
    visit.on("attract")
    gone.set()
    visit.enter("code-of-situ")
    visit.terminal.work.shutdown(wait=True)
    visit.shell.app.processEvents()
    visit.press("open_item.enrolment")
    visit.on("item")
    assert visit.shell._pictures.addresses() == {}
