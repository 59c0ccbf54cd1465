"""What a thermal camera looks at: a room, a face with clothed shoulders, a hot cup, a reference source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Place = tuple[float, float, float, float]
"""Left, top, width, height as shares of a picture."""

FINE = 4
CLOTHES_K = 5.0
COOLER_CHEEKS_K = 1.5
HOT_SPOT = -0.3
EDGE = 0.12
CROSSTALK = 0.04
REFERENCE_BOX: Place = (0.84, 0.04, 0.14, 0.17)
REFERENCE_C = 35.0
POINT_BOX: Place = (0.47, 0.44, 0.06, 0.08)
"""What a sensor of one pixel looks at."""


@dataclass(slots=True)
class Mounting:
    """Camera share → thermal share, each axis by itself: the thermal lens sees less than the camera's, from beside it.

    A face that is 0.18 of the camera's picture (73° wide) at 60 cm is 8 of 32 thermal pixels (55°).
    """

    across: tuple[float, float] = (1.42, -0.23)
    down: tuple[float, float] = (1.32, -0.14)

    def place(self, box: Place) -> Place:
        x, y, w, h = box
        (a, b), (c, d) = self.across, self.down
        return a * x + b, c * y + d, a * w, c * h


class Scene:
    """Temperatures in °C; places of person and cup in shares of the camera's picture, of the source in the thermal one.

    `render` is what an ideal sensor with these pixels would see; `sense` adds what a real one does: `error` of the
    module, `noise` of each pixel (from a fixed seed), and a `drift` that dies away after it came on.
    """

    def __init__(self, rows: int, columns: int, seed: int = 90640) -> None:
        self.rows, self.columns = rows, columns
        self.room, self.skin = 25.0, 34.0
        self.person: Place | None = None
        self.cup: Place | None = None
        self.cup_c, self.paper = 70.0, False
        self.reference: float | None = REFERENCE_C
        self.error, self.noise = -1.1, 0.08
        self.drift, self.drift_s = 0.0, 60.0
        self.mounting = Mounting()
        self._random = np.random.default_rng(seed)
        self._drawn: tuple[tuple[object, ...], Field] | None = None

    @property
    def ambient(self) -> float:
        """The module's own temperature: its electronics warm it."""
        return self.room + 2.5

    def sense(self, age: float) -> Field:
        """One picture of the real sensor, `age` seconds after it came on."""
        shape = (self.rows, self.columns)
        drift = self.drift * float(np.exp(-age / self.drift_s))
        return self._render_once() + self.error + drift + self._random.normal(0.0, self.noise, shape)

    def _render_once(self) -> Field:
        """As `render`, drawn anew where anything changed."""
        now = (self.room, self.person, self.skin, self.cup, self.cup_c, self.paper, self.reference)
        if self._drawn is None or self._drawn[0] != now:
            self._drawn = now, self.render()
        return self._drawn[1]

    def render(self) -> Field:
        """The scene averaged over each pixel, with a little of its neighbours."""
        if self.rows == self.columns == 1:
            return self._render_point()
        fine = self._fine(self.rows * FINE, self.columns * FINE)
        coarse = fine.reshape(self.rows, FINE, self.columns, FINE).mean(axis=(1, 3))
        padded = np.pad(coarse, 1, mode="edge")
        beside = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
        blended: Field = (1 - 4 * CROSSTALK) * coarse + CROSSTALK * beside
        return blended

    def _render_point(self) -> Field:
        """One pixel sees the middle of the view: a module of one pixel is aimed at where the faces are."""
        fine = self._fine(100, 100)
        x, y, w, h = (round(100 * share) for share in POINT_BOX)
        return np.full((1, 1), fine[y : y + h, x : x + w].mean())

    def _fine(self, rows: int, columns: int) -> Field:
        y, x = np.mgrid[0.5:rows, 0.5:columns]
        y, x = y / rows, x / columns
        field: Field = np.full((rows, columns), self.room)
        if self.person is not None:
            self._put_person(field, x, y, self.mounting.place(self.person))
        if self.cup is not None:
            field[_inside(x, y, self.mounting.place(self.cup))] = self.cup_c
        if self.reference is not None:
            field[_inside(x, y, REFERENCE_BOX)] = self.reference
        return field

    def _put_person(self, field: Field, x: Field, y: Field, place: Place) -> None:
        left, top, w, h = place
        middle = left + w / 2
        clothes = (np.abs(x - middle) < w) & (y > top + 1.15 * h)
        neck = (np.abs(x - middle) < w / 4) & (y > top + 0.9 * h)
        field[clothes] = self.room + (0.0 if self.paper else CLOTHES_K)
        across, down = (x - middle) / (w / 2), (y - top - h / 2) / (h / 2)
        out = np.hypot(across, down / 1.1)
        hot = np.hypot(across, down - HOT_SPOT)
        skin = (self.room + 0.3) if self.paper else self.skin - COOLER_CHEEKS_K * np.maximum(hot - 0.35, 0.0) ** 2
        cover = np.clip((1.0 + EDGE / 2 - out) / EDGE, 0.0, 1.0)
        cover = np.maximum(cover, neck)
        field[:] = field * (1 - cover) + skin * cover


def _inside(x: Any, y: Any, place: Place) -> NDArray[np.bool_]:
    left, top, w, h = place
    mask: NDArray[np.bool_] = (x >= left) & (x < left + w) & (y >= top) & (y < top + h)
    return mask
