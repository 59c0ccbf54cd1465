"""What a person waits for from the centre: asked by any thread, tried by one loop, answered once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

from sync.client import Failure, Trouble

T = TypeVar("T")

OFFLINE_S = 1.0
_NEVER = (Trouble.REFUSED, Trouble.UPDATE)
_AWAY = (Trouble.UNREACHABLE, Trouble.LOGIN, Trouble.UNTRUSTED)


@dataclass(slots=True)
class Ask(Generic[T]):
    """One of them. `since`: monotonic seconds; `failed`: it was tried, and the centre did not speak."""

    key: str
    what: T
    since: float
    failed: bool = False

    def hopeless(self, failure: Failure, now: float, busy: float) -> bool:
        """Whether nobody should wait on: a busy centre is waited for `busy` seconds, one that is away hardly.

        A terminal that is refused is no fault of the person's: to them the centre is out of reach.
        """
        age = now - self.since
        if failure.trouble in _NEVER:
            return True
        if failure.trouble in _AWAY:
            return self.failed or age > OFFLINE_S
        return age + failure.wait > busy


class Asked(Generic[T]):
    """Those that wait, by key; the same key while it waits is the same ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Ask[T]] = {}

    def add(self, key: str, what: T, now: float) -> None:
        with self._lock:
            self._waiting.setdefault(key, Ask(key, what, now))

    def waiting(self) -> list[Ask[T]]:
        with self._lock:
            return list(self._waiting.values())

    def answered(self, key: str) -> None:
        with self._lock:
            self._waiting.pop(key, None)
