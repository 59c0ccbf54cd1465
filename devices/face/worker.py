"""The recogniser's process: reads the camera's ring beside the window, so that neither its 100 ms nor its crash is the
window's."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from devices.capture import capacity, die_with_parent
from devices.face import wire
from devices.ring import Ring
from kiosk.config import CameraConfig, FaceConfig
from kiosk.domain.faces import Quality, Sight
from kiosk.domain.matching import Gallery, Matcher

if TYPE_CHECKING:
    from devices.face.network import Embedder
    from devices.face.pipeline import Pipeline, Step

NICE = 10
BEAT_S = 0.5
SIGHTS_PER_SECOND = 15

_PAUSE_S = 0.01
_EARLY_S = 0.01


def main(config: FaceConfig, camera: CameraConfig, ring_name: str, cache: Path, first: int, pipe: Connection) -> None:
    """Runs until the other end of `pipe` closes. `first`: number of the first track."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    os.nice(NICE)
    with suppress(OSError, EOFError):
        ring = Ring(capacity(camera), ring_name)
        try:
            _work(config, ring, cache, first, pipe)
        finally:
            ring.close()


def _work(config: FaceConfig, ring: Ring, cache: Path, first: int, pipe: Connection) -> None:
    import cv2

    from devices.face.cards import ModelError
    from devices.face.detect import open_detector, open_landmarks
    from devices.face.engines import open_embedder
    from devices.face.pipeline import Pipeline

    # a picture at a time needs no pool of threads beside the window and capture
    cv2.setNumThreads(1)
    pipe.send(wire.Busy())
    try:
        embedder = open_embedder(config, cache)
        pipeline = Pipeline(open_detector(config), open_landmarks(), embedder, config, first)
    except ModelError as error:
        pipe.send(wire.Unusable(str(error)))
        return
    pipe.send(wire.Ready(embedder.engine, embedder.fell_back))
    _Loop(ring, pipe, pipeline, embedder).run()


class _Loop:
    def __init__(self, ring: Ring, pipe: Connection, pipeline: Pipeline, embedder: Embedder) -> None:
        from devices.face.looks import Looks

        self._ring, self._pipe, self._pipeline, self._embedder = ring, pipe, pipeline, embedder
        self._looks = Looks(pipeline, lambda kind, look, value: pipe.send(wire.Answer(kind, look, value)))
        self._number = 0
        self._said_at = self._beat_at = float("-inf")
        self._said: tuple[int, Quality] | None = None

    def run(self) -> None:
        """Raises EOFError or OSError when the parent is gone."""
        while True:
            picture = self._ring.latest(self._number)
            at = time.monotonic()
            if picture is not None:
                self._number, frame = picture
                self._seen(self._pipeline.see(frame, self._number, at, closely=self._looks.open), at)
            else:
                self._seen(self._pipeline.rest(at), at)
            if at - self._beat_at >= BEAT_S:
                self._beat_at = at
                self._pipe.send(wire.Beat())
            self._listen(0 if picture is not None else _PAUSE_S)

    def _seen(self, step: Step, at: float) -> None:
        if step.gone:
            self._pipe.send(wire.Gone(step.gone))
        if step.sight is not None:
            self._say(step.sight, at)
        self._looks.see(step, at)

    def _say(self, sight: Sight, at: float) -> None:
        """What changed at once, the rest no more often than the screen can use."""
        said = (sight.track, sight.quality)
        if said != self._said or at - self._said_at >= 1 / SIGHTS_PER_SECOND - _EARLY_S:
            self._said, self._said_at = said, at
            self._pipe.send(sight)

    def _listen(self, seconds: float) -> None:
        while self._pipe.poll(seconds):
            seconds = 0
            command = self._pipe.recv()
            match command:
                case wire.Load():
                    self._load(command)
                case wire.Drop(look=look):
                    self._looks.drop(look)
                case _:
                    self._looks.ask(command, time.monotonic())

    def _load(self, load: wire.Load) -> None:
        ids, data = self._pipe.recv_bytes(), self._pipe.recv_bytes()
        card = self._embedder.card
        trouble = self._embedder.fell_back
        if ids and (load.model, load.shape[-1]) != (card.name, card.length):
            self._looks.load(None)
            of, mine = f"{load.model} ({load.shape[-1]} numbers)", f"{card.name} ({card.length})"
            trouble = f"the faces on record are of {of}, the model is {mine}"
        else:
            self._pipe.send(wire.Busy())
            vectors = np.frombuffer(data, np.float32).reshape(load.shape)
            names = tuple(ids.decode("utf-8").split("\0")) if ids else ()
            self._looks.load(Matcher(Gallery(names, vectors, load.model), card.limits))
        self._pipe.send(wire.Ready(self._embedder.engine, trouble))
