"""Relay boards on a pty: a Modbus RTU board with its own timers and inputs, and an LCUS board that never answers."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from devices.sim.line import Line

RELAYS = 8
GARBAGE = b"\x01\x05\xff\x01\x85\x00\x7f" * 4


@dataclass(slots=True)
class Opening:
    """A contact that closed: which relay (from 1), when (monotonic s), and for how long; None = it still is."""

    channel: int
    at: float
    seconds: float | None = None


class Pty:
    """A device at the end of a symbolic link, plugged in and out; `_hear(data)` gets what the terminal sends."""

    def __init__(self, path: Path, baud: int) -> None:
        self.path, self.baud = path, baud
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._gone = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self.plug()

    def stop(self, timeout: float = 2.0) -> None:
        self.unplug(timeout)

    def plug(self) -> None:
        """The device appears at its path."""
        if self._thread is not None:
            return
        self._gone.clear()
        self._line = Line(self.path)
        self._thread = threading.Thread(target=self._listen, args=(self._line,), name="relay-peer", daemon=True)
        self._thread.start()
        self._line.appear()

    def unplug(self, timeout: float = 2.0) -> None:
        """The line is gone from one moment to the next."""
        thread, self._thread = self._thread, None
        line, self._line = self._line, None
        if thread is None or line is None:
            return
        self._gone.set()
        line.close()
        thread.join(timeout)
        line.free()

    def send(self, data: bytes) -> None:
        """Bytes at the pace of the line: 10 bits a byte."""
        if self.baud and self._gone.wait(len(data) * 10 / self.baud):
            return
        line = self._line
        if line is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(line.master, data)

    def _listen(self, line: Line) -> None:
        while (data := line.heard()) is not None:
            self._hear(data)

    def _hear(self, data: bytes) -> None:
        raise NotImplementedError


class Contacts:
    """The relays of a board and their history. A pulse ends at its own time, whoever looks."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._opened: list[Opening] = []
        self._on: dict[int, Opening] = {}
        self._until: dict[int, float] = {}

    def states(self) -> dict[int, bool]:
        with self._lock:
            self._settle()
            return {channel: channel in self._on for channel in range(1, RELAYS + 1)}

    def history(self) -> list[Opening]:
        with self._lock:
            self._settle()
            return [Opening(each.channel, each.at, each.seconds) for each in self._opened]

    def switch(self, channel: int, closed: bool, until: float | None = None) -> None:
        """Close for good, or up to a moment; or open."""
        with self._lock:
            self._settle()
            self._until.pop(channel, None)
            if not closed:
                self._end(channel, time.monotonic())
                return
            if channel not in self._on:
                self._on[channel] = Opening(channel, time.monotonic())
                self._opened.append(self._on[channel])
            if until is not None:
                self._until[channel] = until

    def _settle(self) -> None:
        now = time.monotonic()
        for channel, until in list(self._until.items()):
            if until <= now:
                del self._until[channel]
                self._end(channel, until)

    def _end(self, channel: int, at: float) -> None:
        opening = self._on.pop(channel, None)
        if opening:
            opening.seconds = at - opening.at


