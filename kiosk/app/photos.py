"""The photograph of a document between the shutter and the journal: in memory only, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from devices.camera import Camera
from devices.photo import document_jpeg
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from sync.journal import BlobStored, Journal, Refused


class Photos:
    """Takes, shows, keeps and forgets. Encoding and storing happen off the main thread."""

    def __init__(
        self,
        camera: Camera | None,
        journal: Journal,
        work: Executor,
        deliver: Callable[[Event], None],
        show: Callable[[bytes | None], None],
    ) -> None:
        self._camera, self._journal, self._work = camera, journal, work
        self._deliver, self._show = deliver, show
        self._jpeg: bytes | None = None
        self._newest = 0
        self._lock = threading.Lock()

    def take(self, effect: ev.TakePhoto) -> None:
        """One frame becomes the photograph."""
        frame = self._camera.latest() if self._camera else None
        if frame is None:
            self._deliver(ev.PhotoTaken(effect.session, ok=False))
            return
        with self._lock:
            self._newest = number = self._newest + 1
        self._work.submit(self._develop, effect.session, number, frame[1])

    def keep(self, effect: ev.KeepPhoto) -> None:
        """Hand the photograph to the journal's blobs."""
        if self._jpeg is None:
            self._deliver(ev.PhotoStored(effect.session, effect.field, ""))
            return

        def stored(answer: BlobStored | Refused) -> None:
            sha = answer.sha256 if isinstance(answer, BlobStored) else ""
            self._deliver(ev.PhotoStored(effect.session, effect.field, sha))

        self._journal.put_blob(self._jpeg, stored)

    def drop(self, _effect: object = None) -> None:
        """Forget it, and whatever is still being developed."""
        with self._lock:
            self._newest += 1
            self._jpeg = None
            self._show(None)

    def _develop(self, session: int, number: int, frame: NDArray[np.uint8]) -> None:
        """Nothing is shown of a photograph that was dropped meanwhile, or taken again."""
        jpeg = document_jpeg(frame)
        with self._lock:
            if number != self._newest:
                return
            self._jpeg = jpeg
            self._show(jpeg)
        self._deliver(ev.PhotoTaken(session, ok=True))
