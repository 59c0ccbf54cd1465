"""Cuts a face out of the picture, upright and in the size and place that an embedding model was trained on."""

from __future__ import annotations

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from devices.face.network import Card, Picture, Points

DLIB_PADDING = 0.25


def align(frame: Picture, points: Points, card: Card) -> Picture:
    """The RGB chip (card.size, card.size, 3) of the face in a BGR frame whose five points these are."""
    if card.form == "dlib" and not features(points):
        return _dlib_chip(frame, points, card.size)
    raise NotImplementedError


def features(points: Points) -> bool:
    """Whether these are eyes, nose and mouth rather than dlib's corners: then the first two and the last two points
    each go from left to right, however the head is tilted."""
    return float(np.dot(points[1] - points[0], points[4] - points[3])) > 0


def _dlib_chip(frame: Picture, points: Points, size: int) -> Picture:
    parts = [dlib.point(round(float(x)), round(float(y))) for x, y in points]
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 1, 1), parts)
    return np.asarray(dlib.get_face_chip(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), shape, size, DLIB_PADDING), np.uint8)
