"""The service manager's side of NOTIFY_SOCKET for several programs: who said what, and who was silent too long."""

from __future__ import annotations

import os
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.app.notify import ALIVE, READY, STOPPING

UNIT = Path(__file__).parents[2] / "packaging/deb/tree/usr/lib/systemd/system/campus-terminal.service"
_CREDENTIALS = struct.Struct("3i")


def of_the_unit(name: str) -> float:
    """A time of the unit that the package installs, in seconds."""
    found = re.search(rf"^{name}=(\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)
    assert found, f"{name} is not in {UNIT.name}"
    return float(found[1])


@dataclass
class Life:
    """One process. Times are of one monotonic clock; `ready` and `over` are 0 before. `main`: a program of the unit."""

    began: float
    ready: float = 0.0
    last: float = 0.0
    words: int = 0
    worst: float = 0.0
    over: float = 0.0
    main: bool = False

    def silent(self, now: float) -> float:
        """The longest time without a word, up to now or to its end; nobody is to speak before being ready."""
        return max(self.worst, (self.over or now) - self.last) if self.ready else 0.0


class Ear:
    """What each process said. `limit`: seconds within which a ready one must speak, `patience`: to become ready."""

    def __init__(self, limit: float, patience: float) -> None:
        self.limit, self.patience = limit, patience
        self.lives: dict[int, Life] = {}

    @property
    def ours(self) -> list[Life]:
        """Of the main programs: whoever else finds the socket and speaks is not heard, as by NotifyAccess=main."""
        return [life for life in self.lives.values() if life.main]

    def born(self, pid: int, now: float) -> None:
        """A main program, started now or known already."""
        self._life(pid, now).main = True

    def heard(self, pid: int, word: str, now: float) -> None:
        life = self._life(pid, now)
        if word == READY:
            life.ready = life.last = now
        elif word == STOPPING:
            self.gone(pid, now)
        elif word == ALIVE and not life.over:
            life.worst, life.last, life.words = max(life.worst, now - life.last), now, life.words + 1

    def gone(self, pid: int, now: float) -> None:
        """It ended, or was ended: nothing more is expected of it."""
        life = self.lives.get(pid)
        if life and not life.over:
            life.over = now

    def worst(self, now: float) -> float:
        """The longest silence of all, seconds."""
        return max((life.silent(now) for life in self.ours), default=0.0)

    def wrong(self, now: float) -> list[str]:
        """Who was not ready in time, or silent for longer than the limit."""
        return [f"{pid}: {said}" for pid, life in self.lives.items() if life.main for said in self._wrong(life, now)]

    def _life(self, pid: int, now: float) -> Life:
        return self.lives.setdefault(pid, Life(now))

    def _wrong(self, life: Life, now: float) -> Iterator[str]:
        if not life.ready and (life.over or now) - life.began > self.patience:
            yield f"not ready within {self.patience:.0f} s"
        if life.silent(now) > self.limit:
            yield f"no word to the watchdog for {life.silent(now):.1f} s, allowed are {self.limit:.0f}"


@contextmanager
def listening(folder: Path, ear: Ear) -> Iterator[None]:
    """Programs started inside find the socket in their environment, and who speaks is known by the kernel's word."""
    address = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(address))
        end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        thread = threading.Thread(target=_listen, args=(end, ear), name="service-manager", daemon=True)
        thread.start()
        os.environ |= {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": str(round(ear.limit * 1e6))}
        try:
            yield
        finally:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
                own.sendto(b"", str(address))
            thread.join()


def _listen(end: socket.socket, ear: Ear) -> None:
    while True:
        said, more, _, _ = end.recvmsg(100, socket.CMSG_SPACE(_CREDENTIALS.size))
        if not said:
            return
        for _, kind, data in more:
            if kind == socket.SCM_CREDENTIALS:
                ear.heard(_CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0], said.decode(), time.monotonic())
