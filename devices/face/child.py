"""One life of the recogniser's process, as its parent holds it."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import numpy as np

from devices.face import wire, worker
from kiosk.domain.matching import Gallery

_STOP_S = 0.5


class Child:
    """One life of the process. What is sent to it goes by a thread of its own: a process that hangs reads nothing."""

    def __init__(self, arguments: tuple[object, ...]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._outbox: queue.SimpleQueue[wire.Look | wire.Drop | Gallery | None] = queue.SimpleQueue()
        self.process: SpawnProcess = context.Process(
            target=worker.main, args=(*arguments, theirs), name="recogniser", daemon=True
        )
        self.process.start()
        theirs.close()
        self._sender = threading.Thread(target=self._send_all, name="recogniser-outbox", daemon=True)
        self._sender.start()

    def send(self, message: wire.Look | wire.Drop | Gallery) -> None:
        self._outbox.put(message)

    def end(self) -> None:
        """Ask it to end; one that hangs is killed."""
        self._outbox.put(None)
        self._sender.join(_STOP_S)
        if not self._sender.is_alive():
            self.pipe.close()
            self.process.join(_STOP_S)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self._sender.join()
        self.pipe.close()
        self.process.close()

    def _send_all(self) -> None:
        with contextlib.suppress(OSError):
            while (message := self._outbox.get()) is not None:
                if isinstance(message, Gallery):
                    send_gallery(self.pipe, message)
                else:
                    self.pipe.send(message)


def send_gallery(pipe: Connection, gallery: Gallery) -> None:
    """After a `wire.Load`, as bytes: pickling would copy the templates once more on both sides."""
    pipe.send(wire.Load(gallery.model, gallery.vectors.shape))
    pipe.send_bytes("\0".join(gallery.ids).encode("utf-8"))
    pipe.send_bytes(np.ascontiguousarray(gallery.vectors).reshape(-1).view(np.uint8).data)
