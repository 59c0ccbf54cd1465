"""What recognising costs: ours, and the loop of face_recognition's webcam example on the same pictures in the same run.

The baseline is `facerec_from_webcam_faster.py` rewritten: every other frame, a quarter of its size, all faces located,
encoded and compared with everybody known at 0.6, the nearest taken. Both compute in one thread, and it is that
thread's time that is measured: what else runs on the machine counts for neither.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.face import wire
from devices.face.detect import open_detector, open_landmarks
from devices.face.engines import open_embedder
from devices.face.looks import Looks
from devices.face.network import Embedder
from devices.face.pipeline import Pipeline
from devices.ring import Frame
from devices.sim import faces, hall
from kiosk.config import FaceConfig
from kiosk.domain.matching import Gallery, Match, Matcher

FPS = 15
GALLERY = 20_000
TRIES = 5
SHARE = 0.20

Vectors = NDArray[np.float32]


def run() -> dict[str, float]:
    """`face.frame_ratio`, `face.identify_ratio`: peer's milliseconds over ours (OpenCV's engine, one thread).

    `face.frame_ms`: mean of a 720p picture over clips with a person, and without; `face.identify_ms`: computing until
    one of 20,000 is told.
    """
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        ours = _Ours(Path(folder))
        peer = _Peer()
        clips, scenes = _clips(), _scenes()
        return _frames(ours, peer, clips, scenes) | _identify(ours, peer, clips)


def _clips() -> list[list[Frame]]:
    """Four seconds of each person, who steps into an empty hall, and of both together."""
    alone = [list(faces.empty(15)) + list(faces.clip(name, 60, SHARE)) for name in faces.PEOPLE]
    return [*alone, list(faces.empty(15)) + [faces.two_people(moment, SHARE) for moment in range(60)]]


def _scenes() -> list[list[Frame]]:
    """Nobody near: the empty hall, and the hall with passers-by."""
    return [list(faces.empty(60)), [hall.picture(moment) for moment in range(hall.MOMENTS)]]


class _Ours:
    def __init__(self, cache: Path) -> None:
        self._config = FaceConfig(enabled=True, engine="dnn")
        self.embedder: Embedder = open_embedder(self._config, cache)
        self._detector, self._landmarks = open_detector(self._config), open_landmarks()
        self.matcher = Matcher(self._gallery(), self.embedder.card.limits)

    def pipeline(self) -> Pipeline:
        return Pipeline(self._detector, self._landmarks, self.embedder, self._config)

    def times(self, frames: Iterable[Frame]) -> list[float]:
        """Milliseconds of each picture; whoever is seen is looked for among all, as at a gate without codes."""
        pipeline, told = self.pipeline(), list[Match]()
        looks, times = Looks(pipeline, lambda kind, look, match: told.append(match)), list[float]()  # type: ignore[arg-type]
        looks.load(self.matcher)
        asked = 0
        for number, frame in enumerate(frames, 1):
            began = time.thread_time()
            step = pipeline.see(frame, number, number / FPS, closely=looks.open)
            looks.see(step, number / FPS)
            if step.sight is not None and step.sight.track != asked:
                asked = step.sight.track
                looks.ask(wire.Identify(asked, None, 2.0), number / FPS)
            times.append((time.thread_time() - began) * 1000)
        return times

    def until_identity(self, frames: list[Frame], name: str) -> float:
        """Milliseconds of computing from the first picture with a face in it until the person is told."""
        pipeline, told, spent = self.pipeline(), list[Match](), 0.0
        looks = Looks(pipeline, lambda kind, look, match: told.append(match))  # type: ignore[arg-type]
        looks.load(self.matcher)
        looks.ask(wire.Identify(1, None, 10.0), 0.0)
        for number, frame in enumerate(frames, 1):
            began = time.thread_time()
            looks.see(pipeline.see(frame, number, number / FPS), number / FPS)
            spent += (time.thread_time() - began) * 1000
            if told:
                break
        if not told or told[0].person != name:
            raise RuntimeError(f"{name} was not told but {told}")
        return spent

    def _gallery(self) -> Gallery:
        """The two, from three photographs each, among 20,000 others."""
        ids, rows = [], []
        for name in faces.PEOPLE:
            for share in (0.18, 0.24, 0.3):
                pipeline = self.pipeline()
                for number, frame in enumerate(faces.clip(name, 5, share), 1):
                    pipeline.see(frame, number, number / FPS)
                ids.append(name)
                rows.append(pipeline.probes.mean(axis=0))
        crowd = _crowd(np.stack(rows))
        return Gallery((*ids, *(f"p{n}" for n in range(len(crowd)))), np.vstack([*rows, crowd]), "dlib-resnet")


def _crowd(real: Vectors) -> Vectors:
    """Vectors of people who do not exist, as far from each other and as long as real ones."""
    random = np.random.default_rng(11)
    spread = random.normal(0, 1, (GALLERY - 2, real.shape[1])).astype(np.float32)
    spread *= np.float32(0.75 / np.sqrt(2)) / np.linalg.norm(spread, axis=1, keepdims=True)
    return np.asarray(real.mean(axis=0) + spread, np.float32)


class _Peer:
    """The example's loop, with as many people known as ours has where it is asked to identify."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import face_recognition
        self._library: Any = face_recognition
        self.known: list[NDArray[np.float64]] = []
        self.names: list[str] = []

    def learn(self, gallery: Gallery) -> None:
        self.known = [row.astype(np.float64) for row in gallery.vectors]
        self.names = list(gallery.ids)

    def times(self, frames: Iterable[Frame]) -> list[float]:
        times = []
        for number, frame in enumerate(frames):
            began = time.thread_time()
            if number % 2 == 0:
                self._see(frame)
            times.append((time.thread_time() - began) * 1000)
        return times

    def until_identity(self, frames: list[Frame], name: str) -> float:
        """Until it names somebody; it need not be the right one."""
        spent = 0.0
        for frame in frames[::2]:
            began = time.thread_time()
            named = self._see(frame)
            spent += (time.thread_time() - began) * 1000
            if named:
                break
        return spent

    def _see(self, frame: Frame) -> list[str]:
        small = cv2.resize(frame, (0, 0), fx=0.25, fy=0.25)
        colour = np.ascontiguousarray(small[:, :, ::-1])
        places = self._library.face_locations(colour)
        names = []
        for found in self._library.face_encodings(colour, places):
            same = self._library.compare_faces(self.known, found)
            best = int(np.argmin(self._library.face_distance(self.known, found)))
            names += [self.names[best]] if same[best] else []
        return names


