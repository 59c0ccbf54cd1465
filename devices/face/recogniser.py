"""The recogniser as the terminal has it: a process of its own, started, watched and replaced from here."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol

from devices.face import wire
from devices.face.child import Child
from devices.face.portrait import Portrait
from devices.worker import OnState, Report
from kiosk.config import CameraConfig, FaceConfig
from kiosk.domain.faces import Liveness, Sight
from kiosk.domain.faults import Code, Fault
from kiosk.domain.matching import Doubt, Gallery, Match

HANG_S, BUILD_S = 5.0, 60.0
"""Without a sign of life: ordinarily, and while models are loaded or a gallery is built."""
LATE_S = 0.5
FIRST_WAIT_S, LONGEST_WAIT_S, MODEL_WAIT_S = 0.1, 2.0, 30.0

_WATCH_S = 0.25
_STEADY_S = 10.0


class Shared(Protocol):
    """A camera whose pictures another process can read: the name of its ring, None before it was started."""

    @property
    def ring_name(self) -> str | None: ...


class Recogniser:
    """Follows the face before the camera and answers looks. Every callback is called on the recogniser's own thread.

    `on_sight(sight)` at most 15 a second; `on_gone(track)`; `on_match(look, match)`, `on_turn(look, liveness)` and
    `on_portrait(look, portrait)` once for each look that is not dropped: while the process is away at once, with
    ENGINE_AWAY, UNKNOWN and None. `on_state(online, fault)` once per change; online with FACE_MODEL: not the model or
    engine that was configured. `beat` is the time.monotonic() of the last sign of life.
    """

    def __init__(
        self,
        config: FaceConfig,
        camera_config: CameraConfig,
        camera: Shared,
        cache: Path,
        on_sight: Callable[[Sight], None],
        on_gone: Callable[[int], None],
        on_match: Callable[[int, Match], None],
        on_turn: Callable[[int, Liveness], None],
        on_portrait: Callable[[int, Portrait | None], None],
        on_state: OnState,
    ) -> None:
        """`cache`: folder for the converted network. `camera` must have been started before `start`."""
        self.beat = time.monotonic()
        self._config, self._camera_config, self._camera, self._cache = config, camera_config, camera, cache
        self._on_sight, self._on_gone = on_sight, on_gone
        self._on_match, self._on_turn, self._on_portrait = on_match, on_turn, on_portrait
        self._report = Report(on_state)
        self._asked: queue.SimpleQueue[wire.Look | wire.Drop | Gallery] = queue.SimpleQueue()
        self._open: dict[tuple[str, int], float] = {}
        self._gallery: Gallery | None = None
        self._child: Child | None = None
        self._ready, self._heard, self._allowed = False, 0.0, HANG_S
        self._track = self._tracks = 0
        self._refused = False
        self._stopping, self._wake = threading.Event(), os.pipe()
        self._thread = threading.Thread(target=self._run, name="recogniser", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the recogniser's process, None while there is none."""
        child = self._child
        return child.process.pid if child is not None else None

    @property
    def heard(self) -> float:
        """time.monotonic() of the process's last message."""
        return self._heard

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ends thread and process, within `timeout` seconds; open looks are not answered any more."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._rouse()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if not self._thread.is_alive():
            for end in self._wake:
                os.close(end)

    def load(self, gallery: Gallery) -> None:
        """The people to tell apart from now on; kept, and handed to every process that takes the place of this one."""
        self._put(gallery)

    def verify(self, look: int, person: str, seconds: float) -> None:
        """Is the face in view this person's? Answered at the latest after `seconds`."""
        self._put(wire.Verify(look, person, seconds))

    def identify(self, look: int, among: frozenset[str] | None, seconds: float) -> None:
        """Whose is the face in view, of `among`, or of all?"""
        self._put(wire.Identify(look, among, seconds))

    def turn(self, look: int, side: str, seconds: float) -> None:
        """Does the head turn to its "left" or "right"? LIVE, STILL or SWAPPED."""
        self._put(wire.Turn(look, side, seconds))

    def portrait(self, look: int, seconds: float) -> None:
        """The next picture that is good but for the turn, of a face that is alone; None when there was none in time."""
        self._put(wire.TakePortrait(look, seconds))

    def drop(self, look: int) -> None:
        """Forget this look; it is not answered any more."""
        self._put(wire.Drop(look))

    def _put(self, message: wire.Look | wire.Drop | Gallery) -> None:
        self._asked.put(message)
        self._rouse()

    def _rouse(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake[1], b"x")

    def _run(self) -> None:
        delay = FIRST_WAIT_S
        while not self._stopping.is_set():
            began, self._refused = time.monotonic(), False
            name = self._camera.ring_name
            if name is not None:
                self._live(name)
            delay = FIRST_WAIT_S if time.monotonic() - began > _STEADY_S else delay
            self._pause(MODEL_WAIT_S if self._refused else delay)
            delay = min(delay * 2, LONGEST_WAIT_S)

    def _live(self, ring_name: str) -> None:
        """One life of the process."""
        arguments = (self._config, self._camera_config, ring_name, self._cache, self._tracks + 1)
        self._heard, self._allowed, self._ready = time.monotonic(), BUILD_S, False
        self._child = child = Child(arguments)
        try:
            self._watch(child)
        finally:
            self._ready, self._child = False, None
            child.end()
            if not self._stopping.is_set():
                self._give_up_looks()

    def _watch(self, child: Child) -> None:
        """Until the process ends, or has to."""
        while not self._stopping.is_set():
            ready = wait([child.pipe, child.process.sentinel, self._wake[0]], _WATCH_S)
            self.beat = now = time.monotonic()
            self._take_asked(self._wake[0] in ready)
            if child.pipe in ready:
                if not self._listen(child):
                    return
            elif child.process.sentinel in ready:
                self._say_gone(f"recogniser process ended with {child.process.exitcode}")
                return
            self._answer_late(now)
            if now - self._heard > self._allowed:
                self._say_gone(f"no sign of life for {self._allowed:.0f} s")
                return

    def _pause(self, seconds: float) -> None:
        """Between two lives: whoever asks meanwhile is told that nobody is there."""
        until = time.monotonic() + seconds
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            self.beat = time.monotonic()
            self._take_asked(bool(wait([self._wake[0]], min(left, _WATCH_S))))

    def _take_asked(self, roused: bool) -> None:
        if roused and not self._stopping.is_set():
            os.read(self._wake[0], 4096)
        with contextlib.suppress(queue.Empty):
            while True:
                self._obey(self._asked.get_nowait())

    def _obey(self, message: wire.Look | wire.Drop | Gallery) -> None:
        child = self._child if self._ready else None
        match message:
            case Gallery():
                self._gallery = message
            case wire.Drop(look=look):
                self._open = {key: until for key, until in self._open.items() if key[1] != look}
            case _:
                if child is None:
                    self._answer_away(message.kind, message.look)
                    return
                self._open[message.kind, message.look] = time.monotonic() + message.seconds + LATE_S
        if child is not None:
            child.send(message)

    def _listen(self, child: Child) -> bool:
        """Take one message; False: there is nobody to send another."""
        try:
            message = child.pipe.recv()
        except (EOFError, OSError):
            self._say_gone("recogniser process ended")
            return False
        self._heard = time.monotonic()
        self._allowed = BUILD_S if isinstance(message, wire.Busy) else HANG_S
        if isinstance(message, wire.Unusable):
            self._report.say(False, Fault(Code.FACE_MODEL, "face", message.reason))
            self._refused = True
            return False
        self._hear(child, message)
        return True

    def _hear(self, child: Child, message: object) -> None:
        match message:
            case Sight(track=track):
                self._track, self._tracks = track, max(self._tracks, track)
                self._on_sight(message)
            case wire.Gone(track=track):
                self._track, self._tracks = 0, max(self._tracks, track)
                self._on_gone(track)
            case wire.Answer(kind=kind, look=look, value=value):
                if self._open.pop((kind, look), None) is not None:
                    self._tell(kind, look, value)
            case wire.Ready(trouble=trouble):
                if not self._ready and self._gallery is not None:
                    child.send(self._gallery)
                self._ready = True
                self._report.say(True, Fault(Code.FACE_MODEL, "face", trouble) if trouble else None)

    def _answer_late(self, now: float) -> None:
        """A process that does not answer in time is as good as away."""
        for kind, look in [key for key, until in self._open.items() if now > until]:
            del self._open[kind, look]
            self._answer_away(kind, look)

    def _give_up_looks(self) -> None:
        asked, self._open = list(self._open), {}
        for kind, look in asked:
            self._answer_away(kind, look)
        track, self._track = self._track, 0
        if track:
            self._on_gone(track)

    def _answer_away(self, kind: str, look: int) -> None:
        away: dict[str, Match | Liveness | None] = {
            wire.MATCH: Match(self._track, doubt=Doubt.ENGINE_AWAY),
            wire.TURN: Liveness.UNKNOWN,
        }
        self._tell(kind, look, away.get(kind))

    def _tell(self, kind: str, look: int, value: Match | Liveness | Portrait | None) -> None:
        if isinstance(value, Match):
            self._on_match(look, value)
        elif isinstance(value, Liveness):
            self._on_turn(look, value)
        else:
            self._on_portrait(look, value)

    def _say_gone(self, detail: str) -> None:
        self._report.say(False, Fault(Code.FACE_OFFLINE, "face", detail))
