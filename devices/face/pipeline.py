"""From a camera picture to what is known of the one face in it: where, how good, and now and then its embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from devices.face import geometry, network, quality
from devices.face.align import align
from devices.face.motion import Motion
from devices.face.network import Detector, Embedder, Picture, Vectors
from devices.face.portrait import Portrait, small_jpeg
from devices.face.track import Landmarks, Tracked, Tracker, cutout
from kiosk.config import FaceConfig
from kiosk.domain.faces import Quality, Sight

MOST_PROBES = 5
"""Embeddings of a track before it is decided, and again for each new look."""
PROBE_EVERY_S, GUARD_EVERY_S = 0.1, 2.0
SILENT_S = 1.0
STRANGER = 1.3
"""Times the model's limit for one against one: a track's face that is suddenly further from its earlier ones may be
somebody else's."""

_AROUND = 2.2
_OUTSIDE = (Quality.EDGE,)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one picture brought.

    `gone`: number of a track that ended with it. `swapped`: it ended because the face may be another person's now.
    `probe`: a new embedding of the face in `sight`. `problems`: all that is wrong with the picture of it.
    """

    sight: Sight | None = None
    gone: int = 0
    swapped: bool = False
    probe: Vectors | None = None
    problems: tuple[Quality, ...] = ()


class Pipeline:
    """For one thread. The time is handed in: seconds that never jump, those of the pictures."""

    def __init__(
        self, detector: Detector, landmarks: Landmarks, embedder: Embedder, config: FaceConfig, first: int = 1
    ) -> None:
        """`first`: number of the first track."""
        self._embedder, self._config = embedder, config
        self._motion, self._tracker = Motion(), Tracker(detector, landmarks, first)
        self._stranger = STRANGER * embedder.card.limits.limit(1, adapted=False, photos=1, frames=1)
        self._seen = self._looked = float("-inf")
        self._face: tuple[Picture, Tracked] | None = None
        self._probes: list[Vectors] = []
        self._wanted, self._doubted = MOST_PROBES, False
        self._suspected = self._passed = self._quick = False

    @property
    def probes(self) -> Vectors:
        """The embeddings of the track in view, oldest first, at most 5: (k, length).

        The first one is of the picture alone: most people are told by that, in half the time. The second one, averaged
        with the mirror image like all that follow, takes its place.
        """
        length = self._embedder.card.length
        return np.stack(self._probes) if self._probes else np.zeros((0, length), np.float32)

    @property
    def doubted(self) -> bool:
        """Whether the track has yet to show that it is still the same face."""
        return self._doubted

    def again(self) -> None:
        """A new look: more embeddings are wanted, even of a track that was decided."""
        self._wanted = MOST_PROBES

    def decided(self) -> None:
        """No more embeddings are needed of this track."""
        self._wanted = 0

    def see(self, frame: Picture, number: int, at: float, closely: bool = True) -> Step:
        """`frame`: BGR; `number`: that of the camera's ring.

        Not `closely`: nothing is asked, so that every other picture of a track that is decided may be passed over.
        """
        self._seen = at
        self._passed = not (self._passed or closely or self._wanted or self._doubted)
        if self._passed and self._tracker.number:
            return Step()
        before = self._tracker.number
        moved = not before and self._motion.see(frame, at)
        face = self._tracker.see(frame, moved, at)
        self._face = (frame, face) if face else None
        gone = before if before and self._tracker.number != before else 0
        if gone or not before:
            self._forget()
        if face is None:
            return Step(gone=gone)
        return self._judged(frame, face, number, at, gone)

    def rest(self, at: float) -> Step:
        """There was no picture: after a second of that nobody is there."""
        if self._tracker.number and at - self._seen > SILENT_S:
            gone = self._tracker.number
            self._tracker.end()
            self._forget()
            return Step(gone=gone)
        return Step()

    def portrait(self, step: Step) -> Portrait | None:
        """Of the face in the picture just seen, when nothing is wrong with it but the turn, and it is alone."""
        if self._face is None or step.sight is None or step.sight.others:
            return None
        turned = step.sight.turn
        if set(step.problems) - {Quality.TURNED} or abs(turned) > quality.MOST_TURNED:
            return None
        frame, face = self._face
        if not face.counted:
            return None
        template, jpeg = self._embed(frame, face), small_jpeg(frame, face.box)
        return Portrait(face.number, step.sight.quality, turned, template, self._embedder.card.name, jpeg)

    def _judged(self, frame: Picture, face: Tracked, number: int, at: float, gone: int) -> Step:
        height, width = frame.shape[:2]
        chip, _, _ = cutout(frame, face.box)
        size = (width, height)
        found = quality.problems(chip, face.box, face.points, size, self._config.nearest) if chip.size else _OUTSIDE
        probe: Vectors | None = None
        swapped = False
        self._doubted = self._doubted or not face.sure
        if not found and not self._guarded(frame, face, at):
            self._looked = at
            probe, swapped = self._compare(self._embed(frame, face, averaged=bool(self._probes)))
        track = self._tracker.renew() if swapped else face.number
        box, turned = geometry.shares(face.box, width, height), geometry.turn(face.points)
        sight = Sight(track, box, found[0] if found else Quality.GOOD, turned, at, number, face.others)
        return Step(sight, face.number if swapped else gone, swapped or gone > 0, probe, found)

    def _guarded(self, frame: Picture, face: Tracked, at: float) -> bool:
        """Whether no new embedding is needed: now and then a glance at a decided track, without the mirror image."""
        since = at - self._looked
        if self._doubted or self._wanted:
            return not self._doubted and since < PROBE_EVERY_S
        if since >= GUARD_EVERY_S:
            self._looked = at
            return not self._far(self._embed(frame, face, averaged=False))
        return True

    def _compare(self, probe: Vectors) -> tuple[Vectors | None, bool]:
        """The probe if it belongs to the track, and whether the track is somebody else's from here on.

        One that is far off may be a picture spoilt by a hand; the second one in a row settles it.
        """
        first = not self._probes
        far = not first and self._far(probe)
        if far and not self._suspected:
            self._suspected = self._doubted = True
            return None, False
        swapped = far
        if swapped:
            self._forget()
        self._suspected = self._doubted = False
        self._probes = [probe] if self._quick else [*self._probes, probe][-MOST_PROBES:]
        self._quick = first
        self._wanted = max(0, self._wanted - 1)
        return probe, swapped

    def _far(self, probe: Vectors) -> bool:
        mean = np.mean(np.stack(self._probes), axis=0)
        return float(np.linalg.norm(probe - mean)) > self._stranger

    def _forget(self) -> None:
        self._probes, self._wanted, self._looked = [], MOST_PROBES, float("-inf")
        self._suspected = self._doubted = self._quick = False

    def _embed(self, frame: Picture, face: Tracked, averaged: bool = True) -> Vectors:
        """From a cut-out: turning a whole picture from BGR to RGB takes longer than all of the rest."""
        x, y, w, h = geometry.grown(face.box, _AROUND)
        left, top = max(0, x), max(0, y)
        cut = np.ascontiguousarray(frame[top : y + h, left : x + w])
        points = np.asarray(face.points - (left, top), np.float32)
        chip = align(cut, points, self._embedder.card)
        vectors = network.averaged(self._embedder, chip[None]) if averaged else self._embedder.embed(chip[None])
        return np.asarray(vectors[0], np.float32)
