"""The same lines that the printer gets, drawn for the screen: smooth letters, the seal in red."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw

from kiosk.domain.blocks import Align, Block
from printers import fonts, raster
from printers.escpos import QR_DOTS
from printers.layout import GLYPH, PITCH, TITLE_PITCH, CutLine, Feed, Line, PictureLine, QrLine, SealLine, TextLine, lay

ACROSS = (91, 111, 120)
PAPER, INK, SEAL_RED = (255, 255, 255), (16, 36, 43), (179, 38, 30)
COLUMNS, DOTS, MARGIN = 48, 576, 32


def png(blocks: Iterable[Block], width: int, across: str = "") -> bytes:
    """A page as PNG, `width` pixels wide and as high as the paper is long; nothing is drawn behind a cut.

    `across` stands slanting over the page, so that a picture of a mere preview cannot pass for the paper.
    """
    scale = width / (DOTS + 2 * MARGIN)
    lines = _page(lay(blocks, COLUMNS))
    heights = [_height(line, scale) for line in lines]
    edge = round(MARGIN * 1.25 * scale)
    page = Image.new("RGB", (width, sum(heights) + 2 * edge), PAPER)
    top = edge
    for line, height in zip(lines, heights, strict=True):
        _draw(page, line, top, scale)
        top += height
    if across:
        _write_across(page, across)
    out = io.BytesIO()
    page.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _write_across(page: Image.Image, words: str) -> None:
    face = fonts.font(page.width // 6, bold=True)
    stamp = Image.new("L", (page.width, page.width // 4), 0)
    ImageDraw.Draw(stamp).text((stamp.width / 2, stamp.height / 2), words, fill=90, font=face, anchor="mm")
    slanted = stamp.rotate(24, Image.Resampling.BILINEAR, expand=True)
    for centre in (0.3, 0.72):
        corner = (page.width - slanted.width) // 2, round(page.height * centre) - slanted.height // 2
        page.paste(ACROSS, corner, slanted)


def _page(lines: Iterable[Line]) -> list[Line]:
    page = list(lines)
    end = next((n for n, line in enumerate(page) if isinstance(line, CutLine)), len(page))
    return page[:end]


def _height(line: Line, scale: float) -> int:
    match line:
        case TextLine(double=double):
            return round((TITLE_PITCH if double else PITCH) * scale)
        case QrLine():
            return round((QR_DOTS + GLYPH) * scale)
        case SealLine():
            return round(raster.SEAL_DOTS * scale)
        case PictureLine(file, dots):
            return raster.drawing(file, round(dots * scale)).height
        case Feed(dots):
            return round(dots * scale)
    return 0


def _draw(page: Image.Image, line: Line, top: int, scale: float) -> None:
    match line:
        case TextLine(text) if text and text[0] in "─━":
            _rule(page, top, scale, heavy=text[0] == "━")
        case TextLine():
            _text(page, line, top, scale)
        case QrLine(text):
            modules = raster.qr_matrix(text)
            side = round(QR_DOTS * scale)
            code = modules.resize((side, side), Image.Resampling.NEAREST)
            page.paste(code, ((page.width - side) // 2, top))
        case PictureLine(file, dots):
            ink = raster.drawing(file, round(dots * scale))
            page.paste(INK, ((page.width - ink.width) // 2, top), ink)
        case SealLine(arc, below):
            stamp = raster.seal_mask(arc, below, round(raster.SEAL_DOTS * scale))
            page.paste(SEAL_RED, (page.width - round(MARGIN * scale) - stamp.width, top), stamp)


def _rule(page: Image.Image, top: int, scale: float, heavy: bool) -> None:
    y = top + round(GLYPH / 2 * scale)
    box = (MARGIN * scale, y, page.width - MARGIN * scale, y + max(0, round((3 if heavy else 1) * scale) - 1))
    ImageDraw.Draw(page).rectangle(box, fill=INK)


def _text(page: Image.Image, line: TextLine, top: int, scale: float) -> None:
    height = GLYPH * (2 if line.double else 1) * scale
    mask = raster.text_mask(line.text, height / 2, line.bold)
    room = page.width - 2 * round(MARGIN * scale) - mask.width
    before = {Align.LEFT: 0, Align.CENTRE: room // 2, Align.RIGHT: room}[line.align]
    page.paste(INK, (round(MARGIN * scale) + before, top), mask)