class ModbusRelayPeer(Pty):
    """A Modbus RTU board with eight relays and eight inputs; it has its own supply, so a pulled line changes nothing.

    Bad days: `pulse=False` knows no pulse; `silent` neither hears nor answers; `garbled` obeys and answers noise;
    `noise` goes in front of every answer; `delay` seconds pass before a command is carried out. The next `miss`
    commands are not heard, the answers to the next `lose` are lost though they were obeyed; neither counts a look at
    the inputs. `heard` holds every whole command, `obeyed` the writes carried out.
    """

    def __init__(self, path: Path, baud: int = 9600, unit: int = 1, pulse: bool = True) -> None:
        super().__init__(path, baud)
        self.unit, self.pulse = unit, pulse
        self.silent = self.garbled = self.has_no_inputs = False
        self.noise, self.lose, self.miss, self.delay = b"", 0, 0, 0.0
        self.heard: list[bytes] = []
        self.obeyed: list[bytes] = []
        self.contacts = Contacts()
        self._inputs: set[int] = set()
        self._passing: list[tuple[int, float, float]] = []
        self._buffer = b""

    @property
    def states(self) -> dict[int, bool]:
        """Which relays are closed, by channel from 1."""
        return self.contacts.states()

    @property
    def opened(self) -> list[Opening]:
        """Every time a contact closed."""
        return self.contacts.history()

    def set_input(self, channel: int, active: bool) -> None:
        """Hold an input (from 1) active, or let it go."""
        with self._lock:
            (self._inputs.add if active else self._inputs.discard)(channel)

    def pass_through(self, after: float = 0.0, hold: float = 0.4, channel: int = 1) -> None:
        """Somebody breaks the beam of this input `after` seconds from now, for `hold` seconds."""
        with self._lock:
            begin = time.monotonic() + after
            self._passing.append((channel, begin, begin + hold))

    def _hear(self, data: bytes) -> None:
        if self.silent:
            self._buffer = b""
            return
        self._buffer += data
        while len(self._buffer) >= 8:
            frame = self._buffer[:8]
            if frame[0] != self.unit or check_sum(frame[:6]) != frame[6:]:
                self._buffer = self._buffer[1:]
                continue
            self._buffer = self._buffer[8:]
            self._take(frame)

    def _take(self, frame: bytes) -> None:
        with self._lock:
            self.heard.append(frame)
            if self.miss > 0 and frame[1] != 2:
                self.miss -= 1
                return
        if self.delay and self._gone.wait(self.delay):
            return
        with self._lock:
            answer = self._carry_out(frame)
            if self.lose > 0 and frame[1] != 2:
                self.lose -= 1
                return
        self.send(GARBAGE if self.garbled else self.noise + answer)

    def _carry_out(self, frame: bytes) -> bytes:
        function, address, value = frame[1], int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
        if function == 5:
            trouble = self._write(address, value)
            if not trouble:
                self.obeyed.append(frame)
                return frame
        elif function == 1 or (function == 2 and not self.has_no_inputs):
            if address == 0 and value == RELAYS:
                bits = self._relay_bits() if function == 1 else self._input_bits()
                return self._sealed(bytes((function, 1, bits)))
            trouble = 2
        else:
            trouble = 1
        return self._sealed(bytes((function | 0x80, trouble)))

    def _write(self, address: int, value: int) -> int:
        """The number of the exception; 0 = done."""
        if address < RELAYS and value in (0xFF00, 0):
            self.contacts.switch(address + 1, value == 0xFF00)
            return 0
        if self.pulse and 0x0200 <= address < 0x0200 + RELAYS and value:
            self.contacts.switch(address - 0x0200 + 1, True, time.monotonic() + value / 10)
            return 0
        return 3 if address < RELAYS else 2

    def _relay_bits(self) -> int:
        return sum(closed << (channel - 1) for channel, closed in self.states.items())

    def _input_bits(self) -> int:
        now = time.monotonic()
        active = self._inputs | {channel for channel, begin, end in self._passing if begin <= now < end}
        return sum(1 << (channel - 1) for channel in active)

    def _sealed(self, body: bytes) -> bytes:
        whole = bytes((self.unit,)) + body
        return whole + check_sum(whole)


class LcusRelayPeer(Pty):
    """An LCUS board: never answers, has no timer, and a relay stays as it is when the terminal dies.

    `heard` holds every frame, also those of another operation, which a real board may take for anything.
    """

    def __init__(self, path: Path, baud: int = 9600) -> None:
        super().__init__(path, baud)
        self.heard: list[bytes] = []
        self.contacts = Contacts()
        self._buffer = b""

    @property
    def states(self) -> dict[int, bool]:
        """Which relays are closed, by channel from 1."""
        return self.contacts.states()

    @property
    def opened(self) -> list[Opening]:
        """Every time a contact closed."""
        return self.contacts.history()

    def _hear(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 4:
            frame = self._buffer[:4]
            if frame[0] != 0xA0 or (frame[0] + frame[1] + frame[2]) % 256 != frame[3]:
                self._buffer = self._buffer[1:]
                continue
            self._buffer = self._buffer[4:]
            with self._lock:
                self.heard.append(frame)
            if frame[2] in (0, 1):
                self.contacts.switch(frame[1], frame[2] == 1)


def check_sum(data: bytes) -> bytes:
    """x¹⁶ + x¹⁵ + x² + 1 from ones, the bits of each byte from the lowest, bit by bit; low byte first."""
    rest = 0xFFFF
    for byte in data:
        for bit in range(8):
            low = (rest ^ (byte >> bit)) & 1
            rest = (rest >> 1) ^ (0xA001 if low else 0)
    return bytes((rest & 0xFF, rest >> 8))
