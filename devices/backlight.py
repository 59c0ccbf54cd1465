"""The panel's light through /sys/class/backlight, where the kernel has one and lets this program set it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from kiosk import log

CLASS = Path("/sys/class/backlight")


class Backlight:
    """All panels of the machine alike. What cannot be set is left: the screen then dims what it draws."""

    def __init__(self, root: Path = CLASS) -> None:
        self._panels = [each for each in sorted(root.glob("*")) if os.access(each / "brightness", os.W_OK)]
        self._set: int | None = None

    def dim(self, percent: int) -> bool:
        """Set the light to so much of what the panel can give; whether there was a panel. Written once per change."""
        if percent != self._set:
            self._panels = [each for each in self._panels if _written(each, percent)]
            self._set = percent
        return bool(self._panels)


def _written(panel: Path, percent: int) -> bool:
    with contextlib.suppress(OSError, ValueError):
        most = int((panel / "max_brightness").read_text("ascii"))
        # 0 is off for some panels
        (panel / "brightness").write_text(str(max(1, round(most * percent / 100))), "ascii")
        return True
    log.event("backlight_refused", name=panel.name)
    return False
