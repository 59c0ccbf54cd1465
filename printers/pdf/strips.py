"""Blocks become strips: pieces of a sheet, as wide as its text, that are stacked from top to bottom.

Lengths are millimetres, y downwards from the top of the strip, x from the left edge of the text; type sizes are points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kiosk.domain.blocks import Align, Block, Column, Paragraph, Picture, Qr, Row, Rule, Seal, Space, Table, Title
from printers import faces, raster
from printers.layout import MOST_CELL_LINES
from printers.pdf.items import CODE, POINT, ROOM, SIGNED, SMALL, STAMP, Bar, Code, Drawing, Stamp, Strip, Words, shown
from printers.typeset import Measure, broken, cells, limited

MOST_SIGNED = 8
"""Lines under the seal."""
SAMPLE = 480
"""Pixels that a drawing is wide on a sheet."""


def strips(blocks: Sequence[Block], size: float) -> tuple[Strip, ...]:
    """A document that ends at its cut, set in type of this size. Every text is cleaned here once more."""
    at = next((n for n, block in enumerate(blocks) if isinstance(block, Qr)), len(blocks))
    at -= at > 0 and isinstance(blocks[at - 1], Rule)
    setter = _Setter(size)
    foot = _Setter(min(size, 10.5)).set(blocks[at:])
    return (*setter.set(blocks[:at]), *(replace(strip, foot=True) for strip in foot))


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Rows that follow each other share a column of labels; what is centred under a QR code stands beside it."""
    groups: list[list[Block]] = []
    for block in blocks:
        head = groups[-1][0] if groups else None
        beside = isinstance(head, Qr) and isinstance(block, Paragraph) and block.align is Align.CENTRE
        if beside or (isinstance(head, Row) and isinstance(block, Row)):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


