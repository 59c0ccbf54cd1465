"""One thread for one serial device: opens, talks, backs off, comes back, and says so once per change."""

from __future__ import annotations

import contextlib
import fcntl
import select
import termios
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import serial

from kiosk.domain.faults import Code, Fault

LINE_ERRORS = (serial.SerialException, OSError, termios.error)
"""All that a serial port raises when it goes away: read, in_waiting and flush each have their own."""

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 1.6

OnState = Callable[[bool, Fault | None], None]


class Report:
    """Hands `on_state(online, fault)` every change of state once; the same state again is not a change."""

    def __init__(self, on_state: OnState) -> None:
        self._on_state = on_state
        self._said: tuple[bool, Code | None] | None = None

    def say(self, online: bool, fault: Fault | None = None) -> None:
        now = (online, fault.code if fault else None)
        if now != self._said:
            self._said = now
            self._on_state(online, fault)


class SilentError(OSError):
    """The port is there but the device does not answer; treated as a line that went away."""


class Port(serial.Serial):
    """A raw 8N1 port that keeps other well-behaved programs out."""

    def __init__(self, path: str, baud: int) -> None:
        super().__init__(path, baud, timeout=0, write_timeout=1.0, exclusive=True)

    def take(self, seconds: float) -> bytes:
        """What is there, at most 4096 bytes; b"" when nothing came within `seconds`."""
        ready, _, _ = select.select([self], [], [], seconds)
        return self.read(4096) if ready else b""

    def let_go(self) -> None:
        """From another thread: whoever hangs in it keeps nobody out any more."""
        with contextlib.suppress(OSError, TypeError, serial.SerialException):
            fcntl.flock(self.fileno(), fcntl.LOCK_UN)


class Line(Protocol):
    """What a worker talks over; it is closed when the block ends, by `let_go` it keeps nobody out."""

    def __enter__(self) -> Line: ...
    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> Any: ...
    def let_go(self) -> None: ...


P = TypeVar("P", bound=Line)


class Life(threading.Thread):
    """One thread of a worker; another takes its place when it hangs, and it ends when it finds out."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        super().__init__(target=run, name=name, daemon=True)
        self.over = threading.Event()
        self.port: Line | None = None


class Worker(Generic[P]):
    """Runs `talk(port)` on its own thread for as long as the line holds; `talk` returns when `stopping` is set.

    `connect` opens the port, `on_state(online, fault)` is called on this thread, once per change. `beat` is the
    time.monotonic() of the last sign of life; `talk` calls `alive()` in its loop and `say` for what it learns.
    """

    def __init__(
        self, device: str, offline: Code, connect: Callable[[], P], talk: Callable[[P], None], on_state: OnState
    ) -> None:
        self.beat = time.monotonic()
        self._device, self._offline, self._connect, self._talk = device, offline, connect, talk
        self._report = Report(on_state)
        self._life = Life(device, self._run)

    @property
    def stopping(self) -> threading.Event:
        """Set once the worker is to end; on a thread that another has replaced, for that thread alone."""
        thread = threading.current_thread()
        return thread.over if isinstance(thread, Life) else self._life.over

    def start(self) -> None:
        self._life.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread; returns after `timeout` seconds at the latest."""
        self._life.over.set()
        if self._life.is_alive():
            self._life.join(timeout)

    def again(self) -> None:
        """A thread in place of one that hangs, which opens the port anew. Not after `stop`."""
        old = self._life
        if old.over.is_set():
            return
        old.over.set()
        if old.port is not None:
            old.port.let_go()
        self.beat = time.monotonic()
        self._life = Life(self._device, self._run)
        self._life.start()

    def alive(self) -> None:
        """A sign of life for the watchdog."""
        if not self._replaced():
            self.beat = time.monotonic()

    def say(self, online: bool, fault: Fault | None = None) -> None:
        """How the device is; what a thread says that was replaced counts no more."""
        if not self._replaced():
            self._report.say(online, fault)

    def _replaced(self) -> bool:
        thread = threading.current_thread()
        return isinstance(thread, Life) and thread is not self._life

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self.stopping.is_set():
            self.alive()
            began = time.monotonic()
            try:
                port = self._connect()
                with port:
                    self._hold(port)
                    self._talk(port)
            except LINE_ERRORS as error:
                self.say(False, Fault(self._offline, self._device, type(error).__name__ + f": {error}"))
                wait = FIRST_WAIT_S if time.monotonic() - began > LONGEST_WAIT_S else wait
                self.stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_S)

    def _hold(self, port: Line) -> None:
        thread = threading.current_thread()
        if isinstance(thread, Life):
            thread.port = port
