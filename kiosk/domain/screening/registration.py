"""Where a place of the camera's picture is in the thermal picture: an affine map, fitted to points seen by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kiosk.domain.faces import Box

Point = tuple[float, float]
Pair = tuple[Point, Point]
"""The same warm target as shares of the camera's picture, and as shares of the thermal picture."""

LEAST_PAIRS = 3
LEAST_SPREAD = 0.05
"""Targets closer to one line than this, in shares of the picture, fix no map."""


class RegistrationError(ValueError):
    """The points do not fix a map."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Thermal share = a·x + b·y + c, one triple for each axis; `residual`: root mean square of the fit, in shares."""

    x: tuple[float, float, float] = (1.0, 0.0, 0.0)
    y: tuple[float, float, float] = (0.0, 1.0, 0.0)
    residual: float = 0.0

    def there(self, point: Point) -> Point:
        """From the camera's picture to the thermal one; may lie outside 0…1."""
        (ax, bx, cx), (ay, by, cy) = self.x, self.y
        return ax * point[0] + bx * point[1] + cx, ay * point[0] + by * point[1] + cy

    def back(self, point: Point) -> Point:
        """From the thermal picture to the camera's."""
        (ax, bx, cx), (ay, by, cy) = self.x, self.y
        u, v, area = point[0] - cx, point[1] - cy, self.area
        return (by * u - bx * v) / area, (ax * v - ay * u) / area

    @property
    def area(self) -> float:
        """What a unit of the camera's picture becomes; 0 = the map has no way back."""
        return self.x[0] * self.y[1] - self.x[1] * self.y[0]

    def box(self, box: Box) -> Box:
        """The upright box around the mapped corners, in shares of the thermal picture."""
        corners = [(box.x + box.w * i, box.y + box.h * j) for i in (0, 1) for j in (0, 1)]
        across, down = zip(*(self.there(corner) for corner in corners), strict=True)
        return Box(min(across), min(down), max(across) - min(across), max(down) - min(down))


def fit(pairs: Sequence[Pair]) -> Registration:
    """Least squares over at least three pairs that are not on one line. Raises RegistrationError."""
    if len(pairs) < LEAST_PAIRS:
        raise RegistrationError(f"{len(pairs)} points, at least {LEAST_PAIRS} are needed")
    seen = np.array([here for here, _ in pairs], float)
    wanted = np.array([there for _, there in pairs], float)
    if np.linalg.svd(seen - seen.mean(axis=0), compute_uv=False)[-1] < LEAST_SPREAD:
        raise RegistrationError("the points lie on one line, or in one place")
    known = np.column_stack((seen, np.ones(len(seen))))
    rows = np.linalg.lstsq(known, wanted, rcond=None)[0]
    residual = float(np.sqrt(np.mean(np.sum((known @ rows - wanted) ** 2, axis=1))))
    (ax, ay), (bx, by), (cx, cy) = rows.tolist()
    return Registration((ax, bx, cx), (ay, by, cy), residual)
