"""The simulated printer itself: its status bytes, its paper, and pages that others can read."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from printers.sim.escpos_printer import EscposPrinter
from tests.contract.printer_kit import GS_R, ask, gone
from tests.papers import job

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"


def statuses(line: socket.socket) -> str:
    return b"".join(ask(line, bytes((0x10, 4, n))) for n in (1, 2, 3, 4)).hex(" ")


def page(line: socket.socket, printer: EscposPrinter, data: bytes) -> Image.Image:
    before = len(printer.pages)
    ask(line, data + GS_R)
    assert len(printer.pages) == before + 1
    with Image.open(printer.pages[-1]) as picture:
        return picture.copy()


@pytest.mark.parametrize(
    ("pokes", "real_time", "automatic"),
    [
        ((), "12 12 12 12", "14 00 00 0f"),
        (("paper_low",), "12 12 12 1e", "14 00 03 0f"),
        (("cover_open",), "1a 16 12 12", "3c 00 00 0f"),
        (("paper_out",), "1a 32 12 7e", "1c 00 0f 0f"),
        (("cutter",), "1a 52 1a 12", "1c 08 00 0f"),
    ],
)
def test_status_bytes(
    printer: EscposPrinter, line: socket.socket, pokes: tuple[str, ...], real_time: str, automatic: str
) -> None:
    for poke in pokes:
        printer.poke(poke)
    assert statuses(line) == real_time
    assert printer.condition.automatic().hex(" ") == automatic
    for poke in ("refill", "cover_closed", "cutter_ok"):
        printer.poke(poke)
    assert statuses(line) == "12 12 12 12"


def test_automatic_status_is_sent_when_asked_for_and_at_each_change(
    printer: EscposPrinter, line: socket.socket
) -> None:
    assert ask(line, b"\x1da\xff", 4).hex() == "1400000f"
    printer.poke("cover_open")
    assert ask(line, b"", 4).hex() == "3c00000f"


def test_gs_r_waits_behind_the_job(printer: EscposPrinter, line: socket.socket) -> None:
    printer.poke("paper_out")
    line.sendall(b"hello\n" + GS_R)
    assert statuses(line) == "1a 32 12 7e"
    printer.poke("refill")
    assert ask(line, b"") == b"\x00"


def test_paper_out_in_mid_job_spoils_a_page_and_new_paper_brings_the_rest(
    printer: EscposPrinter, line: socket.socket
) -> None:
    data = job()
    printer.poke("paper_out_after", len(data) // 2)
    line.sendall(data + GS_R)
    assert printer.wait_for(lambda peer: not peer.ready)
    assert not printer.pages
    printer.poke("refill")
    assert ask(line, b"") == b"\x00"
    assert [path.name for path in printer.spoiled] == ["page-001-spoiled.png"]
    assert [path.name for path in printer.pages] == ["page-002.png"]


def test_dle_enq_empties_the_buffer(printer: EscposPrinter, line: socket.socket) -> None:
    data = job()
    printer.poke("paper_out_after", len(data) // 2)
    line.sendall(data + GS_R)
    assert printer.wait_for(lambda peer: not peer.ready)
    line.sendall(b"\x10\x05\x02")
    statuses(line)
    printer.poke("refill")
    clean = page(line, printer, job("receipt"))
    assert len(printer.spoiled) == 1
    again = page(line, printer, job("receipt"))
    assert ImageChops.difference(clean, again).getbbox() is None


def test_real_time_orders_are_obeyed_inside_a_picture(printer: EscposPrinter, line: socket.socket) -> None:
    answer = ask(line, b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + GS_R, 2)
    assert answer == b"\x12\x00"


def test_a_drawer_kick_and_unknown_commands_are_noticed(printer: EscposPrinter, line: socket.socket) -> None:
    ask(line, b"\x1bp\x00\x19\x19\x1b\x7f\x1d\x7f" + GS_R)
    assert printer.machine.seen.kicks == 1
    assert printer.machine.seen.unknown == [b"\x1b\x7f", b"\x1d\x7f"]


def test_silent_hangs_and_mute_prints_without_a_word(printer: EscposPrinter, line: socket.socket) -> None:
    printer.poke("mute")
    line.sendall(job("receipt") + GS_R)
    # the question stands behind the page, and is answered by nobody only while it is mute
    assert printer.wait_for(lambda peer: peer.raw.endswith(GS_R) and peer.at_rest)
    assert len(printer.pages) == 1
    printer.poke("talk")
    printer.poke("silent")
    line.sendall(job("receipt"))
    printer.poke("talk")
    assert ask(line, GS_R) == b"\x00"
    assert len(printer.pages) == 2


def test_a_full_buffer_stops_reading(tmp_path: Path) -> None:
    printer = EscposPrinter(tmp_path, buffer=1000)
    try:
        with socket.create_connection(("127.0.0.1", printer.start_tcp()), 5) as line:
            line.settimeout(5)
            printer.poke("paper_out")
            line.sendall(b"x" * 5000 + b"\n" + GS_R)
            assert printer.wait_for(lambda peer: peer.room() == 0)
            assert len(printer.raw) == 1000
            printer.poke("refill")
            assert ask(line, b"") == b"\x00"
    finally:
        printer.stop()


def test_unplug_ends_the_connection_and_plug_listens_again(printer: EscposPrinter) -> None:
    port = printer.start_tcp()
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(5)
        ask(line, b"\x10\x04\x01")
        printer.poke("unplug")
        assert gone(line)
        printer.poke("plug")
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(5)
        assert ask(line, b"\x10\x04\x01") == b"\x12"


def test_an_unknown_poke_is_refused(printer: EscposPrinter) -> None:
    with pytest.raises(ValueError, match="paper_low"):
        printer.poke("kick it")


def test_a_page_over_the_wire_is_the_one_that_was_reviewed(printer: EscposPrinter, line: socket.socket) -> None:
    with Image.open(SNAPSHOTS / "80mm" / "enrolment-zh.png") as expected:
        found = page(line, printer, job())
        assert found.size == expected.size
        assert ImageChops.difference(found.convert("L"), expected.convert("L")).getbbox() is None


def test_received_bytes_are_kept(tmp_path: Path) -> None:
    printer = EscposPrinter(tmp_path)
    data = job("receipt")
    with socket.create_connection(("127.0.0.1", printer.start_tcp()), 5) as line:
        line.settimeout(5)
        ask(line, data + GS_R)
    printer.stop()
    kept = (tmp_path / "received.bin").read_bytes()
    assert hashlib.sha256(kept).digest() == hashlib.sha256(data + GS_R).digest()
