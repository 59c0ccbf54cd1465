"""How long a face is looked for among 20,000 and 1,000,000 people, beside face_recognition's own way."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching import Gallery, Matcher

FACES = Path(__file__).resolve().parents[3] / "shared" / "faces"
LENGTH = 128
PEOPLE, MANY = 20_000, 1_000_000
PROBES, FRAMES = 40, 3
DECAY, NOISE = 1.2, 0.4
"""Variance of axis i falls as i^-DECAY; a frame's share of noise in it. DECAY is what the limits measured on 13,233
photographs imply (1.2 to 1.4); the flatter, the less the first columns say, the harder the search in stages."""
AGREE = 1e-5

Vectors = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Crowd:
    """Draws people as a network's embeddings lie: in the mean, and with the axes, of real ones where these are."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(4)
        real = _real()
        if real is None:
            real = self._rng.normal(0, 0.1, (1, LENGTH)) + self._rng.normal(size=(60, LENGTH)) * 0.05
        centred = real - real.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=True)[2]
        variances = np.arange(1.0, LENGTH + 1) ** -DECAY
        variances *= float((centred**2).sum()) / len(real) / variances.sum()
        self._mean = real.mean(axis=0).astype(np.float32)
        self._axes = (axes * np.sqrt(variances)[:, None]).astype(np.float32)

    def people(self, count: int) -> Vectors:
        drawn = self._rng.standard_normal((count, LENGTH), np.float32)
        return np.asarray(drawn @ self._axes + self._mean, np.float32)

    def probes(self, people: Vectors) -> list[tuple[int, Vectors]]:
        """Row (−1: a stranger) and frames; half are strangers."""
        asked = []
        for at in range(PROBES):
            row = int(self._rng.integers(len(people))) if at % 2 else -1
            face = people[row] if row >= 0 else self.people(1)[0]
            frames = face + NOISE * self._rng.standard_normal((FRAMES, LENGTH), np.float32) @ self._axes
            asked.append((row, np.asarray(frames, np.float32)))
        return asked


def run() -> dict[str, float]:
    """Milliseconds are medians, the way from the frames' embeddings to the answer, adaptation included.

    `exact_share`: of searches among 1,000,000 that name the two people and distances that looking at everybody does.
    """
    crowd = Crowd()
    figures = _twenty_thousand(crowd)
    return figures | _million(crowd)


def _twenty_thousand(crowd: Crowd) -> dict[str, float]:
    people = crowd.people(PEOPLE)
    ids = tuple(f"{row:016x}" for row in range(PEOPLE))
    began = time.perf_counter()
    matcher = Matcher(Gallery(ids, people, "synthetic"))
    built = _since(began)
    asked = crowd.probes(people)
    matches = [matcher.identify(frames) for _, frames in asked]
    times = _times(matcher.identify, [frames for _, frames in asked])
    face_distance, known = _face_distance(), list(people.astype(np.float64))
    alone = [frames[0].astype(np.float64) for _, frames in asked]
    peer = _times(lambda probe: int(np.argmin(face_distance(known, probe))), alone)
    ours, theirs = statistics.median(times), statistics.median(peer)
    named = [(row, match.person) for (row, _), match in zip(asked, matches, strict=True)]
    return {
        "match.20k_ms": ours,
        "match.20k_ms_peer": theirs,
        "match.20k_ratio": theirs / ours,
        "match.20k_worst_ms": max(times),
        "match.20k_build_ms": built,
        "match.20k_found_share": sum(person == ids[row] for row, person in named if row >= 0) / (PROBES // 2),
        "match.20k_wrong": sum(bool(person) and (row < 0 or person != ids[row]) for row, person in named),
    }


def _million(crowd: Crowd) -> dict[str, float]:
    people = crowd.people(MANY)
    ids = tuple(f"{row:016x}" for row in range(MANY))
    began = time.perf_counter()
    matcher = Matcher(Gallery(ids, people, "synthetic"))
    built = _since(began)
    asked = crowd.probes(people)
    times = _times(matcher.identify, [frames for _, frames in asked], rounds=2)
    return {
        "match.1m_ms": statistics.median(times),
        "match.1m_worst_ms": max(times),
        "match.1m_build_ms": built,
        "match.1m_exact_share": sum(_same(matcher, people, frames) for _, frames in asked[:10]) / 10,
    }


def _same(matcher: Matcher, people: Vectors, frames: Vectors) -> bool:
    """Whether plain arithmetic over everybody gives the same best and second-best distance."""
    adaptation = matcher.adaptation
    assert adaptation is not None
    probe = adaptation.apply(frames.mean(axis=0, keepdims=True))[0].astype(np.float64)
    best: list[float] = []
    for start in range(0, len(people), 50_000):
        rows = adaptation.apply(people[start : start + 50_000]).astype(np.float64)
        squares = ((rows - probe) ** 2).sum(axis=1)
        best = sorted([*best, *np.partition(squares, 1)[:2]])[:2]
    match = matcher.identify(frames)
    return bool(np.allclose(np.sqrt(best), (match.score, match.second), atol=AGREE, rtol=0))


def _times(search: Callable[[Any], object], asked: Sequence[object], rounds: int = 5) -> list[float]:
    """Milliseconds of each call, one round before left out."""
    times: list[float] = []
    for round_ in range(rounds + 1):
        for frames in asked:
            began = time.perf_counter()
            search(frames)
            if round_:
                times.append(_since(began))
    return times


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _face_distance() -> Callable[[list[Doubles], Doubles], Doubles]:
    """face_recognition.face_distance; its encodings are float64, and its examples keep them in a list."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import face_recognition

    return face_recognition.face_distance  # type: ignore[no-any-return]


def _real() -> NDArray[np.float64] | None:
    """One embedding of each person photographed, where the photographs are."""
    if not FACES.is_dir():
        print("no photographs at hand: axes are drawn", file=sys.stderr)
        return None
    from devices.face.still import Still
    from kiosk.config import FaceConfig

    with tempfile.TemporaryDirectory() as cache:
        still = Still(FaceConfig(), Path(cache))
    found = []
    for person in sorted(path for path in FACES.glob("*/*") if path.is_dir()):
        picture = cv2.imread(str(min(person.iterdir())))
        vector = None if picture is None else still(np.asarray(picture, np.uint8))
        if vector is not None:
            found.append(vector.astype(np.float64))
    return np.array(found)