@dataclass(frozen=True, slots=True)
class _Setter:
    size: float

    @property
    def pitch(self) -> float:
        """From one line to the next."""
        return self.size * POINT * 1.75

    def set(self, blocks: Sequence[Block]) -> Iterator[Strip]:
        for head, *more in _groups(blocks):
            match head:
                case Row():
                    yield from self.rows([each for each in (head, *more) if isinstance(each, Row)])
                case Qr(text, words):
                    beside = [each for each in more if isinstance(each, Paragraph)]
                    yield _code(text, [*map(Paragraph, words), *beside])
                case Seal():
                    yield self.seal(head)
                case _:
                    yield from self.simple(head)

    def simple(self, block: Block) -> Iterator[Strip]:
        match block:
            case Title(text):
                for line in self.broken(text, ROOM, self.size * 1.75, bold=True):
                    yield self.line(line, Align.CENTRE, self.size * 1.75, bold=True, keep=True)
            case Paragraph():
                yield from self.paragraph(block)
            case Table():
                yield from self.table(block)
            case Rule(heavy):
                yield Strip(5.0, (Bar(0.0, 2.5, ROOM, 0.6 if heavy else 0.2),), keep=True)
            case Picture(file, width):
                height = raster.drawing(file, SAMPLE).height * width / SAMPLE
                yield Strip(height + 2.0, (Drawing((ROOM - width) / 2, 0.0, file, width),), keep=True)
            case Space(halves):
                yield Strip(halves * self.pitch / 2)

    def broken(self, text: str, room: float, size: float, bold: bool = False, indent: float = 0.0) -> list[str]:
        return broken(shown(text), room, indent, _measure(size, bold))

    def line(
        self, text: str, align: Align, size: float, bold: bool = False, keep: bool = False, inset: float = 0.0
    ) -> Strip:
        wide = faces.width(text, bold) * size * POINT
        x = {Align.LEFT: inset, Align.CENTRE: (ROOM - wide) / 2, Align.RIGHT: ROOM - wide}[align]
        pitch = size * POINT * 1.75
        return Strip(pitch, (Words(x, _baseline(pitch, size), text, size, bold),), keep)

    def paragraph(self, block: Paragraph) -> Iterator[Strip]:
        inset = 2 * self.size * POINT if block.indent else 0.0
        lines = self.broken(block.text, ROOM, self.size, block.bold, inset)
        for n, text in enumerate(lines):
            first, last = n == 0, n == len(lines) - 1
            strip = self.line(text, block.align, self.size, block.bold, inset=inset if first else 0.0)
            if block.align is Align.LEFT and not last:
                strip = _justified(strip)
            # neither the first line of a paragraph nor its last stands alone on a sheet
            yield replace(strip, keep=len(lines) > 1 and (first or n == len(lines) - 2))

    def rows(self, rows: Sequence[Row]) -> Iterator[Strip]:
        labels = [faces.width(shown(row.label)) * self.size * POINT for row in rows if not row.spread]
        room = min(max(labels, default=0.0), ROOM / 2)
        for row in rows:
            yield from self.spread(row) if row.spread else self.labelled(row, room)

    def labelled(self, row: Row, room: float) -> Iterator[Strip]:
        left, pitch = room + self.size * POINT * 1.5, self.size * POINT * 1.6
        labels = self.broken(row.label, room + 0.01, self.size)
        values = self.broken(row.value, ROOM - left, self.size)
        for n in range(max(len(labels), len(values))):
            items = [
                Words(x, _baseline(pitch, self.size), texts[n], self.size)
                for x, texts in ((0.0, labels), (left, values))
                if n < len(texts)
            ]
            yield Strip(pitch, tuple(items), keep=n == 0 and len(values) > 1)

    def spread(self, row: Row) -> Iterator[Strip]:
        label, value = shown(row.label), shown(row.value)
        needed = (faces.width(label) + faces.width(value) + 1) * self.size * POINT
        if needed <= ROOM:
            one = self.line(label, Align.LEFT, self.size)
            yield Strip(one.height, one.items + self.line(value, Align.RIGHT, self.size).items)
            return
        for text in self.broken(label, ROOM, self.size):
            yield self.line(text, Align.LEFT, self.size, keep=True)
        for text in self.broken(value, ROOM, self.size):
            yield self.line(text, Align.RIGHT, self.size)

    def table(self, table: Table) -> Iterator[Strip]:
        widths = self.widths(table.columns)
        if any(column.title for column in table.columns):
            yield from self.cells(table.columns, widths, [column.title for column in table.columns], head=True)
            yield Strip(1.5, (Bar(0.0, 0.7, ROOM, 0.2),), keep=True)
        for row in table.rows:
            if len(row) == 1 < len(table.columns):
                yield from (
                    self.line(text, Align.LEFT, self.size, bold=True, keep=True)
                    for text in self.broken(row[0], ROOM, self.size, bold=True)
                )
            else:
                yield from self.cells(table.columns, widths, row)

    def widths(self, columns: Sequence[Column]) -> list[float]:
        """Widths in columns of a letter are halves of an em; a width of 0 shares what is left."""
        em = self.size * POINT
        gaps, free = em * (len(columns) - 1), sum(column.width == 0 for column in columns)
        fixed = sum(column.width for column in columns) * em / 2
        scale = min(1.25, (ROOM - gaps - free * ROOM / 4) / fixed) if fixed else 1.0
        rest = ROOM - gaps - fixed * scale
        return [column.width * em / 2 * scale if column.width else rest / free for column in columns]

    def cells(
        self, columns: Sequence[Column], widths: Sequence[float], row: Sequence[str], head: bool = False
    ) -> Iterator[Strip]:
        padded = [*row, *[""] * len(columns)][: len(columns)]
        wrapped = [
            limited(self.broken(cell, wide, self.size, head), MOST_CELL_LINES, wide, _measure(self.size, head))
            for cell, wide in zip(padded, widths, strict=True)
        ]
        pitch = self.size * POINT * 1.5
        most = max(map(len, wrapped))
        for n in range(most):
            left, items = 0.0, []
            for lines, wide, column in zip(wrapped, widths, columns, strict=True):
                text = lines[n] if n < len(lines) else ""
                spare = wide - faces.width(text, head) * self.size * POINT
                x = left + {Align.LEFT: 0.0, Align.CENTRE: spare / 2, Align.RIGHT: spare}[column.align]
                items += [Words(x, _baseline(pitch, self.size), text, self.size, head)] if text else []
                left += wide + self.size * POINT
            yield Strip(pitch, tuple(items), keep=head or n < most - 1)

    def seal(self, seal: Seal) -> Strip:
        """The signing words run under the stamp, between its star and its purpose and below that."""
        size = min(self.size, SIGNED)
        lines = [line for text in seal.under for line in self.broken(text, ROOM / 2, size)]
        lines = limited(lines, MOST_SIGNED, ROOM / 2, _measure(size, False))
        wide = [faces.width(line) * size * POINT for line in lines]
        middle = ROOM - max([STAMP / 2, *(each / 2 for each in wide)]) - 3.0
        pitch = STAMP * 0.215
        last = max(STAMP * 0.935, pitch * len(lines))
        words = [
            Words(middle - each / 2, last - pitch * (len(lines) - 1 - n), line, size)
            for n, (line, each) in enumerate(zip(lines, wide, strict=True))
        ]
        stamp = Stamp(middle - STAMP / 2, last - STAMP * 0.935, shown(seal.arc), shown(seal.line))
        return Strip(last + STAMP * 0.065 + 2.0, (*words, stamp))


def _measure(size: float, bold: bool) -> Measure:
    return lambda part: faces.width(part, bold) * size * POINT


def _baseline(pitch: float, size: float) -> float:
    """The em square of the type stands in the middle of its line."""
    return pitch / 2 + 0.38 * size * POINT


def _justified(strip: Strip) -> Strip:
    """A line of Hanzi that reaches to the right edge; lines of words stay ragged."""
    (words,) = strip.items
    if not isinstance(words, Words) or cells(words.text) < 1.4 * len(words.text):
        return strip
    spare = ROOM - words.x - faces.width(words.text, words.bold) * words.size * POINT
    if not 0 < spare <= 4 * words.size * POINT:
        return strip
    return replace(strip, items=(replace(words, gap=spare / (len(words.text) - 1)),))


def _code(text: str, beside: Sequence[Paragraph]) -> Strip:
    """The QR code at the left, the words about it to the right, centred on its height."""
    setter, left, pitch = _Setter(SMALL), CODE + 8.0, SMALL * POINT * 1.75
    lines = [(line, each.bold) for each in beside for line in setter.broken(each.text, ROOM - left, SMALL, each.bold)]
    code = "".join(c for c in text if " " <= c <= "~")
    height = max(CODE, pitch * len(lines))
    top = (height - pitch * len(lines)) / 2 + _baseline(pitch, SMALL)
    words = [Words(left, top + pitch * n, line, SMALL, bold) for n, (line, bold) in enumerate(lines)]
    return Strip(height + 4.0, (*([Code(0.0, 2.0, code)] if code else []), *(_lower(each) for each in words)))


def _lower(words: Words) -> Words:
    return replace(words, y=words.y + 2.0)
