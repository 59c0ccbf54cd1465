"""Sheets become PDF: text that can be selected and searched, the seal as outlines, the code as dots."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.drawing import PaintedPath
from PIL import Image, ImageChops

from kiosk.domain.blocks import Block
from printers import faces, raster, seal
from printers.pdf.items import CODE, POINT, STAMP, Bar, Code, Drawing, Item, Stamp, Words, shown
from printers.pdf.pages import Sheet, sheets
from printers.pdf.strips import SAMPLE
from printers.seal import Placed

INK, SEAL_RED = (16, 16, 16), (200, 16, 22)
DOTS = 8
"""Pixels of a module of the QR code: viewers that smooth pictures then leave it sharp."""


def render(blocks: Iterable[Block], *, title: str, created: datetime, language: str = "zh") -> bytes:
    """The document as a PDF of A4 sheets. The same arguments give the same bytes.

    `title` and `created` (with a time zone) go into the file's properties; the fonts are in the file as far as they
    are needed. Raises FileNotFoundError when the campus font is not installed.
    """
    pages = sheets(blocks)
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(shown(title))
    pdf.set_lang("en" if language == "en" else "zh-CN")
    pdf.set_creation_date(created)
    _add_fonts(pdf, pages)
    for page in pages:
        pdf.add_page()
        for item in page:
            _draw(pdf, item)
    return bytes(pdf.output())


def _add_fonts(pdf: FPDF, pages: Sequence[Sheet]) -> None:
    """The library takes fonts from files alone: the small ones are there while it reads them."""
    for bold in (False, True):
        words = [item for page in pages for item in page if isinstance(item, Words) and item.bold is bold]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "subset.otf"
            file.write_bytes(faces.subset("".join(each.text for each in words), bold))
            pdf.add_font("campus", "B" if bold else "", file)


def _draw(pdf: FPDF, item: Item) -> None:
    match item:
        case Words():
            _words(pdf, item)
        case Bar(x, y, width, thick):
            pdf.set_fill_color(*INK)
            pdf.rect(x, y - thick / 2, width, thick, style="F")
        case Code(x, y, text):
            modules = raster.qr_matrix(text)
            big = modules.resize((modules.width * DOTS,) * 2, Image.Resampling.NEAREST)
            pdf.image(big, x, y, CODE, CODE)
        case Drawing(x, y, file, width):
            pdf.image(ImageChops.invert(raster.drawing(file, SAMPLE)), x, y, width)
        case Stamp():
            _stamp(pdf, item)


def _words(pdf: FPDF, words: Words) -> None:
    pdf.set_font("campus", "B" if words.bold else "", words.size)
    pdf.set_text_color(*INK)
    pdf.set_char_spacing(words.gap / POINT)
    pdf.text(words.x, words.y, words.text)


def _stamp(pdf: FPDF, stamp: Stamp) -> None:
    """Red that what is written beneath shows through."""
    with pdf.local_context(blend_mode="Multiply"):
        with pdf.new_path() as ring:
            _paint(ring, stroke=True)
            half, thick = STAMP / 2, STAMP * seal.RING
            ring.style.stroke_width = thick
            ring.circle(stamp.x + half, stamp.y + half, half - thick / 2)
        with pdf.new_path() as path:
            _paint(path, stroke=False)
            first, *rest = ((stamp.x + x * STAMP, stamp.y + y * STAMP) for x, y in seal.star())
            path.move_to(*first)
            for point in rest:
                path.line_to(*point)
            path.close()
            for placed in (*seal.around(stamp.arc), *seal.below(stamp.line)):
                _outline(path, placed, stamp)


def _paint(path: PaintedPath, stroke: bool) -> None:
    colour = "#{:02x}{:02x}{:02x}".format(*SEAL_RED)
    path.style.fill_color = None if stroke else colour
    path.style.stroke_color = colour if stroke else None


def _outline(path: PaintedPath, placed: Placed, stamp: Stamp) -> None:
    """One character of the seal, turned about the middle of its em square."""
    turn = math.radians(placed.turn)
    middle = faces.advance(placed.character, True) / 2

    def on_sheet(x: float, y: float) -> tuple[float, float]:
        right, down = (x - middle) * placed.size, (0.38 - y) * placed.size
        across = right * math.cos(turn) - down * math.sin(turn)
        along = right * math.sin(turn) + down * math.cos(turn)
        return stamp.x + (placed.x + across) * STAMP, stamp.y + (placed.y + along) * STAMP

    for letter, numbers in faces.outline(placed.character):
        points = [n for pair in zip(numbers[::2], numbers[1::2], strict=True) for n in on_sheet(*pair)]
        match letter:
            case "M":
                path.move_to(*points)
            case "L":
                path.line_to(*points)
            case "C":
                path.curve_to(*points)
            case _:
                path.close()
