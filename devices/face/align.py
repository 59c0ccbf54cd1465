"""Cuts a face out of the picture, upright and in the size and place that an embedding model was trained on."""

from __future__ import annotations

import math
from typing import Any

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from devices.face.network import Card, Picture, Points

DLIB_PADDING = 0.25
FEATURES = ((46.1, 45.6), (102.6, 45.6), (73.4, 76.6), (52.1, 101.7), (99.3, 101.2))
CORNERS = ((110.5, 46.6), (90.0, 47.4), (37.6, 46.6), (57.9, 47.4), (74.0, 88.4))
"""Where the two kinds of points lie on dlib's chip of 150 pixels, mean of 227 faces: one kind stands for the other."""

_BEYOND = 1.4
_SHRINK = 0.5
_LEAST = 1e-3


def align(frame: Picture, points: Points, card: Card) -> Picture:
    """The RGB chip (card.size, card.size, 3) of the face in a BGR frame whose five points these are.

    dlib's network with dlib's points gets dlib's own chip, to the last bit. What lies outside the frame is black.
    """
    if features(points):
        return _warped(frame, points, np.array(card.points), card.size)
    if card.form == "dlib":
        return _dlib_chip(frame, points, card.size)
    turn, shift = similarity(np.array(FEATURES), np.array(card.points))
    targets = turn * _complex(np.array(CORNERS)) + shift
    return _warped(frame, points, np.stack([targets.real, targets.imag], axis=1), card.size)


def features(points: Points) -> bool:
    """Whether these are eyes, nose and mouth rather than dlib's corners, however the head is tilted or turned.

    From the first point to the second and to the last one turns clockwise with the former, the other way with dlib's.
    """
    (ax, ay), (bx, by) = points[1] - points[0], points[4] - points[0]
    return float(ax * by - ay * bx) > 0


def similarity(points: NDArray[Any], targets: NDArray[Any]) -> tuple[complex, complex]:
    """Turn and shift that bring `points` (n, 2) nearest to `targets`: with x + iy, target ≈ turn · point + shift."""
    here, there = _complex(points), _complex(targets)
    centred = here - here.mean()
    turn = complex(np.vdot(centred, there - there.mean()) / max(np.vdot(centred, centred).real, 1e-9))
    return turn, complex(there.mean() - turn * here.mean())


def _complex(points: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _warped(frame: Picture, points: Points, targets: NDArray[Any], size: int) -> Picture:
    turn, shift = similarity(points, targets)
    if not _LEAST < abs(turn) < 1 / _LEAST:
        return np.zeros((size, size, 3), np.uint8)
    middle = (complex(size / 2, size / 2) - shift) / turn
    piece, corner = _piece(frame, middle, size / abs(turn))
    shift += turn * corner
    while abs(turn) < _SHRINK and min(piece.shape[:2]) > 1:
        piece = _halved(piece)
        turn, shift = 2 * turn, shift + turn / 2 * (1 + 1j)
    matrix = np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
    return np.asarray(cv2.cvtColor(cv2.warpAffine(piece, matrix, (size, size)), cv2.COLOR_BGR2RGB), np.uint8)


def _halved(piece: Picture) -> Picture:
    rows, columns = piece.shape[0] // 2, piece.shape[1] // 2
    even = piece[: 2 * rows, : 2 * columns]
    return np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _dlib_chip(frame: Picture, points: Points, size: int) -> Picture:
    """From a piece of the frame: the rest need not be made RGB."""
    rectangle = dlib.get_face_chip_details(_shape(points), size, DLIB_PADDING).rect
    middle = complex(rectangle.left() + rectangle.right(), rectangle.top() + rectangle.bottom()) / 2
    piece, corner = _piece(frame, middle, rectangle.width())
    moved = _shape(points - (corner.real, corner.imag))
    chip = dlib.get_face_chip(cv2.cvtColor(piece, cv2.COLOR_BGR2RGB), moved, size, DLIB_PADDING)
    return np.asarray(chip, np.uint8)


def _shape(points: NDArray[Any]) -> Any:
    parts = [dlib.point(round(float(x)), round(float(y))) for x, y in points]
    return dlib.full_object_detection(dlib.rectangle(0, 0, 1, 1), parts)


def _piece(frame: Picture, middle: complex, side: float) -> tuple[Picture, complex]:
    """The part of the frame that a square of `side` needs, however it is turned, and its upper left corner."""
    reach = side * math.sqrt(0.5) * _BEYOND + 4
    rows, columns = frame.shape[:2]
    left, top = (min(max(math.floor(m - reach), 0), most - 1) for m, most in _pairs(middle, columns, rows))
    right, bottom = (min(max(math.ceil(m + reach), 1), most) for m, most in _pairs(middle, columns, rows))
    return frame[top : max(bottom, top + 1), left : max(right, left + 1)], complex(left, top)


def _pairs(middle: complex, columns: int, rows: int) -> tuple[tuple[float, int], tuple[float, int]]:
    return (middle.real, columns), (middle.imag, rows)
