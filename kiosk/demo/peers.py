"""One simulated device as a program of its own, at the other end of a line: what a driver is held against."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TextIO

from devices.sim.camera import CameraPeer
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from devices.sim.thermal.peer import ThermalPeer
from printers.sim.escpos_printer import EscposPrinter

PACE = 9600


class Peer(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


class _Printer:
    """A printer on a serial line; what it prints is looked at by nobody."""

    def __init__(self, link: Path) -> None:
        self._link, self._printer = link, EscposPrinter(link.with_name("paper"))

    def start(self) -> None:
        self._printer.start_pty(self._link)

    def stop(self) -> None:
        self._printer.stop()


KINDS: dict[str, Callable[[Path], Peer]] = {
    "line": lambda link: ScannerPeer(link, "line", PACE),
    "gm65": lambda link: ScannerPeer(link, "gm65", PACE),
    **{kind: partial(ThermalPeer, kind=kind) for kind in ("gy90640", "gy614", "htpa32", "gy8833")},
    "modbus": ModbusRelayPeer,
    "lcus": LcusRelayPeer,
    "escpos": _Printer,
    "camera": lambda _: CameraPeer(),
}
"""Names as in the configuration; every kind a terminal may be told to have on a serial line, and a camera."""


def play(kind: str, link: Path, orders: TextIO = sys.stdin) -> int:
    """Says where it is, then does as it is told until the orders end: `scan TEXT` holds a code before a scanner."""
    peer = KINDS[kind](link)
    peer.start()
    print(peer.url if isinstance(peer, CameraPeer) else link, flush=True)
    try:
        for line in orders:
            word, _, text = line.rstrip("\n").partition(" ")
            if word == "scan" and isinstance(peer, ScannerPeer):
                peer.scan(text)
    finally:
        peer.stop()
    return 0
