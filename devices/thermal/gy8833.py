"""GY-MCU8833, an AMG8833 with 8×8 pixels in whole °C: good for presence, never for a fever. 71 bytes.

A4 03 09 42 | two bytes of unknown meaning | 64 × int8 | 8-bit sum of the seventy before.
"""

from __future__ import annotations

import numpy as np

from devices.thermal.frame import Heat
from devices.thermal.stream import Piece, Stream

ROWS = COLUMNS = 8
SIZE = 71
LOW, HIGH = -20.0, 100.0
"""The sensor's range, with its accuracy's margin."""
SPEEDS = (9600, 115200)
_HEAD = b"\xa4\x03\x09\x42"
_FIRST = 6


class Gy8833:
    """`feed(bytes)` → pictures; the module tells no ambient temperature that anybody has confirmed."""

    def __init__(self) -> None:
        self.stream = Stream(_HEAD, SIZE, self._piece)

    def feed(self, data: bytes) -> list[Heat]:
        """The pictures that ended in these bytes."""
        return self.stream.feed(data)

    def _piece(self, buffer: bytes) -> Piece:
        if len(buffer) < SIZE:
            return "more"
        if sum(buffer[: SIZE - 1]) & 0xFF != buffer[SIZE - 1]:
            return "bad"
        pixels = np.frombuffer(buffer, np.int8, ROWS * COLUMNS, _FIRST).astype(np.float32)
        return SIZE, Heat(pixels.reshape(ROWS, COLUMNS), None)
