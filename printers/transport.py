"""Lines to a printer: python-escpos opens them, deadlines and errors are ours.

A write that returned has reached the operating system and nothing more.
"""

from __future__ import annotations

import os
import re
import select
import socket
import struct
import termios
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

SLICE = 256
"""Bytes handed over at a time: what fits a pseudo terminal or a serial line without waiting long."""
LOOK = 0.1
"""How often a waiting write asks whether it should give up, in seconds."""
SERIAL_BAUD = 9600
TRAP = 5.0
"""Time-out given to the libraries themselves, only met when select() promised room that was not there."""


class LineLost(Exception):  # noqa: N818
    """The printer cannot be reached, or no longer: unplugged, refused, stuck past the deadline."""


class AddressError(ValueError):
    """The configured address is none of the forms that there are."""


def _printer(address: str, connect_s: float) -> Any:
    """The python-escpos printer of an address, opened."""
    from escpos.printer import File, Network, Serial, Usb

    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname:
        printer = Network(parts.hostname, parts.port or 9100)
        # Its own open() leaves the socket behind when the printer refuses.
        printer.device = socket.create_connection((parts.hostname, parts.port or 9100), connect_s)
        printer.device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        printer.device.settimeout(TRAP)
    elif parts.scheme == "serial" and parts.path:
        query = parse_qs(parts.query)
        baud, flow = int(query.get("baud", [str(SERIAL_BAUD)])[0]), query.get("flow", [""])[0]
        printer = Serial(parts.path, baudrate=baud, timeout=0, dsrdtr=False, xonxoff=flow == "xonxoff")
        printer.open()
        printer.device.write_timeout = TRAP
        if flow == "rtscts":
            printer.device.rtscts = True
    elif parts.scheme == "usb" and (found := re.fullmatch(r"usb://([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", address)):
        printer = Usb(int(found[1], 16), int(found[2], 16), timeout=int(TRAP * 1000))
        printer.open()
    elif parts.scheme == "file" and parts.path:
        printer = File(parts.path)
        printer.device = os.fdopen(os.open(parts.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY), "r+b", buffering=0)
    else:
        raise AddressError(
            f"{address!r}: tcp://HOST:PORT, serial:///dev/NAME?baud=N, usb://VVVV:PPPP or file:///dev/NAME"
        )
    return printer


def _trouble() -> tuple[type[BaseException], ...]:
    from escpos.exceptions import Error

    # usb.core.USBError is an OSError; python-escpos asserts that a device is there.
    return (OSError, termios.error, Error, AssertionError, ValueError)


def speed(address: str) -> float:
    """Bytes per second that the line carries at best; `baud` tells of a serial line behind a network box, too."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query).get("baud")
    if asked is None and parts.scheme != "serial":
        return 100_000.0
    return int(asked[0] if asked else SERIAL_BAUD) / 10


class Wire:
    """One open line. Every method raises LineLost when the line is gone; none waits past its deadline."""

    def __init__(self, address: str, connect_s: float) -> None:
        self._trouble = _trouble()
        self._printer: Any = None
        try:
            self._printer = _printer(address, connect_s)
            device = self._printer.device
            self._fd: int | None = device.fileno() if hasattr(device, "fileno") else None
        except AddressError:
            raise
        except self._trouble as error:
            self.close()
            raise LineLost(str(error)) from None

    def write(self, data: bytes, give_up: Callable[[], bool]) -> None:
        """Hand the bytes over. `give_up` is asked while the line is stuck; True ends it with LineLost."""
        for start in range(0, len(data), SLICE):
            while not self._writable():
                if give_up():
                    raise LineLost("stuck")
            self._guarded(partial(self._printer._raw, data[start : start + SLICE]))

    def read(self, seconds: float) -> bytes:
        """What has come within the time, at most 64 bytes; empty when nothing did."""
        if self._fd is None:
            return self._read_usb(seconds)
        fd = self._fd
        ready = self._guarded(lambda: select.select([fd], [], [], seconds)[0])
        if not ready:
            return b""
        data: bytes = self._guarded(lambda: os.read(fd, 64))
        if not data:
            raise LineLost("closed by the printer")
        return data

    def _read_usb(self, seconds: float) -> bytes:
        from usb.core import USBTimeoutError

        device, endpoint = self._printer.device, self._printer.in_ep
        try:
            return bytes(self._guarded(lambda: device.read(endpoint, 64, max(1, int(seconds * 1000)))))
        except USBTimeoutError:
            return b""

    def _writable(self) -> bool:
        if self._fd is None:
            return True
        fd = self._fd
        return bool(self._guarded(lambda: select.select([], [fd], [], LOOK)[1]))

    def _guarded(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except self._trouble as error:
            if type(error).__name__ == "USBTimeoutError":
                raise
            raise LineLost(str(error)) from None

    def close(self) -> None:
        """Let go of the line, whatever state it is in."""
        printer, self._printer = self._printer, None
        if printer is None:
            return
        device, printer.device = printer.device, False
        if isinstance(device, socket.socket):
            # Unsent bytes of a spoiled job must not follow later: reset instead of an orderly end.
            device.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # python-escpos would flush first, which waits for ever on a stuck line and raises on a lost one.
        for step in ("reset_output_buffer", "close", "finalize"):
            if hasattr(device, step):
                try:
                    getattr(device, step)()
                except self._trouble:
                    pass
