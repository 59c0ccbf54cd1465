"""The embedding of the one face that counts in a still picture, by the configured models."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from devices.face.align import align
from devices.face.cards import Card
from devices.face.detect import open_detector, open_landmarks
from devices.face.engines import open_embedder
from devices.face.network import Found, Picture, Vectors, averaged
from kiosk.config import FaceConfig

LONGEST = 1280
"""Pixels: larger photographs are shrunk to this, about what the gate's camera gives."""
SMALLEST = 500
"""Pixels: smaller photographs are enlarged to twice their size first, and others where no face is found."""


class Still:
    """Reads photographs; seconds to open, a hundredth to a quarter of one a picture. For one thread."""

    def __init__(self, config: FaceConfig, cache: Path) -> None:
        """`cache`: folder of the converted network. Raises ModelError."""
        self._embedder = open_embedder(config, cache)
        self._detector, self._landmarks = open_detector(config), open_landmarks()

    @property
    def card(self) -> Card:
        """The embedding model's."""
        return self._embedder.card

    @property
    def engine(self) -> str:
        """What runs it."""
        return self._embedder.engine

    def __call__(self, picture: Picture) -> Vectors | None:
        """Of a BGR picture, shape (length,); None: no face in it. Of several the one of most score × area counts."""
        share = LONGEST / max(picture.shape[:2])
        sizes = (min(share, 1.0), 2 * min(share, 1.0))
        for factor in sizes[max(picture.shape[:2]) < SMALLEST :]:
            scaled = _scaled(picture, factor)
            if found := self._detector.find(scaled):
                return self._embedding(scaled, max(found, key=_weight))
        return None

    def _embedding(self, picture: Picture, face: Found) -> Vectors:
        points = face.points
        if points is None:
            grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
            points = self._landmarks.points(grey, face.box)
        chip = align(picture, points, self._embedder.card)
        return np.asarray(averaged(self._embedder, chip[None])[0], np.float32)


def _weight(face: Found) -> float:
    return face.score * face.box[2] * face.box[3]


def _scaled(picture: Picture, factor: float) -> Picture:
    if factor == 1:
        return picture
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how), np.uint8)
