"""The spool over slow lines, and the paper that it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from printers import profile
from printers.plan import plan
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import JobState
from printers.status import Status
from printers.transport import speed
from printers.usage import Usage, as_kept, usage
from tests.contract.spool_kit import QUICK, SLIP, Receipts, Store
from tests.papers import job

IMPATIENT = replace(QUICK, answer=0.4, busy=0.3, confirm=0.3, margin=2.0)
SHORT_ROLL = 0.33
"""Metres: two certificates."""
PICTURE = b"\x1b@" + (b"\x1dv0\x00\x48\x00\x37\x00" + b"\xaa" * 72 * 55) * 2 + b"\x1dVB\x00"
"""Many bytes on little paper."""


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EscposPrinter]:
    peer = EscposPrinter(tmp_path / "pages")
    yield peer
    peer.stop()


@pytest.mark.parametrize(("wire", "outcome"), [("?baud=40000", JobState.PRINTED), ("", JobState.UNKNOWN)])
def test_a_long_job_on_a_slow_line_is_not_cut_off(tmp_path: Path, wire: str, outcome: JobState) -> None:
    """It takes six times the least wait, and little of it is taken ahead: only who knows the line waits as long."""
    printer = EscposPrinter(tmp_path, buffer=600, bytes_per_s=4_000)
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}{wire}", IMPATIENT)
    try:
        bench.status(Status.IDLE)
        assert bench.print("long", PICTURE)[0] is outcome
        assert len(printer.pages) == (outcome is JobState.PRINTED)
    finally:
        bench.spool.stop()
        printer.stop()


@pytest.mark.parametrize(
    ("address", "bytes_per_s"),
    [
        ("serial:///dev/ttyS0", 960),
        ("serial:///dev/ttyS0?baud=115200&flow=rtscts", 11_520),
        ("tcp://10.0.0.1:9100?baud=19200", 1_920),
        ("tcp://10.0.0.1:9100", 100_000),
        ("usb://04b8:0202", 100_000),
    ],
)
def test_the_address_tells_how_fast_the_line_is(address: str, bytes_per_s: float) -> None:
    assert speed(address) == bytes_per_s


@pytest.mark.parametrize("document", ["enrolment", "transcript", "receipt"])
def test_the_paper_of_a_job_is_known_before_it_is_printed(printer: EscposPrinter, document: str) -> None:
    """Within a tenth of what the printer's own roll says, the way to the knife apart."""
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}")
    try:
        bench.status(Status.IDLE)
        assert bench.print("one", job(document)) == (JobState.PRINTED, "")
        used = usage(bench.store.used)
        assert (used.cuts, used.roll_cuts, printer.machine.seen.cuts) == (1, 1, 1)
        assert used.mm == pytest.approx(printer.machine.paper.feeds / 8 + 15, rel=0.1)
    finally:
        bench.spool.stop()


def test_a_roll_that_runs_low_by_count_is_told_and_kept_over_a_restart(printer: EscposPrinter) -> None:
    address, store = f"tcp://127.0.0.1:{printer.start_tcp()}", Store()
    for run in ("first", "second", "third"):
        bench = Receipts(printer, address, store=store, roll=SHORT_ROLL)
        bench.status(Status.PAPER_LOW if run == "third" else Status.IDLE)
        assert bench.spool.usage.cuts == len(printer.pages)
        bench.print(run)
        if run == "second":
            bench.status(Status.PAPER_LOW)
        bench.spool.stop()
    assert len(printer.pages) == 3, "it still prints"
    bench = Receipts(printer, address, store=store, roll=SHORT_ROLL)
    try:
        printer.poke("paper_out")
        bench.status(Status.NO_PAPER)
        printer.poke("refill")
        bench.status(Status.IDLE)
        assert (bench.spool.usage.roll_mm, bench.spool.usage.cuts) == (0, 3)
        assert usage(store.used) == bench.spool.usage
    finally:
        bench.spool.stop()


def test_a_job_that_is_cut_short_counts_from_its_first_byte(printer: EscposPrinter) -> None:
    """kill −9 in the middle: the store has it already."""
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}")
    try:
        bench.status(Status.IDLE)
        printer.poke("paper_out_after", 30)
        assert bench.print("spoiled", SLIP)[0] is JobState.FAILED
        assert usage(bench.store.used).mm == plan(SLIP, profile("generic-80mm")).mm
    finally:
        bench.spool.stop()


USED = Usage(roll_mm=70_000, roll_cuts=200, mm=90_000, cuts=300)


@pytest.mark.parametrize(
    ("seen", "new"),
    [
        ((Status.NO_PAPER, Status.IDLE), True),
        ((Status.NO_PAPER, Status.COVER_OPEN, Status.PAPER_LOW), True),
        ((Status.PAPER_LOW, Status.COVER_OPEN, Status.IDLE), True),
        ((Status.PAPER_LOW, Status.DISCONNECTED, Status.IDLE), True),
        ((Status.PAPER_LOW, Status.COVER_OPEN, Status.PAPER_LOW), False),
        ((Status.PAPER_LOW, Status.IDLE, Status.PAPER_LOW), False),
        ((Status.COVER_OPEN, Status.IDLE), False),
        ((Status.DISCONNECTED, Status.IDLE), False),
        ((Status.ERROR, Status.IDLE), False),
    ],
)
def test_a_new_roll_is_one_after_the_end_or_far_from_it_again(seen: tuple[Status, ...], new: bool) -> None:
    now = USED
    for status in seen:
        now = usage(as_kept(now.saw(status)))
    assert (now.roll_mm, now.roll_cuts) == ((0, 0) if new else (70_000, 200))
    assert (now.mm, now.cuts) == (90_000, 300)


def test_what_is_left_of_a_roll_is_told_in_tens() -> None:
    assert [Usage(roll_mm=mm).left(80) for mm in (0, 1, 8_001, 71_999, 72_001, 90_000)] == [100, 100, 90, 20, 10, 0]
    assert [Usage(roll_mm=mm).runs_low(80) for mm in (0, 71_999, 72_000)] == [False, False, True]
    assert Usage(roll_mm=1e6).left(0) == -1
    assert not Usage(roll_mm=1e6).runs_low(0)
