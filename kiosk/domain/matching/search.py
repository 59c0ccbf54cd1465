"""The nearest rows of a large array, exactly: a matrix-vector product with stored norms; in stages when huge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching.gallery import Vectors

STAGES_ABOVE = 50_000
COLUMNS = (48, 80)
"""Where the second and the third part of a row begin."""
BLOCK = 1_024

Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Near:
    """A row and its Euclidean distance to the probe."""

    row: int
    distance: float


class Index:
    """Rows of shape (rows, length) float32, not empty, best with the axes of most variance in front.

    Found by the closeness c = x·p − |x|²/2, which falls with the distance. Up to `above` rows it is computed for all.
    Above that, at first only of the first columns: by Cauchy-Schwarz c ≤ x₁·p₁ + |x₂||p₂| − |x|²/2, and only rows whose
    bound reaches the best ones found need more columns. What rounding leaves open is settled in float64; of two equal
    rows the first comes first.
    """

    def __init__(self, rows: Vectors, above: int = STAGES_ABOVE, columns: tuple[int, ...] = COLUMNS) -> None:
        cuts = [0, *(cut for cut in columns if cut < rows.shape[1] and len(rows) > above), rows.shape[1]]
        self._spans = [slice(*span) for span in pairwise(cuts)]
        self._parts = [np.ascontiguousarray(rows[:, span]) for span in self._spans]
        squares = np.array([np.einsum("ij,ij->i", part, part) for part in self._parts])
        self._half = squares.sum(axis=0) / 2
        self._rests = [np.sqrt(squares[stage + 1 :].sum(axis=0)) for stage in range(len(cuts) - 2)]
        self._largest = float(np.sqrt(2 * self._half.max()))

    def __len__(self) -> int:
        return len(self._half)

    def nearest(self, probe: Vectors) -> list[Near]:
        """The two nearest rows (one where there is only one), nearest first. `probe`: finite, shape (length,)."""
        known = self._first(probe)
        seeds = self._seeds(known)
        floor = np.sort(self._closeness(known, seeds, probe))[-2:][0] - self._slack(probe)
        rows, closeness = self._reaching(known, float(floor), probe)
        if len(rows) > 2:
            rows = rows[closeness >= np.partition(closeness, -2)[-2] - self._slack(probe)]
        return self._exact(rows, probe)[:2]

    def within(self, probe: Vectors, distance: float) -> list[Near]:
        """All rows not further than that, nearest first."""
        floor = (float(probe @ probe) - distance**2) / 2 - self._slack(probe)
        rows, _ = self._reaching(self._first(probe), floor, probe)
        return [near for near in self._exact(rows, probe) if near.distance <= distance]

    def distance(self, row: int, probe: Vectors) -> float:
        """Of one row."""
        return self._exact(np.array([row]), probe)[0].distance

    def vectors(self, rows: Sequence[int] | Rows) -> Vectors:
        """These rows, as they were given."""
        return np.hstack([part[np.asarray(rows)] for part in self._parts])

    def _first(self, probe: Vectors) -> Vectors:
        """Of every row's closeness what the first columns say."""
        known = self._parts[0] @ probe[self._spans[0]]
        known -= self._half
        return np.asarray(known, np.float32)

    def _seeds(self, known: Vectors) -> Rows:
        """A few rows among which the best are likely: the best of each block; in one stage the two best themselves."""
        if not self._rests:
            first, others = int(known.argmax()), known.copy()
            others[first] = -np.inf
            return np.unique([first, int(others.argmax())])
        whole = len(known) // BLOCK * BLOCK
        blocks = known[:whole].reshape(-1, BLOCK).argmax(axis=1) + np.arange(0, whole, BLOCK)
        return np.union1d(blocks, np.arange(whole, len(known)))

    def _closeness(self, known: Vectors, rows: Rows, probe: Vectors) -> Vectors:
        rest = [part[rows] @ probe[span] for part, span in zip(self._parts[1:], self._spans[1:], strict=True)]
        return np.asarray(known[rows] + sum(rest), np.float32)

    def _reaching(self, known: Vectors, floor: float, probe: Vectors) -> tuple[Rows, Vectors]:
        """The rows whose closeness may reach the floor, and that closeness: fewer rows from stage to stage."""
        rows: Rows | None = None
        for stage, rest in enumerate(self._rests):
            left = np.float32(np.linalg.norm(probe[self._spans[stage].stop :]))
            bound = known + (rest if rows is None else rest.take(rows)) * left
            kept = np.flatnonzero(bound >= floor)
            rows, known = kept if rows is None else rows[kept], known[kept]
            known = known + self._parts[stage + 1].take(rows, axis=0) @ probe[self._spans[stage + 1]]
        kept = np.flatnonzero(known >= floor)
        return kept if rows is None else rows[kept], known[kept]

    def _exact(self, rows: Rows, probe: Vectors) -> list[Near]:
        squares = ((self.vectors(rows) - probe.astype(np.float64)) ** 2).sum(axis=1)
        order = np.lexsort((rows, squares))
        return [Near(int(rows[at]), float(np.sqrt(squares[at]))) for at in order]

    def _slack(self, probe: Vectors) -> float:
        """More than float32 can be wrong by in two closenesses of this length."""
        size = float(np.linalg.norm(probe))
        return float(np.finfo(np.float32).eps) * (len(probe) + 8) * (size + self._largest) ** 2
