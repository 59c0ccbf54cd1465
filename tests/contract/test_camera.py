"""The camera through its real capture process, against a camera on loopback and against files."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import Process, get_context
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.camera import Camera
from devices.ring import Frame, Ring
from devices.sim.camera import CameraPeer, encode
from kiosk.config import CameraConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until

SOON = 20.0
SHARED = Path("/dev/shm")


def plain(blue: int, green: int, red: int, height: int = 720, width: int = 1280) -> Frame:
    return np.full((height, width, 3), (blue, green, red), np.uint8)


class Bench:
    def __init__(self, source: str, fps: int = 15) -> None:
        self.states: queue.Queue[tuple[bool, Fault | None]] = queue.Queue()
        self.camera = Camera(CameraConfig(source=source, fps=fps), lambda *state: self.states.put(state))

    def state(self) -> tuple[bool, Code | None]:
        online, fault = self.states.get(timeout=SOON)
        return online, fault.code if fault else None

    def frame(self, after: int = 0) -> tuple[int, Frame]:
        """The next picture after a number."""
        found: list[tuple[int, Frame]] = []

        def newer() -> bool:
            latest = self.camera.latest(after)
            found.extend([latest] if latest else [])
            return bool(found)

        until(newer)
        return found[0]

    def sees(self, blue: int, green: int, red: int) -> None:
        """Wait for a picture of one colour."""
        wanted = np.array((blue, green, red))

        def same() -> bool:
            latest = self.camera.latest()
            return latest is not None and bool(np.all(np.abs(latest[1][360, 640].astype(int) - wanted) < 12))

        until(same)


@pytest.fixture
def peer() -> Iterator[CameraPeer]:
    made = CameraPeer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def bench(peer: CameraPeer) -> Iterator[Bench]:
    made = Bench(peer.url)
    made.camera.start()
    assert made.state() == (True, None)
    yield made
    made.camera.stop(SOON)


def test_camera_shows_what_is_held_before_it(peer: CameraPeer, bench: Bench) -> None:
    peer.show(plain(200, 40, 40))
    bench.sees(200, 40, 40)
    peer.show(plain(30, 180, 60))
    bench.sees(30, 180, 60)
    number, frame = bench.frame()
    assert frame.shape == (720, 1280, 3)
    assert bench.frame(number)[0] > number
    assert bench.states.empty()


def test_peer_tells_when_a_thing_was_first_shown_and_ends_with_its_pictures(peer: CameraPeer, bench: Bench) -> None:
    began = time.monotonic()
    peer.show_jpegs(iter([encode(plain(30, 180, 60))] * 4))
    bench.sees(30, 180, 60)
    assert peer.shown_at is not None
    assert began < peer.shown_at < time.monotonic()
    peer.show(plain(200, 40, 40))
    bench.sees(200, 40, 40)


def test_copy_is_the_readers_own(peer: CameraPeer, bench: Bench) -> None:
    peer.show(plain(200, 40, 40))
    bench.sees(200, 40, 40)
    _, mine = bench.frame()
    mine[:] = 0
    bench.sees(200, 40, 40)


@pytest.mark.proves(Code.CAMERA_OFFLINE)
def test_unplugged_and_plugged_again_it_is_back_within_three_seconds(peer: CameraPeer, bench: Bench) -> None:
    peer.unplug()
    assert bench.state() == (False, Code.CAMERA_OFFLINE)
    assert bench.camera.latest() is None
    peer.plug()
    plugged = time.monotonic()
    assert bench.state() == (True, None)
    assert time.monotonic() - plugged < 3
    assert bench.frame()


@pytest.mark.proves(Code.CAMERA_STUCK)
def test_camera_that_sends_nothing_any_more_is_stuck_and_found_again(peer: CameraPeer, bench: Bench) -> None:
    peer.silent()
    quiet = time.monotonic()
    assert bench.state() == (False, Code.CAMERA_STUCK)
    assert 2.5 < time.monotonic() - quiet < 6
    assert bench.camera.latest() is None
    peer.talk()
    assert bench.state() == (True, None)


def test_half_pictures_and_noise_do_not_end_it(peer: CameraPeer, bench: Bench) -> None:
    peer.send(b"--hall\r\nContent-Type: image/jpeg\r\n\r\n" + encode(plain(9, 9, 9))[:2000] + b"\r\n")
    peer.send(os.urandom(100_000))
    peer.send(b"\r\n<html>no camera here</html>\r\n" * 40)
    peer.show(plain(30, 180, 60))
    bench.sees(30, 180, 60)


def test_a_megabyte_of_nothing_does_not_end_it(peer: CameraPeer, bench: Bench) -> None:
    peer.send(b"\x00" * 1_000_000)
    peer.show(plain(30, 180, 60))
    bench.sees(30, 180, 60)


def test_dead_capture_process_is_reported_and_replaced(peer: CameraPeer, bench: Bench) -> None:
    dead = bench.camera.capture_pid
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    assert bench.state() == (False, Code.CAMERA_OFFLINE)
    assert bench.state() == (True, None)
    assert bench.camera.capture_pid not in (None, dead)
    peer.show(plain(30, 180, 60))
    bench.sees(30, 180, 60)


def test_absent_from_the_start_it_is_reported_once_and_found_when_it_comes(peer: CameraPeer) -> None:
    peer.unplug()
    bench = Bench(peer.url)
    bench.camera.start()
    try:
        assert bench.state() == (False, Code.CAMERA_OFFLINE)
        peer.plug()
        assert bench.state() == (True, None)
    finally:
        bench.camera.stop(SOON)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a second at 10 pictures a second: one red, then green."""
    path = tmp_path_factory.mktemp("clip") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (1280, 720))
    for number in range(5):
        writer.write(plain(20, 20, 220) if number == 0 else plain(30, 180, 60))
    writer.release()
    return path


