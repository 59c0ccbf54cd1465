"""A scanner in keyboard mode as the kernel shows it: struct input_event, key down and key up, over a named pipe."""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path

KEYS = {
    **{str((n + 1) % 10): n + 2 for n in range(10)},
    **dict(zip("qwertyuiop", range(16, 26), strict=True)),
    **dict(zip("asdfghjkl", range(30, 39), strict=True)),
    **dict(zip("zxcvbnm,./", range(44, 54), strict=True)),
    "-": 12,
    "=": 13,
    ";": 39,
    " ": 57,
    "\n": 28,
    "\t": 15,
}
SHIFTED = {":": ";", "+": "=", "$": "4", "%": "5", "*": "8", "?": "/"}


class KeyboardPeer:
    """`plug` and `unplug` as often as you like; `scan` types, `raw` sends whatever bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end: int | None = None

    def plug(self) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        """The device is gone, and its name as well."""
        self.path.unlink(missing_ok=True)
        if self._end is not None:
            os.close(self._end)
            self._end = None

    def scan(self, text: str, end: str = "\n") -> None:
        for character in text + end:
            self.raw(_typed(character))

    def raw(self, data: bytes) -> None:
        assert self._end is not None
        os.write(self._end, data)


def event(kind: int, code: int, value: int) -> bytes:
    """One struct input_event at time 0."""
    return struct.pack("qqHHi", 0, 0, kind, code, value)


def _typed(character: str) -> bytes:
    plain = SHIFTED.get(character, character.lower())
    shifted = plain != character
    code, report = KEYS[plain], event(0, 0, 0)
    keys = event(4, 4, 458756) + event(1, code, 1) + report + event(1, code, 0) + report
    return event(1, 42, 1) + report + keys + event(1, 42, 0) + report if shifted else keys
