"""A code scanner on a pty: what a technician would plug in, with its speed, its commands and its bad days."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from devices.sim.line import Line

GARBAGE = b"\xff\x00\xfe\x81\xff\x7f" * 8
FRAME_HEAD = b"\x7e\x00"
COMMAND_TRIGGERED = 1
DEFAULT_MODE = 0xD6
MADE = {0xE1: 0x64, 0xE2: 0x6E, 0xE3: 0x12}
"""Hardware 1.00, software 1.10 of 2018: zones that are read, never written."""
SCAN_S = 5.0


class ScannerPeer:
    """`mode`: "line" or "gm65"; `end`: what follows a code; `baud` sets the pace, 0 = as fast as the line takes it.

    `path` becomes a symbolic link to the pty. In gm65 mode a code held before the scanner (`scan`) is sent at once,
    or, in command mode, with the next trigger, right behind the acknowledgement. `made`: what it is, by zone; `reads`:
    whether it lets its zones be read.
    """

    def __init__(self, path: Path, mode: str = "line", baud: int = 9600, end: bytes = b"\r") -> None:
        self.path, self.mode, self.baud, self.end = path, mode, baud, end
        self.commands: list[bytes] = []
        self.silent, self.reads, self.made = False, True, dict(MADE)
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._thread: threading.Thread | None = None
        self._zone, self._armed_until, self._held = {0: DEFAULT_MODE}, 0.0, b""

    def start(self) -> None:
        self.plug()

    def stop(self, timeout: float = 2.0) -> None:
        self.unplug(timeout)

    def plug(self) -> None:
        """The device appears at its path; in gm65 mode it forgot what it was told."""
        if self._thread is not None:
            return
        self._zone, self._armed_until, self._held = {0: DEFAULT_MODE}, 0.0, b""
        self._line = Line(self.path)
        self._thread = threading.Thread(target=self._listen, args=(self._line,), name="scanner-peer", daemon=True)
        self._thread.start()
        self._line.appear()

    def unplug(self, timeout: float = 2.0) -> None:
        """The device is gone from one moment to the next."""
        thread, self._thread = self._thread, None
        if thread is None or self._line is None:
            return
        self._line.close()
        thread.join(timeout)
        with self._lock:
            self._line.free()
            self._line = None

    def scan(self, text: str | bytes) -> None:
        """Hold a code before the scanner."""
        data = (text.encode("utf-8") if isinstance(text, str) else text) + self.end
        with self._lock:
            if self.mode == "line" or self._armed() or self._zone[0] & 3 != COMMAND_TRIGGERED:
                self._armed_until = 0.0
                self.send(data)
            else:
                self._held = data

    def garbage(self) -> None:
        """Noise on the line, with an end."""
        self.send(GARBAGE + (self.end or b"\r"))

    def send(self, data: bytes) -> None:
        """Bytes as they are, at the pace of the line: 10 bits a byte."""
        with self._lock:
            step = len(data) if not self.baud else max(1, self.baud // 1000)
            for at in range(0, len(data), step):
                if self._thread is None:
                    return
                chunk = data[at : at + step]
                self._put(chunk)
                if self.baud:
                    time.sleep(len(chunk) * 10 / self.baud)

    def _armed(self) -> bool:
        return time.monotonic() < self._armed_until

    def _put(self, data: bytes) -> None:
        """Everything, or nothing more once it is unplugged."""
        while data and self._thread is not None and self._line is not None:
            data = self._line.put(data, 0.1)

    def _listen(self, line: Line) -> None:
        buffer = b""
        while (data := line.heard()) is not None:
            buffer = self._obey(buffer + data)

    def _obey(self, buffer: bytes) -> bytes:
        """Carry out each whole command; what is left of the bytes."""
        while (at := buffer.find(FRAME_HEAD)) >= 0:
            buffer = buffer[at:]
            if len(buffer) < 4:
                break
            size = 8 + (buffer[3] if buffer[2] != 0x07 else 1)
            if len(buffer) < size:
                break
            frame, buffer = buffer[:size], buffer[size:]
            if frame[-2:] == b"\xab\xcd" or frame[-2:] == check_sum(frame[2:-2]):
                self.commands.append(frame)
                self._carry_out(frame)
        return buffer

    def _carry_out(self, frame: bytes) -> None:
        if self.mode != "gm65" or self.silent:
            return
        kind, address, data = frame[2], int.from_bytes(frame[4:6], "big"), frame[6:-2]
        if kind == 0x07 and not self.reads:
            return
        with self._lock:
            if kind == 0x08 and address == 0x0002:
                self._armed_until = time.monotonic() + SCAN_S if data == b"\x01" else 0.0
            elif kind == 0x08:
                self._zone[address] = data[0]
            body = b"\x00" + (self._zones(address, data[0]) if kind == 0x07 else b"\x01\x00")
            answer = (b"\x03\x00" if kind == 0x0A else b"\x02\x00") + body + check_sum(body)
            if self._armed() and self._held:
                answer, self._held, self._armed_until = answer + self._held, b"", 0.0
            self.send(answer)

    def _zones(self, address: int, count: int) -> bytes:
        """How many, 0 standing for 256, and what is in them."""
        known = {**self._zone, **self.made}
        return bytes((count, *(known.get(address + n, 0) for n in range(count or 256))))


def check_sum(data: bytes) -> bytes:
    """x¹⁶ + x¹² + x⁵ + 1, started at zero, bit by bit."""
    rest = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = (rest >> 15) ^ ((byte >> bit) & 1)
            rest = ((rest << 1) & 0xFFFF) ^ (0x1021 if top else 0)
    return bytes((rest >> 8, rest & 0xFF))
