"""The far end of a serial line: a pty behind a symbolic link, there while something is plugged in."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import sys
import termios
import tty
from pathlib import Path


class Line:
    """Made when a device is plugged in: `path` points to the terminal's end, which is raw and stays open.

    `master` is the device's end (not blocking). `close` removes the link at once; call `free` when nobody reads or
    writes any more.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master, self._slave = os.openpty()
        self._wake = os.pipe()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)

    @property
    def slave(self) -> int:
        """The terminal's end, whose speed tells what the terminal has set."""
        return self._slave

    def appear(self) -> None:
        """The device is at its path from now on."""
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(os.ttyname(self._slave))
        temporary.replace(self.path)

    def heard(self) -> bytes | None:
        """Wait for what the terminal sends; None once the line is closed."""
        ready, _, _ = select.select([self.master, self._wake[0]], [], [])
        return None if self._wake[0] in ready else os.read(self.master, 1024)

    def put(self, data: bytes, seconds: float) -> bytes:
        """Send what the line takes within `seconds`; what is left of it."""
        _, ready, _ = select.select([], [self.master], [], seconds)
        with contextlib.suppress(BlockingIOError):
            return data[os.write(self.master, data) :] if ready else data
        return data

    @property
    def unread(self) -> int:
        """Bytes that were sent and that the terminal has not read."""
        return int.from_bytes(fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)), sys.byteorder)

    def close(self) -> None:
        """Gone from one moment to the next; whoever waits in `heard` is woken."""
        self.path.unlink(missing_ok=True)
        os.write(self._wake[1], b"x")

    def free(self) -> None:
        """Give the descriptors back: the terminal's reads and writes fail from now on."""
        for descriptor in (self.master, self._slave, *self._wake):
            os.close(descriptor)
