"""Every fault of the two printers, from the wire to what a technician reads, and its end once somebody sees to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from kiosk.domain.faults import Code
from printers.ipp import IppPrinter
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import Spool
from tests.contract.spool_kit import QUICK, Store
from tests.contract.test_ipp_odd import PRINTER, Answering, printer
from tests.told import Told


@dataclass
class Receipts:
    """The receipt printer on its line, and the terminal's reports of it."""

    peer: EscposPrinter
    told: Told


@pytest.fixture
def receipts(tmp_path: Path) -> Iterator[Receipts]:
    peer, told = EscposPrinter(tmp_path / "pages"), Told()
    config = PrinterConfig(address=f"tcp://127.0.0.1:{peer.start_tcp()}")
    spool = Spool(config, Store(), told.reports.printer, Clock(), QUICK)
    spool.start()
    told.until_well("printer")
    yield Receipts(peer, told)
    spool.stop()
    peer.stop()


@pytest.mark.proves(
    Code.PRINTER_OFFLINE, Code.PRINTER_NO_PAPER, Code.PRINTER_COVER, Code.PRINTER_ERROR, Code.PRINTER_PAPER_LOW
)
@pytest.mark.parametrize(
    ("harm", "code", "remedy"),
    [
        ("unplug", Code.PRINTER_OFFLINE, "plug"),
        ("paper_out", Code.PRINTER_NO_PAPER, "refill"),
        ("cover_open", Code.PRINTER_COVER, "cover_closed"),
        ("cutter", Code.PRINTER_ERROR, "cutter_ok"),
        ("paper_low", Code.PRINTER_PAPER_LOW, "refill"),
    ],
)
def test_what_ails_the_receipt_printer_is_told_until_it_is_seen_to(
    receipts: Receipts, harm: str, code: Code, remedy: str
) -> None:
    receipts.peer.poke(harm)
    receipts.told.until_fault("printer", code)
    receipts.peer.poke(remedy)
    receipts.told.until_well("printer")
    assert receipts.told.said == [code], "once"


@dataclass
class Sheets:
    """The A4 printer at its address, and the terminal's reports of it."""

    peer: Answering
    told: Told

    def answers(self, answer: bytes) -> None:
        self.peer.answers[PRINTER] = [answer]


@pytest.fixture
def sheets() -> Iterator[Sheets]:
    peer, told = Answering({PRINTER: [printer()]}), Told()
    pace, making = replace(QUICK, answer=2.0), partial(IppPrinter, peer.address, "A-017", "")
    spool = Spool(PrinterConfig(address=peer.address, roll=0.0), Store(), told.reports.a4, Clock(), pace, making)
    spool.start()
    told.until_well("a4")
    yield Sheets(peer, told)
    spool.stop()
    peer.close()


@pytest.mark.proves(
    *(Code.A4_OFFLINE, Code.A4_NO_PAPER, Code.A4_COVER, Code.A4_ERROR),
    *(Code.A4_PAPER_LOW, Code.A4_NO_TONER, Code.A4_TONER_LOW),
)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", Code.A4_OFFLINE),
        (printer(5, "media-empty-error"), Code.A4_NO_PAPER),
        (printer(5, "cover-open-error"), Code.A4_COVER),
        (printer(5, "media-jam-error"), Code.A4_ERROR),
        (printer(3, "media-low-warning"), Code.A4_PAPER_LOW),
        (printer(5, "toner-empty-error"), Code.A4_NO_TONER),
        (printer(3, "toner-low-warning"), Code.A4_TONER_LOW),
    ],
)
def test_what_ails_the_a4_printer_is_told_until_it_is_seen_to(sheets: Sheets, answer: bytes, code: Code) -> None:
    sheets.answers(answer)
    sheets.told.until_fault("a4", code)
    sheets.answers(printer())
    sheets.told.until_well("a4")
    assert sheets.told.said == [code], "once"
