"""The spool against a printer that behaves, and one that does what printers do."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from printers.pace import Pace
from printers.sim.escpos_printer import DLE_DC4, DLE_ENQ, EscposPrinter
from printers.spool import NOT_KEPT, Job, JobEvent, JobState, Spool, StatusEvent
from printers.status import Status
from tests.contract.spool_kit import DATA, QUICK, SLIP, Receipts, Store

BEGUN = DATA[:4]
"""How the page begins: ESC @ alone also stands behind the question what a printer is."""


@pytest.fixture(params=["tcp", "pty"])
def address(request: pytest.FixtureRequest, printer: EscposPrinter, tmp_path: Path) -> str:
    if request.param == "tcp":
        return f"tcp://127.0.0.1:{printer.start_tcp()}"
    printer.start_pty(tmp_path / "lp")
    return f"serial://{tmp_path / 'lp'}?baud=115200"


@pytest.fixture
def bench(printer: EscposPrinter, address: str) -> Iterator[Receipts]:
    made = Receipts(printer, address)
    made.status(Status.IDLE)
    yield made
    made.spool.stop()


def same(one: Path, other: Path) -> bool:
    with Image.open(one) as a, Image.open(other) as b:
        return a.size == b.size and ImageChops.difference(a.convert("L"), b.convert("L")).getbbox() is None


def reference(bench: Receipts) -> Path:
    """What the slip looks like on a clean printer."""
    assert bench.print("reference", SLIP) == (JobState.PRINTED, "")
    return bench.printer.pages[-1]


def test_a_job_is_printed_once_and_said_so(bench: Receipts) -> None:
    assert bench.print("one") == (JobState.PRINTED, "")
    assert bench.states("one") == [JobState.QUEUED, JobState.PRINTING, JobState.PRINTED]
    assert [row[1] for row in bench.store.rows] == ["queued", "printing", "printed"]
    assert len(bench.printer.pages) == 1
    bench.status(Status.IDLE)
    assert bench.statuses() == [Status.IDLE, Status.BUSY, Status.IDLE]


def test_jobs_come_out_in_order(bench: Receipts) -> None:
    for n in range(3):
        bench.spool.submit(Job(f"j{n}", "made up", SLIP if n else DATA))
    for n in range(3):
        assert bench.outcome(f"j{n}") == (JobState.PRINTED, "")
    assert len(bench.printer.pages) == 3
    assert same(bench.printer.pages[1], bench.printer.pages[2])


def test_each_change_of_status_is_said_once(bench: Receipts) -> None:
    bench.printer.poke("paper_low")
    bench.status(Status.PAPER_LOW)
    bench.printer.poke("paper_out")
    bench.status(Status.NO_PAPER)
    bench.printer.poke("refill")
    bench.status(Status.IDLE)
    bench.printer.poke("cover_open")
    bench.status(Status.COVER_OPEN)
    bench.printer.poke("cover_closed")
    bench.printer.poke("cutter")
    bench.status(Status.ERROR)
    bench.printer.poke("cutter_ok")
    bench.status(Status.IDLE)
    said = bench.statuses()
    assert all(one is not other for one, other in pairwise(said))


def test_low_paper_prints(bench: Receipts) -> None:
    bench.printer.poke("paper_low")
    bench.status(Status.PAPER_LOW)
    assert bench.print("one") == (JobState.PRINTED, "")
    bench.status(Status.PAPER_LOW)


@pytest.mark.parametrize(
    ("poke", "status"),
    [("paper_out", Status.NO_PAPER), ("cover_open", Status.COVER_OPEN), ("cutter", Status.ERROR)],
)
def test_a_printer_that_is_not_ready_is_sent_nothing(bench: Receipts, poke: str, status: Status) -> None:
    bench.printer.poke(poke)
    began = time.monotonic()
    assert bench.print("one") == (JobState.FAILED, status)
    assert time.monotonic() - began < 1.0
    assert BEGUN not in bench.printer.raw
    assert JobState.PRINTING not in bench.states("one")


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_paper_out_in_mid_job_fails_and_nothing_of_it_comes_with_new_paper(bench: Receipts, share: float) -> None:
    clean = reference(bench)
    bench.printer.poke("paper_out_after", int(len(DATA) * share))
    assert bench.print("spoiled") == (JobState.FAILED, Status.NO_PAPER)
    bench.status(Status.NO_PAPER)
    bench.printer.poke("refill")
    bench.status(Status.IDLE)
    assert bench.print("next", SLIP) == (JobState.PRINTED, "")
    assert len(bench.printer.pages) == 2
    assert len(bench.printer.spoiled) <= 1, "the rest of the spoiled page came out on the new paper"
    assert same(bench.printer.pages[-1], clean)
    assert bench.states("spoiled")[-1] is JobState.FAILED


def test_cover_opened_in_mid_job_fails_and_the_next_page_is_clean(bench: Receipts) -> None:
    clean = reference(bench)
    bench.printer.bytes_per_s = 20_000
    bench.spool.submit(Job("spoiled", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("spoiled"))
    bench.printer.poke("cover_open")
    assert bench.outcome("spoiled") == (JobState.FAILED, Status.COVER_OPEN)
    bench.printer.bytes_per_s = 0
    bench.printer.poke("cover_closed")
    bench.status(Status.IDLE)
    assert bench.print("next", SLIP) == (JobState.PRINTED, "")
    assert same(bench.printer.pages[-1], clean)
    assert len(bench.printer.pages) == 2


def test_paper_out_before_the_last_byte_is_never_called_printed(bench: Receipts) -> None:
    bench.printer.poke("paper_out_after", len(DATA) - 1)
    assert bench.print("one") == (JobState.FAILED, Status.NO_PAPER)
    assert not bench.printer.pages


def test_written_is_not_printed(bench: Receipts) -> None:
    """It takes every byte, prints the page even, and never confirms: unknown, whatever lies in the tray."""
    bench.printer.bytes_per_s = 20_000
    bench.spool.submit(Job("one", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("one"))
    bench.printer.poke("mute")
    bench.printer.bytes_per_s = 0
    assert bench.outcome("one") == (JobState.UNKNOWN, Status.DISCONNECTED)
    bench.printer.poke("talk")
    bench.status(Status.IDLE)


def test_a_printer_that_hangs_in_mid_job_is_unknown_and_leaves_nothing_behind(bench: Receipts) -> None:
    clean = reference(bench)
    bench.printer.bytes_per_s = 20_000
    bench.spool.submit(Job("hung", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("hung"))
    bench.printer.poke("silent")
    assert bench.outcome("hung") == (JobState.UNKNOWN, Status.DISCONNECTED)
    bench.status(Status.DISCONNECTED)
    bench.printer.bytes_per_s = 0
    bench.printer.poke("talk")
    bench.status(Status.IDLE)
    assert bench.print("next", SLIP) == (JobState.PRINTED, "")
    assert same(bench.printer.pages[-1], clean)
    assert bench.states("hung").count(JobState.UNKNOWN) == 1


def test_silence_never_reads_as_healthy(bench: Receipts) -> None:
    bench.printer.poke("silent")
    bench.status(Status.DISCONNECTED)
    began = time.monotonic()
    assert bench.print("one") == (JobState.FAILED, Status.DISCONNECTED)
    assert time.monotonic() - began < 1.0
    assert BEGUN not in bench.printer.raw
    bench.printer.poke("talk")
    bench.status(Status.IDLE)
    assert bench.print("two") == (JobState.PRINTED, "")


def test_unplugged_and_plugged_again_is_back_within_three_seconds(printer: EscposPrinter, address: str) -> None:
    bench = Receipts(printer, address, Pace())
    try:
        bench.status(Status.IDLE)
        printer.poke("unplug")
        bench.status(Status.DISCONNECTED, 3.0)
        assert bench.print("one") == (JobState.FAILED, Status.DISCONNECTED)
        printer.poke("plug")
        bench.status(Status.IDLE, 3.0)
        assert bench.print("two") == (JobState.PRINTED, "")
    finally:
        bench.spool.stop()


def test_unplugged_in_mid_job_is_unknown_and_the_next_page_is_clean(bench: Receipts) -> None:
    clean = reference(bench)
    bench.printer.bytes_per_s = 20_000
    bench.spool.submit(Job("cut", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("cut"))
    assert bench.printer.wait_for(lambda peer: "GS v" in peer.machine.seen.commands)
    bench.printer.poke("unplug")
    assert bench.outcome("cut") == (JobState.UNKNOWN, Status.DISCONNECTED)
    bench.printer.bytes_per_s = 0
    bench.printer.poke("plug")
    bench.status(Status.IDLE)
    assert bench.print("next", SLIP) == (JobState.PRINTED, "")
    assert same(bench.printer.pages[-1], clean)


def test_a_slow_printer_is_not_a_failed_one(tmp_path: Path) -> None:
    """Every answer of GS r comes long after the last byte was taken, and the first one at all comes late."""
    printer = EscposPrinter(tmp_path, bytes_per_s=6_000, first_answer_s=0.8)
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}", replace(QUICK, confirm=10.0))
    try:
        assert bench.print("one") == (JobState.PRINTED, "")
        assert len(printer.pages) == 1
    finally:
        bench.spool.stop()
        printer.stop()


def test_stopping_never_waits_for_the_printer(bench: Receipts) -> None:
    bench.printer.bytes_per_s = 500
    bench.spool.submit(Job("one", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("one"))
    began = time.monotonic()
    bench.spool.stop()
    assert time.monotonic() - began < 1.0
    assert bench.outcome("one")[0] is JobState.UNKNOWN


def test_jobs_of_an_earlier_run_are_asked_about_never_repeated(printer: EscposPrinter, address: str) -> None:
    store = Store([("old", "made up", "printing"), ("older", "made up", "queued")])
    bench = Receipts(printer, address, store=store)
    try:
        bench.status(Status.IDLE)
        assert bench.outcome("old") == (JobState.UNKNOWN, "")
        assert bench.outcome("older") == (JobState.FAILED, ""), "none of it was sent"
        assert [row[1] for row in store.rows] == ["unknown", "failed"]
        assert not printer.pages
    finally:
        bench.spool.stop()


def test_what_a_killed_run_left_in_the_printer_never_comes_on_the_next_page(
    printer: EscposPrinter, tmp_path: Path
) -> None:
    port = printer.start_tcp()
    with socket.create_connection(("127.0.0.1", port), 5) as killed:
        killed.sendall(DATA[: len(DATA) // 2])
        assert printer.wait_for(lambda peer: "GS v" in peer.machine.seen.commands)
    bench = Receipts(printer, f"tcp://127.0.0.1:{port}", store=Store([("old", "made up", "printing")]))
    try:
        assert bench.print("one", SLIP) == (JobState.PRINTED, "")
        assert bench.print("two", SLIP) == (JobState.PRINTED, "")
        assert same(*printer.pages)
        assert len(printer.spoiled) == 1
    finally:
        bench.spool.stop()


def test_a_page_confirmed_with_the_last_of_the_paper_is_printed(bench: Receipts) -> None:
    run_out_behind(bench.printer, 2)
    assert bench.print("one") == (JobState.PRINTED, "")
    bench.status(Status.NO_PAPER)
    assert len(bench.printer.pages) == 1


def run_out_behind(printer: EscposPrinter, nth: int) -> None:
    """The roll ends right behind this answer to GS r."""
    answer, count = printer.machine.answer, itertools.count(1)

    def answered(data: bytes) -> None:
        answer(data)
        # a byte: what it is, it may be asked at any time before, and tells in more
        if len(data) == 1 and next(count) == nth:
            printer.poke("paper_out")

    printer.machine.answer = answered


def test_a_page_that_may_be_whole_is_asked_about_when_the_paper_ends(bench: Receipts) -> None:
    """All but its last line was out when the roll ended: what hangs there may be all of it."""
    run_out_behind(bench.printer, 1)
    assert bench.print("one") == (JobState.UNKNOWN, Status.NO_PAPER)


def test_a_job_that_cannot_be_kept_is_not_printed(bench: Receipts) -> None:
    """Persist before act: after a crash nobody would know of it."""
    bench.store.full = True
    assert bench.print("one") == (JobState.FAILED, NOT_KEPT)
    assert BEGUN not in bench.printer.raw
    bench.store.full = False
    assert bench.print("two") == (JobState.PRINTED, "")
    assert BEGUN in bench.printer.raw


def test_the_rest_of_a_torn_automatic_status_confirms_nothing(bench: Receipts) -> None:
    """Three of its four bytes look like answers to GS r."""
    bench.printer.bytes_per_s = 20_000
    bench.spool.submit(Job("one", "made up", DATA))
    bench.wait(lambda: JobState.PRINTING in bench.states("one"))
    assert bench.printer.wait_for(lambda peer: "GS v" in peer.machine.seen.commands)
    bench.printer._answer(bench.printer.condition.automatic()[1:])
    assert bench.outcome("one") == (JobState.UNKNOWN, Status.DISCONNECTED)


def test_a_change_is_heard_before_it_is_asked_for(printer: EscposPrinter) -> None:
    """Automatic status: the next look would come in an hour."""
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}", replace(QUICK, poll=3600.0))
    try:
        bench.status(Status.IDLE)
        # what asks for it stands in its buffer, and with its cover open it takes nothing out of that
        assert printer.wait_for(lambda peer: peer.at_rest)
        for poke, status in (("cover_open", Status.COVER_OPEN), ("cover_closed", Status.IDLE)):
            printer.poke(poke)
            bench.status(status, 2.0)
        printer.poke("unplug")
        bench.status(Status.DISCONNECTED, 2.0)
    finally:
        bench.spool.stop()


def test_a_printer_without_real_time_status_is_known_by_what_it_reports(tmp_path: Path) -> None:
    """Silence, paper out in mid-job and the way back, with GS a and GS r alone."""
    printer = EscposPrinter(tmp_path, real_time=False, clears=())
    bench = Receipts(printer, f"tcp://127.0.0.1:{printer.start_tcp()}", profile="plain-80mm")
    try:
        bench.status(Status.IDLE)
        clean = reference(bench)
        printer.poke("paper_out_after", len(DATA) // 2)
        assert bench.print("spoiled") == (JobState.FAILED, Status.NO_PAPER)
        printer.poke("refill")
        assert bench.print("next", SLIP) == (JobState.PRINTED, "")
        assert same(printer.pages[-1], clean)
        printer.poke("silent")
        bench.status(Status.DISCONNECTED)
    finally:
        bench.spool.stop()
        printer.stop()


@pytest.mark.parametrize("clears", [(DLE_ENQ,), (DLE_DC4,), ()])
@pytest.mark.parametrize("inside", [True, False])
def test_half_a_picture_never_takes_the_next_page_in(tmp_path: Path, clears: tuple[bytes, ...], inside: bool) -> None:
    """Whatever the model obeys: a killed run left it waiting for dots, or in the middle of a line."""
    printer = EscposPrinter(tmp_path, clears=clears)
    port = printer.start_tcp()
    left = b"\x1b@half a line\n" + (b"\x1dv0\x00\x10\x00\xff\x00" + b"\xaa" * 100 if inside else b"half")
    with socket.create_connection(("127.0.0.1", port), 5) as killed:
        killed.sendall(left)
        assert printer.wait_for(lambda peer: peer.at_rest and len(peer.raw) == len(left))
    bench = Receipts(printer, f"tcp://127.0.0.1:{port}", store=Store([("old", "made up", "printing")]))
    try:
        assert bench.print("one", SLIP) == (JobState.PRINTED, "")
        assert bench.print("two", SLIP) == (JobState.PRINTED, "")
        assert [sheet.text.count("half") for sheet in printer.tray.sheets] == [1, 0, 0]
        assert same(printer.tray.sheets[1].path, printer.tray.sheets[2].path)
    finally:
        bench.spool.stop()
        printer.stop()


def test_a_printer_that_confirms_nothing_is_never_believed(tmp_path: Path) -> None:
    """A file takes every byte and says nothing: the job is unknown, and there is no waiting."""
    line = tmp_path / "lp"
    line.touch()
    events: list[JobEvent | StatusEvent] = []
    done = threading.Event()

    def note(event: JobEvent | StatusEvent) -> None:
        events.append(event)
        if isinstance(event, JobEvent) and event.state not in ("queued", "printing"):
            done.set()

    spool = Spool(PrinterConfig(address=f"file://{line}", profile="write-only"), Store(), note, Clock(), QUICK)
    spool.start()
    spool.submit(Job("one", "made up", SLIP))
    try:
        assert done.wait(10)
        assert JobEvent("one", JobState.UNKNOWN, Status.DISCONNECTED) in events
        assert SLIP in line.read_bytes()
    finally:
        spool.stop()


@pytest.mark.parametrize("address", ["", "tcp://127.0.0.1:1", "serial:///dev/no-such-printer", "file:///no/such"])
def test_no_printer_at_all_is_disconnected_and_refuses_at_once(printer: EscposPrinter, address: str) -> None:
    bench = Receipts(printer, address)
    try:
        bench.status(Status.DISCONNECTED)
        assert bench.print("one") == (JobState.FAILED, Status.DISCONNECTED)
        assert bench.statuses() == [Status.DISCONNECTED]
    finally:
        bench.spool.stop()


@pytest.mark.parametrize("looks_back", [True, False])
def test_of_two_spools_on_one_journal_one_looks_back_and_before_anything_is_taken(looks_back: bool) -> None:
    """Else the second one would find a job that the first one has just begun."""
    events: list[JobEvent | StatusEvent] = []
    store = Store([("old", "made up", "printing"), ("older", "made up", "queued")])
    spool = Spool(PrinterConfig(), store, events.append, Clock(), QUICK, looks_back=looks_back)
    spool.start()
    told = [event for event in events if isinstance(event, JobEvent)]
    spool.stop()
    ends = [JobEvent("old", JobState.UNKNOWN), JobEvent("older", JobState.FAILED)]
    assert told == (ends if looks_back else [])
