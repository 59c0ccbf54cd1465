"""The nearest rows of a large array, exactly: a matrix-vector product with stored norms; in two stages when huge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching.gallery import Vectors

TWO_STAGES_ABOVE = 50_000
FIRST = 32
BLOCK = 4_096

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Near:
    """A row and its Euclidean distance to the probe."""

    row: int
    distance: float


class Index:
    """Rows of shape (rows, length) float32, not empty, best with the axes of most variance in front.

    Found by the closeness c = x·p − |x|²/2, which falls with the distance. Up to `above` rows it is computed for all.
    Above that, only of the first columns: by Cauchy-Schwarz c ≤ x₁·p₁ + |x₂||p₂| − |x|²/2, and only rows whose bound
    reaches the best ones found need the rest. What rounding leaves open is settled in float64; of equals the first row wins.
    """

    def __init__(self, rows: Vectors, above: int = TWO_STAGES_ABOVE, first: int = FIRST) -> None:
        columns = rows.shape[1] if len(rows) <= above else min(first, rows.shape[1])
        self._head, self._tail = np.ascontiguousarray(rows[:, :columns]), np.ascontiguousarray(rows[:, columns:])
        head, tail = (np.einsum("ij,ij->i", part, part) for part in (self._head, self._tail))
        self._half, self._rest = (head + tail) / 2, np.sqrt(tail)
        self._largest = float(np.sqrt(2 * self._half.max()))

    def __len__(self) -> int:
        return len(self._head)

    def nearest(self, probe: Vectors) -> list[Near]:
        """The two nearest rows (one where there is only one), nearest first. `probe`: finite, shape (length,)."""
        bound = self._bound(probe)
        best = self._seeds(bound)
        floor = np.sort(self._closeness(best, probe))[-2:][0] - self._slack(probe)
        return self._settle(np.flatnonzero(bound >= floor), probe)[:2]

    def within(self, probe: Vectors, distance: float) -> list[Near]:
        """All rows not further than that, nearest first."""
        floor = (float(probe @ probe) - distance**2) / 2 - self._slack(probe)
        rows = np.flatnonzero(self._bound(probe) >= floor)
        return [near for near in self._exact(rows, probe) if near.distance <= distance]

    def distance(self, row: int, probe: Vectors) -> float:
        """Of one row."""
        return self._exact(np.array([row]), probe)[0].distance

    def vectors(self, rows: list[int]) -> Vectors:
        """These rows, as they were given."""
        return np.hstack([self._head[rows], self._tail[rows]])

    def _bound(self, probe: Vectors) -> Vectors:
        """No row's closeness is above its bound; in one stage the bound is the closeness."""
        columns = self._head.shape[1]
        bound = self._head @ probe[:columns]
        bound -= self._half
        if self._tail.shape[1]:
            bound += self._rest * np.float32(np.linalg.norm(probe[columns:]))
        return bound

    def _seeds(self, bound: Vectors) -> Rows:
        """A few rows among which the best are likely: the best bound of each block, and the two best of all."""
        first = int(bound.argmax())
        kept, bound[first] = bound[first], -np.inf
        second = int(bound.argmax())
        bound[first] = kept
        if not self._tail.shape[1]:
            return np.unique([first, second])
        whole = len(bound) // BLOCK * BLOCK
        blocks = bound[:whole].reshape(-1, BLOCK).argmax(axis=1) + np.arange(0, whole, BLOCK)
        return np.unique([first, second, *blocks])

    def _settle(self, rows: Rows, probe: Vectors) -> list[Near]:
        """The best two and whatever rounding cannot tell from them, in order."""
        closeness = self._closeness(rows, probe)
        if len(rows) > 2:
            floor = np.partition(closeness, len(rows) - 2)[len(rows) - 2] - self._slack(probe)
            rows = rows[closeness >= floor]
        return self._exact(rows, probe)

    def _closeness(self, rows: Rows, probe: Vectors) -> Vectors:
        columns = self._head.shape[1]
        if len(rows) > len(self) // 4:  # copying so many rows would take longer than computing all
            return np.asarray((self._head @ probe[:columns] + self._tail @ probe[columns:] - self._half)[rows])
        return np.asarray(
            self._head[rows] @ probe[:columns] + self._tail[rows] @ probe[columns:] - self._half[rows], np.float32
        )

    def _exact(self, rows: Rows, probe: Vectors) -> list[Near]:
        columns, wide = self._head.shape[1], probe.astype(np.float64)
        squares = ((self._head[rows] - wide[:columns]) ** 2).sum(axis=1)
        squares += ((self._tail[rows] - wide[columns:]) ** 2).sum(axis=1)
        order = np.lexsort((rows, squares))
        return [Near(int(rows[at]), float(np.sqrt(squares[at]))) for at in order]

    def _slack(self, probe: Vectors) -> float:
        """More than float32 can be wrong by in two closenesses of this length."""
        size = float(np.linalg.norm(probe))
        return float(np.finfo(np.float32).eps) * (len(probe) + 8) * self._largest * (size + self._largest)
