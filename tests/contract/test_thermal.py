"""The thermal camera's driver against each module on a pty: its pictures arrive right, and nothing ends the driver."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from devices.thermal import camera as camera_module
from devices.thermal import gy90640
from devices.thermal.camera import ThermalCamera
from devices.thermal.frame import ThermalFrame
from devices.thermal.wires import WIRES
from devices.worker import LONGEST_WAIT_S
from kiosk.config import ThermalConfig
from kiosk.domain.faults import Code
from kiosk.domain.screening import Cannot
from tests.thermal_kit import PLACE, SOON, Bench
from tests.waiting import until

KINDS = ("gy90640", "htpa32", "gy614", "gy8833")
SHAPES = {"gy90640": (24, 32), "htpa32": (32, 32), "gy614": (1, 1), "gy8833": (8, 8)}
STEP = {"gy90640": 0.01, "htpa32": 0.1, "gy614": 0.01, "gy8833": 1.0}


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr("devices.thermal.htpa32.GAP_S", 0.01)
    made = Bench(tmp_path, request.param)
    yield made
    made.stop()


@pytest.fixture
def gy(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "gy90640")
    yield made
    made.stop()


def quiet(bench: Bench) -> None:
    """A sensor without noise or error, so that what arrives can be compared with what stands there."""
    bench.peer.scene.noise = bench.peer.scene.error = 0.0


def test_the_picture_arrives_as_the_scene_stands(bench: Bench) -> None:
    quiet(bench)
    bench.start()
    bench.peer.person((0.25, 0.34, 0.18, 0.32), 36.0)
    bench.peer.scene.reference = None
    frame = bench.frames(1)[0]
    assert frame.pixels.shape == SHAPES[bench.config.kind]
    assert frame.pixels == pytest.approx(bench.peer.scene.render(), abs=STEP[bench.config.kind] / 2 + 1e-4)
    if bench.config.kind != "gy8833":
        assert frame.ambient == pytest.approx(27.5, abs=0.06)
    if bench.config.kind in ("gy90640", "htpa32"):
        columns = frame.pixels.shape[1]
        assert frame.pixels[:, : columns // 2].max() > frame.pixels[:, columns // 2 :].max() + 5, "left is left"


def test_without_mirroring_the_wires_order_is_kept(tmp_path: Path) -> None:
    made = Bench(tmp_path, "gy90640", mirror=False)
    made.peer.mirrored = False
    try:
        quiet(made)
        made.peer.person(PLACE, 36.0)
        made.start()
        assert made.frames(1)[0].pixels == pytest.approx(made.peer.scene.render(), abs=0.006)
    finally:
        made.stop()


def test_frost_stays_frost(bench: Bench) -> None:
    quiet(bench)
    bench.peer.room(-5.25)
    bench.peer.scene.reference = None
    bench.start()
    found, near = bench.frames(1)[0].pixels, STEP[bench.config.kind] / 2 + 1e-4
    assert found == pytest.approx(np.full(SHAPES[bench.config.kind], -5.25), abs=near)


@pytest.mark.proves(Code.THERMAL_GARBAGE)
def test_garbage_is_reported_once_and_forgotten_with_a_good_picture(bench: Bench) -> None:
    bench.start()
    bench.peer.garbage()
    assert bench.state() == (True, Code.THERMAL_GARBAGE)
    bench.peer.talk()
    assert bench.state() == (True, None)


@pytest.mark.parametrize("well", [False, True], ids=["noise last", "picture last"])
def test_what_came_last_counts_where_a_picture_and_noise_come_in_one_piece(tmp_path: Path, well: bool) -> None:
    made = Bench(tmp_path, "gy90640", 460800, hurry=True, fixed=460800)
    try:
        made.start()
        made.peer.silent()
        picture, noise = made.peer._frame(), b"\x11" * 200
        with made.peer._lock:
            made.peer._put(noise + picture if well else picture + noise)
        assert made.state() == (True, Code.THERMAL_GARBAGE)
        if well:
            assert made.state() == (True, None)
        assert made.states.empty()
    finally:
        made.stop()


def test_noise_without_a_pause_neither_hangs_nor_hides_a_good_picture(bench: Bench) -> None:
    bench.start()
    bench.peer.babble()
    assert bench.state() == (True, Code.THERMAL_GARBAGE)
    before = bench.camera.beat
    until(lambda: bench.camera.beat > before)
    bench.peer.talk()
    assert bench.state() == (True, None)


@pytest.mark.parametrize("spoil", ["half_frames", "bad_sums"])
def test_broken_pictures_are_none(bench: Bench, spoil: str) -> None:
    bench.start()
    getattr(bench.peer, spoil)()
    bench.states_until((True, Code.THERMAL_GARBAGE))
    bench.peer.talk()
    bench.states_until((True, None))
    quiet(bench)
    bench.peer.scene.reference = None
    bench.peer.room(31.0)
    assert bench.frames(1)[0].pixels == pytest.approx(np.full(SHAPES[bench.config.kind], 31.0), abs=0.05)


def test_every_picture_but_the_broken_ones_arrives(gy: Bench) -> None:
    """Pictures whose pixels look like headers, cut off at random: what arrives is whole."""
    quiet(gy)
    gy.peer.scene.reference = None
    gy.peer.room(231.30)
    gy.start()
    for _ in range(5):
        gy.peer.half_frames()
        gy.states_until((True, Code.THERMAL_GARBAGE))
        gy.peer.talk()
        gy.states_until((True, None))
        assert np.ptp(gy.frames(1)[0].pixels) == 0.0


def test_silence_is_offline_and_talking_brings_it_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "SILENT_S", 0.15)
    monkeypatch.setattr("devices.thermal.wires.Talk.rate", 10.0)
    bench.start()
    bench.peer.silent()
    assert bench.state() == (False, Code.THERMAL_OFFLINE)
    assert bench.camera.trouble is Cannot.SILENT
    assert bench.camera.latest() is None
    bench.peer.talk()
    assert bench.state() == (True, None)
    assert bench.camera.trouble is None


@pytest.mark.proves(Code.THERMAL_STUCK)
def test_one_and_the_same_picture_for_long_is_stuck(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = bench.config.kind
    monkeypatch.setitem(WIRES, kind, replace(WIRES[kind], stuck=0.2))
    bench.peer.scene.noise = 1.0
    bench.camera = ThermalCamera(bench.config, lambda *state: bench.states.put(state))
    bench.start()
    bench.peer.freeze()
    assert bench.state() == (True, Code.THERMAL_STUCK)
    assert bench.camera.trouble is Cannot.STUCK
    bench.peer.talk()
    assert bench.state() == (True, None)


@pytest.mark.proves(Code.THERMAL_OFFLINE)
def test_unplugged_and_plugged_again_it_is_back_within_three_seconds(bench: Bench) -> None:
    bench.start()
    first = bench.camera.since
    bench.peer.unplug()
    assert bench.state() == (False, Code.THERMAL_OFFLINE)
    assert bench.camera.trouble is Cannot.NO_CAMERA
    assert bench.camera.latest() is None
    bench.peer.plug()
    plugged = time.monotonic()
    assert bench.state() == (True, None)
    assert time.monotonic() - plugged < 3
    assert bench.camera.since > first, "it warms up anew"
    assert bench.frames(1)


def test_when_tried_most_seldom_and_at_the_true_pace_it_is_back_within_three_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Bench(tmp_path, "gy90640", 115200, rate=4)
    try:
        made.start()
        monkeypatch.setattr("devices.worker.FIRST_WAIT_S", LONGEST_WAIT_S)
        made.peer.unplug()
        assert made.state() == (False, Code.THERMAL_OFFLINE)
        made.peer.plug()
        plugged = time.monotonic()
        assert made.state() == (True, None)
        assert time.monotonic() - plugged < 3
    finally:
        made.stop()


def test_absent_from_the_start_it_is_reported_once_and_found_when_it_comes(bench: Bench) -> None:
    bench.start(plugged=False)
    assert bench.state() == (False, Code.THERMAL_OFFLINE)
    bench.peer.plug()
    assert bench.state() == (True, None)
    assert bench.states.empty()


def test_stopping_is_prompt_whatever_the_line_does(bench: Bench) -> None:
    bench.start()
    bench.peer.garbage()
    assert bench.state() == (True, Code.THERMAL_GARBAGE)
    began = time.monotonic()
    bench.camera.stop(SOON)
    assert time.monotonic() - began < 1.5
    bench.camera.stop(SOON)


@pytest.mark.parametrize("baud", [115200, 460800, 9600])
def test_the_speed_is_found_out(tmp_path: Path, baud: int) -> None:
    made = Bench(tmp_path, "gy90640", baud, hurry=True)
    try:
        made.start()
        assert made.camera.speed == baud
        until(lambda: gy90640.set_rate(0.5 if baud == 9600 else 4) in made.peer.commands)
        made.peer.unplug()
        made.states_until((False, Code.THERMAL_OFFLINE))
        made.peer.spoken_to_at.clear()
        made.peer.plug()
        assert made.state() == (True, None)
        until(lambda: made.peer.spoken_to_at)
        assert set(made.peer.spoken_to_at) == {baud}, "the speed that was right is tried first"
    finally:
        made.stop()


def test_the_speed_is_found_at_the_true_pace_and_the_pictures_come_at_the_rate(tmp_path: Path) -> None:
    made = Bench(tmp_path, "gy90640", 460800, rate=8)
    try:
        made.start()
        began = time.monotonic()
        made.frames(2)
        assert time.monotonic() - began > 0.3
        assert made.camera.speed == 460800
        until(lambda: made.peer.settings.rate == 8.0)
    finally:
        made.stop()


def test_a_wrong_speed_in_the_configuration_is_named_as_garbage(tmp_path: Path) -> None:
    made = Bench(tmp_path, "gy90640", 115200, hurry=True, fixed=9600)
    try:
        made.peer.start()
        made.camera.start()
        assert made.state() == (False, Code.THERMAL_GARBAGE)
        assert made.camera.trouble is Cannot.SILENT
    finally:
        made.stop()


def test_after_long_garbage_the_speed_is_looked_for_again(gy: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # longer than a picture's worth of garbage takes, and a hiccup of this machine with it
    monkeypatch.setattr(camera_module, "LOST_S", 1.5)
    gy.start()
    gy.peer.garbage()
    assert gy.state() == (True, Code.THERMAL_GARBAGE)
    assert gy.state() == (False, Code.THERMAL_GARBAGE)
    assert gy.camera.latest() is None
    gy.peer.talk()
    assert gy.state() == (True, None)


def test_it_is_told_rate_emissivity_and_to_stream(gy: Bench) -> None:
    gy.start()
    until(lambda: len(gy.peer.commands) >= 4)
    assert gy.peer.commands == [
        gy90640.set_rate(4),
        gy90640.set_emissivity(0.98),
        gy90640.STREAM,
        gy90640.READ_EMISSIVITY,
    ]
    assert gy.peer.settings.emissivity == 0.98
    assert gy.peer.settings.saved[2] == 0.95, "its memory wears out: nothing is saved"


@pytest.mark.parametrize("locked", [False, True])
def test_a_module_that_keeps_its_emissivity_is_written_down(
    gy: Bench, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    said: list[str] = []
    monkeypatch.setattr("kiosk.log.event", lambda name, **_: said.append(name))
    gy.peer.settings.locked = locked
    gy.start()
    until(lambda: len(said) >= 1 + locked)
    gy.frames(1)
    assert sorted(said) == [*["thermal_emissivity_refused"] * locked, "thermal_found"]


def test_a_module_told_nothing_of_skin_would_read_too_high(gy: Bench) -> None:
    """Why the emissivity is set: at the factory's 0.95 a face of 36 °C reads a third of a degree more."""
    quiet(gy)
    gy.peer.person(PLACE, 36.0)
    gy.start()
    until(lambda: gy.peer.settings.emissivity == 0.98)
    right = gy.frames(1)[0].pixels.max()
    gy.peer.settings.emissivity = 0.95
    assert gy.frames(1)[0].pixels.max() - right > 0.25


