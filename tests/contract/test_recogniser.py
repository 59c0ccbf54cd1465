"""The recogniser through its real process, which reads a real ring that the test fills."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.capture import capacity
from devices.face import recogniser as parent
from devices.face.portrait import Portrait
from devices.face.recogniser import LATE_S, Recogniser
from devices.ring import Frame, Ring
from kiosk.config import CameraConfig, FaceConfig
from kiosk.domain.faces import Liveness, Quality, Sight
from kiosk.domain.faults import Code, Fault
from kiosk.domain.matching import Doubt, Gallery, Match
from tests.unit import face_kit as kit
from tests.unit.face_kit import COLLINS, HOPPER
from tests.waiting import until

SOON = 30.0
CAMERA = CameraConfig()


class Hall:
    """A camera's ring, and what is before the camera."""

    def __init__(self) -> None:
        self._ring = Ring(capacity(CAMERA))
        self._frames: Iterator[Frame] = itertools.cycle(kit.empty())
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hall", daemon=True)
        self._thread.start()

    @property
    def ring_name(self) -> str | None:
        return self._ring.name

    def show(self, frames: list[Frame]) -> None:
        """To and fro: nobody jumps."""
        self._frames = itertools.cycle(frames + frames[::-1])

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._ring.close()

    def _run(self) -> None:
        while not self._over.wait(1 / 15):
            self._ring.write(next(self._frames))


class Bench:
    def __init__(self, hall: Hall, cache: Path, config: FaceConfig = kit.CONFIG) -> None:
        self.hall, self.sights = hall, list[Sight]()
        self.gone: queue.Queue[int] = queue.Queue()
        self.matches: queue.Queue[tuple[int, Match]] = queue.Queue()
        self.turns: queue.Queue[tuple[int, Liveness]] = queue.Queue()
        self.portraits: queue.Queue[tuple[int, Portrait | None]] = queue.Queue()
        self.states: queue.Queue[tuple[bool, Fault | None]] = queue.Queue()
        self.look = 0

        def into(box: queue.Queue[Any]) -> Callable[..., None]:
            return lambda *said: box.put(said if len(said) > 1 else said[0])

        answers = (into(self.gone), into(self.matches), into(self.turns), into(self.portraits), into(self.states))
        self.recogniser = Recogniser(config, CAMERA, hall, cache, self.sights.append, *answers)

    def state(self) -> tuple[bool, Code | None]:
        online, fault = self.states.get(timeout=SOON)
        return online, fault.code if fault else None

    def sees(self, frames: list[Frame], quality: Quality = Quality.GOOD) -> None:
        """Show them until a sight of such a face arrives."""
        self.hall.show(frames)
        self.sights.clear()
        until(lambda: any(sight.quality is quality for sight in list(self.sights)), SOON)

    def empties(self) -> None:
        """Until the last one seen is gone: a track that was broken off before is told of too."""
        self.hall.show(kit.empty())
        ended = iter(lambda: self.gone.get(timeout=SOON), None)
        assert any(track == self.sights[-1].track for track in ended)

    def verify(self, person: str, seconds: float = 5.0) -> Match:
        self.look += 1
        self.recogniser.verify(self.look, person, seconds)
        return self.match()

    def match(self) -> Match:
        look, match = self.matches.get(timeout=SOON)
        assert look == self.look
        return match


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    made = Hall()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gallery(cache: Path) -> Gallery:
    bench, rows = kit.Bench(kit.embedder(cache)), []
    for name in (COLLINS, HOPPER):
        bench.see(kit.empty())
        bench.see(kit.clip(name)[:6])
        rows.append(bench.pipeline.probes.mean(axis=0))
    return Gallery((COLLINS, HOPPER), np.stack(rows), "dlib-resnet")


@pytest.fixture(scope="module")
def running(hall: Hall, cache: Path, gallery: Gallery) -> Iterator[Bench]:
    made = Bench(hall, cache)
    with pytest.MonkeyPatch.context() as patch:
        # a machine that is busy with other tests is not a recogniser that is away
        patch.setattr(parent, "LATE_S", SOON)
        made.recogniser.load(gallery)
        made.recogniser.start()
        assert made.state() == (True, None)
        yield made
        made.recogniser.stop(SOON)
    assert made.recogniser.pid is None


@pytest.fixture
def bench(running: Bench) -> Iterator[Bench]:
    """With Grace Hopper before the camera."""
    running.sees(kit.clip(HOPPER))
    yield running
    running.empties()
    assert running.states.empty()
    assert running.matches.empty()


def test_face_in_view_is_told_of_and_confirmed(bench: Bench) -> None:
    sight = bench.sights[-1]
    assert sight.box.w == pytest.approx(0.2, abs=0.05)
    match = bench.verify(HOPPER)
    assert (match.person, match.doubt) == (HOPPER, Doubt.NONE)
    # on a busy machine she may be lost from sight for a moment: that is told, and she is somebody new
    assert match.track == sight.track or sight.track in iter(lambda: bench.gone.get(timeout=SOON), None)
    assert match.track in {each.track for each in bench.sights}


