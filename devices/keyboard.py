"""A code scanner in keyboard mode, read from its event device (linux/input.h) and taken away from everybody else.

Of all keyboards this one alone is listened to: the window takes no keys, and what cannot be grabbed is not read.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
from types import TracebackType

from devices.worker import SilentError

EVENT = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value; 24 bytes on a 64-bit machine."""
MOST_CHARACTERS = 8192
EVIOCGRAB = 0x40044590
_SYN, _KEY, _DROPPED = 0, 1, 3
_SHIFTS, _ENDS = frozenset({42, 54}), frozenset({15, 28, 96})
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
)
_MORE = ((43, "\\zxcvbnm,./", "|ZXCVBNM<>?"), (55, "*", "*"), (57, " ", " "), (71, "789-456+1230.", "789-456+1230."))
_LAYOUT = {first + n: (low[n], high[n]) for first, low, high in (*_ROWS, *_MORE) for n in range(len(low))}
_LAYOUT[98] = ("/", "/")
"""The US layout, which scanners use unless they are set otherwise, and the number pad."""


class Keys:
    """Makes codes of key events: Enter and Tab end one. `dropped` counts those that the kernel or a flood cut short."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest, self._text = b"", ""
        self._shifts: set[int] = set()
        self._spoiled = False

    @property
    def pending(self) -> bool:
        """Whether a code has begun."""
        return bool(self._text) or self._spoiled

    def feed(self, data: bytes) -> list[str]:
        """The codes that ended in these bytes."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        ended = (self._event(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]))
        return [text for text in ended if text]

    def idle(self) -> str:
        """Nothing came for a while: what is there was a code."""
        text, spoiled = self._text, self._spoiled
        self._text, self._spoiled = "", False
        self.dropped += spoiled
        return "" if spoiled else text

    def _event(self, kind: int, code: int, value: int) -> str:
        if kind == _SYN and code == _DROPPED:
            self._spoiled, self._shifts = True, set()
        if kind != _KEY:
            return ""
        if code in _SHIFTS:
            self._shifts = self._shifts | {code} if value else self._shifts - {code}
        elif value == 1:
            return self._pressed(code)
        return ""

    def _pressed(self, code: int) -> str:
        if code in _ENDS:
            return self.idle()
        low, high = _LAYOUT.get(code, ("", ""))
        self._text += high if self._shifts else low
        if len(self._text) > MOST_CHARACTERS:
            self._text, self._spoiled = "", True
        return ""


class Keyboard:
    """One event device, held as long as the block runs. Raises OSError where it is not there, or another has it."""

    def __init__(self, path: str) -> None:
        self._device = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            grab(self._device)
        except OSError:
            os.close(self._device)
            raise

    def __enter__(self) -> Keyboard:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        os.close(self._device)

    def take(self, seconds: float) -> bytes:
        """Events, b"" when none came within `seconds`. Raises SilentError, OSError when it was unplugged."""
        ready, _, _ = select.select([self._device], [], [], seconds)
        if not ready:
            return b""
        data = os.read(self._device, 64 * EVENT.size)
        if not data:
            raise SilentError("the event device has ended")
        return data

    def let_go(self) -> None:
        """From another thread: whoever comes after this one can grab it."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._device, EVIOCGRAB, 0)


def grab(device: int) -> None:
    """From now on its keys reach nobody else: not the window, not a console. Raises OSError."""
    fcntl.ioctl(device, EVIOCGRAB, 1)
