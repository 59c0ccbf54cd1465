"""A visit to a terminal with two printers, down to a real printer of A4 and its paper."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.config import A4Config
from kiosk.domain.faults import Code
from kiosk.domain.printer import PrinterState
from printers.ipp import PACE
from printers.sim.ipp_printer import MISSING, SLOW, IppPeer, there
from sync.cache import Cache
from sync.central import keys
from sync.central.pades import Pades
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow
from tests.gui.scenes import STUDENT
from tests.gui.visit_kit import CODE, Visit, standing
from tests.pdf_kit import pdf_of

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


def hand_in(visit: Visit, copies: int = 1) -> None:
    visit.press("start", "next", "set.terms=all", "set.transcript_for=award", "next")
    visit.on("review")
    if copies > 1:
        visit.press(f"copies.{copies}")
    visit.press("submit")


def words(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def sealed_file(visit: Visit, folder: Path, code: str = CODE) -> bytes:
    """Sealed with the college's key, which the feeds have brought to the terminal."""
    state = visit.terminal.config.paths.state
    known = [key.raw.hex() for key in keys.load(folder).verifying(keys.PDF).values()]
    row = FeedRow(id="pdf-1", rev=1, data={"use": "pdf", "kid": 1, "public": known[0], "revoked": False})
    with contextlib.closing(Cache(state / "cache.db", Vault.open(state))) as cache:
        cache.apply(FeedAnswer(epoch="e1", feed="keys", rows=[row], next=1, more=False))
    return Pades(folder).seal(pdf_of(code), "ZD")


def faults(visit: Visit) -> list[str]:
    return [fault.code for fault in visit.state.station.faults]


def test_what_comes_out_on_a4_is_the_file_that_the_centre_sealed(visit: Visit, sheets: IppPeer, tmp_path: Path) -> None:
    visit.centre.file = sealed_file(visit, tmp_path / "keys")
    begin(visit)
    hand_in(visit, copies=2)
    visit.see("请取走您的证明")
    assert sheets.got == [visit.centre.file] * 2
    assert not visit.reads("由本机排版")
    assert Code.SHEETS_FORGED not in faults(visit)
    visit.press("finish")
    visit.on("attract")
    with pytest.raises(ValueError, match="no_file"):
        visit.terminal.sheets.take("ZD-2026-000001")


@pytest.mark.proves(Code.SHEETS_FORGED)
def test_a_file_that_is_not_as_it_was_sealed_is_printed_in_no_form(
    visit: Visit, sheets: IppPeer, tmp_path: Path
) -> None:
    """Also one that is somebody else's paper; the fault is over with the next good one."""
    good = sealed_file(visit, tmp_path / "keys")
    visit.centre.file = good.replace(b"In proof whereof", b"In proof thereof")
    begin(visit)
    hand_in(visit)
    visit.see("暂时没能盖上签章")
    assert Code.SHEETS_FORGED in faults(visit)
    visit.centre.file = sealed_file(visit, tmp_path / "keys", "K1:of-somebody-else")
    visit.press("try_again")
    visit.until(lambda: len(visit.centre.asked) == 2, "the second ask")
    visit.see("暂时没能盖上签章")
    assert not sheets.got
    assert not visit.printer.pages
    visit.centre.file = good
    visit.press("try_again")
    visit.see("请取走您的证明")
    assert sheets.got == [good]
    visit.until(lambda: Code.SHEETS_FORGED not in faults(visit), "the end of the fault")


def test_without_the_centres_file_a_transcript_comes_out_on_a4_all_the_same(visit: Visit, sheets: IppPeer) -> None:
    begin(visit)
    hand_in(visit)
    visit.see("请取走您的证明")
    visit.see("由本机排版打印")
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
