"""From the scene before the module to a reading: the whole chain, and every reason for having none."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from devices.sim.thermal.scene import Scene
from devices.thermal.frame import ThermalFrame
from devices.thermal.thermometer import Thermometer
from kiosk.domain.faces import Box
from kiosk.domain.faults import Code
from kiosk.domain.screening import Basis, Calibration, Cannot, Fever, Measured, NoReading, Reading, judge, measure
from tests.thermal_kit import FACE, PLACE, SOON, Asking, Bench, slope
from tests.waiting import until

SWEEP = [35 + 0.25 * step for step in range(21)]
LIMIT = 37.3


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "gy90640")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def asking(bench: Bench) -> Iterator[Asking]:
    made = Asking(bench.camera, bench.calibration())
    yield made
    made.stop()


def reading(measured: Measured) -> Reading:
    assert isinstance(measured, Reading), measured
    return measured


@pytest.mark.parametrize("kind", ["gy90640", "htpa32", "gy614"])
def test_a_degree_is_a_degree_through_the_whole_chain(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scene → pty → driver → measure, 35 to 40 °C in quarters: slope 1.00 ± 0.02, and nobody is drawn to 37."""
    monkeypatch.setattr("devices.thermal.htpa32.GAP_S", 0.005)
    made = Bench(tmp_path, kind)
    made.start()
    try:
        calibration = made.calibration()
        found = []
        for celsius in SWEEP:
            made.peer.person(PLACE, celsius)
            frames = made.frames(3)
            found.append(reading(measure(frames, [FACE] * 3, calibration, time.monotonic(), made.camera.since)))
    finally:
        made.stop()
    assert slope(SWEEP, [each.raw for each in found]) == pytest.approx(1.0, abs=0.02)
    assert slope(SWEEP, [each.corrected for each in found]) == pytest.approx(1.0, abs=0.02)
    off = [each.corrected - calibration.site - celsius for each, celsius in zip(found, SWEEP, strict=True)]
    assert max(map(abs, off)) < 0.3
    assert all(each.corrected == pytest.approx(each.raw + each.offset) for each in found)
    assert {each.basis for each in found} == {calibration.basis}
    assert all(each.u < 0.5 if kind != "gy614" else 1.0 < each.u < 1.5 for each in found)


@pytest.mark.parametrize("celsius", [32.0, 34.4, 36.6, 41.0, 55.0, 120.0])
def test_nothing_is_clamped_at_any_temperature(bench: Bench, asking: Asking, celsius: float) -> None:
    bench.peer.person(PLACE, celsius)
    bench.frames(1)
    found = reading(asking.measure())
    assert found.corrected - 1.2 == pytest.approx(celsius, abs=0.4)
    assert found.warm is (celsius < 42)


def test_a_hot_cup_outside_the_face_alarms_nobody_though_the_whole_picture_would(bench: Bench, asking: Asking) -> None:
    bench.peer.person(PLACE, 35.2)
    bench.peer.hot_cup(70.0)
    frame = bench.frames(1)[0]
    found = reading(asking.measure())
    assert judge(found, LIMIT) is Fever.BELOW
    assert found.warm is True
    assert frame.pixels.max() > 60.0
    everything = replace(found, corrected=float(frame.pixels.max()) + found.offset)
    assert judge(everything, LIMIT) is Fever.ABOVE


def test_a_fever_is_one_with_and_without_a_cup(bench: Bench, asking: Asking) -> None:
    bench.peer.person(PLACE, 37.8)
    bench.frames(1)
    assert judge(reading(asking.measure()), LIMIT) is Fever.ABOVE
    bench.peer.hot_cup()
    assert judge(reading(asking.measure()), LIMIT) is Fever.ABOVE


def test_a_photograph_is_not_warm(bench: Bench, asking: Asking) -> None:
    bench.peer.photograph(PLACE)
    bench.frames(1)
    assert asking.measure(seconds=0.3) == NoReading(Cannot.TOO_COLD, warm=False)


def test_uncalibrated_it_tells_the_raw_value_and_judges_nobody(bench: Bench) -> None:
    asking = Asking(bench.camera, replace(bench.calibration(), basis=Basis.NONE))
    try:
        bench.peer.person(PLACE, 39.5)
        bench.frames(1)
        found = reading(asking.measure())
        assert found.raw == found.corrected == pytest.approx(39.5 - 1.1, abs=0.3)
        assert (found.offset, found.u, found.basis, found.warm) == (0.0, 2.0, Basis.NONE, True)
        assert judge(found, LIMIT) is Fever.UNKNOWN
    finally:
        asking.stop()


def test_eight_by_eight_pixels_tell_presence_alone(tmp_path: Path) -> None:
    made = Bench(tmp_path, "gy8833")
    made.start()
    asking = Asking(made.camera, made.calibration())
    try:
        made.peer.person(PLACE, 39.5)
        made.frames(1)
        found = reading(asking.measure())
        assert (found.basis, found.u, found.warm) == (Basis.NONE, 2.0, True)
        assert judge(found, LIMIT) is Fever.UNKNOWN
        made.peer.photograph(PLACE)
        made.frames(1)
        assert reading(asking.measure()).warm is False
    finally:
        asking.stop()
        made.stop()


