"""A visit to a terminal with two printers, down to a real printer of A4 and its paper."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.config import A4Config
from kiosk.domain.printer import PrinterState
from printers.ipp import PACE
from printers.sim.ipp_printer import MISSING, SLOW, IppPeer, there
from tests.gui.scenes import STUDENT
from tests.gui.visit_kit import Visit, standing

pytestmark = pytest.mark.skipif(not there(), reason=MISSING)


@pytest.fixture
def sheets(tmp_path: Path) -> Iterator[IppPeer]:
    folder = tmp_path / "a4"
    folder.mkdir()
    real = IppPeer(folder)
    yield real
    real.stop()


@pytest.fixture
def visit(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, sheets: IppPeer) -> Iterator[Visit]:
    monkeypatch.setattr("kiosk.app.terminal.PACE", replace(PACE, poll=0.1, busy=1.0, watch=0.05, retry=0.1))
    with standing(tmp_path, qtbot, monkeypatch, a4=A4Config(sheets.address)) as terminal:
        terminal.until(lambda: terminal.state.station.a4 is PrinterState.IDLE, "the printer of sheets")
        yield terminal


def begin(visit: Visit) -> None:
    """As far as the guide of the transcript, which takes two factors."""
    visit.enter()
    visit.press("open_item.transcript")
    visit.pin()
    visit.on("item")


def hand_in(visit: Visit) -> None:
    visit.press("start", "next", "set.terms=all", "set.transcript_for=award", "next")
    visit.on("review")
    visit.press("submit")


def words(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def test_a_transcript_comes_out_on_a4(visit: Visit, sheets: IppPeer) -> None:
    begin(visit)
    hand_in(visit)
    visit.see("请取走您的证明")
    (pdf,) = sheets.got
    assert "ZD-2026-000001" in words(pdf)
    assert STUDENT.name in words(pdf)
    assert not visit.printer.pages
    visit.until(lambda: bool(visit.rows("document.printed")), "the paper in the journal")


def test_with_the_a4_printer_away_it_is_said_before_and_comes_on_receipt_paper(visit: Visit, sheets: IppPeer) -> None:
    sheets.kill()
    visit.until(lambda: visit.state.station.a4 is PrinterState.DISCONNECTED, "the printer away")
    begin(visit)
    visit.see("A4 打印机没有连接。")
    assert visit.can("prepare")
    hand_in(visit)
    visit.see("请取走您的证明")
    assert len(visit.printer.pages) == 1
    assert not sheets.got


def test_a_printer_that_goes_away_in_mid_job_is_asked_about_and_the_next_one_is_new(
    visit: Visit, sheets: IppPeer
) -> None:
    sheets.mood(SLOW)
    begin(visit)
    hand_in(visit)
    visit.until(lambda: len(sheets.got) == 1, "the document at the printer")
    sheets.kill()
    visit.see("证明完整地出来了吗？")
    visit.press("not_out")
    visit.press("reprint")
    visit.see("请取走您的证明")
    visit.see("ZD-2026-000002")
    assert (len(sheets.got), len(visit.printer.pages)) == (1, 1)
    assert [row["serial"] for row in visit.rows("document.voided")] == ["ZD-2026-000001"]
