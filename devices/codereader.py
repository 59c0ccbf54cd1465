"""Looks for QR codes in the camera's pictures while it is told to; hands on the exact text, judges nothing.

zxing-cpp (3.1) releases the GIL while it searches, so a thread of the window's process is a good place for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import cv2
import zxingcpp

from devices.ring import Frame

MOST_CHARACTERS = 5000
LEFT_S = 1.0
POLL_S, REST_S = 0.02, 1.0

_PLAIN = b"]Q1"
_QR = zxingcpp.BarcodeFormat.QRCode


class Frames(Protocol):
    """Where pictures come from: number and BGR picture, when there is one newer than `after`."""

    def latest(self, after: int = 0) -> tuple[int, Frame] | None: ...


class Several:
    """More than one code was in view."""


class View:
    """What was in view lately: says a text once until it was out of view for a second, and `Several` likewise.

    As long as several codes were in view within the last second nothing is read.
    """

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._several = float("-inf")
        self._said_several = False

    def rested(self, seconds: float) -> None:
        """Nobody looked for so long: a code that is still there afterwards was there all the time."""
        self._seen = {text: at + seconds for text, at in self._seen.items()}

    def see(self, texts: list[str], now: float) -> str | type[Several] | None:
        """`texts`: of every code in one picture; `now`: seconds that never jump."""
        self._seen = {text: at for text, at in self._seen.items() if now - at <= LEFT_S}
        self._seen.update((text, now) for text in texts if text in self._seen)
        if len(texts) > 1:
            first, self._several, self._said_several = not self._said_several, now, True
            return Several if first else None
        if now - self._several <= LEFT_S:
            return None
        self._said_several = False
        fresh = [text for text in texts if text not in self._seen]
        self._seen.update(dict.fromkeys(fresh, now))
        return fresh[0] if fresh else None


def read(frame: Frame) -> list[str]:
    """The text of every QR code in a picture: exactly its bytes, as UTF-8, else one character a byte.

    A code that switches its character set (ECI) or stands for goods (FNC1) keeps that mark in front.
    """
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    found = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(_QR),
        try_downscale=False,
        try_invert=False,
        text_mode=zxingcpp.TextMode.HexECI,
    )
    return [_text(bytes.fromhex(code.text)) for code in found]


def _text(marked: bytes) -> str:
    data = marked.removeprefix(_PLAIN)[:MOST_CHARACTERS]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class CodeReader:
    """`on_code(text)` and `on_several()` are called on the reader's own thread. It begins when told to `watch`."""

    def __init__(self, camera: Frames, on_code: Callable[[str], None], on_several: Callable[[], None]) -> None:
        self.beat = time.monotonic()
        self._camera, self._on_code, self._on_several = camera, on_code, on_several
        self._view = View()
        self._changed = threading.Condition()
        self._watching = self._stopping = False
        self._thread = threading.Thread(target=self._run, name="code-reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread, within `timeout` seconds."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def watch(self, on: bool) -> None:
        """Look for codes, or rest; nothing is reported at rest."""
        with self._changed:
            self._watching = on
            self._changed.notify_all()

    def _run(self) -> None:
        number = 0
        since: float | None = None
        while self._wait():
            self.beat = now = time.monotonic()
            if not self._watching:
                since = since or now
                continue
            if since is not None:
                self._view.rested(now - since)
                since = None
            picture = self._camera.latest(number)
            if picture is not None:
                number, frame = picture
                self._tell(self._view.see(read(frame), time.monotonic()))

    def _tell(self, seen: str | type[Several] | None) -> None:
        if not self._watching or self._stopping:
            return
        if isinstance(seen, str):
            self._on_code(seen)
        elif seen is Several:
            self._on_several()

    def _wait(self) -> bool:
        """A moment while watching, at most a second at rest; False: it is over."""
        with self._changed:
            rests = not self._watching
            wanted = REST_S if rests else POLL_S
            self._changed.wait_for(lambda: self._stopping or (rests and self._watching), wanted)
            return not self._stopping
