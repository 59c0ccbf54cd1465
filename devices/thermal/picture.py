"""A thermal frame as a small picture in colours that mean the same on every screen, at every time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.thermal.frame import ThermalFrame

COLDEST, HOTTEST = 20.0, 40.0
"""°C of the first and the last colour. The range is fixed: a stretched one would make everybody look feverish."""

_STEPS = np.array([0, 45, 90, 135, 180, 225, 255], float)
_BLUE = np.array([24, 120, 140, 60, 20, 60, 235], float)
_GREEN = np.array([8, 12, 20, 60, 140, 215, 255], float)
_RED = np.array([8, 60, 150, 225, 250, 255, 255], float)
_COLOURS = np.stack([np.interp(np.arange(256), _STEPS, channel) for channel in (_BLUE, _GREEN, _RED)], axis=1).astype(
    np.uint8
)


def picture(frame: ThermalFrame) -> NDArray[np.uint8]:
    """BGR, one pixel for each of the frame's, as the scene stands seen from the camera; for looking at, no more."""
    share = (np.nan_to_num(frame.pixels, nan=COLDEST) - COLDEST) / (HOTTEST - COLDEST)
    index = np.clip(np.rint(share * 255), 0, 255).astype(np.uint8)
    coloured: NDArray[np.uint8] = _COLOURS[index]
    return coloured
