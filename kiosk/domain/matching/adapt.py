"""Scores fitted to the people enrolled here, without any training data.

A network trained elsewhere puts people whom it rarely saw close together. The gallery itself says where "together" is:
its mean becomes the origin, and the directions in which everybody here differs anyway are shrunk a little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching.gallery import Vectors

LAMBDA = 3.0
"""Share of the mean variance added to each axis: 0 would be full whitening, which blows up what is noise."""
LEAST = 0.1
"""A face is 3 to 6 from the mean in the scaled axes; what is nearer than this has no direction, only rounding."""
BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class Adaptation:
    """`mean` (length,) and `axes` (length, length): principal axes by falling variance, as columns, scaled."""

    mean: Vectors
    axes: Vectors

    def apply(self, vectors: Vectors) -> Vectors:
        """Unit vectors of the same shape (rows, length); the distance of two is 0…2, about 1.4 between strangers.

        All zero where a row lies in the mean: such a face cannot be told from anybody's.
        """
        out = np.empty(vectors.shape, np.float32)
        for start in range(0, len(vectors), BLOCK):
            part = slice(start, start + BLOCK)
            np.matmul(vectors[part] - self.mean, self.axes, out=out[part])
            norms = np.sqrt(np.einsum("ij,ij->i", out[part], out[part]))
            out[part] *= np.where(norms > LEAST, 1 / np.maximum(norms, LEAST), 0)[:, None]
        return out


def fit(persons: Vectors) -> Adaptation:
    """The adaptation to these people: one mean template a row, shape (persons, length)."""
    mean = persons.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(_covariance(persons, mean))
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    scale = np.sqrt(variances + LAMBDA * max(float(variances.mean()), 1e-12))
    return Adaptation(mean.astype(np.float32), np.ascontiguousarray(axes / scale, np.float32))


def _covariance(persons: Vectors, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """In blocks: a million people at once would need the memory a second time."""
    summed = np.zeros((persons.shape[1], persons.shape[1]))
    for start in range(0, len(persons), BLOCK):
        centred = persons[start : start + BLOCK] - mean.astype(np.float32)
        summed += centred.T @ centred
    return summed / len(persons)
