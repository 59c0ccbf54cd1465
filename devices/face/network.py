"""What the recogniser asks of a model, whatever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from devices.face.cards import Card, ModelError

__all__ = ["Card", "Detector", "Embedder", "Found", "Ints", "ModelError", "Picture", "Points", "Vectors", "averaged"]

Picture = NDArray[np.uint8]
"""(rows, columns) grey or (rows, columns, 3)."""
Points = NDArray[np.float32]
"""(5, 2): x, y in pixels. Either dlib's corners (outer and inner corner of the eye on the picture's right, the same on
its left, base of the nose) or features (eye on the left, eye on the right, tip of the nose, corners of the mouth)."""
Vectors = NDArray[np.float32]
Ints = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A face: `box` is left, top, width, height in pixels, about square, from the brows to the chin, and may reach
    beyond the picture. `score`: higher is surer, comparable within one detector alone. `points`: features, or None."""

    box: Ints
    score: float
    points: Points | None = None


class Detector(Protocol):
    """For one thread at a time."""

    @property
    def card(self) -> Card: ...

    def find(self, picture: Picture) -> list[Found]:
        """Every face of a grey or BGR picture, surest first, in pixels of that picture."""
        ...


class Embedder(Protocol):
    """For one thread at a time. `engine`: what runs it. `fell_back`: which engines failed before and why, or ""."""

    @property
    def card(self) -> Card: ...

    @property
    def engine(self) -> str: ...

    @property
    def fell_back(self) -> str: ...

    def embed(self, chips: Picture) -> Vectors:
        """One vector a chip, (n, card.length), of RGB chips (n, card.size, card.size, 3) made by `align`."""
        ...


def averaged(embedder: Embedder, chips: Picture) -> Vectors:
    """`embed`, for a card with `mirror` averaged with the mirror images: twice the time, a good deal surer."""
    vectors = embedder.embed(chips)
    if not embedder.card.mirror:
        return vectors
    mirrored = np.ascontiguousarray(chips[:, :, ::-1])
    return np.asarray((vectors + embedder.embed(mirrored)) / 2, np.float32)
