"""Follows one face from picture to picture: found by the detector, carried by its five points, checked now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from devices.face import geometry
from devices.face.motion import SMALL, scaled, shrink
from devices.face.network import Detector, Found, Ints, Picture, Points

WIDER = 480
"""Width of the picture in which people further away are looked for, every third try."""
LOST_S = 0.5
CHECK_EVERY = 6

_SEARCH_S = 0.3
_EAGER, _PATIENT_S = 6, 0.12
_CUT, _POINTS_PX, _CHECK_PX = 1.6, 150, 100
_AROUND = 2.0
_LEAP, _BURST = 0.5, 1.5
_OTHER_PLACE, _OTHER_SIZE = 0.6, 1.7
_SLIPPED, _SHRUNK = 0.3, 1.4


class Landmarks(Protocol):
    """dlib's five points of the face in a box of a grey picture."""

    def points(self, picture: Picture, box: Ints) -> Points: ...


@dataclass(frozen=True, slots=True, eq=False)
class Tracked:
    """The face that counts in one picture; `box` and `points` in its pixels.

    `sure`: it went on from picture to picture without a break, so it is the same face. `counted`: `others` is known,
    from a look at the whole picture, far enough.
    """

    number: int
    box: Ints
    points: Points
    others: int
    sure: bool
    counted: bool


class Tracker:
    """`first`: number of the first track. A number is never used again."""

    def __init__(self, detector: Detector, landmarks: Landmarks, first: int = 1) -> None:
        self._detector, self._landmarks = detector, landmarks
        self._next = first
        self._number = 0
        self._box: Ints = (0, 0, 0, 0)
        self._others = self._frames = self._tries = self._checks = 0
        self._missing: float | None = None
        self._search_until = self._tried = float("-inf")
        self._sure = True

    @property
    def number(self) -> int:
        """Of the track that is followed, 0 = none."""
        return self._number

    def see(self, frame: Picture, moved: bool, at: float) -> Tracked | None:
        """`frame`: BGR. None: no face, or one that is hidden at the moment."""
        if moved:
            self._search_until = at + _SEARCH_S
        return self._follow(frame, at) if self._number else self._search(frame, at)

    def end(self) -> None:
        """There is nobody any more."""
        self._number = 0
        self._missing = None

    def renew(self) -> int:
        """It may be somebody else from here on: the same face under a new number."""
        self._number, self._next = self._next, self._next + 1
        return self._number

    def _search(self, frame: Picture, at: float) -> Tracked | None:
        if at > self._search_until:
            self._tries = 0
            return None
        if self._tries >= _EAGER and at - self._tried < _PATIENT_S:
            return None
        self._tries, self._tried = self._tries + 1, at
        found = self._detect(frame, self._tries % 3 == 0)
        if not found:
            return None
        self._others, self._tries, self._checks, self._missing, self._sure = len(found) - 1, 0, 0, None, True
        self._frames = CHECK_EVERY - 2
        self._box = best(found).box
        self.renew()
        return self._tracked(self._points(frame, self._box))

    def _follow(self, frame: Picture, at: float) -> Tracked | None:
        before, self._frames = self._box, self._frames + 1
        points = self._points(frame, before)
        box = geometry.region(points)
        leapt = geometry.apart(box, before) > _LEAP or geometry.growth(box, before) > _BURST
        if not (leapt or self._missing is not None or self._frames % CHECK_EVERY == 0):
            self._box = box
            return self._tracked(points)
        self._sure = not leapt and self._missing is None
        checked = self._check(frame, before if leapt else box)
        if checked is None:
            self._missing = at if self._missing is None else self._missing
            if at - self._missing >= LOST_S:
                self.end()
            return None
        return self._found_again(frame, checked, before, points, box)

    def _found_again(self, frame: Picture, checked: Found, before: Ints, points: Points, box: Ints) -> Tracked:
        slipped = geometry.apart(checked.box, box) > _SLIPPED or geometry.growth(checked.box, box) > _SHRUNK
        if slipped or self._missing is not None:
            points = self._points(frame, checked.box)
            box = geometry.region(points)
        self._missing = None
        if geometry.apart(box, before) > _OTHER_PLACE or geometry.growth(box, before) > _OTHER_SIZE:
            self.renew()
        self._box = box
        return self._tracked(points)

    def _tracked(self, points: Points) -> Tracked:
        sure, self._sure = self._sure, True
        return Tracked(self._number, geometry.region(points), points, self._others, sure, self._checks > 0)

    def _check(self, frame: Picture, box: Ints) -> Found | None:
        """The face near the box; every other time in the whole picture, which tells how many there are."""
        self._checks += 1
        if self._checks % 2 and self._missing is None:
            found = self._detect(frame, box[2] < frame.shape[1] / 4)
            near = _near(found, box)
            if near is not None:
                self._others = len(found) - 1
                return near
        return _near(self._around(frame, box), box)

    def _detect(self, frame: Picture, wide: bool) -> list[Found]:
        picture = shrink(frame, WIDER if wide else SMALL)
        scale = frame.shape[1] / picture.shape[1]
        return [_moved(each, scale, 0, 0) for each in self._detector.find(picture)]

    def _around(self, frame: Picture, box: Ints) -> list[Found]:
        cut, left, top = cutout(frame, geometry.grown(box, _AROUND))
        if not cut.size:
            return []
        scale = min(1.0, _CHECK_PX / box[2])
        if scale < 1:
            cut = smaller(cut, scale)
        return [_moved(each, 1 / scale, left, top) for each in self._detector.find(cut)]

    def _points(self, frame: Picture, box: Ints) -> Points:
        """In a cut-out of the picture that is small enough to be quick and large enough to be exact."""
        cut, left, top = cutout(frame, geometry.grown(box, _CUT))
        if not cut.size:
            return np.repeat(np.array([[box[0], box[1]]], np.float32), 5, axis=0)
        scale = min(1.0, _POINTS_PX / box[2])
        if scale < 1:
            cut = smaller(cut, scale)
        x, y, w, h = box
        inside = (round((x - left) * scale), round((y - top) * scale), round(w * scale), round(h * scale))
        found = self._landmarks.points(cut, inside)
        return np.asarray(found / scale + (left, top), np.float32)


def best(found: list[Found]) -> Found:
    """The one that counts: the surest and nearest. By size alone a textured wall has won before."""
    return max(found, key=lambda each: max(each.score, 0.01) * each.box[2] * each.box[3])


def cutout(frame: Picture, box: Ints) -> tuple[Picture, int, int]:
    """What of the box lies in the picture, in grey, and where its upper left corner is; empty when nothing does."""
    left, top = max(0, box[0]), max(0, box[1])
    cut = frame[top : max(top, box[1] + box[3]), left : max(left, box[0] + box[2])]
    if not cut.size:
        return np.zeros((0, 0), np.uint8), left, top
    return np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8), left, top


def smaller(cut: Picture, share: float) -> Picture:
    """By halves first, so that nothing is skipped."""
    while share <= 0.5 and min(cut.shape) > 1:
        cut = np.asarray(cv2.resize(cut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        share *= 2
    return cut if share >= 1 else scaled(cut, share)


def _near(found: list[Found], box: Ints) -> Found | None:
    near = [each for each in found if geometry.apart(each.box, box) <= _AROUND / 2]
    return best(near) if near else None


def _moved(found: Found, scale: float, left: int, top: int) -> Found:
    x, y, w, h = found.box
    points = None if found.points is None else np.asarray(found.points * scale + (left, top), np.float32)
    box = (round(x * scale + left), round(y * scale + top), round(w * scale), round(h * scale))
    return Found(box, found.score, points)
