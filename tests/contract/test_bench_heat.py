"""The technician's tests of the thermal camera, over the real driver: pictures, drift, calibration, alignment."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from devices.camera import Camera
from devices.sim.camera import CameraPeer
from kiosk.app import selftest
from kiosk.app.bench import Fittings, calibrating, heat, looks
from kiosk.app.bench.hands import GivenUpError, Hands
from kiosk.app.calibrated import Calibrated
from kiosk.app.health import Health
from kiosk.clock import Clock
from kiosk.config import CameraConfig, Config
from kiosk.domain.faults import Code
from kiosk.domain.proving import Finding, Outcome
from kiosk.domain.screening import Basis, Reading, load_calibration
from kiosk.flows.technician.state import Asked
from kiosk.text import shipped_texts
from tests.thermal_kit import PLACE, SOON, Asking, Bench
from tests.waiting import until

RATE = 460800
Run = Callable[[Fittings, Hands], Finding]


@dataclass
class Person:
    """Somebody who does what the test asks for: `does(asked)` is called on a thread of their own, each time."""

    does: Callable[[Asked], str | None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)

    def run(self, test: Run, fit: Fittings) -> Finding:
        """What the test found."""
        threads: list[threading.Thread] = []

        def ask(wanted: Asked) -> None:
            self.asked.append(wanted)
            thread = threading.Thread(target=act, args=(wanted,))
            threads.append(thread)
            thread.start()

        def act(wanted: Asked) -> None:
            word = self.does(wanted)
            if word == "leave":
                hands.put("over")
            elif word:
                hands.put("word", word)

        hands = Hands(ask, lambda _: None)
        try:
            return test(fit, hands)
        finally:
            for thread in threads:
                thread.join(SOON)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "gy90640", RATE, hurry=True, fixed=RATE)
    made.start()
    yield made
    made.stop()


def fittings(bench: Bench, file: Path | None = None, calibrated: bool = True, **parts: Any) -> Fittings:
    config = Config(thermal=replace(bench.config, calibration=str(file) if file else ""))
    clock, made = Clock(), Calibrated(bench.calibration() if calibrated else None)
    around = (config, clock, shipped_texts(), Health(clock.now), lambda: "")
    return Fittings(*around, thermal=bench.camera, calibrated=made, **parts)


def test_good_pictures_pass_and_tell_rate_and_spread(bench: Bench) -> None:
    found = Person().run(heat.picture, fittings(bench))
    assert found.outcome is Outcome.PASSED
    assert found.value.endswith("℃")


def test_a_noisy_module_fails(bench: Bench) -> None:
    bench.peer.scene.noise = 3.0
    bench.frames(1)
    found = Person().run(heat.picture, fittings(bench))
    assert (found.outcome, found.why) == (Outcome.FAILED, "unsteady")


@pytest.mark.parametrize(("trouble", "why"), [("unplug", "away"), ("garbage", "too_few")])
def test_a_camera_that_shows_nothing_fails_and_says_why(
    bench: Bench, trouble: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heat, "PATIENCE_S", 0.5)
    getattr(bench.peer, trouble)()
    if trouble == "unplug":
        until(lambda: bench.camera.trouble is not None)
    found = Person().run(heat.picture, fittings(bench))
    assert found.outcome is Outcome.FAILED
    assert found.why in (why, "silent")


def test_drift_is_measured_against_the_source_and_drawn(bench: Bench) -> None:
    person, fit = Person(), fittings(bench)
    found = person.run(heat.drift, fit)
    assert found.outcome is Outcome.PASSED
    assert len(person.asked[-1].plot) == heat.DRIFT_PICTURES
    assert all(abs(off) < 0.6 for _, off in person.asked[-1].plot)
    bench.peer.scene.error -= 4.0
    bench.frames(1)
    found = Person().run(heat.drift, fit)
    assert (found.outcome, found.why) == (Outcome.FAILED, "drifted")
    assert found.value.startswith("+")


def test_without_a_source_or_a_camera_nothing_is_claimed(bench: Bench) -> None:
    assert Person().run(heat.drift, fittings(bench, calibrated=False)).why == "no_reference"
    nothing = replace(fittings(bench), thermal=None)
    tests: tuple[Run, ...] = (heat.picture, heat.drift, calibrating.two_points, calibrating.linearity)
    for test in (*tests, calibrating.register):
        assert Person().run(test, nothing).outcome is Outcome.NOT_THERE


def source(bench: Bench, gain: float = 1.0, bend: float = 0.0) -> Person:
    """Sets the source as it is asked to; a module of this `gain` sees it so."""

    def does(asked: Asked) -> str | None:
        wanted = float(asked.values["celsius"])
        bench.peer.scene.reference = 35.0 + gain * (wanted - 35.0) + bend * (wanted - 35.0) ** 2
        bench.frames(1)
        return "ready"

    return Person(does)


def test_two_points_give_the_offset_and_the_file_is_written(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "thermal.toml"
    fit = fittings(bench, file)
    bench.peer.scene.error = -2.0
    found = source(bench).run(calibrating.two_points, fit)
    assert found.outcome is Outcome.PASSED, found
    made = load_calibration(file)
    assert made.reference
    assert made.reference.offset == pytest.approx(2.0, abs=0.35)
    assert made.registration == bench.calibration().registration, "all else stays"
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".toml"] == ["thermal"]


def test_without_a_source_in_the_file_the_offset_is_for_the_room_of_today(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "thermal.toml"
    found = source(bench).run(calibrating.two_points, fittings(bench, file, calibrated=False))
    assert found.outcome is Outcome.PASSED, found
    made = load_calibration(file)
    assert made.basis is Basis.AMBIENT
    assert made.ambient
    assert made.ambient.offset(27.5) == pytest.approx(1.1, abs=0.35)
    assert made.ambient.offset(40.0) is None, "another room was not measured"


@pytest.mark.proves(Code.THERMAL_UNCALIBRATED)
def test_a_camera_without_a_calibration_is_told_of_until_the_technician_has_made_one(
    bench: Bench, tmp_path: Path
) -> None:
    file = tmp_path / "thermal.toml"
    bare = fittings(bench, file, calibrated=False)
    assert [fault.code for fault in selftest.calibrated(bare.calibrated.now)] == [Code.THERMAL_UNCALIBRATED]
    assert source(bench).run(calibrating.two_points, bare).outcome is Outcome.PASSED
    assert selftest.calibrated(load_calibration(file)) == [], "from the next start on as well"


def test_one_measurement_builds_on_the_other(bench: Bench, tmp_path: Path, eye: tuple[CameraPeer, Camera]) -> None:
    file = tmp_path / "thermal.toml"
    fit = fittings(bench, file, camera=eye[1])
    bench.peer.scene.error = -2.0
    assert source(bench).run(calibrating.two_points, fit).outcome is Outcome.PASSED
    bench.peer.scene.reference = None
    assert Person(holding(bench, *eye)).run(calibrating.register, fit).outcome is Outcome.PASSED
    made = load_calibration(file)
    assert made == fit.calibrated.now
    assert made.reference
    assert made.reference.offset == pytest.approx(2.0, abs=0.35), "the second kept what the first had found"
    assert made.registration != bench.calibration().registration


def test_the_next_reading_is_taken_with_what_was_measured(bench: Bench, tmp_path: Path) -> None:
    bare = replace(bench.calibration(), basis=Basis.NONE, reference=None)
    asking = Asking(bench.camera, bare)
    fit = fittings(bench, tmp_path / "thermal.toml")
    fit = replace(fit, calibrated=Calibrated(bare, asking.thermometer.calibrate))
    try:
        bench.peer.person(PLACE, 33.0)
        bench.frames(1)
        assert isinstance(before := asking.measure(), Reading)
        assert before.basis is Basis.NONE
        assert source(bench).run(calibrating.two_points, fit).outcome is Outcome.PASSED
        assert isinstance(after := asking.measure(), Reading)
        assert after.basis is Basis.AMBIENT
    finally:
        asking.stop()


@pytest.mark.parametrize(("gain", "why"), [(0.7, "not_linear"), (0.0, "same")])
def test_a_module_that_is_out_of_proportion_is_not_calibrated(
    bench: Bench, tmp_path: Path, gain: float, why: str
) -> None:
    file = tmp_path / "thermal.toml"
    assert source(bench, gain).run(calibrating.two_points, fittings(bench, file)).why == why
    assert not file.exists()


def test_a_calibration_that_cannot_be_kept_is_no_pass(bench: Bench, tmp_path: Path) -> None:
    assert source(bench).run(calibrating.two_points, fittings(bench)).why == "no_file"
    nowhere = tmp_path / "gone" / "thermal.toml"
    assert source(bench).run(calibrating.two_points, fittings(bench, nowhere)).why == "not_written"


def test_linearity_over_four_points(bench: Bench) -> None:
    assert source(bench).run(calibrating.linearity, fittings(bench)).outcome is Outcome.PASSED
    bent = source(bench, bend=0.12).run(calibrating.linearity, fittings(bench))
    assert (bent.outcome, bent.why) == (Outcome.FAILED, "not_linear")


def test_whoever_leaves_ends_the_measuring(bench: Bench) -> None:
    with pytest.raises(GivenUpError):
        Person(lambda _: "leave").run(calibrating.linearity, fittings(bench))


CORNERS = ((0.34, 0.25), (0.6, 0.25), (0.36, 0.6), (0.62, 0.62))
"""Where the cup is held, middle of the code, in shares of the camera's picture."""


