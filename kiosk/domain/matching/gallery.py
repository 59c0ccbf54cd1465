"""The templates of the people who may be recognised: numbers only, no picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Gallery:
    """Templates, several a person.

    `ids`: the person of each row. `vectors`: float32 of shape (rows, length), each the mean of the embeddings of a
    picture and of its mirror image. `model`: name of the embedder; templates of another model mean nothing to it.
    Raises ValueError for another shape, a person without a name and a row that is not finite or all zero.
    """

    ids: tuple[str, ...]
    vectors: Vectors
    model: str

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.ids) != len(self.vectors):
            raise ValueError(f"{len(self.ids)} ids for templates of shape {self.vectors.shape}")
        if self.vectors.dtype != np.float32:
            raise ValueError(f"templates are float32, not {self.vectors.dtype}")
        if not all(self.ids):
            raise ValueError("a template without a person")
        sound = usable(self.vectors)
        if not sound.all():
            raise ValueError(f"template of {self.ids[int(np.argmin(sound))]} is not finite or all zero")

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """Everybody once, in the order of their first template."""
        return tuple(dict.fromkeys(self.ids))

    def without(self, ids: frozenset[str] | set[str]) -> Gallery:
        """The same without these people's templates; names that are not in it are passed over."""
        keep = [row for row, person in enumerate(self.ids) if person not in ids]
        return Gallery(tuple(self.ids[row] for row in keep), self.vectors[keep], self.model)

    def means(self) -> tuple[Vectors, NDArray[np.int64]]:
        """The mean template of each of `persons`, shape (persons, length), and how many templates are in it."""
        rows = {person: row for row, person in enumerate(self.persons)}
        if len(rows) == len(self.ids):
            return self.vectors, np.ones(len(rows), np.int64)
        owner = np.fromiter((rows[person] for person in self.ids), np.int64, len(self.ids))
        count = np.bincount(owner)
        if (owner[1:] < owner[:-1]).any():
            order = np.argsort(owner, kind="stable")
            summed = np.add.reduceat(self.vectors[order], np.cumsum(count) - count)
        else:
            summed = np.add.reduceat(self.vectors, np.cumsum(count) - count)
        return np.asarray(summed / count[:, None], np.float32), count


def usable(vectors: Vectors) -> NDArray[np.bool_]:
    """Which rows of a (rows, length) array are finite and not all zero."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.einsum("ij,ij->i", vectors, vectors)
    return np.asarray(np.isfinite(squares) & (squares > 0))
