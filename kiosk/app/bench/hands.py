"""What a running test is in touch with: the person who stands there, and what the devices say meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from kiosk.flows.technician.state import Asked

HANDS_S = 60.0
"""So long somebody has to do what a test asks for."""


STEP_S = 1.0


class GivenUpError(Exception):
    """The technician has left the test."""


class Hands:
    """Of one test. What happens comes in by `put` from any thread; the test waits for it on its own.

    `alive` is called meanwhile: who waits for somebody does not hang. `test`: its name; `lost`: it did hang.
    """

    def __init__(
        self,
        ask: Callable[[Asked], None],
        show: Callable[[bytes | None], None],
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._ask, self._show, self._alive = ask, show, alive
        self.test, self.lost = "", False
        self._happened: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._over = threading.Event()

    def put(self, kind: str, what: Any = None) -> None:
        """word (of the technician) | scanner (a text) | passage | job (a JobEvent) | over."""
        if kind == "over":
            self._over.set()
        self._happened.put((kind, what))

    def ask(self, asked: Asked, picture: bytes | None = None) -> None:
        """Say what is wanted; `picture`: PNG of the code that is to be scanned."""
        self._show(picture)
        self._ask(asked)

    def wait(self, *kinds: str, seconds: float = HANDS_S, such: Callable[[Any], bool] = lambda _: True) -> Any:
        """What happened, of one of these kinds; None when nothing such did in time. Raises GivenUpError."""
        until = time.monotonic() + seconds
        while True:
            self._alive()
            left = until - time.monotonic()
            try:
                kind, what = self._happened.get(timeout=max(0.0, min(left, STEP_S)))
            except queue.Empty:
                if left <= STEP_S:
                    return None
                continue
            self.check()
            if kind in kinds and such(what):
                return what if what is not None else True

    def check(self) -> None:
        """Raises GivenUpError when the technician has left meanwhile."""
        self.pause(0)

    def pause(self, seconds: float) -> None:
        """Let the device do something, for a few seconds. Raises GivenUpError as soon as the technician leaves."""
        self._alive()
        if self._over.wait(seconds):
            raise GivenUpError
