"""Which processes a terminal of the demonstration consists of, by what each of them does."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

CENTRE = "centre"


def family(terminals: Mapping[str, int], centre: int) -> dict[str, int]:
    """Role → pid of every process that lives now: the terminals' own, their children by what they do, the centre."""
    found = {CENTRE: centre}
    for name, pid in terminals.items():
        found[name] = pid
        for child in children(pid):
            with contextlib.suppress(OSError):
                found[f"{name}/{_part(child, pid)}"] = child
    return found


def children(pid: int) -> Iterator[int]:
    """Of all its threads; nothing of one that has gone."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, listed.read_text("ascii").split())


def _part(pid: int, parent: int) -> str:
    """Raises OSError when it is gone."""
    words = Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    if "sync.engine" in words:
        return "sync"
    if "spawn_main" in words:
        # the recogniser alone makes way for the others
        return "recogniser" if _niceness(pid) > _niceness(parent) else "camera"
    return "tracker" if "resource_tracker" in words else "other"


def _niceness(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)
