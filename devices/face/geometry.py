"""What dlib's five points say about a face: where it is, how large, how far it is turned."""

from __future__ import annotations

import numpy as np

from devices.face.network import Ints, Points
from kiosk.domain.faces import Box

_BY_EYES, _BY_NOSE, _LIFT = 1.55, 2.9, 0.72
"""Side of dlib's box in distances of the outer corners of the eyes, and of the nose from the eyes; where its middle
lies on the way from the eyes to the base of the nose."""


def region(points: Points) -> Ints:
    """The box that dlib's detector would give: left, top, width, height in pixels.

    By eyes or nose, whichever is larger: a turned head has narrower eyes, a bowed one a shorter nose.
    """
    eyes, nose = points[:4].mean(axis=0), points[4]
    across = float(np.linalg.norm(points[0] - points[2]))
    side = max(_BY_EYES * across, _BY_NOSE * float(np.linalg.norm(nose - eyes)))
    x, y = eyes + _LIFT * (nose - eyes) - side / 2
    return round(float(x)), round(float(y)), max(1, round(side)), max(1, round(side))


def turn(points: Points) -> float:
    """−1 (nose to the picture's left) … 0 (straight) … 1, about 0.37 at 30°.

    The base of the nose lies nearer to the camera than the eyes, so it moves against them when the head turns. On a
    flat photograph it does not, however that is held.
    """
    right, left = points[:2].mean(axis=0), points[2:4].mean(axis=0)
    across = right - left
    length = float(across @ across)
    if length < 1:
        return 0.0
    return float(np.clip(2 * ((points[4] - (right + left) / 2) @ across) / length, -1, 1))


def shares(box: Ints, width: int, height: int) -> Box:
    """Of a picture of that size."""
    x, y, w, h = box
    return Box(x / width, y / height, w / width, h / height)


def grown(box: Ints, by: float) -> Ints:
    """The box made `by` times as large about its middle."""
    x, y, w, h = box
    return round(x + w * (1 - by) / 2), round(y + h * (1 - by) / 2), round(w * by), round(h * by)


def apart(one: Ints, other: Ints) -> float:
    """Distance of the middles, in widths of the larger box."""
    dx = one[0] + one[2] / 2 - other[0] - other[2] / 2
    dy = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return float(np.hypot(dx, dy)) / max(one[2], other[2])


def growth(one: Ints, other: Ints) -> float:
    """How many times as wide as the smaller the larger box is."""
    return max(one[2], other[2]) / max(1, min(one[2], other[2]))
