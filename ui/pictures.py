"""Pictures for QML: the live camera, the certificate's preview, the photograph, and icons in any colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickImageProvider
from PySide6.QtSvg import QSvgRenderer

from kiosk.assets import ROOT

Frame = tuple[int, "np.ndarray[Any, np.dtype[np.uint8]]"]
IMAGE = QQuickImageProvider.ImageType.Image
NOTHING = QImage(8, 8, QImage.Format.Format_RGB32)
NOTHING.fill(Qt.GlobalColor.black)


class Live(QQuickImageProvider):
    """image://live/<n>: the newest frame of the source."""

    def __init__(self) -> None:
        super().__init__(IMAGE)
        self._source: Callable[[], Frame | None] | None = None
        self._number = -1
        self._image = NOTHING

    def set_source(self, source: Callable[[], Frame | None] | None) -> None:
        """Where frames come from: (number, BGR picture), None while there is none."""
        self._source, self._number, self._image = source, -1, NOTHING

    def forget(self) -> None:
        """Nobody looks: keep no picture of whoever stands there."""
        self._number, self._image = -1, NOTHING

    def poll(self) -> bool:
        """Take the newest frame; True when it is a new one."""
        frame = self._source() if self._source else None
        if frame is None or frame[0] == self._number:
            return False
        self._number, bgr = frame
        self._image = image_of(bgr)
        return True

    def requestImage(self, name: str, size: QSize, wanted: QSize) -> QImage:  # noqa: N802 - Qt's name
        return self._image


def decoded(data: bytes | None) -> QImage:
    """PNG or JPEG data as a picture, on whatever thread it came; null when there is none or it cannot be read."""
    return QImage.fromData(QByteArray(data)) if data else QImage()


class Pictures(QQuickImageProvider):
    """image://picture/<name>/<n>: a picture handed over under a name."""

    def __init__(self) -> None:
        super().__init__(IMAGE)
        self._images: dict[str, QImage] = {}
        self._counts: dict[str, int] = {}

    def put(self, name: str, image: QImage) -> None:
        """Show this picture under the name; a null one forgets it."""
        self._counts[name] = self._counts.get(name, 0) + 1
        if image.isNull():
            self._images.pop(name, None)
        else:
            self._images[name] = image

    def addresses(self) -> dict[str, str]:
        """What is there now: name → address for QML."""
        return {name: f"image://picture/{name}/{self._counts[name]}" for name in self._images}

    def requestImage(self, name: str, size: QSize, wanted: QSize) -> QImage:  # noqa: N802 - Qt's name
        return self._images.get(name.partition("/")[0], NOTHING)


class Icons(QQuickImageProvider):
    """image://icon/<name>/<#colour>: a drawing of assets/icons in that colour."""

    def __init__(self, folder: Path = ROOT / "icons") -> None:
        super().__init__(IMAGE)
        self._folder = folder
        self._drawings: dict[str, str] = {}

    def requestImage(self, name: str, size: QSize, wanted: QSize) -> QImage:  # noqa: N802 - Qt's name
        icon, _, colour = name.partition("/")
        drawing = self._drawing(icon).replace("currentColor", colour or "#000000")
        image = QImage(wanted if wanted.isValid() else QSize(64, 64), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(drawing.encode())).render(painter)
        painter.end()
        return image

    def _drawing(self, icon: str) -> str:
        if icon not in self._drawings:
            self._drawings[icon] = (self._folder / f"{icon}.svg").read_text("utf-8")
        return self._drawings[icon]


def image_of(bgr: np.ndarray[Any, np.dtype[np.uint8]]) -> QImage:
    """A BGR picture (height, width, 3) as a QImage of its own."""
    height, width, _ = bgr.shape
    packed = np.ascontiguousarray(bgr)
    return QImage(packed.data, width, height, 3 * width, QImage.Format.Format_BGR888).copy()
