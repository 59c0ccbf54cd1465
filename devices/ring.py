"""Three pictures in shared memory: one process writes, any other reads the newest, nobody waits for anybody."""

from __future__ import annotations

import threading
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""BGR, height × width × 3."""

SLOTS = 3
_HEAD_BYTES = 128


class Ring:
    """Slots of `capacity` bytes. Made by the reader's side (no `name`), attached by the writer (`name`).

    A reader's copy is whole or None: every slot carries its sequence number, cleared while it is written to and
    compared before and after the copy. Sequence numbers begin at 1 and never go back.
    """

    def __init__(self, capacity: int, name: str | None = None) -> None:
        size = _HEAD_BYTES + SLOTS * capacity
        self._memory = SharedMemory(name, create=name is None, size=size)
        self._owner, self._capacity, self._lock = name is None, capacity, threading.Lock()

    @property
    def name(self) -> str:
        return self._memory.name

    def sequence(self) -> int:
        """Number of the newest picture; 0 = none yet, or closed."""
        with self._lock:
            return int(self._head()[0]) if self._memory.buf is not None else 0

    def write(self, frame: Frame) -> None:
        """Publish one picture; only ever called by one process. ValueError when it does not fit a slot."""
        if frame.nbytes > self._capacity:
            raise ValueError(f"{frame.shape} is more than {self._capacity} bytes")
        head = self._head()
        number = int(head[0]) + 1
        mark = head[1 + 3 * (number % SLOTS) :][:3]
        mark[0] = 0
        self._slot(number, frame.shape[0], frame.shape[1])[:] = frame
        mark[:] = (number, frame.shape[0], frame.shape[1])
        head[0] = number

    def latest(self, after: int = 0) -> tuple[int, Frame] | None:
        """Number and copy of the newest picture, when it is newer than `after`."""
        with self._lock:
            if self._memory.buf is None:
                return None
            for _ in range(SLOTS):
                number = int(self._head()[0])
                if number <= after:
                    return None
                copy = self._copy(number)
                if copy is not None:
                    return number, copy
        return None

    def close(self) -> None:
        """Let go; whoever made it also removes it."""
        with self._lock:
            if self._memory.buf is not None:
                self._memory.close()
                if self._owner:
                    self._memory.unlink()

    def _copy(self, number: int) -> Frame | None:
        mark = self._head()[1 + 3 * (number % SLOTS) :][:3]
        seen, height, width = (int(value) for value in mark)
        if seen != number or height * width * 3 > self._capacity:
            return None
        copy = self._slot(number, height, width).copy()
        return copy if int(mark[0]) == number else None

    def _head(self) -> NDArray[np.int64]:
        return np.ndarray((1 + 3 * SLOTS,), np.int64, self._memory.buf)

    def _slot(self, number: int, height: int, width: int) -> Frame:
        offset = _HEAD_BYTES + (number % SLOTS) * self._capacity
        return np.ndarray((height, width, 3), np.uint8, self._memory.buf, offset)
