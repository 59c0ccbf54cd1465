"""The spool and its IPP driver against a real printer of IPP, in all that may happen to a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

import pytest

from kiosk.clock import CAMPUS_ZONE
from kiosk.config import PrinterConfig
from kiosk.domain.documents import fill
from kiosk.shipped import documents
from printers import pdf
from printers.ipp import IppPrinter
from printers.pace import Pace
from printers.sim.ipp_printer import ABORTS, GOOD, MISSING, SLOW, STOPS, IppPeer, there
from printers.spool import Job, JobState, StatusEvent
from printers.status import Status
from tests.contract.spool_kit import Bench, Store
from tests.papers import sample
from tests.waiting import until

pytestmark = pytest.mark.skipif(not there(), reason=MISSING)
QUICK = Pace(
    *(1.0, 2.0, 0.3, 2.0, 1.0),
    confirm=20.0,
    margin=0.02,
    watch=0.03,
    grace=0.05,
    poll=0.05,
    retry=0.05,
    look=0.02,
)
HASTY = replace(QUICK, confirm=0.3)
SECOND_ABORTS = '[ $(ls "{got}" | wc -l) = 1 ]'


@lru_cache
def paper() -> bytes:
    blocks = fill(documents()["transcript"], "zh", sample())
    return pdf.render(blocks, title="made up", created=datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE))


class Sheets(Bench):
    """With the driver for IPP."""

    def __init__(self, address: str, pace: Pace = QUICK, store: Store | None = None) -> None:
        config = PrinterConfig(address=address, roll=0.0)
        super().__init__(config, pace, store, partial(IppPrinter, address, "A-017", ""))

    def print(self, name: str, data: bytes = b"") -> tuple[JobState, str]:
        return super().print(name, data or paper())


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[IppPeer]:
    real = IppPeer(tmp_path)
    yield real
    real.stop()


@pytest.fixture
def bench(printer: IppPeer) -> Iterator[Sheets]:
    made = Sheets(printer.address)
    yield made
    made.spool.stop()


@pytest.fixture
def hasty(printer: IppPeer) -> Iterator[Sheets]:
    """One that waits for no job for longer than a moment."""
    made = Sheets(printer.address, HASTY)
    yield made
    made.spool.stop()


def in_hand(printer: IppPeer, bench: Sheets, name: str, mood: str, reason: str = "") -> None:
    """A job that is being printed, and does not come to its end by itself."""
    printer.mood(mood, reason)
    bench.spool.submit(Job(name, "made up", paper()))
    until(lambda: printer.got == [paper()], "the document at the printer")


def test_a_job_is_printed_once_byte_for_byte(printer: IppPeer, bench: Sheets) -> None:
    assert bench.print("one") == (JobState.PRINTED, "")
    assert bench.states("one") == [JobState.QUEUED, JobState.PRINTING, JobState.PRINTED]
    assert [row[1] for row in bench.store.rows] == ["queued", "printing", "printed"]
    assert printer.got == [paper()]
    assert bench.store.used["mm"] == 297.0
    bench.status(Status.IDLE)


def test_an_aborted_job_has_failed_and_the_next_one_prints(printer: IppPeer, bench: Sheets) -> None:
    printer.mood(ABORTS)
    assert bench.print("one") == (JobState.FAILED, Status.ERROR)
    printer.mood(GOOD)
    assert bench.print("two") == (JobState.PRINTED, "")
    assert printer.got == [paper()] * 2, "each was sent once"


def test_a_slow_printer_is_not_a_failed_one(printer: IppPeer, bench: Sheets) -> None:
    """Far beyond what an answer may take."""
    in_hand(printer, bench, "one", SLOW)
    asked = printer.log.count("Get-Job-Attributes successful-ok")
    until(lambda: printer.log.count("Get-Job-Attributes successful-ok") > asked + 40, "many questions")
    assert bench.states("one") == [JobState.QUEUED, JobState.PRINTING]
    printer.go_on()
    assert bench.outcome("one") == (JobState.PRINTED, "")
    assert printer.got == [paper()]


def test_paper_out_in_mid_job_takes_the_job_back(printer: IppPeer, hasty: Sheets) -> None:
    """It says itself that the job was cancelled, and with no sheet out: it has failed, and new paper brings nothing."""
    in_hand(printer, hasty, "one", STOPS, "media-empty")
    until(lambda: "Cancel-Job successful-ok" in printer.log, "the job called off")
    printer.go_on()
    assert hasty.outcome("one") == (JobState.FAILED, Status.NO_PAPER)
    printer.mood(GOOD)
    hasty.status(Status.IDLE)
    assert hasty.print("two") == (JobState.PRINTED, "")
    assert printer.got == [paper()] * 2


def test_what_cannot_be_taken_back_is_asked_about_and_nothing_comes_on_top(printer: IppPeer, hasty: Sheets) -> None:
    in_hand(printer, hasty, "one", STOPS, "cover-open")
    assert hasty.outcome("one") == (JobState.UNKNOWN, Status.COVER_OPEN)
    hasty.status(Status.ERROR)
    assert hasty.print("two")[0] is JobState.FAILED
    printer.mood(GOOD)
    printer.go_on()
    hasty.status(Status.IDLE)
    assert printer.got == [paper()]
    assert hasty.print("three") == (JobState.PRINTED, "")


def test_a_printer_killed_in_mid_job_is_asked_about_and_nothing_is_sent_again(printer: IppPeer, bench: Sheets) -> None:
    in_hand(printer, bench, "one", SLOW)
    printer.kill()
    assert bench.outcome("one") == (JobState.UNKNOWN, Status.DISCONNECTED)
    bench.status(Status.DISCONNECTED)
    assert bench.print("two") == (JobState.FAILED, Status.DISCONNECTED)
    printer.mood(GOOD)
    printer.start()
    bench.status(Status.IDLE)
    assert bench.print("three") == (JobState.PRINTED, "")
    assert printer.got == [paper()] * 2, "the first and the third"


def test_a_restart_takes_back_what_an_earlier_run_left(printer: IppPeer, bench: Sheets) -> None:
    in_hand(printer, bench, "one", SLOW)
    bench.wait(lambda: JobState.PRINTING in bench.states("one"))
    bench.spool.stop()
    assert bench.outcome("one") == (JobState.UNKNOWN, Status.DISCONNECTED)
    again = Sheets(printer.address, store=bench.store)
    try:
        until(lambda: "Cancel-Job successful-ok" in printer.log, "the job called off")
        printer.go_on()
        again.status(Status.IDLE)
        assert printer.got == [paper()]
    finally:
        again.spool.stop()


def test_another_ones_job_is_let_be_and_ours_refused_has_failed(printer: IppPeer, bench: Sheets) -> None:
    """This printer takes one job at a time, and says that it has not taken another."""
    other = Sheets(printer.address)
    try:
        in_hand(printer, other, "theirs", SLOW)
        assert bench.print("ours") == (JobState.FAILED, Status.ERROR)
        printer.go_on()
        assert other.outcome("theirs") == (JobState.PRINTED, "")
    finally:
        other.spool.stop()
    assert printer.got == [paper()]


def test_a_printer_that_takes_no_pdf_is_sent_none(tmp_path: Path) -> None:
    real = IppPeer(tmp_path, "image/jpeg")
    bench = Sheets(real.address)
    try:
        bench.status(Status.ERROR)
        assert bench.print("one") == (JobState.FAILED, Status.ERROR)
        assert not real.got
        assert "Print-Job" not in real.log
    finally:
        bench.spool.stop()
        real.stop()


def test_what_is_left_is_told_before_it_runs_out_and_when_it_has(printer: IppPeer, bench: Sheets) -> None:
    """This printer reports an empty tray, and warns of nothing: there might be another."""
    for sheets, percent, status in ((250, 100, Status.IDLE), (5, 10, Status.PAPER_LOW), (0, 0, Status.NO_PAPER)):
        printer.tray(sheets)
        bench.wait(lambda told=StatusEvent(status, percent, 80): bench.told() == told)  # type: ignore[misc]
    printer.tray(250)
    printer.toner(5)
    bench.wait(lambda: bench.told() == StatusEvent(Status.TONER_LOW, 100, 10))
    assert bench.print("one") == (JobState.PRINTED, ""), "there is enough for this one"


def test_copies_are_the_same_file_one_after_the_other(printer: IppPeer, bench: Sheets) -> None:
    bench.spool.submit(Job("two", "made up", paper(), 2))
    assert bench.outcome("two") == (JobState.PRINTED, "")
    assert printer.got == [paper()] * 2
    assert bench.store.used["mm"] == 2 * 297.0


def test_a_second_copy_that_does_not_come_out_spoils_the_job(printer: IppPeer, bench: Sheets) -> None:
    printer.mood(SECOND_ABORTS)
    bench.spool.submit(Job("two", "made up", paper(), 2))
    assert bench.outcome("two") == (JobState.FAILED, Status.ERROR)
    assert printer.got == [paper()] * 2


def test_a_first_copy_that_is_in_doubt_is_a_spoiled_job_and_no_second_one_is_sent(
    printer: IppPeer, hasty: Sheets
) -> None:
    """Whatever became of the first, the second is certainly missing."""
    printer.mood(STOPS, "cover-open")
    hasty.spool.submit(Job("two", "made up", paper(), 2))
    assert hasty.outcome("two") == (JobState.FAILED, Status.COVER_OPEN)
    assert printer.got == [paper()]
