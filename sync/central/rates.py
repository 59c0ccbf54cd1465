"""How often one caller may ask. Counted in the memory of each worker process: several workers allow that much each."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.storage.base import MovingWindowSupport
from limits.strategies import MovingWindowRateLimiter

from sync.central.centre import Refusal
from sync.central.problems import RefusedError

SWEEP_S = 30.0
EACH_TERMINAL = parse("2000 per 10 second")
"""Twice what a terminal manages that empties a queue of 100,000 rows as fast as it can."""
TERMINAL = {
    "/v1/heartbeat": parse("120 per minute"),
    "/v1/documents": parse("300 per 10 second"),
    "/v1/documents/{serial}/pdf": parse("60 per minute"),
}
PUBLIC = {
    "number": parse("30 per minute"),
    "enrolment": parse("20 per minute"),
    "address": parse("2000 per 10 second"),
    "releases": parse("80 per second"),
}
"""By student or staff number, by number of a terminal, by address: behind a proxy that does not say whom it speaks
for, every address is the proxy's, so this one is only wide. Wrong PINs and codes are counted in the database.
Pieces of releases, of all terminals together: 20 MB/s, so that nothing else is held up."""


class Rates:
    """What was asked lately; for every thread. `now`: monotonic seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._limiter = MovingWindowRateLimiter(_Windows(now))

    def terminal(self, route: str, terminal: str) -> None:
        """One more request of a terminal. Raises RefusedError when they come too fast."""
        self._hit(TERMINAL.get(route, EACH_TERMINAL), route, terminal)

    def public(self, what: str, who: str) -> None:
        """One more request about `who`; `what` is one of `PUBLIC`. Raises RefusedError when they come too fast."""
        self._hit(PUBLIC[what], what, who)

    def _hit(self, item: RateLimitItem, *names: str) -> None:
        if self._limiter.hit(item, *names):
            return
        wait = max(1, math.ceil(self._limiter.get_window_stats(item, *names).reset_time - self._now()))
        raise RefusedError(Refusal("too_fast"), {"Retry-After": str(wait)})


class _Windows(Storage, MovingWindowSupport):
    """Moment after moment by key, monotonic seconds.

    The library's own memory looks at every key a hundred times a second: a third of a processor with 10,000 terminals.
    """

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._lock = threading.Lock()
        self._moments: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}
        self._swept = self._now()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Whether `amount` more are within the limit; if so they are counted."""
        now = self._now()
        with self._lock:
            self._sweep(now)
            moments = self._window(key, now - expiry)
            if len(moments) + amount > limit:
                return False
            moments.extend([now] * amount)
            self._ends[key] = now + expiry
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The oldest moment that counts, and how many do."""
        now = self._now()
        with self._lock:
            moments = self._window(key, now - expiry)
            return (moments[0] if moments else now), len(moments)

    def _window(self, key: str, since: float) -> deque[float]:
        moments = self._moments.setdefault(key, deque())
        while moments and moments[0] <= since:
            moments.popleft()
        return moments

    def _sweep(self, now: float) -> None:
        if now - self._swept < SWEEP_S:
            return
        self._swept = now
        for key in [key for key, end in self._ends.items() if end < now]:
            self._moments.pop(key, None)
            self._ends.pop(key, None)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self.acquire_entry(key, 2**53, expiry, amount)
        return self.get(key)

    def get(self, key: str) -> int:
        with self._lock:
            return len(self._moments.get(key, ()))

    def get_expiry(self, key: str) -> float:
        return self._ends.get(key, self._now())

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._moments)
            self._moments.clear()
            self._ends.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._moments.pop(key, None)
            self._ends.pop(key, None)
