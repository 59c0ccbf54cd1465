"""Finds faces in a picture that the caller has already made small, and dlib's five points of one."""

from __future__ import annotations

from typing import Any

import cv2
import dlib
import numpy as np

from devices.face.align import FEATURES, similarity
from devices.face.cards import Card, ModelError, scan
from devices.face.network import Detector, Found, Ints, Picture, Points
from kiosk.config import FaceConfig

_TOP, _NMS = 200, 0.3
_YUNET_FIRST = (320, 320)
_CHIP, _SIDE = 150, 136
"""dlib's box lies in the middle of dlib's chip, 136 of its 150 pixels wide: mean of 227 faces, deviation 12."""


class HogDetector:
    """dlib's frontal detector: faces from 80 pixels on. Its scores are about 0 (doubtful) to 3."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._detector: Any = dlib.get_frontal_face_detector()

    def find(self, picture: Picture) -> list[Found]:
        """Of a grey picture; a BGR one is made grey."""
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        boxes, scores, _ = self._detector.run(np.ascontiguousarray(grey), 0, self.card.score)
        found = [Found(_ints(box), float(score)) for box, score in zip(boxes, scores, strict=True)]
        return sorted(found, key=lambda each: -each.score)


class YunetDetector:
    """YuNet by OpenCV: faces from 32 pixels on, turned ones too, with features. Its scores are 0 to 1."""

    def __init__(self, card: Card) -> None:
        self.card = card
        model, nothing = np.frombuffer(card.content(), np.uint8), np.zeros(0, np.uint8)
        try:
            self._detector: Any = cv2.FaceDetectorYN.create(
                "onnx", model, nothing, _YUNET_FIRST, card.score, _NMS, _TOP
            )
        except cv2.error as error:
            raise ModelError(card.card, "file", f"{card.path.name}: {' '.join(str(error).split())[:200]}") from error

    def find(self, picture: Picture) -> list[Found]:
        """Of a BGR picture; a grey one does too."""
        colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        self._detector.setInputSize(colour.shape[1::-1])
        _, rows = self._detector.detect(colour)
        return [] if rows is None else [_of_features(row) for row in sorted(rows, key=lambda row: -row[14])]


class Landmarks:
    """dlib's five-point model: corners of the eyes and base of the nose, 0.9 ms a face in a grey or RGB picture."""

    def __init__(self, card: Card) -> None:
        """`card`: that of dlib-hog, whose file it is. Raises ModelError."""
        card.content()
        try:
            self._predictor: Any = dlib.shape_predictor(str(card.path))
        except RuntimeError as error:
            raise ModelError(card.card, "file", f"{card.path.name}: {error}") from error

    def points(self, picture: Picture, box: Ints) -> Points:
        """The five points, (5, 2) in pixels of the picture; they may lie outside the box."""
        left, top, width, height = box
        rectangle = dlib.rectangle(left, top, left + width - 1, top + height - 1)
        parts = self._predictor(np.ascontiguousarray(picture), rectangle).parts()
        return np.array([(part.x, part.y) for part in parts], np.float32)


def open_detector(config: FaceConfig) -> Detector:
    """The configured detector. Raises ModelError."""
    return detector(scan(config.models).card(config.detector, "detector"))


def detector(card: Card) -> Detector:
    """The detector of a card. Raises ModelError."""
    return HogDetector(card) if card.form == "hog" else YunetDetector(card)


def open_landmarks() -> Landmarks:
    """The five-point model that comes with face_recognition. Raises ModelError."""
    return Landmarks(scan().card("dlib-hog", "detector"))


def _ints(box: Any) -> Ints:
    return box.left(), box.top(), box.width(), box.height()


def _of_features(row: Any) -> Found:
    """The square that dlib's detector would give, for whoever goes on from the box."""
    points = np.array(row[4:14], np.float32).reshape(5, 2)
    turn, shift = similarity(points, np.array(FEATURES))
    middle = (complex(_CHIP, _CHIP) / 2 - shift) / turn
    side = round(_SIDE / abs(turn))
    left, top = round(middle.real - side / 2), round(middle.imag - side / 2)
    return Found((left, top, side, side), float(row[14]), points)
