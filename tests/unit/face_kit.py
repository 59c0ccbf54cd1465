"""People before a camera, and the parts of the recogniser that look at them, as the tests want them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from devices.face.detect import open_detector, open_landmarks
from devices.face.engines import open_embedder
from devices.face.network import Detector, Embedder, Found, Picture, Points
from devices.face.pipeline import Pipeline, Step
from devices.face.track import Landmarks
from devices.sim import faces
from kiosk.config import FaceConfig
from kiosk.domain.faces import Box, Quality, Sight

COLLINS, HOPPER = faces.PEOPLE
CONFIG = FaceConfig(enabled=True, engine="dnn")
FPS = 15


class CountingDetector:
    """The real one, and how often it was asked."""

    def __init__(self, real: Detector) -> None:
        self.card, self.calls = real.card, 0
        self._real = real

    def find(self, picture: Picture) -> list[Found]:
        self.calls += 1
        return self._real.find(picture)


class Bench:
    """A pipeline on real models, fed with pictures at 15 a second."""

    def __init__(self, embedder: Embedder, config: FaceConfig = CONFIG) -> None:
        self.detector = CountingDetector(detector())
        self.pipeline = Pipeline(self.detector, landmarks(), embedder, config)
        self.number = 0

    @property
    def now(self) -> float:
        return self.number / FPS

    def see(self, frames: Iterable[Picture]) -> list[Step]:
        return [self.step(frame) for frame in frames]

    def step(self, frame: Picture) -> Step:
        self.number += 1
        return self.pipeline.see(frame, self.number, self.now)


@functools.cache
def detector() -> Detector:
    return open_detector(CONFIG)


@functools.cache
def landmarks() -> Landmarks:
    return open_landmarks()


def embedder(cache: Path) -> Embedder:
    return open_embedder(CONFIG, cache)


@functools.cache
def clip(name: str, frames: int = 24, share: float = faces.SHARE) -> list[Picture]:
    return list(faces.clip(name, frames, share))


@functools.cache
def empty() -> list[Picture]:
    return list(faces.empty(20))


def sights(steps: list[Step]) -> list[Sight]:
    return [step.sight for step in steps if step.sight is not None]


def sight(track: int = 1, turn: float = 0.0, at: float = 0.0) -> Sight:
    return Sight(track, Box(0.4, 0.3, 0.2, 0.35), Quality.GOOD, turn, at, 1)


def points(turn: float = 0.0, width: float = 200.0, x: float = 640.0, y: float = 360.0) -> Points:
    """dlib's five points of a face of that width, its middle at (x, y)."""
    half = width / 1.55 / 2
    inner, down = half * 0.4, 0.66 * half
    nose = (x + turn * (half + inner) / 2, y + 0.28 * down)
    eyes = y - 0.72 * down
    return np.array([(x + half, eyes), (x + inner, eyes), (x - half, eyes), (x - inner, eyes), nose], np.float32)
