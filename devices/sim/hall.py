"""What the camera sees when nobody stands before it: the hall of Building 1, drawn, with people who pass far away."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 720
MOMENTS = 90
"""Pictures in one loop."""

Frame = NDArray[np.uint8]
Colour = tuple[int, int, int]

_HORIZON = 330
_FLOOR = 430
_BETWEEN = (174, 1150)
_STRIDE = 15
_VANISH = (700, _HORIZON)
_WALKERS: tuple[tuple[float, int, float, Colour, Colour], ...] = (
    # start as a share of the loop, feet, size, coat, trousers
    (0.10, 522, 1.14, (132, 96, 58), (74, 62, 54)),
    (0.17, 530, 1.20, (106, 122, 168), (70, 66, 72)),
    (0.72, 566, 1.46, (120, 128, 92), (60, 58, 66)),
)


def picture(moment: int) -> Frame:
    """One moment of the loop, BGR 1280×720."""
    frame = background().copy()
    for start, feet, size, coat, trousers in _WALKERS:
        share = (moment / MOMENTS - start) % 1.0
        across = share if size < 1.4 else 1 - share
        _walk(frame, int(-120 + across * (WIDTH + 240)), feet, size, coat, trousers, moment)
    return frame


@functools.cache
def background() -> Frame:
    """The hall without people, out of focus as behind a hand held close."""
    frame = _blend((226, 232, 234), (206, 214, 218))
    _ceiling(frame)
    _windows(frame)
    _floor(frame)
    _pillar(frame, 78, 96)
    _pillar(frame, 1150, 118)
    _board(frame)
    _plant(frame, 34, 566)
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 3.2), np.uint8)
    return _light(frame)


def _blend(top: Colour, bottom: Colour) -> Frame:
    share = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return np.repeat(rows, WIDTH, axis=1).astype(np.uint8)


def _fill(frame: Frame, points: list[tuple[int, int]], colour: Colour) -> None:
    cv2.fillPoly(frame, [np.array(points, np.int32)], colour, cv2.LINE_AA)


def _ceiling(frame: Frame) -> None:
    _fill(frame, [(0, 0), (WIDTH, 0), (1010, 128), (390, 128)], (238, 240, 240))
    for left, right, far_left, far_right in ((180, 330, 520, 560), (585, 735, 676, 716), (990, 1140, 832, 872)):
        _fill(frame, [(left, 0), (right, 0), (far_right, 122), (far_left, 122)], (252, 254, 255))


def _windows(frame: Frame) -> None:
    cv2.rectangle(frame, (390, 128), (1010, _FLOOR), (214, 220, 222), -1)
    for pane in range(5):
        left = 404 + pane * 121
        sky = np.linspace(0, 1, 282)[:, None, None]
        glass = np.array((250, 244, 232)) * (1 - sky) + np.array((226, 238, 226)) * sky
        frame[140:422, left : left + 108] = np.repeat(glass, 108, axis=1)
    random = np.random.default_rng(7)
    for x in range(410, 1006, 9):
        top = int(300 + 24 * np.sin(x / 47) + random.integers(-14, 14))
        shade = int(random.integers(-14, 14))
        cv2.ellipse(frame, (x, 400), (22, 400 - top), 0, 180, 360, (142 + shade, 182 + shade, 150 + shade), -1)
    for bar in range(6):
        cv2.rectangle(frame, (394 + bar * 121, 132), (404 + bar * 121, _FLOOR), (190, 198, 202), -1)
    cv2.rectangle(frame, (390, 268), (1010, 274), (190, 198, 202), -1)
    cv2.rectangle(frame, (390, 398), (1010, _FLOOR), (196, 204, 208), -1)
    _fill(frame, [(0, 0), (390, 128), (390, _FLOOR), (0, 560)], (208, 216, 220))
    _fill(frame, [(WIDTH, 0), (1010, 128), (1010, _FLOOR), (WIDTH, 570)], (198, 207, 212))


def _floor(frame: Frame) -> None:
    share = np.linspace(0, 1, HEIGHT - _FLOOR)[:, None, None]
    tiles = np.array((206, 212, 214)) * (1 - share) + np.array((168, 176, 180)) * share
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    edge = [(0, 560), (390, _FLOOR), (1010, _FLOOR), (WIDTH, 570), (WIDTH, HEIGHT), (0, HEIGHT)]
    cv2.fillPoly(mask, [np.array(edge, np.int32)], (255,))
    ground = frame.copy()
    ground[_FLOOR:] = np.repeat(tiles, WIDTH, axis=1)
    for pane in range(5):
        left, right = 404 + pane * 121, 512 + pane * 121
        spread = [(left, _FLOOR), (right, _FLOOR), (int(right * 1.5 - 350), 660), (int(left * 1.5 - 350), 660)]
        _fill(ground, spread, (222, 230, 230))
    for x in range(-1400, 2800, 190):
        cv2.line(ground, _VANISH, (x, HEIGHT), (158, 166, 170), 2, cv2.LINE_AA)
    for depth in (446, 468, 500, 548, 618, 716):
        cv2.line(ground, (0, depth), (WIDTH, depth), (158, 166, 170), 2, cv2.LINE_AA)
    frame[mask > 0] = ground[mask > 0]


def _pillar(frame: Frame, left: int, width: int) -> None:
    shades = np.array((222, 228, 230)) * np.linspace(0.84, 1.04, width)[:, None]
    frame[0:640, left : left + width] = np.clip(shades, 0, 255)[None]
    cv2.rectangle(frame, (left - 6, 610), (left + width + 6, 640), (150, 158, 162), -1)


def _board(frame: Frame) -> None:
    _fill(frame, [(1040, 190), (1128, 168), (1128, 420), (1040, 404)], (115, 95, 13))
    for row in range(3):
        top = 212 + row * 62
        _fill(frame, [(1052, top), (1084, top - 6), (1084, top + 40), (1052, top + 42)], (246, 248, 248))
        _fill(frame, [(1092, top - 8), (1120, top - 14), (1120, top + 38), (1092, top + 40)], (232, 240, 250))


def _plant(frame: Frame, x: int, y: int) -> None:
    _fill(frame, [(x - 34, y), (x + 34, y), (x + 26, y + 74), (x - 26, y + 74)], (150, 158, 164))
    random = np.random.default_rng(3)
    for leaf in range(26):
        angle = -90 + (leaf - 13) * 8 + int(random.integers(-6, 6))
        size = int(random.integers(54, 92))
        end = (x + int(size * np.cos(np.radians(angle))), y + int(size * np.sin(np.radians(angle))))
        shade = int(random.integers(-20, 20))
        cv2.line(frame, (x, y), end, (92 + shade, 140 + shade, 96 + shade), 12, cv2.LINE_AA)


def _light(frame: Frame) -> Frame:
    """Daylight from the windows, darker towards the corners."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot((x - 700) / 900, (y - 300) / 620)
    gain = np.clip(1.05 - 0.24 * distance**2, 0.6, 1.05)[:, :, None]
    return np.asarray(np.clip(frame * gain, 0, 255), np.uint8)


