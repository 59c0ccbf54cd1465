"""The face in one thermal picture: its hottest place, and whether something shaped like a face is warm there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.faces import Box
from kiosk.domain.screening.calibration import Calibration
from kiosk.domain.screening.reading import Cannot

Mask = NDArray[np.bool_]

LEAST_PIXELS = 6.0
"""A face narrower or lower than this is blended with what is behind it: nothing is told of it."""
COARSE = 16
"""Arrays narrower than this see a face as two or three pixels: presence alone."""
LEAST_INSIDE = 0.9
MARGIN_PX = 0.5
RING = 0.3
LEAST_RING_PX = 1.5
LEAST_FILLED, MOST_SPILLED = 0.6, 0.4
LEAST_AROUND = 8


class Frame(Protocol):
    """One thermal picture: °C by row and column as the camera sees the scene, `at` in monotonic seconds.

    `low` and `high` are the ends of what the module can tell, `ambient` is its own temperature or None.
    """

    @property
    def at(self) -> float: ...
    @property
    def pixels(self) -> NDArray[np.float32]: ...
    @property
    def ambient(self) -> float | None: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """`hottest` of the face and the median of what is `around` it, °C, both raw; `shaped`: warm where a face is."""

    hottest: float
    around: float
    shaped: bool


def spot(frame: Frame, box: Box, calibration: Calibration) -> Spot | Cannot:
    """The face whose box is given in shares of the camera's picture, or why nothing can be said of it."""
    place = calibration.registration.box(box)
    rows, columns = frame.pixels.shape
    if _inside(place) < LEAST_INSIDE:
        return Cannot.OUTSIDE_VIEW
    if columns >= COARSE and (place.w * columns < LEAST_PIXELS or place.h * rows < LEAST_PIXELS):
        return Cannot.TOO_FAR
    source, face = reference_mask(frame, calibration, grown=1.0), within(frame, place, MARGIN_PX)
    values = frame.pixels[face]
    # A face before the reference source spoils both.
    if not values.size or (face & source).any():
        return Cannot.OUTSIDE_VIEW
    if not (values > frame.low).all() or not (values < frame.high).all():
        return Cannot.SATURATED
    return _judged(frame, place, values, source)


def within(frame: Frame, place: Box, grown: float = 0.0) -> Mask:
    """The pixels whose centres lie in `place` (shares of the thermal picture), grown by so many pixels all around."""
    down, across = _centres(frame)
    rows, columns = frame.pixels.shape
    left, top = place.x * columns - grown, place.y * rows - grown
    right, bottom = (place.x + place.w) * columns + grown, (place.y + place.h) * rows + grown
    mask: Mask = (across >= left) & (across <= right) & (down >= top) & (down <= bottom)
    return mask


def reference_mask(frame: Frame, calibration: Calibration, grown: float = 0.0) -> Mask:
    """The pixels of the reference source, none where there is no source."""
    if calibration.reference is None:
        return np.zeros(frame.pixels.shape, bool)
    return within(frame, calibration.reference.box, grown)


def _centres(frame: Frame) -> tuple[NDArray[Any], NDArray[Any]]:
    rows, columns = frame.pixels.shape
    return np.arange(rows)[:, None] + 0.5, np.arange(columns)[None, :] + 0.5


def _inside(place: Box) -> float:
    """The share of the box that the thermal camera sees."""
    width = min(place.x + place.w, 1.0) - max(place.x, 0.0)
    height = min(place.y + place.h, 1.0) - max(place.y, 0.0)
    area = place.w * place.h
    return max(width, 0.0) * max(height, 0.0) / area if area > 0 else 0.0


def _judged(frame: Frame, place: Box, values: NDArray[np.float32], source: Mask) -> Spot:
    columns = frame.pixels.shape[1]
    grown = max(LEAST_RING_PX, RING * place.w * columns)
    near = within(frame, place, grown)
    beside = frame.pixels[~near & ~source]
    around = float(np.median(beside)) if beside.size >= LEAST_AROUND else float(frame.pixels.min())
    level = (around + float(np.percentile(values, 90))) / 2
    ring = near & ~within(frame, place, grown / 3) & ~_below(frame, place) & ~source
    shaped = _warm(frame, _ellipse(frame, place), level) >= LEAST_FILLED
    spilled = _warm(frame, ring, level) > MOST_SPILLED if ring.any() else False
    return Spot(float(values.max()), around, shaped and not spilled)


def _below(frame: Frame, place: Box) -> Mask:
    """Neck and shoulders are warm too."""
    down, across = _centres(frame)
    mask: Mask = (down > (place.y + 0.7 * place.h) * frame.pixels.shape[0]) & (across >= 0)
    return mask


def _ellipse(frame: Frame, place: Box) -> Mask:
    down, across = _centres(frame)
    rows, columns = frame.pixels.shape
    x = (across / columns - place.x) / place.w * 2 - 1
    y = (down / rows - place.y) / place.h * 2 - 1
    mask: Mask = x * x + y * y <= 1.0
    return mask


def _warm(frame: Frame, where: Mask, level: float) -> float:
    """The share of these pixels that are at least so warm; 1 where there are none."""
    values = frame.pixels[where]
    return float(np.mean(values >= level)) if values.size else 1.0
