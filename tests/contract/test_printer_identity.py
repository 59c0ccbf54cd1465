"""What a receipt printer tells of itself: asked once when it is idle, never in a job's way; it confirms nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.clock import Clock
from printers.driver import FILL, Driver
from printers.profiles import profile
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import JobState
from printers.status import READY, Status
from tests.contract.spool_kit import QUICK, SLIP, Receipts
from tests.waiting import until

PACE = replace(QUICK, tells=0.3)
GS_I = b"\x1dI"
Make = Callable[..., Receipts]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Receipts] = []

    def build(answers: Callable[[EscposPrinter, int], None] | None = None, model: str = "generic-80mm") -> Receipts:
        """`answers`: what the printer does at GS I n."""
        printer = EscposPrinter(tmp_path / "pages")
        if answers is not None:
            printer.machine.introduce = lambda n: answers(printer, n)  # type: ignore[method-assign]
        address = f"tcp://127.0.0.1:{printer.start_tcp()}"
        made.append(Receipts(printer, address, PACE, profile=model))
        made[-1].status(Status.IDLE)
        return made[-1]

    yield build
    for each in made:
        each.spool.stop()
        each.printer.stop()


def looked_again(bench: Receipts) -> None:
    """The printer has been asked how it is, after all that was asked before."""
    count = bench.printer.raw.count(b"\x10\x04\x01")
    until(lambda: bench.printer.raw.count(b"\x10\x04\x01") > count + 1)


def clean(bench: Receipts) -> None:
    """A slip comes out, with nothing on it that is not its own."""
    assert bench.print("slip", SLIP) == (JobState.PRINTED, "")
    assert bench.printer.wait_for(lambda peer: len(peer.tray.sheets) == 1)
    (sheet,) = bench.printer.tray.sheets
    assert sheet.text.startswith("江城职业学院"), sheet.text
    assert bench.statuses()[-1] is not Status.DISCONNECTED


def test_it_tells_maker_model_and_firmware_and_of_another_printer_anew(make: Make) -> None:
    bench = make()
    until(lambda: bench.spool.firmware == "Peer Printers PP-80 2.07a")
    assert bytes(bench.printer.raw).count(GS_I) == 3
    bench.printer.machine.identity = {67: "PP-58"}
    bench.printer.poke("unplug")
    bench.status(Status.DISCONNECTED)
    bench.printer.poke("plug")
    bench.status(Status.IDLE)
    until(lambda: bench.spool.firmware == "PP-58")
    clean(bench)


def silent(_printer: EscposPrinter, _n: int) -> None:
    """Knows the command, and has no such text."""


def prints(printer: EscposPrinter, n: int) -> None:
    """Knows no such command, and takes its letter for text."""
    printer.machine.character(n)


@pytest.mark.parametrize("answers", [silent, prints])
def test_one_that_tells_nothing_is_asked_once_and_prints_clean_pages(make: Make, answers: Callable[..., None]) -> None:
    bench = make(answers)
    until(lambda: GS_I in bench.printer.raw)
    looked_again(bench)
    assert bench.spool.firmware == ""
    until(lambda: bench.printer.machine.paper._used == 0, "nothing begun on the line")
    clean(bench)
    looked_again(bench)
    assert bytes(bench.printer.raw).count(GS_I) == 1
    assert Status.DISCONNECTED not in bench.statuses()


def test_a_text_that_comes_in_the_middle_of_a_job_confirms_nothing(make: Make) -> None:
    """Its letters look like answers to GS r, one by one."""
    bench = make(silent)
    until(lambda: GS_I in bench.printer.raw)
    looked_again(bench)
    held: list[bytes] = []

    def late(data: bytes) -> None:
        """With the first answer that would be the confirmation."""
        if len(data) == 1 and not data[0] & 0x90 and not held:
            held.append(data)
            bench.printer._answer(b"\x5fEPSON T88\x00")

    bench.printer.said = late
    assert bench.print("slip", SLIP) == (JobState.PRINTED, "")
    assert held
    assert len(bench.printer.pages) == 1


@pytest.fixture
def driver(printer: EscposPrinter, port: int) -> Iterator[Driver]:
    """On its own, so that nobody else looks."""
    made = Driver(f"tcp://127.0.0.1:{port}", profile("generic-80mm"), Clock(), PACE, lambda: False)
    assert made.connect(lambda: False)
    yield made
    made.close()


def test_it_is_never_asked_right_before_a_job(printer: EscposPrinter, driver: Driver) -> None:
    for _ in range(2):
        assert driver.prepare() is Status.IDLE
        assert driver.send(driver.plan(SLIP)).status is Status.IDLE
    assert driver.look() is Status.IDLE
    assert driver.prepare() is Status.IDLE
    assert GS_I not in printer.raw
    assert driver.look() is Status.IDLE
    assert driver.firmware == "Peer Printers PP-80 2.07a"


@pytest.mark.parametrize(("harm", "remedy"), [("paper_out", "refill"), ("cover_open", "cover_closed")])
def test_it_is_asked_once_it_is_ready_for_two_looks(
    printer: EscposPrinter, driver: Driver, harm: str, remedy: str
) -> None:
    """Before, the question might lie there behind what the printer waits for."""
    driver.look()
    printer.poke(harm)
    assert driver.look() not in READY
    printer.poke(remedy)
    assert driver.look() is Status.IDLE
    assert GS_I not in printer.raw
    driver.look()
    assert driver.firmware


def test_what_a_spoiled_job_left_is_cleared_first(printer: EscposPrinter, driver: Driver) -> None:
    driver.look()
    driver.suspect()
    assert driver.look() is Status.IDLE
    assert driver.clean
    assert bytes(printer.raw).find(GS_I) > bytes(printer.raw).find(FILL)


def test_a_model_that_knows_no_such_question_is_not_asked(make: Make) -> None:
    bench = make(model="plain-80mm")
    clean(bench)
    assert GS_I not in bench.printer.raw
