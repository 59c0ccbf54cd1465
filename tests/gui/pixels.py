"""Compares pictures of the window."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage

EDGES = 64
"""How much edges of letters may differ: they depend on what the renderer kept of earlier sizes."""


def same(one: QImage, two: QImage) -> bool:
    """Alike but for the edges of letters."""
    if one == two:
        return True
    first, second = (np.frombuffer(image.constBits(), np.uint8) for image in (one, two))
    return first.shape == second.shape and int(cv2.absdiff(first, second).max()) <= EDGES