def test_video_file_plays_over_and_over_at_its_own_speed(clip: Path) -> None:
    bench = Bench(str(clip), fps=30)
    bench.camera.start()
    try:
        assert bench.state() == (True, None)
        first, began = bench.frame()[0], time.monotonic()
        for _ in range(2):
            bench.sees(20, 20, 220)
            bench.sees(30, 180, 60)
        shown = bench.frame()[0] - first
        assert shown <= 10 * (time.monotonic() - began) + 3
        assert bench.states.empty()
    finally:
        bench.camera.stop(SOON)


def test_picture_file_is_shown_for_as_long_as_it_takes_and_scaled_to_fit(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), plain(20, 20, 220, height=2000, width=2000))
    bench = Bench(str(path))
    bench.camera.start()
    try:
        assert bench.state() == (True, None)
        number, frame = bench.frame(after=3)
        assert number > 3
        assert frame.shape == (720, 720, 3)
    finally:
        bench.camera.stop(SOON)


def test_pictures_come_no_faster_than_configured(peer: CameraPeer) -> None:
    bench = Bench(peer.url, fps=5)
    bench.camera.start()
    try:
        assert bench.state() == (True, None)
        first, began = bench.frame()[0], time.monotonic()
        number = bench.frame(after=first + 4)[0]
        assert number - first <= 5 * (time.monotonic() - began) + 2
    finally:
        bench.camera.stop(SOON)


def test_stopping_is_prompt_and_leaves_no_process_and_no_memory(peer: CameraPeer) -> None:
    bench = Bench(peer.url)
    bench.camera.start()
    assert bench.state() == (True, None)
    pid, ring = bench.camera.capture_pid, bench.camera._ring
    assert pid is not None
    assert ring is not None
    assert (SHARED / ring.name).exists()
    began = time.monotonic()
    bench.camera.stop(SOON)
    bench.camera.stop(SOON)
    assert time.monotonic() - began < 3
    assert not (SHARED / ring.name).exists()
    assert not Path(f"/proc/{pid}").exists()
    assert bench.camera.latest() is None


KILLED = """
import sys, threading
from devices.camera import Camera
from kiosk.config import CameraConfig
def said(online, fault):
    print(camera.capture_pid, camera._ring.name, flush=True)
camera = Camera(CameraConfig(source=sys.argv[1]), said)
camera.start()
sys.stdin.readline()
last, same = 0, 0
while same < 50:
    threading.Event().wait(0.01)
    last, same = camera._ring.sequence(), same + 1 if last == camera._ring.sequence() else 0
print("blocked", flush=True)
threading.Event().wait()
"""


@pytest.mark.parametrize("blocked", [False, True])
def test_killed_terminal_leaves_no_process_and_no_memory(peer: CameraPeer, blocked: bool) -> None:
    root, pipe = Path(__file__).resolve().parents[2], subprocess.PIPE
    command = [sys.executable, "-c", KILLED, peer.url]
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        pid, name = terminal.stdout.readline().split()
        assert (SHARED / name).exists()
        if blocked:
            peer.silent()
            terminal.stdin.write("\n")
            terminal.stdin.flush()
            assert terminal.stdout.readline() == "blocked\n"
        terminal.kill()
    until(lambda: not Path(f"/proc/{pid}").exists())
    until(lambda: not (SHARED / name).exists())


def _write(name: str, capacity: int, count: int) -> None:
    ring = Ring(capacity, name)
    for number in range(1, count + 1):
        ring.write(np.full((240, 320, 3), number % 256, np.uint8))
    ring.close()


def test_ring_never_hands_out_a_torn_picture() -> None:
    ring = Ring(240 * 320 * 3)
    writer: Process = get_context("spawn").Process(target=_write, args=(ring.name, 240 * 320 * 3, 3000))  # type: ignore[assignment]
    try:
        writer.start()
        until(lambda: ring.sequence() > 0)
        last = 0
        while last < 3000:
            found = ring.latest(last)
            if found is not None:
                last, frame = found
                assert frame.min() == frame.max() == last % 256
        writer.join(SOON)
        assert writer.exitcode == 0
    finally:
        ring.close()


def test_picture_that_was_overwritten_while_it_was_copied_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Ring(300)
    writer = Ring(300, reader.name)
    slot, rushes = Ring._slot, iter([True])

    def interrupted(ring: Ring, number: int, height: int, width: int) -> Frame:
        if ring is reader and next(rushes, False):
            for value in (11, 12, 13):
                writer.write(np.full((10, 10, 3), value, np.uint8))
        return slot(ring, number, height, width)

    try:
        writer.write(np.full((10, 10, 3), 10, np.uint8))
        monkeypatch.setattr(Ring, "_slot", interrupted)
        found = reader.latest()
        assert found is not None
        assert (found[0], found[1].min(), found[1].max()) == (4, 13, 13)
    finally:
        writer.close()
        reader.close()


def test_ring_refuses_what_is_too_large_and_answers_nothing_when_closed() -> None:
    ring = Ring(300)
    with pytest.raises(ValueError, match="more than 300"):
        ring.write(np.zeros((11, 10, 3), np.uint8))
    ring.write(np.full((10, 10, 3), 7, np.uint8))
    assert ring.sequence() == 1
    ring.close()
    ring.close()
    assert (ring.latest(), ring.sequence()) == (None, 0)
