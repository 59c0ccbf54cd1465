"""Finds faces in a picture that the caller has already made small, and dlib's five points of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import dlib
import numpy as np

from devices.face import selftest
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
        settings = (_YUNET_FIRST, card.score, _NMS, _TOP)
        try:
            with _quiet():
                self._detector: Any = cv2.FaceDetectorYN.create("onnx", model, nothing, *settings)
        except cv2.error as error:
            raise _refused(card, error) from error

    def find(self, picture: Picture) -> list[Found]:
        """Of a BGR picture; a grey one does too."""
        colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        self._detector.setInputSize(colour.shape[1::-1])
        try:
            _, rows = self._detector.detect(colour)
        except cv2.error as error:
            raise _refused(self.card, error) from error
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
    """The configured detector, self-tested. Raises ModelError."""
    return open_card(scan(config.models).card(config.detector, "detector"))


def open_card(card: Card) -> Detector:
    """The same with a card at hand."""
    detector = HogDetector(card) if card.form == "hog" else YunetDetector(card)
    selftest.check_detector(detector)
    return detector


def open_landmarks() -> Landmarks:
    """The five-point model that comes with face_recognition. Raises ModelError."""
    return Landmarks(scan().card("dlib-hog", "detector"))


def _refused(card: Card, error: cv2.error) -> ModelError:
    return ModelError(card.card, "file", f"{card.path.name}: {' '.join(str(error).split())[:200]}")


@contextmanager
def _quiet() -> Iterator[None]:
    """OpenCV 5 warns at each start of a face detector that its new engine knows no targets; nobody asked for one."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


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
