"""Focus aids: how sharp the picture is now, against the sharpest since the lens is being turned."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, held, not_there
from kiosk.app.bench.hands import Hands
from kiosk.domain.proving import Finding
from kiosk.flows.technician.state import Asked

LEAST_SHARE = 0.9
"""Of the sharpest that was seen: whoever turned the lens past it is to turn it back."""
MOST_POINTS = 60
STEP_S = 0.1
LENS_S = 300.0
MIDDLE = 0.5
"""The share of the picture's width and height that counts, around its middle."""

Picture = np.ndarray[Any, np.dtype[Any]]
Seen = tuple[int, float]
"""Number of a picture, and how sharp it is."""


def camera_focus(fit: Fittings, hands: Hands) -> Finding:
    """A page with small print, at the distance people stand, in the middle of the camera's picture."""
    camera = fit.camera
    if camera is None:
        return not_there("no_camera")

    def look(after: int) -> Seen | None:
        seen = camera.latest(after)
        return (seen[0], sharpness(cv2.cvtColor(seen[1], cv2.COLOR_BGR2GRAY))) if seen else None

    return _turn(hands, "technician.ask.focus", look)


def thermal_focus(fit: Fittings, hands: Hands) -> Finding:
    """The edge of something warm, at the distance people stand, in the middle of the thermal picture."""
    thermal = fit.thermal
    if thermal is None:
        return not_there("no_thermal")

    def look(after: int) -> Seen | None:
        frame = thermal.latest(after)
        return (frame.number, steepness(frame.pixels)) if frame else None

    return _turn(hands, "technician.ask.focus_thermal", look)


def sharpness(grey: Picture) -> float:
    """The deviation of the Laplacian in the middle of the picture: grows with every edge that is crisp."""
    return float(cv2.Laplacian(_middle(grey), cv2.CV_64F).std())


def steepness(pixels: Picture) -> float:
    """℃ a pixel where the middle of the thermal picture is steepest (its 98th percentile: noise does not count)."""
    down, across = np.gradient(_middle(pixels).astype(np.float64))
    return float(np.percentile(np.hypot(down, across), 98))


def _turn(hands: Hands, key: str, look: Callable[[int], Seen | None]) -> Finding:
    """Until somebody says that it is done. Raises GivenUpError."""
    limit, number, best, now = f"≥ {LEAST_SHARE * 100:.0f}{NARROW}%", 0, 0.0, 0.0
    points: list[tuple[float, float]] = []
    began = time.monotonic()
    while time.monotonic() - began < LENS_S:
        if hands.wait("word", seconds=STEP_S) is not None:
            break
        seen = look(number)
        if seen is None:
            continue
        number, now = seen
        best = max(best, now)
        points = [*points, (time.monotonic() - began, now)][-MOST_POINTS:]
        share = {"share": f"{_share(now, best):.0f}", "now": f"{now:.1f}", "best": f"{best:.1f}"}
        hands.ask(Asked(key, share, plot=tuple(points), answers=("ready",)))
    if not points:
        return failed("no_picture", limit=limit)
    told = f"{now:.1f} · {_share(now, best):.0f}{NARROW}%"
    return held(now >= LEAST_SHARE * best > 0, "not_sharpest", told, limit)


def _share(now: float, best: float) -> float:
    return 100 * now / best if best else 0.0


def _middle(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    top, left = int(height * (1 - MIDDLE) / 2), int(width * (1 - MIDDLE) / 2)
    return picture[top : height - top, left : width - left]
