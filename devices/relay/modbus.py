"""Modbus RTU as relay boards speak it: commands out, answers in, resynchronised one byte at a time. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

READ_COILS, READ_INPUTS, WRITE_COIL = 0x01, 0x02, 0x05
FAILED = 0x80
NOT_KNOWN = frozenset({1, 2, 3})
"""Exceptions that say "this board has no such thing": function, address, value."""
RELAYS = 8
PULSES = 0x0200
ON, OFF = 0xFF00, 0x0000
LONGEST_PULSE = 0x7FFF
MOST_BYTES = 64

Fits = Callable[["Answer"], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """One frame of the board whose check sum was right. `data` is what stands between function and check sum."""

    function: int
    data: bytes

    @property
    def refused(self) -> int:
        """The exception's number; 0 = this is none."""
        return self.data[0] if self.function & FAILED else 0

    @property
    def bits(self) -> int:
        """State of relays or inputs, the first one in bit 0."""
        return self.data[1] if self.function in (READ_COILS, READ_INPUTS) else 0


def crc(data: bytes) -> bytes:
    """CRC-16/MODBUS, low byte first."""
    rest = 0xFFFF
    for byte in data:
        rest = (rest >> 8) ^ _table()[(rest ^ byte) & 0xFF]
    return bytes((rest & 0xFF, rest >> 8))


def on(unit: int, channel: int) -> bytes:
    """Close relay `channel`, counted from 1, until told otherwise."""
    return _frame(unit, WRITE_COIL, channel - 1, ON)


def off(unit: int, channel: int) -> bytes:
    """Open relay `channel`."""
    return _frame(unit, WRITE_COIL, channel - 1, OFF)


def pulse(unit: int, channel: int, tenths: int) -> bytes:
    """Close relay `channel` for `tenths` × 100 ms by the board's own timer."""
    return _frame(unit, WRITE_COIL, PULSES + channel - 1, min(max(1, tenths), LONGEST_PULSE))


def read_coils(unit: int) -> bytes:
    """Which of the eight relays are closed."""
    return _frame(unit, READ_COILS, 0, RELAYS)


def read_inputs(unit: int) -> bytes:
    """Which of the eight inputs are active."""
    return _frame(unit, READ_INPUTS, 0, RELAYS)


def echo_of(command: bytes) -> Fits:
    """An answer that repeats this write, or refuses it."""
    function, data = command[1], command[2:-2]
    return lambda answer: (answer.function == function and answer.data == data) or answer.function == function | FAILED


def reply_to(command: bytes) -> Fits:
    """An answer to this reading, or its refusal."""
    return lambda answer: answer.function & ~FAILED == command[1]


class Answers:
    """Cuts what arrives into the frames of one board; whatever is none is passed over, one byte at a time."""

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._buffer = bytearray()

    def clear(self) -> None:
        self._buffer.clear()

    def feed(self, data: bytes) -> list[Answer]:
        """The frames that ended in these bytes."""
        self._buffer += data
        return self._cut(wait=True)

    def idle(self) -> list[Answer]:
        """The line fell silent: what began is no frame, and one may stand behind it."""
        return self._cut(wait=False)

    def _cut(self, wait: bool) -> list[Answer]:
        found: list[Answer] = []
        while self._buffer:
            size = self._size()
            if size > len(self._buffer) and wait:
                break
            frame = bytes(self._buffer[:size])
            good = len(frame) == size >= 5 and crc(frame[:-2]) == frame[-2:]
            if good:
                found.append(Answer(frame[1], frame[2:-2]))
            del self._buffer[: size if good else 1]
        return found

    def _size(self) -> int:
        """How long the frame at the front would be; 0 = there is none; more than there is = unknown yet."""
        head = self._buffer
        if head[0] != self._unit:
            return 0
        if len(head) < 2:
            return MOST_BYTES
        if head[1] in (READ_COILS, READ_INPUTS):
            return MOST_BYTES if len(head) < 3 else 6 if head[2] == 1 else 0
        return {WRITE_COIL: 8, FAILED | READ_COILS: 5, FAILED | READ_INPUTS: 5, FAILED | WRITE_COIL: 5}.get(head[1], 0)


def _frame(unit: int, function: int, address: int, value: int) -> bytes:
    body = bytes((unit, function)) + address.to_bytes(2, "big") + value.to_bytes(2, "big")
    return body + crc(body)


@cache
def _table() -> tuple[int, ...]:
    return tuple(_entry(byte) for byte in range(256))


def _entry(rest: int) -> int:
    for _ in range(8):
        rest = (rest >> 1) ^ (0xA001 if rest & 1 else 0)
    return rest
