"""Guided measurements of the thermal camera: two points, linearity, and how the two cameras' pictures lie together.

What is found is written into the calibration file that the configuration names, and counts at the lane from then on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, celsius, failed, held, not_there
from kiosk.app.bench.hands import Hands
from kiosk.app.bench.heat import collect
from kiosk.domain.proving import Finding
from kiosk.domain.screening import Basis, Calibration
from kiosk.domain.screening.calibration import AmbientModel
from kiosk.domain.screening.calibration_file import calibration_text
from kiosk.domain.screening.registration import Pair, Point, RegistrationError, fit
from kiosk.domain.screening.spot import reference_mask
from kiosk.flows.technician.state import Asked

POINTS = (35.0, 39.0)
LINE = (32.0, 35.0, 38.0, 41.0)
"""°C that the source is set to, one after the other."""
GAIN = (0.9, 1.1)
MOST_OFF, MOST_RESIDUAL = 0.5, 0.06
PICTURES = 8
PLACES = 4
SET_S = 300.0
"""A source takes minutes to come to another temperature."""
AROUND_C = 5.0
"""The model holds for the room's temperature of that day, and so much around it."""

Pairs = list[tuple[float, float]]


def two_points(fit_: Fittings, hands: Hands) -> Finding:
    """The module's offset by a source of two known temperatures."""
    limit = f"×{GAIN[0]:g}–{GAIN[1]:g}"
    if fit_.thermal is None:
        return not_there("no_thermal")
    seen = _measured(fit_, hands, POINTS)
    if len(seen) < len(POINTS):
        return failed("too_few", limit=limit)
    (low, at_low), (high, at_high) = seen
    if at_high - at_low < 1.0:
        return failed("same", limit=limit)
    gain = (high - low) / (at_high - at_low)
    offset = ((low - at_low) + (high - at_high)) / 2
    told = f"×{gain:.2f} · {celsius(offset, sign=True)}"
    if not GAIN[0] <= gain <= GAIN[1]:
        return failed("not_linear", told, limit)
    half = abs((low - at_low) - (high - at_high)) / 2
    return _kept(fit_, _offset(fit_, offset, half), told, limit)


def linearity(fit_: Fittings, hands: Hands) -> Finding:
    """How far the module is from a straight line over the temperatures that matter."""
    limit = f"≤ {celsius(MOST_OFF, 1)}"
    if fit_.thermal is None:
        return not_there("no_thermal")
    seen = _measured(fit_, hands, LINE)
    if len(seen) < len(LINE):
        return failed("too_few", limit=limit)
    x, y = np.array(seen).T
    slope, constant = np.polyfit(x, y, 1)
    off = float(np.max(np.abs(y - (slope * x + constant))))
    steep = GAIN[0] <= slope <= GAIN[1]
    return held(off <= MOST_OFF and steep, "not_linear", f"×{slope:.2f} · {celsius(off)}", limit)


def register(fit_: Fittings, hands: Hands) -> Finding:
    """A warm thing with a code on it (the test page around a cup) is shown at four places, and seen by both cameras."""
    limit = f"≤ {MOST_RESIDUAL * 100:.0f}{NARROW}%"
    if fit_.thermal is None:
        return not_there("no_thermal")
    if fit_.camera is None:
        return not_there("no_camera")
    pairs: list[Pair] = []
    while len(pairs) < PLACES:
        told = {"place": str(len(pairs) + 1), "places": str(PLACES)}
        hands.ask(Asked("technician.ask.register", told, answers=("ready",)))
        if hands.wait("word", seconds=SET_S) is None:
            return failed("given_up", limit=limit)
        pair = _pair(fit_, hands)
        if pair is None:
            return failed("not_seen_by_both", limit=limit)
        pairs.append(pair)
    try:
        found = fit(pairs)
    except RegistrationError:
        return failed("on_one_line", limit=limit)
    told_ = f"{found.residual * 100:.1f}{NARROW}%"
    if found.residual > MOST_RESIDUAL:
        return failed("not_fitting", told_, limit)
    return _kept(fit_, replace(fit_.calibrated.now, registration=found), told_, limit)


def _measured(fit_: Fittings, hands: Hands, temperatures: Sequence[float]) -> Pairs:
    """(set, seen) for each of them; fewer when somebody gives up or the pictures end."""
    assert fit_.thermal is not None
    seen: Pairs = []
    for celsius_ in temperatures:
        told = {"celsius": f"{celsius_:.1f}"}
        hands.ask(Asked("technician.ask.source", told, plot=tuple(seen), answers=("ready",)))
        if hands.wait("word", seconds=SET_S) is None:
            return seen
        frames = collect(fit_.thermal, hands, PICTURES)
        if len(frames) < PICTURES:
            return seen
        values = [_hottest(frame.pixels, reference_mask(frame, fit_.calibrated.now)) for frame in frames]
        seen.append((celsius_, float(np.mean(values))))
    return seen


def _hottest(pixels: np.ndarray, source: np.ndarray) -> float:
    """Of the source's place where one is calibrated, else of the whole picture."""
    return float((pixels[source] if source.any() else pixels).max())


def _offset(fit_: Fittings, offset: float, half: float) -> Calibration:
    """The calibration with this offset: at the source where there is one, else for the room's temperature of today."""
    made = fit_.calibrated.now
    if made.reference is not None:
        return replace(made, reference=replace(made.reference, offset=offset))
    frame = fit_.thermal.latest() if fit_.thermal else None
    ambient = frame.ambient if frame and frame.ambient is not None else 25.0
    model = AmbientModel((), (offset,), ambient - AROUND_C, ambient + AROUND_C, max(0.3, half))
    return replace(made, basis=Basis.AMBIENT, ambient=model)


def _pair(fit_: Fittings, hands: Hands) -> Pair | None:
    """The middle of the code and of what is warm, as shares of each picture; None = one of them is missing."""
    assert fit_.thermal is not None
    assert fit_.camera is not None
    frames = collect(fit_.thermal, hands, 3)
    seen = fit_.camera.latest()
    if not frames or seen is None:
        return None
    here = _code_at(seen[1])
    return (here, _warm_at(frames[-1].pixels)) if here else None


def _code_at(frame: np.ndarray) -> Point | None:
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    if len(found) != 1:
        return None
    corners = found[0].position
    points = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
    height, width = grey.shape
    return sum(p.x for p in points) / 4 / width, sum(p.y for p in points) / 4 / height


def _warm_at(pixels: np.ndarray) -> Point:
    """The middle of all that is nearly as hot as the hottest."""
    level = float(np.median(pixels)) + 0.7 * float(pixels.max() - np.median(pixels))
    rows, columns = np.nonzero(pixels >= level)
    return float((columns.mean() + 0.5) / pixels.shape[1]), float((rows.mean() + 0.5) / pixels.shape[0])


def _kept(fit_: Fittings, made: Calibration, told: str, limit: str) -> Finding:
    """Written whole or not at all, and then it counts; without a file in the configuration there is nowhere for it."""
    name = fit_.config.thermal.calibration
    if not name:
        return failed("no_file", told, limit)
    path, fresh = Path(name), Path(f"{name}.{time.monotonic_ns()}")
    try:
        fresh.write_text(calibration_text(made), "utf-8")
        fresh.replace(path)
    except OSError:
        return failed("not_written", told, limit)
    fit_.calibrated.take_up(made)
    return held(True, "", told, limit)
