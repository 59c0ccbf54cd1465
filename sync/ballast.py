"""A file that only takes up room: on a full disk it goes first, so that verdicts and ends can still be written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NAME = "ballast"
SPARE = 1_000_000
"""Bytes that must stay free beside a ballast that is made again."""


def present(folder: Path, size: int) -> bool:
    """Whether `size` bytes are really set aside; a file with holes is none."""
    try:
        found = (folder / NAME).stat()
    except OSError:
        return size == 0
    return found.st_size >= size and found.st_blocks * 512 >= size


def free(folder: Path) -> bool:
    """Let go of it; whether that gave any room."""
    try:
        room = (folder / NAME).stat().st_blocks > 0
        (folder / NAME).unlink()
    except OSError:
        return False
    return room


def make(folder: Path, size: int) -> bool:
    """Set `size` bytes aside again, unless the disk has hardly more than that; whether they are."""
    if present(folder, size):
        return True
    new = folder / f"{NAME}.new"
    try:
        if free_bytes(folder) < size + SPARE:
            return False
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
        new.replace(folder / NAME)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
    return present(folder, size)


def free_bytes(folder: Path) -> int:
    """What programs without privileges may still write there. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
