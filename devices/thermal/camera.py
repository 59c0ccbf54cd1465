"""The thermal camera: finds the speed of its line, sets it up, and keeps its newest picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from devices.thermal.frame import Heat, Pixels, ThermalFrame
from devices.thermal.wires import WIRES, Talk
from devices.worker import LINE_ERRORS, OnState, Port, SilentError, Worker
from kiosk import log
from kiosk.config import ThermalConfig
from kiosk.domain.faults import Code, Fault
from kiosk.domain.screening import Cannot

SILENT_S = 2.5
LOST_S = 10.0
"""So long of nothing but garbage: its speed may have been changed, so it is looked for again."""
GOOD_FRAMES = 2
ENOUGH_GARBAGE = 3
"""Frames' worth of bytes, none of them good, that rule a speed out."""


class ThermalCamera:
    """`on_state(online, fault)` and `on_frame(frame)` are called on the camera's own thread.

    Raises ValueError for kind "none".
    """

    def __init__(
        self, config: ThermalConfig, on_state: OnState, on_frame: Callable[[ThermalFrame], None] | None = None
    ) -> None:
        if config.kind not in WIRES:
            raise ValueError(f"no thermal camera of kind {config.kind}")
        self._config, self._wire, self._on_frame = config, WIRES[config.kind], on_frame
        self._changed = threading.Condition()
        self._frame: ThermalFrame | None = None
        self._trouble: Cannot | None = Cannot.NO_CAMERA
        self._number, self._since = 0, 0.0
        self._speed, self._drifted = 0, False
        self._same = _Same(self._wire.stuck)
        self._worker = Worker("thermal", Code.THERMAL_OFFLINE, self._open, self._talk, on_state)

    def start(self) -> None:
        self._worker.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread and closes the port, within `timeout` seconds."""
        self._worker.stop(timeout)
        self._away(Cannot.NO_CAMERA)

    def again(self) -> None:
        """Another thread in place of one that hangs."""
        self._worker.again()

    @property
    def beat(self) -> float:
        """time.monotonic() of the thread's last sign of life."""
        return self._worker.beat

    @property
    def trouble(self) -> Cannot | None:
        """NO_CAMERA, SILENT (garbage too) or STUCK; None while good pictures come."""
        return self._trouble

    @property
    def since(self) -> float:
        """time.monotonic() of the first picture since it came back."""
        return self._since

    @property
    def speed(self) -> int:
        """Bits a second at which it was last understood, 0 = never yet."""
        return self._speed

    def latest(self, after: int = 0) -> ThermalFrame | None:
        """The newest picture, if its number is above `after`; None while the camera is away or silent."""
        frame = self._frame
        return frame if frame is not None and frame.number > after else None

    def wait(self, after: int, seconds: float) -> ThermalFrame | None:
        """As `latest`, but waits for a newer one for so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.latest(after) is not None, seconds)
        return self.latest(after)

    def drifted(self, drifted: bool) -> None:
        """Whoever knows the calibration says what it thinks of the pictures; reported with the next one."""
        self._drifted = drifted

    # --- on the worker's thread ----------------------------------------------------------------------------------

    def _open(self) -> Port:
        try:
            return Port(self._config.port, self._speeds()[0])
        except LINE_ERRORS:
            self._away(Cannot.NO_CAMERA)
            raise

    def _talk(self, port: Port) -> None:
        try:
            while not self._worker.stopping.is_set():
                talk = self._find(port)
                if talk:
                    self._serve(talk)
                elif not self._worker.stopping.is_set():
                    self._garbage("nothing understood at " + ", ".join(map(str, self._speeds())), online=False)
        except SilentError:
            self._away(Cannot.SILENT)
            raise
        except LINE_ERRORS:
            self._away(Cannot.NO_CAMERA)
            raise

    def _speeds(self) -> tuple[int, ...]:
        """The speeds to try: the one that was right before comes first."""
        if self._config.baud:
            return (self._config.baud,)
        return tuple(sorted(self._wire.speeds, key=lambda speed: speed != self._speed))

    def _find(self, port: Port) -> Talk | None:
        """A conversation in which sums were good, two where the speed is a guess. SilentError if no byte came."""
        for speed in self._speeds():
            port.baudrate = speed
            port.reset_input_buffer()
            talk = self._wire.talk(port, self._config)
            if self._understood(talk, 1 if self._config.baud or speed == self._speed else GOOD_FRAMES):
                self._found(speed, talk)
                return talk
            if self._worker.stopping.is_set():
                break
            if not talk.bytes:
                raise SilentError("nothing came")
        return None

    def _found(self, speed: int, talk: Talk) -> None:
        self._speed = speed
        log.event("thermal_found", speed=speed, rate=talk.rate)

    def _understood(self, talk: Talk, wanted: int) -> bool:
        good, began = 0, time.monotonic()
        while not self._worker.stopping.is_set():
            self._worker.alive()
            heats = talk.read()
            good += len(heats)
            if good >= wanted:
                self._take(heats[-1])
                return True
            if not good and talk.bytes > ENOUGH_GARBAGE * self._wire.size:
                return False
            if time.monotonic() - began > self._patience(talk):
                return False
        return False

    def _patience(self, talk: Talk) -> float:
        """Seconds for two pictures at the slowest that a module may still be set to."""
        return SILENT_S + 2 * self._wire.size * 10 / talk.port.baudrate + (1 / talk.rate if talk.bytes else 0.0)

    def _serve(self, talk: Talk) -> None:
        """Until the end, or until nothing good came for so long."""
        good, faults = time.monotonic(), talk.faults
        while not self._worker.stopping.is_set():
            self._worker.alive()
            heats, now = talk.read(), time.monotonic()
            fresh, faults = talk.faults != faults, talk.faults
            if fresh and not talk.broken:
                self._broken(faults)
            for heat in heats:
                self._take(heat)
                good = now
            # a picture may come in one piece with what is behind it, and does not make that well
            if fresh and talk.broken:
                self._broken(faults)
            if now - talk.heard > SILENT_S + 1 / talk.rate:
                raise SilentError("nothing came any more")
            if now - good > LOST_S:
                return

    def _take(self, heat: Heat) -> None:
        """A good picture: keep it, say so, wake whoever waits."""
        now = time.monotonic()
        if self._trouble in (Cannot.NO_CAMERA, Cannot.SILENT):
            self._since = now
        stuck = self._same.look(heat.pixels, now)
        self._number += 1
        pixels = np.ascontiguousarray(heat.pixels[:, ::-1]) if self._config.mirror else heat.pixels
        frame = ThermalFrame(self._number, now, pixels, heat.ambient, self._wire.low, self._wire.high)
        with self._changed:
            self._frame, self._trouble = frame, Cannot.STUCK if stuck else None
            self._changed.notify_all()
        self._worker.say(True, self._fault(stuck))
        if self._on_frame:
            self._on_frame(frame)

    def _fault(self, stuck: bool) -> Fault | None:
        if stuck:
            return Fault(Code.THERMAL_STUCK, "thermal", "one and the same picture")
        return Fault(Code.THERMAL_DRIFTED, "thermal") if self._drifted else None

    def _broken(self, faults: int) -> None:
        self._garbage(f"{faults} broken", online=True)

    def _garbage(self, detail: str, *, online: bool) -> None:
        if not online:
            self._away(Cannot.SILENT)
        self._worker.say(online, Fault(Code.THERMAL_GARBAGE, "thermal", detail))

    def _away(self, why: Cannot) -> None:
        with self._changed:
            self._frame, self._trouble = None, why
            self._same.forget()
            self._changed.notify_all()


class _Same:
    """Whether the picture stands still: every working sensor has noise."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: Pixels | None = None
        self._began = 0.0

    def look(self, pixels: Pixels, now: float) -> bool:
        if self._last is None or not np.array_equal(self._last, pixels):
            self._last, self._began = pixels, now
        return now - self._began >= self._seconds

    def forget(self) -> None:
        self._last = None
