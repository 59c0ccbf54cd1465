"""More at once than can be served: who comes then is asked to come back later, each at another moment."""

from __future__ import annotations

import math
import random
import time
from collections import deque

from starlette.types import ASGIApp, Receive, Scope, Send

from sync.central.centre import Centre, Refusal
from sync.central.problems import problem

MOST_IN_FLIGHT = 128
"""Requests under way in one worker: its 40 threads and a queue of half a second."""
PACE = 100
"""So many a second are expected to be served beside those that keep coming."""
SHORTEST_S, LONGEST_S, LOOK_BACK_S = 2.0, 300.0, 10.0
ALWAYS = ("/healthz", "/metrics")
"""What says how the centre is must say so when it is busy too."""


class Overload:
    """Turns requests away beyond `most` at a time, with a Retry-After drawn from as long as serving them would take."""

    def __init__(self, app: ASGIApp, centre: Centre, most: int = MOST_IN_FLIGHT) -> None:
        self._app, self._centre, self._most = app, centre, most
        self._under_way = 0
        self._turned_away: deque[float] = deque(maxlen=int(PACE * LONGEST_S))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._most:
            # what is half sent already is taken in, or its sender would see a cut line instead of the answer
            while (await receive()).get("more_body"):
                pass
            await problem(self._centre, Refusal("overloaded"), {"Retry-After": self._later()})(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1

    def _later(self) -> str:
        now = time.monotonic()
        self._turned_away.append(now)
        while self._turned_away[0] < now - LOOK_BACK_S:
            self._turned_away.popleft()
        most = min(LONGEST_S, max(SHORTEST_S, len(self._turned_away) / PACE))
        return str(random.randint(1, math.ceil(most)))
