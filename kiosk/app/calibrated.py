"""The calibration that counts at this lane: the file's, until the technician has measured another one."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.screening import Calibration


class Calibrated:
    """`now` counts for whoever looks next. `changed` is called with each new one, on the thread that brings it."""

    def __init__(self, now: Calibration | None = None, changed: Callable[[Calibration], None] = lambda _: None) -> None:
        self.now = now or Calibration()
        self._changed = changed

    def take_up(self, made: Calibration) -> None:
        """This one is written down and counts from here on."""
        self.now = made
        self._changed(made)
