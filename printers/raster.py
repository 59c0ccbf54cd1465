"""Lines and seals as pictures of one bit, and pictures as the bands that a printer takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from kiosk.domain.blocks import Seal
from printers.fonts import SANS_SC, font
from printers.typeset import cells, wrap

BAND_ROWS = 256
BAND_BYTES = 4000
BLANK_RUN = 8
"""Blank rows in a row, from which feeding costs less than drawing them."""
SEAL_DOTS = 248


def text_mask(text: str, cell: float, bold: bool = False) -> Image.Image:
    """The text in cells of `cell` pixels a column, two high: grey levels, 255 = ink."""
    height = round(cell * 2)
    picture = Image.new("L", (max(1, round(cells(text) * cell)), height), 0)
    draw = ImageDraw.Draw(picture)
    face, full = font(round(height * 0.92), bold), font(height, bold)
    column = 0
    for character in text:
        width = cells(character)
        at = (round((column + (width or -1) / 2) * cell), round(height * 0.84))
        if not character.isspace():
            joined = "\u2500" <= character <= "\u259f"
            draw.text(at, character, fill=255, font=full if joined else face, anchor="ms")
        column += width
    return picture


def one_bit(mask: Image.Image) -> Image.Image:
    """Ink where the mask is at least half covered: text is never dithered."""
    return mask.point(lambda level: 255 if level >= 112 else 0, mode="1")


@lru_cache(maxsize=16)
def seal_mask(arc: str, line: str, size: int) -> Image.Image:
    """The round seal as grey levels: a ring, a star, the name around it, the purpose below."""
    big = size * 3
    picture = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(picture)
    ring = big * 0.020
    draw.ellipse((1, 1, big - 2, big - 2), outline=255, width=round(ring))
    draw.polygon(_star(big / 2, big * 0.485, big * 0.155), fill=255)
    _around(picture, arc, big)
    _below(draw, line, big)
    return picture.resize((size, size), Image.Resampling.BOX)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for n in range(10):
        reach = radius if n % 2 == 0 else radius * 0.382
        angle = math.pi * (n / 5 - 0.5)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _around(picture: Image.Image, text: str, big: int) -> None:
    """Characters upright on the circle, evenly from lower left over the top to lower right."""
    wide = cells(text) > len(text)
    size = round(big * (0.125 if len(text) <= 10 or not wide else 1.25 / len(text)))
    size = size if wide else round(big * 0.085)
    sweep = min(246.0 if wide else 226.0, (26.0 if wide else 12.0) * (len(text) - 1))
    radius = big * 0.5 - big * 0.045 - size * 0.5
    for n, character in enumerate(text):
        turn = -sweep / 2 + sweep * n / max(1, len(text) - 1)
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), character, fill=255, font=font(size, True, SANS_SC), anchor="mm")
        tile = tile.rotate(-turn, Image.Resampling.BICUBIC)
        angle = math.radians(turn - 90)
        x, y = big / 2 + radius * math.cos(angle), big / 2 + radius * math.sin(angle)
        picture.paste(255, (round(x - size), round(y - size)), tile)


def _below(draw: ImageDraw.ImageDraw, text: str, big: int) -> None:
    wide = max(1, cells(text) / 2)
    size = round(min(big * 0.088, big * 0.56 / wide))
    draw.text((big / 2, big * 0.775), text, fill=255, font=font(size, True, SANS_SC), anchor="mm")


def sign(seal: Seal, columns: int, cell: float = 12) -> tuple[Image.Image, Image.Image]:
    """Where the document is signed, as two masks of one size: the stamp, and the words with it.

    The words stand at the lower left, nestled into the curve of the stamp and never under it: one bit of ink
    would make both unreadable.
    """
    size = round(SEAL_DOTS * cell / 12)
    words = [part for text in seal.under for part in wrap(text, columns - int(size / cell))]
    masks = [text_mask(word, cell) for word in words]
    pitch = round(cell * 3)
    tops = [size - pitch * (len(words) - n) for n in range(len(words))]
    ends = [mask.width - round(_recess(top, size)) for mask, top in zip(masks, tops, strict=True)]
    left = max([0, *ends])
    stamp, ink = Image.new("L", (left + size, size), 0), Image.new("L", (left + size, size), 0)
    stamp.paste(seal_mask(seal.arc, seal.line, size), (left, 0))
    edge = left + min((round(_recess(top, size)) for top in tops), default=0)
    for mask, top in zip(masks, tops, strict=True):
        ink.paste(mask, (edge - mask.width, top))
    return stamp, ink


def _recess(top: float, size: int) -> float:
    """How far the stamp's edge is from its box at the height `top`, less a little air."""
    reach = abs(top / size - 0.5)
    return (0.5 - math.sqrt(max(0.0, 0.25 - reach * reach))) * size - size * 0.05


def qr_matrix(text: str) -> Image.Image:
    """The QR code, one pixel a module, black on white, no quiet zone, error correction M."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return Image.fromarray(np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)))


def bands(picture: Image.Image) -> Iterator[bytes | int]:
    """A picture of one bit (255 = ink) from top to bottom: bytes of a GS v 0 command, or blank rows as a number.

    Blank columns at the right are left out; no band is longer than BAND_ROWS rows or BAND_BYTES bytes.
    """
    box = picture.getbbox()
    if box is None:
        yield picture.height
        return
    width = (box[2] + 7) // 8
    data = picture.crop((0, 0, width * 8, picture.height)).tobytes()
    rows = [data[n : n + width] for n in range(0, len(data), width)]
    most = max(1, min(BAND_ROWS, BAND_BYTES // width))
    for start, end, blank in _runs([not any(row) for row in rows]):
        if blank:
            yield end - start
            continue
        for first in range(start, end, most):
            last = min(first + most, end)
            yield _band(width, last - first, b"".join(rows[first:last]))


def _runs(blank: list[bool]) -> Iterator[tuple[int, int, bool]]:
    """Stretches of rows; blank ones only where long enough to be worth a feed, or at the end."""
    start = at = 0
    while at < len(blank):
        end = at
        while end < len(blank) and blank[end]:
            end += 1
        if end - at >= BLANK_RUN or (end == len(blank) and end > at):
            if at > start:
                yield start, at, False
            yield at, end, True
            start = end
        at = max(end, at + 1)
    if start < len(blank):
        yield start, len(blank), False


def _band(width: int, rows: int, data: bytes) -> bytes:
    return b"\x1dv0\x00" + width.to_bytes(2, "little") + rows.to_bytes(2, "little") + _defused(data)


def _defused(data: bytes) -> bytes:
    """DLE EOT, DLE ENQ and DLE DC4 are obeyed even inside a picture: one dot more makes them harmless."""
    for last in b"\x04\x05\x14":
        data = data.replace(bytes((0x10, last)), bytes((0x11, last)))
    return data
