"""HTPA 32×32 query modules: one request, one reply of 2055 bytes without a sum; big-endian, tenths of a kelvin.

E1 | 1024 × uint16 | ambient uint16 | four bytes at the end, which differ.
"""

from __future__ import annotations

import numpy as np

from devices.thermal.frame import Heat

ROWS = COLUMNS = 32
SIZE = 2055
LOW, HIGH = -50.0, 330.0
SPEEDS = (115200,)
REQUEST = bytes.fromhex("EEE10155FFFCFDFF")
GAP_S = 0.03
"""Silence that ends a reply: without a sum its exact length is all there is to check."""

_HEAD = 0xE1
_ZERO_C = 2731
_LEAST, _MOST = 2231, 6031


class Htpa32:
    """`feed(bytes)` collects, `idle()` says that the line fell silent: what was collected is a reply, or it is nothing.

    `faults` counts what was nothing.
    """

    def __init__(self) -> None:
        self.faults = 0
        self._buffer = b""

    @property
    def kept(self) -> int:
        """Bytes collected; one more than a reply has is kept, to know that it is too long."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Bytes of the reply."""
        self._buffer = (self._buffer + data)[: SIZE + 1]

    def idle(self) -> list[Heat]:
        """The picture, if a whole one came."""
        reply, self._buffer = self._buffer, b""
        if not reply:
            return []
        if len(reply) != SIZE or reply[0] != _HEAD:
            return self._nothing()
        values = np.frombuffer(reply, ">u2", ROWS * COLUMNS + 1, 1).astype(np.int32)
        if values.min() < _LEAST or values.max() > _MOST:
            return self._nothing()
        celsius = ((values - _ZERO_C) / 10).astype(np.float32)
        return [Heat(celsius[:-1].reshape(ROWS, COLUMNS), float(celsius[-1]))]

    def _nothing(self) -> list[Heat]:
        self.faults += 1
        return []
