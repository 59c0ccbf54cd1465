"""One thread for one serial device: opens, talks, backs off, comes back, and says so once per change."""

from __future__ import annotations

import select
import termios
import threading
import time
from collections.abc import Callable

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


class Worker:
    """Runs `talk(port)` on its own thread for as long as the line holds; `talk` returns when `stopping` is set.

    `connect` opens the port, `on_state(online, fault)` is called on this thread, once per change. `beat` is the
    time.monotonic() of the last sign of life; `talk` calls `alive()` in its loop and `say` for what it learns.
    """

    def __init__(
        self, device: str, offline: Code, connect: Callable[[], Port], talk: Callable[[Port], None], on_state: OnState
    ) -> None:
        self.stopping = threading.Event()
        self.beat = time.monotonic()
        self._device, self._offline, self._connect, self._talk = device, offline, connect, talk
        self.say = Report(on_state).say
        self._thread = threading.Thread(target=self._run, name=device, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread; returns after `timeout` seconds at the latest."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def alive(self) -> None:
        """A sign of life for the watchdog."""
        self.beat = time.monotonic()

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self.stopping.is_set():
            self.alive()
            began = time.monotonic()
            try:
                with self._connect() as port:
                    self._talk(port)
            except LINE_ERRORS as error:
                self.say(False, Fault(self._offline, self._device, type(error).__name__ + f": {error}"))
                wait = FIRST_WAIT_S if time.monotonic() - began > LONGEST_WAIT_S else wait
                self.stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_S)