def test_another_person_is_refused_and_one_without_template_is_told(bench: Bench) -> None:
    assert bench.verify(COLLINS, 1.5).doubt is Doubt.TOO_FAR
    assert bench.verify("nobody").doubt is Doubt.NO_TEMPLATE


def test_a_process_that_answers_late_is_as_good_as_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "LATE_S", LATE_S)
    pid = bench.recogniser.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        assert bench.verify(HOPPER, 0.2).doubt is Doubt.ENGINE_AWAY
    finally:
        os.kill(pid, signal.SIGCONT)


def test_face_is_found_among_some(bench: Bench) -> None:
    bench.look += 1
    bench.recogniser.identify(bench.look, frozenset([HOPPER, "another"]), 5.0)
    assert bench.match().person == HOPPER


def test_turn_and_portrait_are_answered_and_what_is_dropped_is_not(bench: Bench) -> None:
    bench.recogniser.portrait(1, 5.0)
    look, portrait = bench.portraits.get(timeout=SOON)
    assert isinstance(portrait, Portrait)
    assert (look, portrait.template.shape, portrait.model) == (1, (128,), "dlib-resnet")
    bench.recogniser.turn(2, "left", 5.0)
    bench.recogniser.verify(2, COLLINS, 0.4)
    bench.recogniser.drop(2)
    bench.recogniser.turn(3, "left", 2.0)
    assert bench.turns.get(timeout=SOON) == (3, Liveness.STILL)


@pytest.mark.proves(Code.FACE_MODEL)
@pytest.mark.parametrize(("model", "length"), [("another-model", 128), ("dlib-resnet", 64)])
def test_gallery_of_another_model_is_a_fault_and_nobody_is_told_by_it(
    bench: Bench, gallery: Gallery, model: str, length: int
) -> None:
    bench.recogniser.load(Gallery(gallery.ids, np.ascontiguousarray(gallery.vectors[:, :length]), model))
    assert bench.state() == (True, Code.FACE_MODEL)
    assert bench.verify(HOPPER).doubt is Doubt.NO_TEMPLATE
    bench.recogniser.load(gallery)
    assert bench.state() == (True, None)
    assert bench.verify(HOPPER).person == HOPPER


@pytest.mark.proves(Code.FACE_OFFLINE)
def test_killed_process_is_replaced_and_has_its_gallery_again(running: Bench) -> None:
    running.sees(kit.clip(HOPPER))
    dead, before = running.recogniser.pid, running.sights[-1].track
    assert dead is not None
    running.look += 1
    running.recogniser.verify(running.look, COLLINS, 20.0)
    running.recogniser.turn(running.look, "left", 20.0)
    os.kill(dead, signal.SIGKILL)
    assert running.state() == (False, Code.FACE_OFFLINE)
    assert running.match().doubt is Doubt.ENGINE_AWAY
    assert running.turns.get(timeout=SOON) == (running.look, Liveness.UNKNOWN)
    ended = iter(lambda: running.gone.get(timeout=SOON), None)
    assert any(track == before for track in ended)
    assert running.verify(HOPPER).doubt is Doubt.ENGINE_AWAY
    assert running.state() == (True, None)
    running.sees(kit.clip(HOPPER))
    match = running.verify(HOPPER)
    assert match.person == HOPPER
    assert match.track > before
    assert running.recogniser.pid not in (None, dead)
    running.empties()


def test_process_that_hangs_is_replaced(running: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    running.sees(kit.clip(HOPPER))
    monkeypatch.setattr(parent, "HANG_S", 3.0)
    running.verify(HOPPER)
    hung = running.recogniser.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    running.look += 1
    running.recogniser.identify(running.look, frozenset(f"person {number}" for number in range(40_000)), 20.0)
    assert running.state() == (False, Code.FACE_OFFLINE)
    assert running.match().doubt is Doubt.ENGINE_AWAY
    assert running.state() == (True, None)
    assert not Path(f"/proc/{hung}").exists()
    running.gone.get(timeout=SOON)
    running.sees(kit.clip(HOPPER))
    running.empties()


def test_model_that_cannot_be_used_is_a_fault(hall: Hall, cache: Path) -> None:
    bench = Bench(hall, cache, FaceConfig(enabled=True, engine="dnn", embedder="no-such-model"))
    bench.recogniser.start()
    try:
        online, fault = bench.states.get(timeout=SOON)
        assert fault is not None
        assert (online, fault.code, fault.device) == (False, Code.FACE_MODEL, "face")
        assert "no-such-model" in fault.detail
        assert bench.verify(HOPPER).doubt is Doubt.ENGINE_AWAY
    finally:
        bench.recogniser.stop(SOON)
    assert bench.recogniser.pid is None
