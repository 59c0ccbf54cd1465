"""Tests of the thermal camera that need nobody: its pictures, and its drift against the source that hangs in view."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from devices.thermal.camera import ThermalCamera
from devices.thermal.frame import ThermalFrame
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, celsius, failed, held, not_there
from kiosk.app.bench.hands import Hands
from kiosk.domain.proving import Finding
from kiosk.domain.screening import Cannot
from kiosk.domain.screening.spot import reference_mask
from kiosk.flows.technician.state import Asked

PICTURES, PATIENCE_S = 8, 8.0
LEAST_RATE, MOST_SPREAD = 0.9, 0.8
"""Pictures a second, and °C by which one and the same pixel may differ from picture to picture (standard deviation)."""
DRIFT_PICTURES = 12
STEP_S = 0.2


def picture(fit: Fittings, hands: Hands) -> Finding:
    """Pictures come, at a rate; the middle pixel of all, by its noise, is steady."""
    limit = f"≥ {LEAST_RATE}{NARROW}/s · ≤ {celsius(MOST_SPREAD, 1)}"
    if fit.thermal is None:
        return not_there("no_thermal")
    frames = collect(fit.thermal, hands, PICTURES)
    if len(frames) < PICTURES:
        return failed(why(fit.thermal), limit=limit)
    rate = (len(frames) - 1) / max(frames[-1].at - frames[0].at, 1e-6)
    spread = float(np.median(np.std([frame.pixels for frame in frames], axis=0)))
    told = f"{rate:.1f}{NARROW}/s · {celsius(spread)}"
    return held(rate >= LEAST_RATE and spread <= MOST_SPREAD, "unsteady", told, limit)


def drift(fit: Fittings, hands: Hands) -> Finding:
    """What the source has, less what is seen of it, against the day of calibration; drawn while it is measured."""
    source = fit.calibrated.now.reference
    if fit.thermal is None:
        return not_there("no_thermal")
    if source is None:
        return not_there("no_reference")
    limit = f"±{celsius(source.drift, 1)}"
    seen: list[tuple[float, float]] = []

    def plot(frame: ThermalFrame) -> None:
        found = frame.pixels[reference_mask(frame, fit.calibrated.now)]
        if found.size:
            off = source.celsius - float(found.max()) - source.offset
            seen.append((len(seen) + 1.0, off))
            hands.ask(Asked("technician.ask.drift", {"now": celsius(off, sign=True)}, plot=tuple(seen)))

    frames = collect(fit.thermal, hands, DRIFT_PICTURES, plot)
    if len(frames) < DRIFT_PICTURES or not seen:
        return failed(why(fit.thermal), limit=limit)
    mean = sum(off for _, off in seen) / len(seen)
    return held(abs(mean) <= source.drift, "drifted", celsius(mean, sign=True), limit)


def why(thermal: ThermalCamera) -> str:
    """Why there were not pictures enough, in a word of `technician.why`."""
    if thermal.trouble is Cannot.NO_CAMERA:
        return "away"
    return thermal.trouble.value if thermal.trouble else "too_few"


def collect(
    thermal: ThermalCamera, hands: Hands, most: int, each: Callable[[ThermalFrame], None] = lambda _: None
) -> list[ThermalFrame]:
    """So many pictures in a row, or fewer when the time is over or the camera is away. Raises GivenUpError."""
    frames: list[ThermalFrame] = []
    until = time.monotonic() + PATIENCE_S
    newest = thermal.latest()
    number = newest.number if newest else 0
    while len(frames) < most and time.monotonic() < until:
        hands.check()
        frame = thermal.wait(number, STEP_S)
        if frame is not None:
            number = frame.number
            frames.append(frame)
            each(frame)
        elif thermal.trouble is not None:
            break
    return frames
