"""GY-MCU90640, an MLX90640 with 32×24 pixels: frames of 1544 bytes that it sends by itself, and commands to it.

5A 5A | 02 06 | 768 × int16 | ambient int16 | sum of the 771 words before; little-endian, °C × 100.
"""

from __future__ import annotations

import numpy as np

from devices.thermal.frame import Heat
from devices.thermal.stream import Piece, Stream

ROWS, COLUMNS = 24, 32
SIZE = 1544
LOW, HIGH = -40.0, 300.0
SPEEDS = (115200, 460800, 9600)
"""What boards have been seen at, the likeliest first."""
RATES = (0.5, 1.0, 2.0, 4.0, 8.0)

_HEAD, _LENGTH = b"\x5a\x5a", b"\x02\x06"
_REPLY_SIZE = 4
_WORDS = 771


def command(kind: int, value: int) -> bytes:
    """A5 | kind | value | 8-bit sum of the three."""
    body = bytes((0xA5, kind, value))
    return body + bytes((sum(body) & 0xFF,))


STREAM = command(0x35, 0x02)
ONE_FRAME = command(0x35, 0x01)
READ_EMISSIVITY = command(0x55, 0x01)
SAVE = command(0x65, 0x01)


def set_rate(rate: float) -> bytes:
    """Pictures a second, one of RATES."""
    return command(0x25, RATES.index(rate))


def set_emissivity(emissivity: float) -> bytes:
    """In hundredths."""
    return command(0x45, round(emissivity * 100))


def set_speed(speed: int) -> bytes:
    """Bits a second; the module follows once it was told to save and has been without power."""
    return command(0x15, {9600: 1, 115200: 2, 460800: 3}[speed])


def rate_for(wanted: float, speed: int) -> float:
    """The fastest of RATES that is not above `wanted` and leaves the line a tenth of its time; 0.5 at least."""
    most = 0.9 * speed / (10 * SIZE)
    return max((rate for rate in RATES if rate <= min(wanted, most)), default=RATES[0])


class Gy90640:
    """`feed(bytes)` → pictures, upper right pixel first. `emissivity`: what the module last said it is set to."""

    def __init__(self) -> None:
        self.emissivity: float | None = None
        self.stream = Stream(_HEAD, SIZE, self._piece)

    def feed(self, data: bytes) -> list[Heat]:
        """The pictures that ended in these bytes."""
        return self.stream.feed(data)

    def _piece(self, buffer: bytes) -> Piece:
        if len(buffer) < _REPLY_SIZE:
            return "more"
        if buffer[2:4] == _LENGTH:
            return self._frame(buffer)
        if 0 < buffer[2] <= 100 and sum(buffer[:3]) & 0xFF == buffer[3]:
            self.emissivity = buffer[2] / 100
            return _REPLY_SIZE, None
        return "bad"

    def _frame(self, buffer: bytes) -> Piece:
        if len(buffer) < SIZE:
            return "more"
        words = np.frombuffer(buffer, "<u2", _WORDS + 1)
        if int(words[:_WORDS].sum(dtype=np.uint32)) & 0xFFFF != words[_WORDS]:
            return "bad"
        values = np.frombuffer(buffer, "<i2", _WORDS - 2, 4).astype(np.float32) / np.float32(100)
        return SIZE, Heat(values[:-1].reshape(ROWS, COLUMNS), float(values[-1]))
