"""The photograph of a document between the shutter and the journal: in memory only, one at a time."""

from __future__ import annotations

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
        self._left = -1

    def take(self, effect: ev.TakePhoto) -> None:
        """One frame becomes the photograph."""
        frame = self._camera.latest() if self._camera else None
        if frame is None:
            self._deliver(ev.PhotoTaken(effect.session, ok=False))
            return
        self._work.submit(self._develop, effect.session, frame[1])

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
        """Forget it."""
        self._jpeg = None
        self._show(None)

    def wipe(self, session: int) -> None:
        """The person of this session has left: forget it, and whatever is still being developed."""
        self._left = session
        self.drop()

    def _develop(self, session: int, frame: NDArray[np.uint8]) -> None:
        jpeg = document_jpeg(frame)
        if session <= self._left:
            return
        self._jpeg = jpeg
        self._show(self._jpeg)
        self._deliver(ev.PhotoTaken(session, ok=True))
