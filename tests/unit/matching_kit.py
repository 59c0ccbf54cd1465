"""Synthetic embeddings that behave like a network's: a common mean, few strong axes, noise of each picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching import Gallery

LENGTH = 128
Vectors = NDArray[np.float32]

_RNG = np.random.default_rng(20)
_MEAN = _RNG.normal(0, 0.1, LENGTH)
_AXES = np.linalg.qr(_RNG.normal(size=(LENGTH, LENGTH)))[0] * 0.22 * (1 + np.arange(LENGTH)) ** -0.65


def faces(count: int, seed: int) -> Vectors:
    """One vector a person."""
    drawn = np.random.default_rng(seed).normal(size=(count, LENGTH))
    return np.asarray(_MEAN + drawn @ _AXES.T, np.float32)


def pictures(face: Vectors, count: int, seed: int, noise: float = 0.012) -> Vectors:
    """Several pictures of one person."""
    return np.asarray(face + np.random.default_rng(seed).normal(0, noise, (count, LENGTH)), np.float32)


def name(row: int) -> str:
    return f"{row:016x}"


def gallery(people: Vectors, photos: int = 3, noise: float = 0.012) -> Gallery:
    """Everybody with so many photographs; the person of row i is `name(i)`."""
    rows = [pictures(face, photos, 1000 + row, noise) for row, face in enumerate(people)]
    ids = tuple(name(row) for row in range(len(people)) for _ in range(photos))
    return Gallery(ids, np.concatenate(rows), "synthetic")
