"""One photograph for an enrolment from a file: held to what the recogniser asks of a camera's picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from devices.face import geometry, quality
from devices.face.align import align
from devices.face.cards import Card
from devices.face.detect import open_detector, open_landmarks
from devices.face.engines import open_embedder
from devices.face.network import Found, Picture, Vectors, averaged
from devices.face.pipeline import STRANGER
from devices.face.track import cutout
from kiosk.config import FaceConfig
from kiosk.domain.faces import Quality

LONGEST = 1280
"""Pixels: larger photographs are shrunk to this, about what a camera gives."""
SECOND = 0.3
"""A second face counts from this share of the first one's score × area."""


class Refused(StrEnum):
    """Why a photograph will not do, besides the words of `Quality`."""

    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """`template`: float32 of the model's length, mean of picture and mirror image. `turn` as in `Sight`."""

    template: Vectors
    turn: float
    model: str


class Photographs:
    """Reads files with the configured models; seconds to open. For one thread."""

    def __init__(self, config: FaceConfig, cache: Path) -> None:
        """`cache`: folder of the converted network. Raises ModelError."""
        self._config = config
        self._embedder = open_embedder(config, cache)
        self._detector, self._landmarks = open_detector(config), open_landmarks()

    @property
    def card(self) -> Card:
        """The embedding model's."""
        return self._embedder.card

    def read(self, path: Path) -> Photograph | Refused | Quality:
        """The one face on it, or what is wrong."""
        try:
            data = np.frombuffer(path.read_bytes(), np.uint8)
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
        except (OSError, cv2.error):
            picture = None
        return Refused.UNREADABLE if picture is None else self.look(np.asarray(picture, np.uint8))

    def look(self, picture: Picture) -> Photograph | Refused | Quality:
        """As `read`, of a BGR picture."""
        scaled = _shrunk(picture)
        found = sorted(self._detector.find(scaled), key=_weight, reverse=True)
        if not found:
            return Refused.NO_FACE
        if len(found) > 1 and _weight(found[1]) > SECOND * _weight(found[0]):
            return Refused.SEVERAL
        return self._judged(scaled, found[0])

    def _judged(self, picture: Picture, face: Found) -> Photograph | Quality:
        corners = self._landmarks.points(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8), face.box)
        chip, _, _ = cutout(picture, face.box)
        height, width = picture.shape[:2]
        wrong = quality.problems(chip, face.box, corners, (width, height), self._config.nearest)
        if wrong:
            return wrong[0]
        points = corners if face.points is None else face.points
        template = averaged(self._embedder, align(picture, points, self._embedder.card)[None])[0]
        return Photograph(np.asarray(template, np.float32), geometry.turn(corners), self._embedder.card.name)


def strangers(photographs: list[Photograph], card: Card) -> tuple[int, int] | None:
    """Two of them, by place, that may show different people; None when all may be one person."""
    far = STRANGER * card.limits.limit(1, adapted=False, photos=1, frames=1)
    for second in range(1, len(photographs)):
        for first in range(second):
            if float(np.linalg.norm(photographs[first].template - photographs[second].template)) > far:
                return first, second
    return None


def _weight(face: Found) -> float:
    return face.score * face.box[2] * face.box[3]


def _shrunk(picture: Picture) -> Picture:
    share = LONGEST / max(picture.shape[:2])
    if share >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
