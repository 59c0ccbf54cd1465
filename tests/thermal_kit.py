"""What the tests of the thermal camera have in common."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from devices.sim.thermal.peer import ThermalPeer
from devices.thermal.camera import ThermalCamera
from devices.thermal.frame import ThermalFrame
from devices.thermal.thermometer import Thermometer
from kiosk.config import ThermalConfig
from kiosk.domain.faces import Box
from kiosk.domain.faults import Code, Fault
from kiosk.domain.screening import Calibration, Measured, parse_calibration
from tests.waiting import until

SOON, STILL_S = 10.0, 0.06
PLACE = (0.41, 0.34, 0.18, 0.32)
FACE = Box(*PLACE)


class Bench:
    """A peer, the driver on it, and what the driver said; `fixed` is the speed in the configuration."""

    def __init__(
        self, folder: Path, kind: str, baud: int = 0, hurry: bool = False, fixed: int = 0, **config: Any
    ) -> None:
        self.states: queue.Queue[tuple[bool, Fault | None]] = queue.Queue()
        self.peer = ThermalPeer(folder / "thermal", kind, baud, hurry)
        self.config = ThermalConfig(kind=kind, port=str(self.peer.path), baud=fixed, **config)
        self.camera = ThermalCamera(self.config, lambda *state: self.states.put(state))

    def start(self, plugged: bool = True) -> None:
        if plugged:
            self.peer.start()
        self.camera.start()
        if plugged:
            assert self.state() == (True, None)

    def stop(self) -> None:
        self.camera.stop(SOON)
        self.peer.stop()

    def state(self) -> tuple[bool, Code | None]:
        online, fault = self.states.get(timeout=SOON)
        return online, fault.code if fault else None

    def states_until(self, wanted: tuple[bool, Code | None]) -> None:
        """States may come and go; this one comes in the end."""
        deadline = time.monotonic() + SOON
        while self.state() != wanted:
            assert time.monotonic() < deadline

    def frames(self, count: int) -> list[ThermalFrame]:
        """The next pictures of what stands there now: what was on its way is let go by."""
        newest = self.camera.wait(0, SOON)
        assert newest
        with self.peer.still():
            until(lambda: not self.peer.unread, "what was sent is read")
            while later := self.camera.wait(newest.number + 1, STILL_S):
                newest = later
        # one may be made and not yet sent
        number, found = newest.number + 2, []
        while len(found) < count:
            frame = self.camera.wait(number, SOON)
            assert frame, "no picture came"
            number = frame.number
            found.append(frame)
        return found

    def calibration(self) -> Calibration:
        return parse_calibration("thermal.toml", self.peer.calibration())


class Asking:
    """A thermometer on this camera, and its answers."""

    def __init__(self, camera: Any, calibration: Calibration) -> None:
        self.answers: queue.Queue[tuple[int, Measured]] = queue.Queue()
        self.thermometer = Thermometer(camera, calibration)
        self.thermometer.start()

    def measure(self, box: Box | None = FACE, seconds: float = 2.0, look: int = 1) -> Measured:
        self.thermometer.measure(look, lambda: box, seconds, lambda *answer: self.answers.put(answer))
        answered, measured = self.answers.get(timeout=SOON)
        assert answered == look
        return measured

    def stop(self) -> None:
        self.thermometer.stop(SOON)


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A thermal picture out of nowhere."""

    pixels: Any
    at: float = 0.0
    ambient: float | None = 27.5
    low: float = -40.0
    high: float = 300.0


def slope(wanted: Sequence[float], found: Sequence[float]) -> float:
    """Of the straight line through what was found, by least squares."""
    return float(np.polyfit(wanted, found, 1)[0])
