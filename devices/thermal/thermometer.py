"""Takes the temperature of the face in view: collects pictures, answers when they say enough or the time is over."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from devices.thermal.frame import ThermalFrame
from kiosk import log
from kiosk.domain.faces import Box
from kiosk.domain.screening import Calibration, Cannot, Measured, NoReading, Reading, measure

ENOUGH = 3
MOST = 8
STEP_S = 0.05
FINAL = (Cannot.WARMING_UP, Cannot.UNCALIBRATED, Cannot.DRIFTED)
"""What no further picture changes."""

Done = Callable[[int, Measured], None]


class Frames(Protocol):
    """What is needed of a thermal camera."""

    @property
    def trouble(self) -> Cannot | None: ...
    @property
    def since(self) -> float: ...
    def wait(self, after: int, seconds: float) -> ThermalFrame | None: ...
    def drifted(self, drifted: bool) -> None: ...


@dataclass(slots=True, eq=False)
class _Job:
    look: int
    box: Callable[[], Box | None]
    began: float
    until: float
    done: Done
    frames: deque[ThermalFrame] = field(default_factory=lambda: deque(maxlen=MOST))
    boxes: deque[Box | None] = field(default_factory=lambda: deque(maxlen=MOST))

    def take(self, frame: ThermalFrame) -> bool:
        """Keep a picture that came after the beginning, with the place of the face at this moment."""
        if frame.at <= self.began:
            return False
        self.frames.append(frame)
        self.boxes.append(self.box())
        return True


class Thermometer:
    """`done(look, measured)` is called on the thermometer's own thread, at the latest `seconds` after `measure`.

    A reading needs three pictures that agree; what came by the end of the time, if fewer, has a larger uncertainty.
    """

    def __init__(self, camera: Frames, calibration: Calibration) -> None:
        self.beat = time.monotonic()
        self._camera, self._calibration = camera, calibration
        self._jobs: list[_Job] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="thermometer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread, within `timeout` seconds; what was asked for is not answered any more."""
        with self._changed:
            self._stopping = True
            self._jobs.clear()
            self._changed.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def measure(self, look: int, box: Callable[[], Box | None], seconds: float, done: Done) -> None:
        """Begin now; returns at once. `box()` is asked with each picture, on the thermometer's thread."""
        now = time.monotonic()
        with self._changed:
            self._jobs.append(_Job(look, box, now, now + seconds, done))
            self._changed.notify_all()

    def calibrate(self, calibration: Calibration) -> None:
        """From the next picture on; from any thread."""
        self._calibration = calibration

    def drop(self, look: int) -> None:
        """Nobody waits for this one any more; it is not answered."""
        with self._changed:
            self._jobs = [job for job in self._jobs if job.look != look]

    # --- on the thermometer's thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        number = 0
        while jobs := self._waiting():
            self.beat = time.monotonic()
            frame = self._camera.wait(number, self._patience(jobs))
            number = frame.number if frame else number
            for job in jobs:
                self._look(job, frame)

    def _waiting(self) -> list[_Job]:
        """The jobs, once there are any; none = the end."""
        with self._changed:
            while not self._jobs and not self._stopping:
                self.beat = time.monotonic()
                self._changed.wait(1.0)
            return [] if self._stopping else list(self._jobs)

    def _patience(self, jobs: list[_Job]) -> float:
        """Short: another job may begin, a camera may go away, and no answer may be late."""
        left = min(job.until for job in jobs) - time.monotonic()
        return min(max(left, 0.0), STEP_S)

    def _look(self, job: _Job, frame: ThermalFrame | None) -> None:
        try:
            new = frame is not None and job.take(frame)
            answer = self._answer(job, new, last=time.monotonic() >= job.until)
        except Exception as error:  # noqa: BLE001 - whoever knows the box may fail; the lane still gets its answer
            log.bug(error)
            answer = NoReading(Cannot.NO_FACE)
        if answer is not None:
            self._finish(job, answer)

    def _answer(self, job: _Job, new: bool, *, last: bool) -> Measured | None:
        """What can be said by now; None = wait for more."""
        if trouble := self._camera.trouble:
            return NoReading(trouble)
        now = time.monotonic()
        if now - self._camera.since < self._calibration.warm_up:
            return NoReading(Cannot.WARMING_UP)
        if not last and (not new or len(job.frames) < ENOUGH):
            return None
        found = self._newest(job, now)
        if isinstance(found, NoReading):
            return found if last or found.why in FINAL else None
        return found if last or found.frames >= ENOUGH else None

    def _newest(self, job: _Job, now: float) -> Measured:
        """By the newest three pictures: who walked up stands still now, whatever the older ones show."""
        count = min(len(job.frames), ENOUGH)
        frames, boxes = list(job.frames)[-count:], list(job.boxes)[-count:]
        return measure(frames, boxes, self._calibration, now, self._camera.since)

    def _finish(self, job: _Job, answer: Measured) -> None:
        """Tell it, unless it was dropped meanwhile."""
        with self._changed:
            wanted = job in self._jobs
            self._jobs = [each for each in self._jobs if each is not job]
        if not wanted:
            return
        self._judge(answer)
        try:
            job.done(job.look, answer)
        except Exception as error:  # noqa: BLE001 - whoever listens may fail; the next one is measured all the same
            log.bug(error)

    def _judge(self, answer: Measured) -> None:
        """What the answer says about the camera itself."""
        if isinstance(answer, Reading):
            self._camera.drifted(False)
        elif answer.why is Cannot.DRIFTED:
            self._camera.drifted(True)
