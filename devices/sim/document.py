"""A paper on a desk, as somebody lays it under the camera: a medical certificate, made up from head to foot."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from devices.sim import hall

Frame = NDArray[np.uint8]

_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc"
_SC = 2
_INK, _BLUE, _RED = (38, 42, 48), (34, 58, 120), (196, 38, 34)
_PAPER = (1180, 830)
_WOOD = (120, 110, 96)
_ROWS = (
    ("姓　名", "李晓雨", "性　别", "女"),
    ("年　龄", "20 岁", "科　别", "内科门诊"),
    ("门诊号", "M-0302-117", "日　期", "2026 年 3 月 1 日"),
)
_TEXT = (
    ("诊　断", "急性上呼吸道感染，伴发热（38.4 ℃）。"),
    ("建　议", "休息三天（3 月 2 日至 3 月 4 日），多饮水，"),
    ("", "如仍发热，请于三日内复诊。"),
)


@functools.cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK SC at `size` pixels."""
    return ImageFont.truetype(_FONT.format(weight="Bold" if bold else "Regular"), size, index=_SC)


def document_picture() -> Frame:
    """BGR 1280×720: the paper a little askew on a wooden desk."""
    desk = _desk()
    sheet = np.asarray(_sheet(), np.uint8)[:, :, ::-1]
    width, height = _PAPER
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = np.array([(178, 44), (1096, 26), (1124, 676), (158, 690)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (hall.WIDTH, hall.HEIGHT)
    placed = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_AREA)
    mask = (
        cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size).astype(np.float32)[:, :, None] / 255
    )
    moved = np.roll(cv2.GaussianBlur(mask, (0, 0), 9), (7, 6), (0, 1))[:, :, None]
    mixed = desk * (1 - 0.45 * moved) * (1 - mask) + placed * mask
    y, x = np.mgrid[0 : hall.HEIGHT, 0 : hall.WIDTH]
    gain = 1.02 - 0.16 * np.hypot((x - 500) / 900, (y - 240) / 620)
    return np.asarray(np.clip(mixed * gain[:, :, None], 0, 255), np.uint8)


def page_picture(page: Path) -> Frame:
    """BGR 1280×720: the upper part of a page that came out of a printer, held before the camera."""
    drawn = Image.open(page).convert("RGB")
    long = min(drawn.height, round(drawn.width * 1.3))
    high = hall.HEIGHT - 80
    held = drawn.crop((0, 0, drawn.width, long)).resize((round(drawn.width * high / long), high), Image.Resampling.BOX)
    desk = Image.new("RGB", (hall.WIDTH, hall.HEIGHT), _WOOD)
    desk.paste(held, ((hall.WIDTH - held.width) // 2, 40))
    return np.asarray(desk, np.uint8)[:, :, ::-1].copy()


def _desk() -> NDArray[np.float32]:
    """Boards of oak: streaks along the grain."""
    random = np.random.default_rng(11)
    grain = cv2.resize(random.normal(0, 1, (180, 9)).astype(np.float32), (hall.WIDTH, hall.HEIGHT))
    fine = cv2.resize(random.normal(0, 1, (720, 40)).astype(np.float32), (hall.WIDTH, hall.HEIGHT))
    tone = (1 + 0.035 * grain + 0.022 * fine)[:, :, None]
    desk = np.array((118, 158, 192), np.float32) * tone
    for board in (0, 236, 470, 706):
        desk[board : board + 3] *= 0.8
    return np.asarray(desk, np.float32)


def _sheet() -> Image.Image:
    width = _PAPER[0]
    sheet = Image.new("RGB", _PAPER, (251, 250, 246))
    draw = ImageDraw.Draw(sheet)
    draw.text((width / 2, 84), "江城市示范医院", _INK, font(44), anchor="mm")
    draw.text((width / 2, 150), "疾 病 诊 断 证 明 书", _INK, font(54, bold=True), anchor="mm")
    draw.text((width - 92, 96), "No. 0004217", _RED, font(28), anchor="rm")
    draw.line((80, 200, width - 80, 200), _INK, 3)
    for row, (left, left_value, right, right_value) in enumerate(_ROWS):
        y = 250 + row * 64
        for x, label, value in ((96, left, left_value), (610, right, right_value)):
            draw.text((x, y), label + "：", _INK, font(30), anchor="lm")
            draw.text((x + 130, y), value, _BLUE, font(32), anchor="lm")
            draw.line((x + 126, y + 26, x + 440, y + 26), (150, 154, 160), 2)
    for row, (label, value) in enumerate(_TEXT):
        y = 462 + row * 62
        draw.text((96, y), label + ("：" if label else ""), _INK, font(30), anchor="lm")
        draw.text((226, y), value, _BLUE, font(32), anchor="lm")
    draw.text((96, 716), "医师签名：", _INK, font(30), anchor="lm")
    draw.line(
        [(246, 722), (262, 694), (276, 730), (300, 690), (296, 726), (330, 704), (352, 720), (396, 698)],
        _BLUE,
        4,
        "curve",
    )
    draw.text((96, 776), "本证明为演示用样张，不作任何凭据。", (140, 144, 150), font(24), anchor="lm")
    sheet.paste(_RED, (800, 560), _seal())
    return sheet


def _seal() -> Image.Image:
    """Coverage of a round seal, worn a little."""
    size, seal = 250, Image.new("L", (250, 250), 0)
    draw = ImageDraw.Draw(seal)
    draw.ellipse((5, 5, size - 5, size - 5), outline=215, width=7)
    words = "江城市示范医院"
    for number, character in enumerate(words):
        angle = -120 + 240 * number / (len(words) - 1)
        glyph = Image.new("L", (60, 60), 0)
        ImageDraw.Draw(glyph).text((30, 30), character, 215, font(30, bold=True), anchor="mm")
        turned = glyph.rotate(-angle, Image.Resampling.BICUBIC)
        x = size / 2 + 92 * np.sin(np.radians(angle)) - 30
        y = size / 2 - 92 * np.cos(np.radians(angle)) - 30
        seal.paste(215, (int(x), int(y)), turned)
    points = [
        (125 + r * np.sin(np.radians(36 * k)), 122 - r * np.cos(np.radians(36 * k)))
        for k, r in ((k, 36 if k % 2 == 0 else 14) for k in range(10))
    ]
    draw.polygon(points, 215)
    draw.text((125, 196), "诊断专用章", 215, font(24, bold=True), anchor="mm")
    worn = np.asarray(seal, np.float32) * np.random.default_rng(5).uniform(0.72, 1.0, (size, size))
    return Image.fromarray(worn.astype(np.uint8))
