"""The camera: a capture process of its own, watched from here, and its newest picture."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from devices import capture
from devices.ring import Frame, Ring
from devices.worker import OnState, Report
from kiosk.config import CameraConfig
from kiosk.domain.faults import Code, Fault

STUCK_S = 3.0
MUTE_S = 10.0
LONGEST_WAIT_S = 2.0

_WATCH_S = 0.25
_STOP_S = 0.5


class Camera:
    """`on_state(online, fault)` is called on the camera's own thread, once per change.

    The source is whatever cv2.VideoCapture opens: /dev/videoN, a file (played in a loop), an MJPEG address.
    """

    def __init__(self, config: CameraConfig, on_state: OnState) -> None:
        self.beat = time.monotonic()
        self._config, self._report = config, Report(self._heard(on_state))
        self._ring: Ring | None = None
        self._online, self._last_frame, self._sequence = False, 0.0, 0
        self._stopping, self._wake = threading.Event(), os.pipe()
        self._process: SpawnProcess | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        self._ring = Ring(capture.capacity(self._config))
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ends the capture process and removes the shared memory."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        os.write(self._wake[1], b"x")
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._process is not None and self._process.is_alive():
            self._process.kill()
        if self._ring is not None:
            self._ring.close()
        for end in self._wake:
            os.close(end)

    def latest(self, after: int = 0) -> tuple[int, Frame] | None:
        """Number and BGR copy of the newest picture if newer than `after`; None while the camera is not online."""
        return self._ring.latest(after) if self._ring is not None and self._online else None

    @property
    def ring_name(self) -> str | None:
        """Name of the shared memory for a further reader, the same from `start` to `stop`, whatever happens to capture.

        Its capacity is `capture.capacity` of the camera's configuration.
        """
        return self._ring.name if self._ring is not None else None

    @property
    def capture_pid(self) -> int | None:
        """Process id of the capture process, None while there is none."""
        process = self._process
        return process.pid if process is not None else None

    def _heard(self, on_state: OnState) -> OnState:
        def heard(online: bool, fault: Fault | None) -> None:
            self._online = online
            on_state(online, fault)

        return heard

    def _run(self) -> None:
        delay = 0.0
        while not self._stopping.wait(delay):
            began = time.monotonic()
            self._process, pipe = self._spawn()
            try:
                self._watch(self._process, pipe)
            finally:
                self._end(self._process, pipe)
            lived = time.monotonic() - began
            delay = 0.0 if lived > 2 * MUTE_S else min(delay * 2 or 0.1, LONGEST_WAIT_S)

    def _spawn(self) -> tuple[SpawnProcess, Connection]:
        assert self._ring is not None
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (self._config, self._ring.name, theirs)
        process = context.Process(target=capture.main, args=arguments, name="capture", daemon=True)
        process.start()
        theirs.close()
        self._last_frame = time.monotonic()
        return process, ours

    def _watch(self, process: SpawnProcess, pipe: Connection) -> None:
        """Until the process ends, or has to."""
        heard = time.monotonic()
        while not self._stopping.is_set():
            ready = wait([pipe, process.sentinel, self._wake[0]], _WATCH_S)
            self.beat = now = time.monotonic()
            if pipe in ready:
                heard = now
                if not self._listen(pipe):
                    return
            elif process.sentinel in ready:
                self._say_gone(f"capture process ended with {process.exitcode}")
                return
            if self._stuck(now):
                self._report.say(False, Fault(Code.CAMERA_STUCK, "camera", f"no picture for {STUCK_S:.0f} s"))
                return
            if not self._online and now - heard > MUTE_S:
                self._say_gone("capture process is mute")
                return

    def _listen(self, pipe: Connection) -> bool:
        """Take one message; False: there is nobody to send another."""
        try:
            word, detail = pipe.recv()
        except (EOFError, OSError):
            self._say_gone("capture process ended")
            return False
        if word == capture.ONLINE:
            self._last_frame = time.monotonic()
            self._report.say(True)
        else:
            self._say_gone(detail)
        return True

    def _stuck(self, now: float) -> bool:
        assert self._ring is not None
        sequence = self._ring.sequence()
        if sequence != self._sequence or not self._online:
            self._sequence, self._last_frame = sequence, now
        return now - self._last_frame > STUCK_S

    def _say_gone(self, detail: str) -> None:
        self._report.say(False, Fault(Code.CAMERA_OFFLINE, "camera", detail))

    def _end(self, process: SpawnProcess, pipe: Connection) -> None:
        """Ask it to end; one that hangs in its driver is killed."""
        with contextlib.suppress(OSError):
            pipe.send("end")
        process.join(_STOP_S)
        if process.is_alive():
            process.kill()
            process.join()
        pipe.close()
        self._process = None
        process.close()
