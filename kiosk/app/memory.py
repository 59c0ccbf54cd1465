"""How much memory this program's processes take: /proc, in bytes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def largest(pid: int, proc: Path = Path("/proc")) -> tuple[int, int]:
    """(process, resident bytes) of the largest among a process and its children; 0 bytes where that is not told."""
    sizes = {each: _resident(proc / str(each)) for each in (pid, *_children(pid, proc))}
    found = max(sizes, key=lambda each: sizes[each])
    return found, sizes[found]


def _children(pid: int, proc: Path) -> list[int]:
    found: list[int] = []
    for listed in (proc / str(pid) / "task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(each) for each in listed.read_text("ascii").split()]
    return found


def _resident(folder: Path) -> int:
    """A process that has ended meanwhile takes nothing."""
    try:
        return int((folder / "statm").read_text("ascii").split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0
