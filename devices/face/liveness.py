"""The random head turn: a flat photograph cannot do it. It deters; it does not certify (ISO/IEC 30107-3)."""

from __future__ import annotations

from kiosk.domain.faces import Liveness, Sight

ENOUGH = 0.25
"""Of `Sight.turn`, about 20°."""
RISE = 0.15
"""And so much more than before: a head that was turned all the time did nothing."""
TIMES = 2
"""Pictures in a row, against a single wrong point."""


class HeadTurn:
    """Judges one turn of one continuous track.

    `side` is "left" or "right" as the person sees it; the person's left is the picture's right. `until`: same clock as
    `Sight.at`.
    """

    def __init__(self, side: str, until: float) -> None:
        if side not in ("left", "right"):
            raise ValueError(f"a head turns left or right, not {side!r}")
        self._sign, self._until = 1.0 if side == "left" else -1.0, until
        self._track, self._least, self._times, self._live = 0, 1.0, 0, False

    def see(self, sight: Sight | None, at: float, sure: bool = True) -> Liveness | None:
        """LIVE, SWAPPED or STILL as soon as it is decided.

        `sight`: of the picture taken at `at`, if there was one. While not `sure` that it is the same face, it waits.
        """
        if sight is not None:
            self._track = self._track or sight.track
            if sight.track != self._track:
                return Liveness.SWAPPED
            self._live = self._live or self._turned(sight)
            if self._live and sure:
                return Liveness.LIVE
        return Liveness.STILL if at >= self._until else None

    def gone(self, track: int) -> Liveness | None:
        """That track ended."""
        return Liveness.SWAPPED if track == self._track else None

    def _turned(self, sight: Sight) -> bool:
        side = self._sign * sight.turn
        self._least = min(self._least, side)
        far = side >= ENOUGH and side - self._least >= RISE
        self._times = self._times + 1 if far else 0
        return self._times >= TIMES
