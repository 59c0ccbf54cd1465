"""Whether a picture of a face is good enough to compare, and what is wrong with it otherwise."""

from __future__ import annotations

import cv2
import numpy as np

from devices.face import geometry
from devices.face.network import Ints, Picture, Points
from kiosk.domain.faces import Quality

TURNED = 0.35
"""Of `geometry.turn`, about 28°: embeddings are steady up to there."""
MOST_TURNED = 0.55
"""A portrait may be turned as far as this."""
DARKEST, BRIGHTEST = 45.0, 210.0
"""Mean grey of the face."""
CLIPPED = 0.25
"""Share of the face that may be white."""
SHARPEST_BLUR = 0.03
"""Variance of the edges over that of the light; a face out of focus or in motion is below."""

_SIDE = 96
_WHITE = 250
_FLAT = 25.0


def problems(chip: Picture, box: Ints, points: Points, size: tuple[int, int], nearest: float) -> tuple[Quality, ...]:
    """All that is wrong, what the person can do something about first; empty = good.

    `chip`: the face in grey. `box`, `points`: in pixels of the picture, which is `size` = (width, height). `nearest`:
    the least share of the picture's width.
    """
    grey = cv2.resize(chip, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    light = float(grey.mean())
    found = {
        Quality.FAR: box[2] < nearest * size[0],
        Quality.EDGE: _beyond(box, size),
        Quality.TURNED: abs(geometry.turn(points)) > TURNED,
        Quality.DARK: light < DARKEST,
        Quality.BRIGHT: light > BRIGHTEST or float((grey > _WHITE).mean()) > CLIPPED,
        Quality.BLURRED: sharpness(np.asarray(grey, np.uint8)) < SHARPEST_BLUR,
    }
    return tuple(problem for problem, there in found.items() if there)


def sharpness(grey: Picture) -> float:
    """Of a face of 96 × 96 pixels: how much of its contrast lies in the finest edges. 0 for an even area."""
    middle = grey[_SIDE // 8 : -_SIDE // 8, _SIDE // 8 : -_SIDE // 8]
    contrast = float(middle.var())
    return float(cv2.Laplacian(middle, cv2.CV_32F).var()) / contrast if contrast > _FLAT else 0.0


def _beyond(box: Ints, size: tuple[int, int]) -> bool:
    x, y, w, h = box
    return x < 0 or y < 0 or x + w > size[0] or y + h > size[1]
