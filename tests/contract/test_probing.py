"""Serial lines that are asked what is there, with the peers of every driver at their ends."""

from __future__ import annotations

import contextlib
import os
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices import probing
from devices.probing import Found, probe
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from devices.sim.thermal.peer import ThermalPeer
from printers.sim.escpos_printer import EscposPrinter
from tests.waiting import until

PEERS: dict[str, tuple[Callable[[Path], Any], Found | None]] = {
    "gm65": (lambda path: ScannerPeer(path, "gm65", 0), Found("scanner", "gm65", 9600)),
    "modbus": (lambda path: ModbusRelayPeer(path, 0), Found("relay", "modbus", 9600)),
    "gy90640": (lambda path: ThermalPeer(path, "gy90640", 115200), Found("thermal", "gy90640", 115200)),
    "htpa32": (lambda path: ThermalPeer(path, "htpa32", 115200, hurry=True), Found("thermal", "htpa32", 115200)),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers answer at once."""
    monkeypatch.setattr(probing, "STREAM_S", 1.0)
    monkeypatch.setattr(probing, "ANSWER_S", 0.15)


@pytest.mark.parametrize("kind", PEERS)
def test_what_is_at_a_line_is_found_by_its_own_protocol(kind: str, tmp_path: Path) -> None:
    make, found = PEERS[kind]
    peer = make(tmp_path / "line")
    peer.start()
    try:
        assert probe(str(tmp_path / "line")) == found
    finally:
        peer.stop()


def test_a_printer_is_found_and_prints_nothing(tmp_path: Path) -> None:
    printer = EscposPrinter(tmp_path / "paper")
    printer.start_pty(tmp_path / "line")
    try:
        until(lambda: (tmp_path / "line").exists())
        assert probe(str(tmp_path / "line")) == Found("printer", "escpos", 9600)
        assert not printer.pages
    finally:
        printer.stop()


def test_a_board_that_never_answers_is_not_found_and_not_switched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "STREAM_S", 0.05)
    peer = LcusRelayPeer(tmp_path / "line", 0)
    peer.start()
    try:
        assert probe(str(tmp_path / "line")) is None
        assert not peer.opened
    finally:
        peer.stop()


def test_what_only_gives_back_what_it_is_told_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "STREAM_S", 0.05)
    ours, theirs = os.openpty()
    tty.setraw(theirs)

    def echo() -> None:
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                os.write(ours, data)

    thread = threading.Thread(target=echo)
    thread.start()
    try:
        assert probe(os.ttyname(theirs)) is None
    finally:
        os.close(theirs)
        thread.join()
        os.close(ours)


def test_a_line_that_is_not_there_or_taken_is_nothing(tmp_path: Path) -> None:
    assert probe(str(tmp_path / "line")) is None