def _walk(frame: Frame, x: int, feet: int, size: float, coat: Colour, trousers: Colour, moment: int) -> None:
    """One passer-by, composed over the frame where they stand."""
    tall, wide = int(210 * size), int(130 * size)
    left, top = x - wide // 2, feet - tall
    first, last = max(_BETWEEN[0], left), min(_BETWEEN[1], left + wide)
    if first >= last:
        return
    colour, alpha = _walker(size, coat, trousers, moment % _STRIDE)
    part = slice(first - left, last - left)
    under = frame[top:feet, first:last]
    share = alpha[:, part, None]
    under[:] = (under * (1 - share) + colour[:, part] * share).astype(np.uint8)


@functools.cache
def _walker(size: float, coat: Colour, trousers: Colour, step: int) -> tuple[Frame, NDArray[np.float32]]:
    """Colours and coverage of a passer-by in one phase of a stride."""
    tall, wide = int(210 * size), int(130 * size)
    colour, alpha = np.zeros((tall, wide, 3), np.uint8), np.zeros((tall, wide), np.uint8)
    stride = np.sin(step / _STRIDE * 2 * np.pi)

    def limb(x1: float, y1: float, x2: float, y2: float, thick: float, paint: Colour) -> None:
        ends = [(int((65 + x1) * size), int(y1 * size)), (int((65 + x2) * size), int(y2 * size))]
        for canvas, value in ((colour, paint), (alpha, (255, 0, 0))):
            cv2.line(canvas, ends[0], ends[1], value, int(thick * size), cv2.LINE_AA)

    limb(0, 120, -26 * stride, 196, 17, trousers)
    limb(0, 120, 26 * stride, 196, 17, trousers)
    limb(0, 72, 20 * stride, 118, 12, coat)
    limb(0, 66, 0, 118, 34, coat)
    limb(0, 72, -20 * stride, 118, 12, coat)
    limb(0, 32, 0, 40, 24, (150, 178, 206))
    limb(0, 24, 0, 29, 25, (52, 48, 46))
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2.6), np.float32) / np.float32(255)
    solid = cv2.dilate(colour, np.ones((9, 9), np.uint8))
    solid[alpha > 0] = colour[alpha > 0]
    return np.asarray(cv2.GaussianBlur(solid, (0, 0), 2.0), np.uint8), soft
