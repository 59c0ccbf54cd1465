"""A camera as a web address: MJPEG over HTTP on loopback, with whatever is held before it, and its bad days."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.sim import faces, hall, phone

FPS = 15
BOUNDARY = "hall"
_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 88)
HELD_PX = 236
"""Width of a code held before the camera: the whole phone is in view."""
MOST_VIDEO_FRAMES = 300

Frame = NDArray[np.uint8]


class CameraPeer:
    """`url` is its address, the same after each `plug`. Without anything to show it looks at the hall.

    Pictures are encoded once, when they are shown; serving them costs next to nothing. `shown_at`: time.monotonic() at
    which the first picture of what is shown now was sent, None before that.
    """

    def __init__(self, fps: int = FPS) -> None:
        self.fps = fps
        self._changed = threading.Condition()
        self._idle: list[bytes] = []
        self._people: dict[tuple[str, tuple[float, ...]], list[bytes]] = {}
        self._playing: Iterator[bytes] | None = None
        self._until = 0.0
        self.shown_at: float | None = None
        self._number, self._jpeg = 0, b""
        self._silent = self._stopping = False
        self._port = 0
        self._server: _Server | None = None
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """Known once it was started."""
        return f"http://127.0.0.1:{self._port}/camera.mjpg"

    def start(self) -> None:
        self._threads = [
            threading.Thread(target=self._draw_hall, name="hall", daemon=True),
            threading.Thread(target=self._run, name="camera-peer", daemon=True),
        ]
        self.plug()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        self.unplug()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def show(self, frame: Frame, seconds: float = float("inf")) -> None:
        """This picture, BGR, until `clear` or for `seconds`."""
        self._play(itertools.repeat(encode(frame)), seconds)

    def show_code(self, text: str, seconds: float = float("inf")) -> None:
        """A phone with this text as a QR code."""
        self.show(phone.qr_picture(text, width_px=HELD_PX), seconds)

    def show_frames(self, frames: Iterable[Frame], seconds: float = float("inf")) -> None:
        """These pictures, BGR, one after the other, over and over."""
        self._play(itertools.cycle([encode(frame) for frame in frames]), seconds)

    def show_jpegs(self, jpegs: Iterator[bytes], seconds: float = float("inf")) -> None:
        """These pictures, encoded already, one after the other, until they end."""
        self._play(jpegs, seconds)

    def show_person(self, name: str, seconds: float = float("inf"), turns: tuple[float, ...] = (0.0,)) -> None:
        """One of `faces.PEOPLE`, swaying; drawn at the first time (a second), then kept. `turns`: of the head."""
        if (name, turns) not in self._people:
            self._people[name, turns] = [encode(frame) for frame in faces.loop(name, turns)]
        self._play(itertools.cycle(self._people[name, turns]), seconds)

    def play(self, path: Path) -> None:
        """A picture or a video file, over and over. ValueError when it holds no picture."""
        frames = list(itertools.islice(read_frames(path), MOST_VIDEO_FRAMES))
        if not frames:
            raise ValueError(f"no picture in {path}")
        self._play(itertools.cycle(frames), float("inf"))

    def clear(self) -> None:
        """Nothing but the hall."""
        with self._changed:
            self._playing = None

    def silent(self) -> None:
        """Connections stay open, and nothing comes over them any more."""
        self._silent = True

    def talk(self) -> None:
        self._silent = False

    def send(self, data: bytes) -> None:
        """Bytes as they are to everybody who looks, in the place of a picture."""
        self._publish(data, raw=True)

    def unplug(self) -> None:
        """Connections are cut in mid-picture and new ones refused."""
        server, self._server = self._server, None
        if server is not None:
            server.cut()

    def plug(self) -> None:
        if self._server is None:
            self._server = _Server(self._port, self)
            self._port = self._server.server_port

    def stream(self) -> Iterator[bytes]:
        """What one connection is sent, part by part."""
        number = 0
        while True:
            with self._changed:
                while self._number == number and not self._stopping:
                    self._changed.wait()
                if self._stopping:
                    return
                number, part = self._number, self._jpeg
            yield part

    def _play(self, jpegs: Iterator[bytes], seconds: float) -> None:
        with self._changed:
            self._playing, self._until, self.shown_at = jpegs, time.monotonic() + seconds, None

    def _run(self) -> None:
        due = time.monotonic()
        for tick in itertools.count():
            due = max(due + 1 / self.fps, time.monotonic())
            with self._changed:
                if self._changed.wait_for(lambda: self._stopping, due - time.monotonic()):
                    return
            if not self._silent:
                self._publish(self._next(tick))

    def _next(self, tick: int) -> bytes:
        with self._changed:
            if self._playing is not None and time.monotonic() < self._until and (jpeg := next(self._playing, b"")):
                self.shown_at = self.shown_at or time.monotonic()
                return jpeg
            self._playing = None
            forth = len(self._idle)
            return self._idle[min(tick % (2 * forth), 2 * forth - 1 - tick % (2 * forth))] if forth else b""

    def _publish(self, data: bytes, raw: bool = False) -> None:
        if not data:
            return
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        with self._changed:
            self._number, self._jpeg = self._number + 1, data if raw else head + data + b"\r\n"
            self._changed.notify_all()

    def _draw_hall(self) -> None:
        for moment in range(hall.MOMENTS):
            if self._stopping:
                return
            jpeg = encode(hall.picture(moment))
            with self._changed:
                self._idle.append(jpeg)


class _Server(ThreadingHTTPServer):
    """One plugged-in life of the camera."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, peer: CameraPeer) -> None:
        self.peer = peer
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="camera-http", daemon=True)
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        try:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            for part in self.server.peer.stream():
                self.wfile.write(part)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def encode(frame: Frame) -> bytes:
    """JPEG of a BGR picture."""
    done, data = cv2.imencode(".jpg", frame, _QUALITY)
    assert done
    return data.tobytes()


def read_frames(path: Path) -> Iterator[bytes]:
    """Every picture of a file, as JPEG."""
    source = cv2.VideoCapture(str(path))
    try:
        good, frame = source.read()
        while good:
            yield encode(np.asarray(frame, np.uint8))
            good, frame = source.read()
    finally:
        source.release()
