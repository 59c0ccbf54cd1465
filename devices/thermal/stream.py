"""Cuts frames out of bytes that come in any pieces, and finds the next one after whatever is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from devices.thermal.frame import Heat

Piece = tuple[int, Heat | None] | Literal["more", "bad"]
"""Bytes taken and the picture in them (None: something else that is whole), or a beginning, or nothing at all."""


class Stream:
    """`piece(buffer)` says what stands at its front; what is bad costs one byte, so no frame behind it is lost.

    `size`: bytes of a frame; never more than that are kept between two calls. `faults` counts the runs of bytes that
    were thrown away, the rest of the frame aside in whose middle the line was opened.
    """

    def __init__(self, head: bytes, size: int, piece: Callable[[bytes], Piece]) -> None:
        self.size, self.faults, self.frames = size, 0, 0
        self._head, self._piece = head, piece
        self._buffer = b""
        self._thrown, self._counted = 0, False

    def feed(self, data: bytes) -> list[Heat]:
        """The pictures that ended in these bytes."""
        found: list[Heat] = []
        self._buffer += data
        while self._align():
            piece = self._piece(self._buffer)
            if piece == "more":
                break
            if piece == "bad":
                self._throw(1)
                continue
            size, heat = piece
            self._buffer = self._buffer[size:]
            if heat is not None:
                self._good()
                found.append(heat)
        return found

    @property
    def broken(self) -> bool:
        """Whether a fault was counted behind the last picture."""
        return self._counted

    @property
    def kept(self) -> int:
        """Bytes that wait for their rest."""
        return len(self._buffer)

    def _align(self) -> bool:
        """Throw away what no frame begins with; whether anything is left."""
        at = self._buffer.find(self._head)
        if at < 0:
            part = self._head[: len(self._head) - 1]
            keep = next((n for n in range(len(part), 0, -1) if self._buffer.endswith(part[:n])), 0)
            at = len(self._buffer) - keep
        self._throw(at)
        return len(self._buffer) >= len(self._head)

    def _throw(self, count: int) -> None:
        if not count:
            return
        self._buffer = self._buffer[count:]
        self._thrown += count
        if not self._counted and (self.frames or self._thrown >= self.size):
            self._counted = True
            self.faults += 1

    def _good(self) -> None:
        self.frames += 1
        self._thrown, self._counted = 0, False
