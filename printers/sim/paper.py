"""The paper side of the simulated printer: head, line buffer, roll, and the pages that fall out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import qrcode
from PIL import Image, ImageChops, ImageDraw, ImageFont

DOTS = 576
MARGIN = 32
"""White at either side: 80 mm paper is 640 dots wide, the head 576."""
END = 40
"""White above the first and below the last row of a page."""
CELL = 24
REGULAR = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
BOLD = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
MONO_SC = 7


@dataclass
class Style:
    """How the next character comes out."""

    wide: int = 1
    high: int = 1
    kanji_wide: int = 1
    kanji_high: int = 1
    bold: bool = False
    underline: bool = False
    reverse: bool = False
    align: int = 0
    spacing: int = 30
    chinese: bool = False
    page: int = 0


@lru_cache(maxsize=8)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BOLD if bold else REGULAR, size, index=MONO_SC, layout_engine=ImageFont.Layout.BASIC)


def glyph(character: str, full: bool, wide: int, high: int, bold: bool) -> Image.Image:
    """One character of the built-in font, 12 or 24 dots by 24, scaled; 255 = ink. To be drawn on as one likes."""
    return _glyph(character, full, wide, high, bold).copy()


@lru_cache(maxsize=4096)
def _glyph(character: str, full: bool, wide: int, high: int, bold: bool) -> Image.Image:
    big = max(wide, high)
    width = CELL if full else CELL // 2
    cell = Image.new("L", (width * big, CELL * big), 0)
    at = (width * big // 2, round(CELL * big * 0.84))
    size = CELL if "\u2500" <= character <= "\u259f" else 22
    ImageDraw.Draw(cell).text(at, character, fill=255, font=_font(size * big, bold), anchor="ms")
    if (wide, high) != (big, big):
        cell = cell.resize((width * wide, CELL * high), Image.Resampling.BOX)
    return cell.point(lambda level: 255 if level >= 112 else 0)


@dataclass
class Paper:
    """What has been printed since the last cut. All lengths in dots; `dots` is the width of the head."""

    dots: int = DOTS
    feeds: int = 0
    wraps: int = 0
    spoiled: bool = False
    text: str = ""
    codes: list[str] = field(default_factory=list)
    _words: str = ""
    _roll: Image.Image = field(init=False)
    _y: int = 0
    _line: list[Image.Image] = field(default_factory=list)
    _used: int = 0

    def __post_init__(self) -> None:
        self._roll = Image.new("L", (self.dots, 2048), 0)

    @property
    def inked(self) -> bool:
        """Whether something stands on the paper since the last cut; what waits in the line buffer does not."""
        return self._roll.crop((0, 0, self.dots, max(1, self._y))).getbbox() is not None

    def put(self, picture: Image.Image, style: Style, text: str = "") -> None:
        """A character into the line buffer; a full line goes out first, as real heads do."""
        if self._used + picture.width > self.dots:
            self.wraps += 1
            self.line(style)
        if style.underline:
            ImageDraw.Draw(picture).rectangle((0, picture.height - 2, picture.width, picture.height), fill=255)
        self._line.append(ImageChops.invert(picture) if style.reverse else picture)
        self._used += picture.width
        self._words += text

    def skip(self, dots: int) -> None:
        """Blank inside the line, from its left edge to `dots`."""
        if dots > self._used:
            self._line.append(Image.new("L", (dots - self._used, 1), 0))
            self._used = dots
            self._words += " "

    def line(self, style: Style, feed: int | None = None) -> None:
        """Print the line buffer and feed by the line spacing, or by `feed`."""
        height = max((each.height for each in self._line), default=0)
        x = (self.dots - self._used) * style.align // 2
        self._need(height)
        for each in self._line:
            self._roll.paste(each, (x, self._y + height - each.height))
            x += each.width
        self.text += self._words + "\n" if self._words else ""
        self.drop()
        self.feed(max(style.spacing if feed is None else feed, height))

    def feed(self, dots: int) -> None:
        self._need(dots)
        self._y += dots
        self.feeds += dots

    def drop(self) -> None:
        """Forget the line buffer."""
        self._line, self._used, self._words = [], 0, ""

    def row(self, data: bytes, align: int, high: int, wide: int, width: int) -> None:
        """One row of a raster picture: bit 7 of the first byte is the leftmost dot."""
        if self._line:
            self.line(Style())
        dots = Image.frombytes("1", (len(data) * 8, 1), data).convert("L").resize((width * wide, high))
        self._need(high)
        self._roll.paste(dots, ((self.dots - width * wide) * align // 2, self._y))
        self.feed(high)

    def qr(self, text: str, module: int, level: int, align: int) -> None:
        """A native QR code, as the printer's own generator draws it."""
        code = qrcode.QRCode(error_correction=level, border=0, box_size=1)
        code.add_data(text)
        code.make(fit=True)
        matrix = code.get_matrix()
        picture = Image.new("L", (len(matrix), len(matrix)), 0)
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                if dark:
                    picture.putpixel((x, y), 255)
        side = len(matrix) * module
        self._need(side)
        big = picture.resize((side, side), Image.Resampling.NEAREST)
        self._roll.paste(big, ((self.dots - side) * align // 2, self._y))
        self.feed(side)
        self.codes.append(text)

    def tear(self) -> Image.Image | None:
        """The page as paper with its margins, black on white; None when nothing is on it. The roll starts anew."""
        box = self._roll.crop((0, 0, self.dots, max(1, self._y))).getbbox()
        page = None
        if box is not None:
            page = Image.new("L", (self.dots + 2 * MARGIN, box[3] + 2 * END), 255)
            page.paste(0, (MARGIN, END), self._roll.crop((0, 0, self.dots, box[3])))
        self._roll = Image.new("L", (self.dots, 2048), 0)
        self._y, self.text, self.codes = 0, "", []
        self.drop()
        return page.convert("1", dither=Image.Dither.NONE) if page else None

    def _need(self, dots: int) -> None:
        if self._y + dots > self._roll.height:
            roll = Image.new("L", (self.dots, self._roll.height * 2 + dots), 0)
            roll.paste(self._roll, (0, 0))
            self._roll = roll
