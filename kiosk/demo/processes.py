"""Processes of the demonstration, their children, and how they are ended; only those that were started here."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path

SPAWNED = "spawn_main"


def first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """The first line a process says, or "" after `seconds`; what follows is read and dropped."""
    assert process.stdout is not None
    lines: list[str] = []
    came = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            came.set()
            lines[1:] = []
        came.set()

    threading.Thread(target=read, daemon=True).start()
    came.wait(seconds)
    return lines[0] if lines else ""


def end(process: subprocess.Popen[str], seconds: float = 8.0) -> None:
    """Ask a process of ours to stop, then insist."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return
    process.kill()
    process.wait()


def kill_sync(terminal: int) -> int:
    """Kill −9 the process that talks to the centre; how many there were."""
    return _kill([child for child in _children(terminal) if "sync.engine" in _words(child)])


def kill_recogniser(terminal: int) -> int:
    """Kill −9 the process that looks for faces; how many there were."""
    # of the processes that Python spawned it alone has made itself nicer
    spawned = [child for child in _children(terminal) if SPAWNED in _words(child)]
    return _kill([child for child in spawned if _niceness(child) > _niceness(terminal)])


def _children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]


def _niceness(process: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, process)


def _words(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text("utf-8")


def _kill(found: list[int]) -> int:
    for process in found:
        os.kill(process, signal.SIGKILL)
    return len(found)
