"""How long the recogniser's models take for one face, one thread; the reference engine is the peer of the others."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from devices.face import detect, engines, selftest
from devices.face.align import align
from devices.face.cards import scan
from devices.face.sample import samples
from kiosk.config import FaceConfig

ROUNDS, SLOW_ROUNDS = 60, 12
WIDTH, HEIGHT, FACE, SMALL = 1280, 720, 230, 320


def run() -> dict[str, float]:
    """Milliseconds are medians; `convert` and `start` are one opening without and with the cache."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        return _engines(Path(folder) / "cache") | _rest()


def _engines(cache: Path) -> dict[str, float]:
    figures: dict[str, float] = {}
    began = time.perf_counter()
    engines.open_embedder(FaceConfig(engine="dnn"), cache)
    figures["models.convert_ms"] = (time.perf_counter() - began) * 1000
    figures["models.start_ms"] = _median(lambda: engines.open_embedder(FaceConfig(engine="dnn"), cache), SLOW_ROUNDS)
    for engine in engines.usable(scan().card("dlib-resnet", "embedder")):
        embedder = engines.open_embedder(FaceConfig(engine=engine), cache)
        chips = selftest.chip(embedder.card)[None]
        slow = engine == "reference"
        figures[f"models.{engine}_ms"] = _median(
            lambda e=embedder, c=chips: e.embed(c), SLOW_ROUNDS if slow else ROUNDS
        )
    peer = figures.pop("models.reference_ms")
    return figures | {
        f"models.{name}_ms_peer": peer for name in ("onnxruntime", "dnn") if f"models.{name}_ms" in figures
    }


def _rest() -> dict[str, float]:
    """A 720p frame whose face is 18 % of its width."""
    sample, card = samples()[0], scan().card("dlib-resnet", "embedder")
    scale = FACE / sample.box[2]
    matrix = np.array([[scale, 0, 640 - 222 * scale], [0, scale, 360 - 126 * scale]])
    frame = cv2.warpAffine(sample.picture, matrix, (WIDTH, HEIGHT))
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (SMALL, SMALL * HEIGHT // WIDTH), interpolation=cv2.INTER_AREA)
    detector, landmarks = detect.open_detector(FaceConfig()), detect.open_landmarks()
    found = detector.find(small)
    box = tuple(round(side * WIDTH / SMALL) for side in found[0].box)
    points = landmarks.points(grey, box)
    return {
        "models.detect_ms": _median(lambda: detector.find(small), ROUNDS),
        "models.landmarks_ms": _median(lambda: landmarks.points(grey, box), ROUNDS),
        "models.align_ms": _median(lambda: align(frame, points, card), ROUNDS),
    }


def _median(once: Callable[[], object], rounds: int) -> float:
    times = []
    for round_ in range(rounds + 1):
        began = time.perf_counter()
        once()
        if round_:
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