def test_one_pixel_needs_no_face_and_is_less_sure(tmp_path: Path) -> None:
    made = Bench(tmp_path, "gy614")
    made.start()
    asking = Asking(made.camera, made.calibration())
    try:
        made.peer.person(PLACE, 36.0)
        made.frames(1)
        found = reading(asking.measure(box=None))
        assert found.corrected - 1.2 == pytest.approx(36.0, abs=0.3)
        assert found.u > 1.0
        assert found.warm is None, "one pixel has no shape"
        made.peer.nobody()
        made.frames(1)
        assert asking.measure(box=None, seconds=0.2) == NoReading(Cannot.TOO_COLD, warm=False)
    finally:
        asking.stop()
        made.stop()


def no_reading(bench: Bench, asking: Asking, box: Box | None = FACE, settle: bool = True) -> Cannot:
    if settle:
        bench.frames(1)
    found = asking.measure(box, seconds=0.15)
    assert isinstance(found, NoReading), found
    return found.why


def test_reasons_that_lie_with_the_person(bench: Bench, asking: Asking) -> None:
    bench.peer.person(PLACE, 36.0)
    assert no_reading(bench, asking, box=None) is Cannot.NO_FACE
    assert no_reading(bench, asking, Box(0.46, 0.4, 0.08, 0.15)) is Cannot.TOO_FAR
    assert no_reading(bench, asking, Box(0.02, 0.34, 0.18, 0.32)) is Cannot.OUTSIDE_VIEW
    bench.peer.person(PLACE, 26.0)
    assert no_reading(bench, asking) is Cannot.TOO_COLD


def test_reasons_that_lie_with_the_place(bench: Bench, asking: Asking) -> None:
    bench.peer.person(PLACE, 36.0)
    for room in (-5.0, 7.0, 38.0):
        bench.peer.room(room)
        assert no_reading(bench, asking) is Cannot.TOO_COLD
    bench.peer.room(25.0)
    bench.peer.person(PLACE, 500.0)
    assert no_reading(bench, asking) is Cannot.SATURATED