def test_an_htpa_is_asked_for_every_picture(tmp_path: Path) -> None:
    made = Bench(tmp_path, "htpa32")
    try:
        made.start()
        made.frames(2)
        assert made.peer.sent <= len(made.peer.commands)
    finally:
        made.stop()


def test_pictures_are_handed_on_in_order_and_waited_for(gy: Bench) -> None:
    numbers: list[int] = []
    enough = threading.Event()

    def take(frame: ThermalFrame) -> None:
        numbers.append(frame.number)
        if len(numbers) == 5:
            enough.set()

    gy.camera = ThermalCamera(gy.config, lambda *state: gy.states.put(state), take)
    gy.start()
    assert enough.wait(SOON)
    assert numbers[:5] == [1, 2, 3, 4, 5]
    assert gy.camera.latest(10**9) is None
    assert gy.camera.wait(10**9, 0.01) is None


def test_drift_is_reported_as_a_fault_of_the_camera(gy: Bench) -> None:
    gy.start()
    gy.camera.drifted(True)
    assert gy.state() == (True, Code.THERMAL_DRIFTED)
    gy.camera.drifted(False)
    assert gy.state() == (True, None)


def test_there_is_no_camera_of_kind_none() -> None:
    with pytest.raises(ValueError, match="none"):
        ThermalCamera(ThermalConfig(kind="none"), lambda *_: None)
