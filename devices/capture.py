"""The capture process: opens the source, paces it, fills the ring, says when the source comes and goes."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from devices.ring import Frame, Ring
from kiosk.config import CameraConfig

if TYPE_CHECKING:
    import cv2

ONLINE, OFFLINE = "online", "offline"
RETRY_S = 0.5

_STILL = -1

_QUIET = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "threads;1",
}


def main(config: CameraConfig, ring_name: str, pipe: Connection) -> None:
    """Runs until the other end of `pipe` says anything or closes. Sends (ONLINE, "") and (OFFLINE, why)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    os.environ.update(_QUIET)
    import cv2

    # one picture at a time needs no pool of threads, and the desk has few cores
    cv2.setNumThreads(1)
    ring = Ring(capacity(config), ring_name)
    try:
        while not _told(pipe, 0):
            _session(config, ring, pipe)
            if _told(pipe, RETRY_S):
                return
    except OSError:
        return
    finally:
        ring.close()


def capacity(config: CameraConfig) -> int:
    """Bytes of the largest picture that is kept; larger ones are scaled down to fit."""
    return config.width * config.height * 3


def _session(config: CameraConfig, ring: Ring, pipe: Connection) -> None:
    """From opening the source until it ends."""
    source = _open(config)
    try:
        shown = False
        for frame in _frames(source, config, pipe):
            ring.write(fit(frame, config))
            if not shown:
                shown = True
                pipe.send((ONLINE, ""))
        pipe.send((OFFLINE, "source ended" if shown else "cannot be opened"))
    finally:
        source.release()


def _open(config: CameraConfig) -> cv2.VideoCapture:
    import cv2

    if not _is_device(config.source):
        return cv2.VideoCapture(config.source)
    source = cv2.VideoCapture(config.source, cv2.CAP_V4L2)
    # raw 720p over USB 2 comes at 10 frames a second, MJPEG at 30
    source.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    source.set(cv2.CAP_PROP_FRAME_WIDTH, config.width)
    source.set(cv2.CAP_PROP_FRAME_HEIGHT, config.height)
    source.set(cv2.CAP_PROP_FPS, config.fps)
    source.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    return source


def _is_device(source: str) -> bool:
    try:
        return stat.S_ISCHR(Path(source).stat().st_mode)
    except OSError:
        return False


def _frames(source: cv2.VideoCapture, config: CameraConfig, pipe: Connection) -> Iterator[Frame]:
    """Pictures at the configured pace, until the source ends or the parent wants an end."""
    played = _played(source, config, pipe) if Path(config.source).is_file() else _live(source, pipe)
    period, due = 1 / config.fps, 0.0
    for at, frame in played:
        # a picture that comes a little early is this one, not the one to be skipped
        if at < due - period / 4:
            continue
        due = max(due, at - period) + period
        taken = frame if frame is not None else source.retrieve()[1]
        if taken is not None:
            yield np.asarray(taken, np.uint8)


def _live(source: cv2.VideoCapture, pipe: Connection) -> Iterator[tuple[float, Frame | None]]:
    while not _told(pipe, 0) and source.grab():
        yield time.monotonic(), None


def _played(source: cv2.VideoCapture, config: CameraConfig, pipe: Connection) -> Iterator[tuple[float, Frame | None]]:
    """A file at its own speed, over and over; a single picture is read once and repeated."""
    import cv2

    rate = source.get(cv2.CAP_PROP_FPS)
    period = 1 / rate if 1 <= rate <= 120 else 1 / config.fps
    start, number, round_ = time.monotonic(), 0, 0
    last: Frame | None = None
    while True:
        if round_ != _STILL:
            good, frame = source.read()
            if good:
                round_, last = round_ + 1, np.asarray(frame, np.uint8)
            elif round_ == 1:
                round_ = _STILL
            elif not round_ or not source.open(config.source):
                return
            else:
                round_ = 0
                continue
        yield start + number * period, last
        number += 1
        if _told(pipe, max(0.0, start + number * period - time.monotonic())):
            return


def fit(frame: Frame, config: CameraConfig) -> Frame:
    """BGR within the configured width and height, its shape kept."""
    import cv2

    if frame.ndim == 2:
        frame = np.repeat(frame[:, :, None], 3, axis=2)
    height, width = frame.shape[:2]
    scale = min(config.width / width, config.height / height, 1.0)
    if scale == 1.0:
        return frame
    size = (int(width * scale), int(height * scale))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _told(pipe: Connection, seconds: float) -> bool:
    """Whether the parent wants an end; waits up to `seconds` for it."""
    return pipe.poll(seconds)


def die_with_parent() -> None:
    """Call once in a child process: a killed parent must not leave a camera that nobody can open again."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
