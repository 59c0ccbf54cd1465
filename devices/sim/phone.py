"""A phone with a personal code, held before the camera in the hall, and a paper laid before it."""

from __future__ import annotations

import cv2
import numpy as np
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from devices.sim import hall
from devices.sim.document import document_picture as document_picture
from devices.sim.document import font

Frame = NDArray[np.uint8]

Colour = tuple[int, int, int]

_SCALE = 2
_SKIN, _SKIN_DARK, _NAIL, _SLEEVE = (228, 184, 154), (198, 152, 124), (243, 208, 186), (58, 74, 96)
_MOST_HEIGHT = int(1.4 * hall.HEIGHT) * _SCALE
_FINGERS = (36, 62, 88, 113)
_INK, _MUTED, _BRAND = (16, 36, 43), (91, 111, 120), (13, 95, 115)


def qr_picture(
    text: str, width_px: int = 320, tilt: float = 0, blur: float = 0, two: bool = False, moment: int = 0
) -> Frame:
    """BGR 1280×720: the QR symbol is `width_px` wide (no quiet zone counted) before it is turned.

    `tilt`: degrees, in the plane and away from the camera alike; `blur`: σ of an unfocused lens, in pixels. `two`:
    somebody else holds a second phone with another code beside it.
    """
    frame = hall.picture(moment)
    places = (380, 900) if two else (640,)
    for number, centre in enumerate(places):
        shown = text if number == 0 else text[::-1] + "0"
        frame = _hold(frame, _hand_with_phone(shown, width_px), centre, tilt if number == 0 else tilt - 6)
    return np.asarray(cv2.GaussianBlur(frame, (0, 0), blur), np.uint8) if blur else frame


def qr_modules(text: str) -> NDArray[np.bool_]:
    """The symbol alone: True = dark."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text.encode("utf-8"), optimize=0)
    code.make(fit=True)
    return np.array(code.get_matrix(), np.bool_)


def _hold(frame: Frame, layer: Image.Image, centre: int, tilt: float) -> Frame:
    """The layer, its middle at (centre, 360), turned by `tilt`, over the frame with a soft shadow."""
    picture = np.asarray(layer.convert("RGBa"), np.uint8)
    matrix = _turned(layer.size, centre, tilt)
    size = (hall.WIDTH * _SCALE, hall.HEIGHT * _SCALE)
    large = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_LINEAR)
    small = cv2.resize(large, (hall.WIDTH, hall.HEIGHT), interpolation=cv2.INTER_AREA)
    placed = np.asarray(small, np.float32) / np.float32(255)
    shadow = cv2.GaussianBlur(placed[:, :, 3], (0, 0), 26)[:, :, None] * np.float32(0.3)
    under = frame[:, :, ::-1] / np.float32(255) * (1 - shadow)
    mixed = under * (1 - placed[:, :, 3:]) + placed[:, :, :3]
    return np.ascontiguousarray(np.clip(mixed * 255, 0, 255)[:, :, ::-1], np.uint8)


def _turned(size: tuple[int, int], centre: int, tilt: float) -> NDArray[np.float64]:
    """Projection of a flat thing turned by `tilt` in its plane and about its upright axis."""
    angle, far = np.radians(tilt), 2600.0 * _SCALE
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64) - (width / 2, height / 2)
    spin = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    turned = corners @ spin
    depth = far / (far + turned[:, 0] * np.sin(angle))
    seen = np.stack([turned[:, 0] * np.cos(angle), turned[:, 1]], 1) * depth[:, None]
    target = seen + np.array((centre, hall.HEIGHT / 2)) * _SCALE
    source = corners + np.array((width / 2, height / 2))
    return np.asarray(cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)), np.float64)


class _Pen:
    """Draws on a layer in units of a hundredth of the symbol's width, from the layer's middle."""

    def __init__(self, width_px: int) -> None:
        self.unit = width_px * _SCALE / 100
        size = (int(240 * self.unit), min(int(480 * self.unit), _MOST_HEIGHT))
        self.layer = Image.new("RGBA", size, (0, 0, 0, 0))
        self.draw = ImageDraw.Draw(self.layer)
        self._middle = (size[0] / 2, size[1] / 2)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self._middle[0] + x * self.unit, self._middle[1] + y * self.unit

    def limb(self, points: list[tuple[float, float]], thick: float, colour: Colour) -> None:
        """A stroke with round joints and ends."""
        spots = [self.at(*point) for point in points]
        radius = thick * self.unit / 2
        self.draw.line(spots, colour, int(2 * radius), joint="curve")
        for x, y in spots:
            self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def box(self, left: float, top: float, right: float, bottom: float, round_: float, colour: Colour) -> None:
        corners = (*self.at(left, top), *self.at(right, bottom))
        self.draw.rounded_rectangle(corners, round_ * self.unit, colour)

    def words(self, x: float, y: float, text: str, size: float, colour: Colour, bold: bool = False) -> None:
        self.draw.text(self.at(x, y), text, colour, font(max(6, int(size * self.unit)), bold), anchor="mm")


def _hand_with_phone(text: str, width_px: int) -> Image.Image:
    """RGBA: palm and fingers behind, phone, fingertips and thumb in front; the QR code in the middle."""
    pen = _Pen(width_px)
    pen.limb([(40, 330), (30, 226)], 104, _SLEEVE)
    pen.limb([(28, 214), (20, 100)], 90, _SKIN_DARK)
    pen.limb([(-44, 150), (50, 130)], 56, _SKIN_DARK)
    pen.box(-71, -140, 71, 152, 15, (28, 32, 38))
    pen.box(-66, -135, 66, 147, 11, (250, 251, 252))
    _screen(pen, text)
    for y in _FINGERS:
        pen.limb([(78, y - 2), (66, y)], 23, _SKIN)
        pen.limb([(62.5, y + 0.5), (60.5, y + 0.6)], 13, _NAIL)
    pen.limb([(-70, 196), (-80, 150), (-74, 96)], 34, _SKIN)
    pen.limb([(-74, 96), (-66, 72)], 27, _SKIN)
    pen.limb([(-64.5, 68), (-63, 63)], 14, _NAIL)
    return pen.layer


def _screen(pen: _Pen, text: str) -> None:
    """The page of the campus app."""
    pen.box(-66, -135, 66, -84, 11, _BRAND)
    pen.box(-66, -100, 66, -84, 0, _BRAND)
    pen.words(0, -118, "江城职业学院", 8, (214, 232, 238))
    pen.words(0, -101, "我的校园码", 13, (255, 255, 255), bold=True)
    modules = Image.fromarray(np.where(qr_modules(text), 0, 255).astype(np.uint8))
    side = round(100 * pen.unit)
    left, top = pen.at(-50, -50)
    pen.layer.paste(modules.resize((side, side), Image.Resampling.NEAREST), (round(left), round(top)))
    pen.words(0, -68, "请将二维码对准镜头", 8.5, _MUTED)
    pen.words(0, 84, "张 *", 12, _INK, bold=True)
    pen.words(0, 102, "每 60 秒更新", 8, _MUTED)
    pen.box(-40, 118, 40, 136, 9, (227, 240, 243))
    pen.words(0, 126.5, "刷新", 8.5, _BRAND, bold=True)
