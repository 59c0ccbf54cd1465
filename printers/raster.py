"""Lines and seals as pictures of one bit, and pictures as the bands that a printer takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import zxingcpp
from PIL import Image, ImageChops, ImageDraw

from kiosk.assets import ROOT
from kiosk.domain.blocks import Align
from printers import seal
from printers.fonts import SANS_SC, font
from printers.typeset import cells

BAND_ROWS = 256
BAND_BYTES = 4000
BLANK_RUN = 8
"""Blank rows in a row, from which feeding costs less than drawing them."""
SEAL_DOTS, SEAL_ROWS = 208, 16
"""Width of the seal, 26 mm, and rows of one band of it."""


def text_mask(text: str, cell: float, bold: bool = False) -> Image.Image:
    """The text in cells of `cell` pixels a column, two high: grey levels, 255 = ink."""
    height = round(cell * 2)
    picture = Image.new("L", (max(1, round(cells(text) * cell)), height), 0)
    column = 0
    for character in text:
        width = cells(character)
        if not character.isspace():
            tile = _tile(character, height, bold)
            x = round((column + (width or -1) / 2) * cell)
            picture.paste(255, (x - height, round(height * 0.84) - height * 2), tile)
        column += width
    return picture


@lru_cache(maxsize=3000)
def _tile(character: str, height: int, bold: bool) -> Image.Image:
    """One character, its baseline two thirds down and its middle in the middle of a tile."""
    joined = "\u2500" <= character <= "\u259f"
    face = font(height if joined else round(height * 0.92), bold)
    tile = Image.new("L", (height * 2, height * 3), 0)
    ImageDraw.Draw(tile).text((height, height * 2), character, fill=255, font=face, anchor="ms")
    return tile


def one_bit(mask: Image.Image) -> Image.Image:
    """Ink where the mask is at least half covered: text is never dithered."""
    return mask.point(lambda level: 255 if level >= 112 else 0, mode="1")


@lru_cache(maxsize=16)
def seal_mask(arc: str, line: str, size: int) -> Image.Image:
    """The round seal as grey levels, drawn three times as large and brought down."""
    big = size * 3
    picture = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((1, 1, big - 2, big - 2), outline=255, width=round(big * seal.RING))
    draw.polygon([(x * big, y * big) for x, y in seal.star()], fill=255)
    for placed in (*seal.around(arc), *seal.below(line)):
        _stamped(picture, placed, big)
    return picture.resize((size, size), Image.Resampling.BOX)


def _stamped(picture: Image.Image, placed: seal.Placed, big: int) -> None:
    size = max(1, round(placed.size * big))
    tile = Image.new("L", (size * 2, size * 2), 0)
    at = (size, size + round(size * 0.38))
    ImageDraw.Draw(tile).text(at, placed.character, fill=255, font=font(size, True, SANS_SC), anchor="ms")
    if placed.turn:
        tile = tile.rotate(-placed.turn, Image.Resampling.BICUBIC)
    picture.paste(255, (round(placed.x * big) - size, round(placed.y * big) - size), tile)


@lru_cache(maxsize=16)
def drawing(file: str, width: int) -> Image.Image:
    """A picture of assets/documents as ink (255), so many pixels wide. FileNotFoundError: there is none."""
    with Image.open(ROOT / "documents" / file) as picture:
        ink = ImageChops.invert(picture.convert("L"))
    return ink.resize((width, max(1, round(ink.height * width / ink.width))), Image.Resampling.BOX)


def seal_bands(arc: str, line: str) -> Iterator[bytes | int]:
    """The seal for a head, at the right edge: rows with characters dot by dot, ring and star at half the resolution.

    On paper nobody sees the difference; on the wire it is a third of the bytes.
    """
    fine, coarse = (one_bit(seal_mask(arc, line, SEAL_DOTS // n)) for n in (1, 2))
    for top, bottom, lettered in _by_detail(seal.lettered(arc, line)):
        if lettered:
            yield from bands(fine.crop((0, top, fine.width, bottom)), Align.RIGHT, SEAL_ROWS)
        else:
            part = coarse.crop((0, top // 2, coarse.width, bottom // 2))
            yield from bands(part, Align.RIGHT, SEAL_ROWS, doubled=True)


def _by_detail(lettered: Sequence[tuple[float, float]]) -> Iterator[tuple[int, int, bool]]:
    """Stretches of the seal's rows from top to bottom, whether with characters; all begin and end on even rows."""
    at = 0
    for begin, end in lettered:
        top, bottom = max(at, int(begin * SEAL_DOTS / 2) * 2), min(SEAL_DOTS, math.ceil(end * SEAL_DOTS / 2) * 2)
        if top > at:
            yield at, top, False
        if bottom > top:
            yield top, bottom, True
            at = bottom
    if at < SEAL_DOTS:
        yield at, SEAL_DOTS, False


def qr_matrix(text: str) -> Image.Image:
    """The QR code, one pixel a module, black on white, no quiet zone, error correction M."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return Image.fromarray(np.asarray(barcode.to_image(scale=1, add_quiet_zones=False)))


def bands(
    picture: Image.Image, align: Align = Align.LEFT, most: int = BAND_ROWS, doubled: bool = False
) -> Iterator[bytes | int]:
    """A picture of one bit (255 = ink) from top to bottom: bytes of a GS v 0 command, or blank dots as a number.

    Blank columns are left out where `align` lets the rest stay in its place; no band is longer than `most` rows or
    BAND_BYTES bytes. `doubled`: the printer draws every dot twice as wide and as high.
    """
    width = (picture.width + 7) // 8
    padded = Image.new("1", (width * 8, picture.height), 0)
    spare = width * 8 - picture.width
    padded.paste(picture, ({Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align], 0))
    data = padded.tobytes()
    rows = [data[n : n + width] for n in range(0, len(data), width)]
    step = max(1, min(most, BAND_ROWS, BAND_BYTES // width))
    for start, end, blank in _runs([not any(row) for row in rows]):
        if blank:
            yield (end - start) * (2 if doubled else 1)
            continue
        for first in range(start, end, step):
            chunk = rows[first : min(first + step, end)]
            left, right = _inked(chunk, align)
            yield _band(right - left, len(chunk), b"".join(row[left:right] for row in chunk), doubled)


def _inked(rows: Sequence[bytes], align: Align) -> tuple[int, int]:
    """The first and last byte of the rows that must be sent, at least one: the edge that `align` holds stays."""
    width = len(rows[0])
    marks = [any(column) for column in zip(*rows, strict=True)]
    left = next((n for n, inked in enumerate(marks) if inked), width - 1)
    right = width - next((n for n, inked in enumerate(reversed(marks)) if inked), width - 1)
    match align:
        case Align.LEFT:
            return 0, right
        case Align.RIGHT:
            return left, width
        case Align.CENTRE:
            aside = min(left, width - right)
            return aside, width - aside


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


def _band(width: int, rows: int, data: bytes, doubled: bool) -> bytes:
    size = width.to_bytes(2, "little") + rows.to_bytes(2, "little")
    return b"\x1dv0" + (b"\x03" if doubled else b"\x00") + size + _defused(data)


def _defused(data: bytes) -> bytes:
    """DLE EOT, DLE ENQ and DLE DC4 are obeyed even inside a picture: one dot more makes them harmless."""
    for last in b"\x04\x05\x14":
        data = data.replace(bytes((0x10, last)), bytes((0x11, last)))
    return data
