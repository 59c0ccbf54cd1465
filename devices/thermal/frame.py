"""One thermal picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """What one frame on the wire says: °C in the wire's own order of pixels; `ambient` °C where the module tells it.

    `body` is a module's own estimate of a body's temperature: kept for the technician, never used for judging.
    """

    pixels: Pixels
    ambient: float | None
    body: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ThermalFrame:
    """Counted from 1, come whole at `at` (monotonic s); °C by row and column as the scene stands seen from the camera.

    `low` and `high` are the ends of what the module can tell: a pixel there is saturated.
    """

    number: int
    at: float
    pixels: Pixels
    ambient: float | None
    low: float = -40.0
    high: float = 300.0