def held_at(x: float, y: float) -> Any:
    """The camera's picture of a code there: 1280 × 720."""
    page = np.full((720, 1280, 3), 110, np.uint8)
    png = io.BytesIO(looks.code_png("TEST:0A1B2C3D4E5F"))
    code = np.asarray(Image.open(png).convert("L").resize((180, 180)))
    left, top = round(x * 1280) - 90, round(y * 720) - 90
    page[top : top + 180, left : left + 180] = code[:, :, None]
    return page


def holding(bench: Bench, peer: CameraPeer, camera: Camera) -> Callable[[Asked], str]:
    """Somebody who holds the cup with the code at each of the four places, until both cameras see it there."""
    corners = iter(CORNERS)

    def hold(_: Asked) -> str:
        x, y = next(corners)
        peer.show(held_at(x, y))
        bench.peer.hot_cup(60.0, (x - 0.05, y - 0.06, 0.1, 0.12))
        until(lambda: (at := calibrating._code_at(seen_by(camera))) and abs(at[0] - x) + abs(at[1] - y) < 0.02)
        bench.frames(1)
        return "ready"

    return hold


@pytest.fixture
def eye() -> Iterator[tuple[CameraPeer, Camera]]:
    peer = CameraPeer()
    peer.start()
    online = threading.Event()
    camera = Camera(CameraConfig(peer.url), lambda there, _: online.set() if there else None)
    camera.start()
    assert online.wait(SOON)
    yield peer, camera
    camera.stop(SOON)
    peer.stop()


def test_a_warm_code_in_four_corners_aligns_the_two_pictures(
    bench: Bench, tmp_path: Path, eye: tuple[CameraPeer, Camera]
) -> None:
    bench.peer.scene.reference = None
    file = tmp_path / "thermal.toml"
    fit = fittings(bench, file, calibrated=False, camera=eye[1])
    found = Person(holding(bench, *eye)).run(calibrating.register, fit)
    assert found.outcome is Outcome.PASSED, found
    made = load_calibration(file).registration
    wanted = bench.peer.scene.mounting
    for x, y in CORNERS:
        there = made.there((x, y))
        left, top, _, _ = wanted.place((x, y, 0.0, 0.0))
        assert there == pytest.approx((left, top), abs=0.04)


def seen_by(camera: Camera) -> Any:
    seen = camera.latest()
    assert seen
    return seen[1]


def test_what_only_one_of_them_sees_aligns_nothing(bench: Bench, eye: tuple[CameraPeer, Camera]) -> None:
    found = Person(lambda _: "ready").run(calibrating.register, fittings(bench, camera=eye[1]))
    assert (found.outcome, found.why) == (Outcome.FAILED, "not_seen_by_both")
