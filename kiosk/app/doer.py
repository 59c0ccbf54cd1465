"""A thread that does one thing after the other, and gives a sign of life; where it hangs another takes its place."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

BEAT_S = 5.0


class Doer:
    """A device may hang as long as it likes: nobody waits for what is done here.

    `beat`: time.monotonic() of the last sign of life: of having nothing to do, or by `alive` out of what is done.
    `replaced` is called when another thread has begun.
    """

    def __init__(self, name: str, replaced: Callable[[], None] = lambda: None) -> None:
        self._name, self._replaced = name, replaced
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._stopped = False
        self.beat = time.monotonic()
        self._thread = self._made()

    def _made(self) -> threading.Thread:
        return threading.Thread(target=self._run, name=self._name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, work: Callable[[], None]) -> None:
        """From any thread."""
        self._work.put(work)

    def stop(self, timeout: float) -> None:
        """Ends after what it does now; returns within the time."""
        self._stopped = True
        self._work.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def again(self) -> None:
        """A thread in place of one that hangs, for what waits; the other ends once it finds out. Not after `stop`."""
        if self._stopped:
            return
        self.beat = time.monotonic()
        self._thread = self._made()
        self._thread.start()
        self._replaced()

    def alive(self) -> None:
        """A sign of life of what is being done; of a thread that was replaced it is none."""
        if threading.current_thread() is self._thread:
            self.beat = time.monotonic()

    def _run(self) -> None:
        me = threading.current_thread()
        while me is self._thread:
            self.alive()
            try:
                work = self._work.get(timeout=BEAT_S)
            except queue.Empty:
                continue
            if me is not self._thread:
                # meant for the one in its place
                self._work.put(work)
                return
            if work is None:
                return
            work()
