"""How long one 720p picture takes to be searched for codes: ours, and OpenCV's reader on the same pictures."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np

from devices.codereader import read
from devices.ring import Frame
from devices.sim import hall, phone

ROUNDS = 5
TEXT = "K1:" + ("0A9 $%*+-./:Z" * 11)[:131]


def run() -> dict[str, float]:
    """Milliseconds are medians over pictures with and without a code, one thread; `read_share` is of those with one."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return _measure()
    finally:
        cv2.setNumThreads(threads)


def _measure() -> dict[str, float]:
    shown, empty = with_code(), without_code()
    detector = cv2.QRCodeDetector()
    ours, peer, bare = _times(read, shown + empty), _times(detector.detectAndDecode, shown + empty), _times(read, empty)
    right = sum(read(frame) == [TEXT] for frame in shown)
    right_peer = sum(detector.detectAndDecode(frame)[0] == TEXT for frame in shown)
    return {
        "code.frame_ms": statistics.median(ours),
        "code.frame_ms_peer": statistics.median(peer),
        "code.frame_worst_ms": max(ours),
        "code.frame_worst_ms_peer": max(peer),
        "code.frame_empty_ms": statistics.median(bare),
        "code.read_share": right / len(shown),
        "code.read_share_peer": right_peer / len(shown),
    }


def with_code() -> list[Frame]:
    """150 to 320 pixels wide, straight and tilted, sharp and blurred."""
    return [
        phone.qr_picture(TEXT, width, tilt, blur, moment=width % hall.MOMENTS)
        for width in (150, 190, 236, 320)
        for tilt in (0, 15)
        for blur in (0, 1)
    ]


def without_code() -> list[Frame]:
    noisy = np.random.default_rng(2).normal(0, 6, (hall.HEIGHT, hall.WIDTH, 3))
    grainy = np.clip(hall.picture(40) + noisy, 0, 255).astype(np.uint8)
    return [*(hall.picture(moment) for moment in range(0, hall.MOMENTS, 9)), phone.document_picture(), grainy]


def _times(look: Callable[[Frame], object], frames: list[Frame]) -> list[float]:
    """Milliseconds of each call, the first round left out."""
    times: list[float] = []
    for round_ in range(ROUNDS + 1):
        for frame in frames:
            began = time.perf_counter()
            look(frame)
            if round_:
                times.append((time.perf_counter() - began) * 1000)
    return times