@pytest.mark.proves(Code.THERMAL_DRIFTED)
def test_reasons_that_lie_with_the_module(bench: Bench, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.peer.person(PLACE, 36.0)
    bench.peer.scene.error = 3.5
    assert no_reading(bench, asking) is Cannot.DRIFTED
    bench.states_until((True, Code.THERMAL_DRIFTED))
    bench.peer.scene.error = -1.1
    bench.frames(1)
    assert reading(asking.measure()).basis is Basis.REFERENCE
    bench.states_until((True, None))
    bench.peer.silent()
    # a frame that was on its way may still be measured
    until(lambda: isinstance(asking.measure(FACE, seconds=0.15), NoReading))
    assert no_reading(bench, asking, settle=False) is Cannot.SILENT
    bench.peer.unplug()
    bench.states_until((False, Code.THERMAL_OFFLINE))
    began = time.monotonic()
    assert asking.measure(seconds=5.0) == NoReading(Cannot.NO_CAMERA)
    assert time.monotonic() - began < 1.0, "nobody waits for a camera that is not there"


def test_warming_up_is_a_reason_until_it_is_warm(bench: Bench) -> None:
    bench.peer.person(PLACE, 36.0)
    slow = Asking(bench.camera, replace(bench.calibration(), warm_up=3600.0))
    quick = Asking(bench.camera, replace(bench.calibration(), warm_up=0.0))
    try:
        bench.frames(1)
        assert slow.measure() == NoReading(Cannot.WARMING_UP)
        assert isinstance(quick.measure(), Reading)
    finally:
        slow.stop()
        quick.stop()


def test_the_source_corrects_what_warming_up_adds(bench: Bench, asking: Asking) -> None:
    """A drift that a reference source sees does no harm."""
    bench.peer.person(PLACE, 36.0)
    for error in (-2.6, -1.1, 0.3):
        bench.peer.scene.error = error
        bench.frames(1)
        found = reading(asking.measure())
        assert found.corrected - 1.2 == pytest.approx(36.0, abs=0.3)
        assert found.raw == pytest.approx(36.0 + error, abs=0.3)


class Still:
    """A camera that shows what it is handed, and is never in trouble."""

    trouble: Cannot | None = None
    since = -1e9

    def __init__(self) -> None:
        self.frames: queue.Queue[ThermalFrame] = queue.Queue()
        self.asked = threading.Event()
        self.number = 0
        self.scene = Scene(24, 32)
        self.scene.person = PLACE

    def wait(self, after: int, seconds: float) -> ThermalFrame | None:
        self.asked.set()
        try:
            return self.frames.get(timeout=seconds)
        except queue.Empty:
            return None

    def drifted(self, drifted: bool) -> None:
        """Nobody listens."""

    def show(self, skin: float = 36.0, at: float | None = None) -> None:
        self.number += 1
        self.scene.skin = skin
        pixels = self.scene.sense(0.0).astype(np.float32)
        self.frames.put(ThermalFrame(self.number, time.monotonic() if at is None else at, pixels, 27.5))


LOOSE = replace(Calibration(), basis=Basis.NONE, warm_up=0.0)
WIDE = Box(0.36, 0.31, 0.26, 0.42)


@pytest.fixture
def still() -> Iterator[tuple[Still, Asking]]:
    camera = Still()
    asking = Asking(camera, LOOSE)
    yield camera, asking
    asking.stop()


def test_three_pictures_are_averaged_and_older_ones_are_not(still: tuple[Still, Asking]) -> None:
    camera, asking = still
    camera.show(44.0, at=time.monotonic() - 1)
    asking.thermometer.measure(1, lambda: WIDE, SOON, lambda *answer: asking.answers.put(answer))
    assert camera.asked.wait(SOON)
    for skin in (35.8, 36.0, 36.2):
        camera.show(skin)
    found = reading(asking.answers.get(timeout=SOON)[1])
    assert found.frames == 3
    assert found.raw == pytest.approx(36.0 - 1.1, abs=0.3)


def test_whoever_moves_is_measured_once_they_stand(still: tuple[Still, Asking]) -> None:
    camera, asking = still
    asking.thermometer.measure(1, lambda: WIDE, SOON, lambda *answer: asking.answers.put(answer))
    assert camera.asked.wait(SOON)
    for skin in (33.0, 36.5, 34.0, 36.0, 36.1, 36.0):
        camera.show(skin)
    assert reading(asking.answers.get(timeout=SOON)[1]).raw == pytest.approx(34.93, abs=0.3)


def test_at_the_end_of_the_time_it_says_what_it_has(still: tuple[Still, Asking]) -> None:
    camera, asking = still
    assert asking.measure(WIDE, seconds=0.05) == NoReading(Cannot.SILENT)
    asking.thermometer.measure(1, lambda: WIDE, 0.4, lambda *answer: asking.answers.put(answer))
    camera.asked.clear()
    assert camera.asked.wait(SOON)
    camera.show()
    assert reading(asking.answers.get(timeout=SOON)[1]).frames == 1
    asking.thermometer.measure(2, lambda: WIDE, 0.4, lambda *answer: asking.answers.put(answer))
    for skin in (33.0, 36.0, 33.0):
        camera.show(skin)
    assert asking.answers.get(timeout=SOON) == (2, NoReading(Cannot.UNSTEADY, warm=True))


def test_who_was_dropped_is_not_answered_and_the_next_one_is(still: tuple[Still, Asking]) -> None:
    _, asking = still
    asking.thermometer.measure(7, lambda: WIDE, 0.2, lambda *answer: asking.answers.put(answer))
    asking.thermometer.drop(7)
    assert asking.measure(WIDE, seconds=0.4, look=8) == NoReading(Cannot.SILENT)
    assert asking.answers.empty()


def test_who_is_dropped_at_the_last_moment_is_not_answered_either(still: tuple[Still, Asking]) -> None:
    camera, asking = still
    seen: list[Box] = []

    def box() -> Box:
        seen.append(WIDE)
        if len(seen) == 3:
            asking.thermometer.drop(7)
        return WIDE

    asking.thermometer.measure(7, box, SOON, lambda *answer: asking.answers.put(answer))
    for _ in range(3):
        camera.show()
    until(lambda: len(seen) == 3)
    assert asking.measure(WIDE, seconds=0.05, look=8) == NoReading(Cannot.SILENT)
    assert asking.answers.empty()


def test_a_listener_that_fails_takes_nobody_with_it(still: tuple[Still, Asking]) -> None:
    camera, asking = still

    def fail(*_: object) -> None:
        raise RuntimeError

    asking.thermometer.measure(1, lambda: WIDE, 0.0, fail)
    asking.thermometer.measure(2, fail, 0.3, lambda *answer: asking.answers.put(answer))
    camera.asked.clear()
    assert camera.asked.wait(SOON)
    camera.show()
    assert asking.answers.get(timeout=SOON) == (2, NoReading(Cannot.NO_FACE))
    assert asking.measure(WIDE, seconds=0.05, look=3) == NoReading(Cannot.SILENT)


def test_stopping_is_prompt_and_answers_nobody() -> None:
    answers: list[object] = []
    thermometer = Thermometer(Still(), LOOSE)
    thermometer.start()
    thermometer.measure(1, lambda: WIDE, 60.0, lambda *answer: answers.append(answer))
    began = time.monotonic()
    thermometer.stop(SOON)
    assert time.monotonic() - began < 1
    assert answers == []