def _frames(ours: _Ours, peer: _Peer, clips: list[list[Frame]], scenes: list[list[Frame]]) -> dict[str, float]:
    """The peer knows only the two here: comparing with 20,000 is another figure."""
    gallery = ours.matcher.gallery
    peer.learn(Gallery(gallery.ids[:6], gallery.vectors[:6], gallery.model))
    mine, theirs = _of_each(ours.times, clips + scenes), _of_each(peer.times, clips + scenes)
    person, bare = [time for part in mine[: len(clips)] for time in part], mine[len(clips)][FPS:]
    mean, mean_peer = _mean(mine), _mean(theirs)
    return {
        "face.frame_ratio": mean_peer / mean,
        "face.frame_ms": mean,
        "face.frame_ms_peer": mean_peer,
        "face.frame_person_ms": float(np.mean(person)),
        "face.frame_person_ms_peer": _mean(theirs[: len(clips)]),
        "face.frame_empty_ms": float(np.median(bare)),
        "face.frame_worst_ms": max(person),
        "face.frame_worst_ms_peer": max(max(part) for part in theirs),
    }


def _identify(ours: _Ours, peer: _Peer, clips: list[list[Frame]]) -> dict[str, float]:
    peer.learn(ours.matcher.gallery)
    mine, theirs = list[float](), list[float]()
    for _ in range(TRIES):
        for name, clip in zip(faces.PEOPLE, clips, strict=False):
            mine.append(ours.until_identity(clip[15:], name))
            theirs.append(peer.until_identity(clip[15:], name))
    figures = {"face.identify_ms": float(np.median(mine)), "face.identify_ms_peer": float(np.median(theirs))}
    return figures | {"face.identify_ratio": figures["face.identify_ms_peer"] / figures["face.identify_ms"]}


def _of_each(times: Callable[[Iterable[Frame]], list[float]], parts: list[list[Frame]]) -> list[list[float]]:
    return [times(part) for part in parts]


def _mean(parts: list[list[float]]) -> float:
    return float(np.mean([time for part in parts for time in part]))
