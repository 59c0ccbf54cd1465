"""Bad luck of the simulated printer: what happens to it later, and its own record of what came out."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from printers.sim.escpos_printer import DLE_DC4, EscposPrinter
from tests.contract.printer_kit import GS_R, ask, gone
from tests.papers import job, sample

CUT = b"\x1dVB\x00"
LINE = b"0123456789\n"


@pytest.mark.parametrize("silence", ["silent_after", "mute_after"])
def test_a_printer_told_to_talk_forgets_that_it_was_to_fall_silent(
    printer: EscposPrinter, line: socket.socket, silence: str
) -> None:
    printer.poke(silence, 5)
    printer.poke("talk")
    assert ask(line, LINE + GS_R) == b"\x00"
    printer.poke(silence, 5)
    line.sendall(LINE + GS_R)
    assert printer.wait_for(lambda peer: peer.condition.mute)
    printer.poke("talk")
    line.sendall(LINE + GS_R)
    assert ask(line, b"") == b"\x00", "it goes on where it hung, or prints what comes next"


def test_power_off_forgets_the_job_and_keeps_its_paper(printer: EscposPrinter, port: int, line: socket.socket) -> None:
    ask(line, b"\x1da\xff", 4)
    printer.poke("power_off_after", 25)
    line.sendall(LINE * 3 + CUT + GS_R)
    assert gone(line)
    printer.poke("power_on")
    with socket.create_connection(("127.0.0.1", port), 5) as again:
        again.settimeout(5)
        printer.poke("paper_low")
        assert ask(again, CUT + GS_R) == b"\x03", "automatic status is off, and nothing is left to print"
    assert [(sheet.text, sheet.spoiled) for sheet in printer.tray.sheets] == [("0123456789\n" * 2, True)]


def test_unplugged_it_prints_what_it_has(printer: EscposPrinter, line: socket.socket) -> None:
    printer.poke("unplug_after", 15)
    line.sendall(LINE * 3 + CUT)
    assert printer.wait_for(lambda peer: bool(peer.pages))
    assert printer.tray.sheets[0].text == "0123456789\n" * 3


@pytest.mark.parametrize("obeys", [True, False])
def test_dle_dc4_empties_the_buffer_of_a_printer_that_knows_it(tmp_path: Path, obeys: bool) -> None:
    printer = EscposPrinter(tmp_path, clears=(DLE_DC4,) if obeys else ())
    try:
        with socket.create_connection(("127.0.0.1", printer.start_tcp()), 5) as line:
            line.settimeout(5)
            printer.poke("cover_open")
            line.sendall(LINE + DLE_DC4)
            assert ask(line, b"\x10\x04\x01") == b"\x1a"
            printer.poke("cover_closed")
            assert ask(line, b"end\n" + CUT + GS_R) == b"\x00"
            assert printer.tray.sheets[0].text == ("end\n" if obeys else "0123456789\nend\n")
            assert not printer.machine.seen.unknown
    finally:
        printer.stop()


def test_it_knows_what_stands_on_its_paper(printer: EscposPrinter, line: socket.socket) -> None:
    ask(line, job("enrolment") + GS_R)
    assert printer.wait_for(lambda peer: peer.at_rest)
    (sheet,) = printer.tray.sheets
    assert sample()["serial"] in sheet.text
    assert "张伟" in sheet.text
    assert sheet.codes == (sample()["code"],)
