"""GY-614V3, an MLX90614: one pixel, with the module's own estimate of a body. 12 bytes, big-endian, °C × 100.

A4 03 07 07 | emissivity × 100 | object | ambient | body | 8-bit sum of the eleven before. No manual confirms bytes 1–3.
"""

from __future__ import annotations

import numpy as np

from devices.thermal.frame import Heat
from devices.thermal.stream import Piece, Stream

SIZE = 12
LOW, HIGH = -70.0, 300.0
"""What an int16 of hundredths, and the sensor, can tell of an object."""
SPEEDS = (9600,)
_HEAD = b"\xa4"


class Gy614:
    """`feed(bytes)` → pictures of one pixel. `emissivity`: what the module says it is set to."""

    def __init__(self) -> None:
        self.emissivity: float | None = None
        self.stream = Stream(_HEAD, SIZE, self._piece)

    def feed(self, data: bytes) -> list[Heat]:
        """The pictures that ended in these bytes."""
        return self.stream.feed(data)

    def _piece(self, buffer: bytes) -> Piece:
        if len(buffer) < SIZE:
            return "more"
        if sum(buffer[: SIZE - 1]) & 0xFF != buffer[SIZE - 1]:
            return "bad"
        self.emissivity = buffer[4] / 100
        seen, ambient, body = (float(value) / 100 for value in np.frombuffer(buffer, ">i2", 3, 5))
        return SIZE, Heat(np.full((1, 1), seen, np.float32), ambient, body)
