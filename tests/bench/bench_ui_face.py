"""The worst stall of the window's thread while the recogniser follows and identifies a person before the camera."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from devices.capture import capacity
from devices.face.recogniser import Recogniser
from devices.ring import Frame, Ring
from devices.sim import faces
from kiosk.config import CameraConfig, FaceConfig
from kiosk.domain.faces import Sight
from kiosk.domain.matching import Gallery

FPS = 15
WARM_UP_S, SECONDS = 2.0, 10.0
GALLERY = 20_000
START_S = 60.0
CAMERA = CameraConfig()


def run() -> dict[str, float]:
    """`ui.worst_stall_face_ms`: with the live picture at 15 a second, a look among 20,000 every second.

    `ui.face_sights`: sights a second that came meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder, _recognising(Path(folder)) as (ring, sights, look):
        stall = _worst_stall(ring, look, sights)
    return {"ui.worst_stall_face_ms": stall, "ui.face_sights": len(sights) / SECONDS}


class _Camera:
    def __init__(self, ring: Ring) -> None:
        self.ring_name: str | None = ring.name


@contextmanager
def _recognising(cache: Path) -> Iterator[tuple[Ring, list[Sight], _Look]]:
    ring, over, online = Ring(capacity(CAMERA)), threading.Event(), threading.Event()
    clip = list(faces.loop(faces.PEOPLE[0]))
    feeder = threading.Thread(target=_feed, args=(ring, clip, over), daemon=True)
    sights: list[Sight] = []
    recogniser = Recogniser(
        FaceConfig(enabled=True, engine="dnn"),
        CAMERA,
        _Camera(ring),
        cache,
        on_sight=sights.append,
        on_gone=lambda track: None,
        on_match=lambda look, match: None,
        on_turn=lambda look, liveness: None,
        on_portrait=lambda look, portrait: None,
        on_state=lambda up, fault: online.set() if up else None,
    )
    recogniser.load(_crowd())
    recogniser.start()
    feeder.start()
    try:
        if not online.wait(START_S):
            raise RuntimeError("the recogniser does not start")
        yield ring, sights, _Look(recogniser)
    finally:
        over.set()
        feeder.join()
        recogniser.stop(10)
        ring.close()


class _Look:
    """Asks who it is, among everybody, again and again."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser, self._number = recogniser, itertools.count(1)

    def ask(self) -> None:
        self._recogniser.identify(next(self._number), None, 0.8)


def _feed(ring: Ring, clip: list[Frame], over: threading.Event) -> None:
    for frame in itertools.cycle(clip):
        if over.wait(1 / FPS):
            return
        ring.write(frame)


def _crowd() -> Gallery:
    vectors = np.random.default_rng(3).normal(0, 0.06, (GALLERY, 128)).astype(np.float32)
    return Gallery(tuple(f"p{number}" for number in range(GALLERY)), vectors, "dlib-resnet")


def _worst_stall(ring: Ring, look: _Look, sights: list[Sight]) -> float:
    from PySide6.QtCore import QTimer

    from tests.gui import fixtures

    shell = fixtures.shell()
    shell.live(ring.latest)
    shell.show()
    shell.render(fixtures.screens()["photo_framing"])
    ticks: list[float] = []
    ticker = QTimer(shell, interval=1)
    ticker.timeout.connect(lambda: ticks.append(time.perf_counter()))
    asker = QTimer(shell, interval=1000)
    asker.timeout.connect(look.ask)
    ticker.start()
    asker.start()
    shell.timer("warm", WARM_UP_S, lambda: (ticks.clear(), sights.clear()))
    shell.timer("end", WARM_UP_S + SECONDS, lambda: shell.quit(0))
    shell.exec()
    stall = max(later - earlier for earlier, later in itertools.pairwise(ticks))
    shell.close()
    return stall * 1000
