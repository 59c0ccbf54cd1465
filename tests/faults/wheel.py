"""Time that is turned by hand: whoever waits stands on the wheel, and nothing passes until it is turned."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.clock import Clock

Act = Callable[[], None]


class Wheel:
    """`mono`: seconds that passed. `wall`: Unix seconds; `skew`: by how much the terminal's own clock is wrong.

    One thread turns it and does what is due; any may read it. `after` is done behind each thing that was due.
    """

    def __init__(self, wall: float) -> None:
        self.mono, self.skew = 1000.0, 0.0
        self._wall = wall - self.mono
        self._due: list[tuple[float, int, Act]] = []
        self._given_up: set[int] = set()
        self._numbers = itertools.count()
        self.after: Act = _nothing

    @property
    def wall(self) -> float:
        """The right time of day."""
        return self._wall + self.mono

    def put(self, seconds: float, act: Act) -> int:
        """Do this once after so many seconds; the number by which it can be given up."""
        number = next(self._numbers)
        heapq.heappush(self._due, (self.mono + max(0.0, seconds), number, act))
        return number

    def give_up(self, number: int) -> None:
        """It is not done; one that was done already does no harm."""
        self._given_up.add(number)

    @property
    def next(self) -> float:
        """When something is due next; for ever away where nothing is."""
        while self._due and self._due[0][1] in self._given_up:
            self._given_up.discard(heapq.heappop(self._due)[1])
        return self._due[0][0] if self._due else float("inf")

    @property
    def waiting(self) -> int:
        """How many stand on it."""
        return sum(number not in self._given_up for _, number, _ in self._due)

    def turn(self) -> None:
        """As far as what is due next, and do that."""
        at = self.next
        _, number, act = heapq.heappop(self._due)
        self.mono = max(self.mono, at)
        act()
        self._given_up.discard(number)
        self.after()

    def turn_to(self, mono: float) -> None:
        """So far, doing all that is due on the way."""
        while self.next <= mono:
            self.turn()
        self.mono = max(self.mono, mono)

    def skip(self, seconds: float) -> None:
        """Everything stood still for so long, as in a machine that was switched off."""
        self.mono += seconds


@dataclass(frozen=True)
class OnWheel(Clock):
    """A clock that shows the wheel's time. `own`: the terminal's, which may be wrong."""

    wheel: Wheel | None = None
    own: bool = True

    def now(self) -> float:
        assert self.wheel
        return self.wheel.wall + (self.wheel.skew if self.own else 0.0)

    def mono(self) -> float:
        assert self.wheel
        return self.wheel.mono


def _nothing() -> None:
    return
