"""Our ESC/POS encoder: each line in the printer's own Chinese where it has every character, as a picture where not.

Of the whole command set it uses ESC @, ESC a, ESC E, ESC 3, ESC J, GS !, FS !, FS &, FS ., GS v 0, GS ( k and GS V;
no text can add to these, because text is cleaned to characters whose codes hold no control byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops

from kiosk.domain.blocks import Align, Block
from printers import raster
from printers.layout import GLYPH, PITCH, TITLE_PITCH, CutLine, Feed, Line, PictureLine, QrLine, SealLine, TextLine, lay
from printers.profiles import NO_CHINESE, Profile
from printers.typeset import cut

PIECE = 4096
"""The most bytes sent between two looks at the printer's status."""
QR_DOTS = 272
"""Width that a QR code comes near to: 33 mm, five dots a module for a certificate."""

_ALIGN = {Align.LEFT: b"\x1ba\x00", Align.CENTRE: b"\x1ba\x01", Align.RIGHT: b"\x1ba\x02"}
_NORMAL = (Align.LEFT, False, False)


def encode(blocks: Iterable[Block], profile: Profile) -> bytes:
    """The bytes of a page, from initialising to the cut that its blocks ask for."""
    return b"".join(_Encoder(profile).page(lay(blocks, profile.columns)))


@dataclass(slots=True)
class _Encoder:
    profile: Profile
    align: Align = Align.LEFT
    double: bool = False
    bold: bool = False
    pitch: int = 0

    def page(self, lines: Iterable[Line]) -> Iterator[bytes]:
        yield b"\x1b@\x1c."
        for line in lines:
            match line:
                case TextLine():
                    yield from self.text(line)
                case QrLine(text):
                    yield from self.qr(text)
                case SealLine(arc, line_below):
                    yield self.aligned(Align.RIGHT)
                    yield from self.sent(raster.seal_bands(arc, line_below))
                case PictureLine(file, dots):
                    yield self.aligned(Align.CENTRE)
                    yield from self.picture(raster.one_bit(raster.drawing(file, dots)))
                case Feed(dots):
                    yield self.feed(dots)
                case CutLine():
                    yield self.profile.cutting

    def aligned(self, align: Align) -> bytes:
        if align is self.align:
            return b""
        self.align = align
        return _ALIGN[align]

    def styled(self, line: TextLine) -> Iterator[bytes]:
        yield self.aligned(line.align)
        if line.bold is not self.bold:
            self.bold = line.bold
            yield b"\x1bE" + bytes((line.bold,))
        if line.double is not self.double:
            self.double = line.double
            yield b"\x1d!\x11\x1c!\x0c" if line.double else b"\x1d!\x00\x1c!\x00"
        pitch = TITLE_PITCH if line.double else PITCH
        if pitch != self.pitch:
            self.pitch = pitch
            yield b"\x1b3" + bytes((min(255, self.profile.units(pitch)),))

    def text(self, line: TextLine) -> Iterator[bytes]:
        text = cut(line.text.replace("¥", "￥"), self.profile.columns // (2 if line.double else 1)).rstrip(" ")
        native = self.native(text)
        if native is not None:
            yield from self.styled(line)
            yield native + b"\n"
            return
        yield self.aligned(line.align)
        cell = GLYPH if line.double else GLYPH // 2
        picture = raster.one_bit(raster.text_mask(text, cell, line.bold))
        yield from self.picture(picture)
        yield self.feed((TITLE_PITCH if line.double else PITCH) - picture.height)

    def native(self, text: str) -> bytes | None:
        """The line in ASCII and two-byte codes, or None when the printer lacks a character, or Chinese altogether."""
        if self.profile.encoding == NO_CHINESE:
            return None
        try:
            codes = [c.encode(self.profile.encoding) for c in text]
        except UnicodeEncodeError:
            return None
        if not all(len(code) == 2 or code.isascii() for code in codes):
            return None
        data = b"".join(codes)
        return data if data.isascii() else b"\x1c&" + data + b"\x1c."

    def picture(self, picture: Image.Image) -> Iterator[bytes]:
        return self.sent(raster.bands(picture, self.align))

    def sent(self, bands: Iterable[bytes | int]) -> Iterator[bytes]:
        for band in bands:
            yield self.feed(band) if isinstance(band, int) else band

    def feed(self, dots: int) -> bytes:
        units = self.profile.units(dots)
        full, rest = divmod(units, 255)
        return b"\x1bJ\xff" * full + (b"\x1bJ" + bytes((rest,)) if rest else b"")

    def qr(self, text: str) -> Iterator[bytes]:
        modules = raster.qr_matrix(text)
        size = max(3, min(8, QR_DOTS // modules.width, (self.profile.dots - 16) // modules.width))
        yield self.aligned(Align.CENTRE)
        if self.profile.qr == "native":
            yield _qr(b"1A2\x00") + _qr(b"1C" + bytes((size,))) + _qr(b"1E1")
            yield _qr(b"1P0" + text.encode("ascii")) + _qr(b"1Q0")
        else:
            big = modules.resize((modules.width * size,) * 2, Image.Resampling.NEAREST)
            yield from self.picture(ImageChops.invert(big).convert("1"))
        yield self.feed(GLYPH // 2)


def _qr(body: bytes) -> bytes:
    return b"\x1d(k" + len(body).to_bytes(2, "little") + body


_FIXED = {
    **{b"\x1b" + bytes((c,)): 2 for c in b"@2"},
    **{b"\x1b" + bytes((c,)): 3 for c in b"aE3Jd!tMR-"},
    b"\x1d!": 3,
    b"\x1c!": 3,
    b"\x1c&": 2,
    b"\x1c.": 2,
    b"\x1dr": 3,
    b"\x1da": 3,
    b"\x1dVA": 4,
    b"\x1dVB": 4,
    b"\x1dV\x00": 3,
    b"\x1dV\x01": 3,
}


def _command(data: bytes, at: int) -> int:
    """Where the command or text that begins at `at` ends."""
    if data.startswith(b"\x1dv0", at) and at + 8 <= len(data):
        width, rows = data[at + 4] | data[at + 5] << 8, data[at + 6] | data[at + 7] << 8
        return at + 8 + width * rows
    if data.startswith(b"\x1d(k", at) and at + 5 <= len(data):
        return at + 5 + (data[at + 3] | data[at + 4] << 8)
    for length in (3, 2):
        if data[at : at + length] in _FIXED:
            return at + _FIXED[data[at : at + length]]
    return at + 1


def pieces(data: bytes, most: int = PIECE) -> Iterator[bytes]:
    """The job in pieces of at most `most` bytes that end between commands.

    A status request may then stand between two pieces: inside a picture it would be taken for its dots.
    A single command longer than that (none of ours is) goes out whole.
    """
    start = at = 0
    while at < len(data):
        end = min(_command(data, at), len(data))
        if end - start > most and at > start:
            yield data[start:at]
            start = at
        at = end
    if start < len(data):
        yield data[start:]


def millimetres(data: bytes) -> float:
    """About how much paper a piece takes: 8 dots are a millimetre."""
    at, dots = 0, 0
    while at < len(data):
        if data.startswith(b"\x1dv0", at) and at + 8 <= len(data):
            dots += (data[at + 6] | data[at + 7] << 8) << (data[at + 3] >> 1 & 1)
        elif data[at : at + 3] == b"\x1d(k" and data[at + 5 : at + 7] == b"1Q":
            dots += QR_DOTS
        elif data[at] == 0x0A:
            dots += PITCH
        at = _command(data, at)
    return dots / 8
