"""Blocks become lines of a given width; printers and the screen draw the same lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kiosk.domain.blocks import (
    Align,
    Block,
    Column,
    Cut,
    Paragraph,
    Picture,
    Qr,
    Row,
    Rule,
    Seal,
    Space,
    Table,
    Title,
)
from kiosk.domain.documents import clean
from printers.typeset import cells, limited, pad, spread, wrap

GLYPH = 24
"""Height of a line's characters in dots; a column is half of it wide."""
PITCH = 36
"""From one line to the next, in dots; title lines take TITLE_PITCH."""
TITLE_PITCH = 66
DOTS_PER_MM = 8
STACKED, ROOMY = 0.8, 12
"""A table whose columns would shrink to less than this share, to leave ROOMY to a free one, sets a row on two lines."""
MOST_CELL_LINES = 14
"""Lines of one cell of a table."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text that fits; `double` takes twice the columns and height."""

    text: str
    align: Align = Align.LEFT
    double: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class QrLine:
    text: str


@dataclass(frozen=True, slots=True)
class SealLine:
    """The stamp, at the right edge."""

    arc: str
    line: str


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A drawing of assets/documents, so many dots wide, centred."""

    file: str
    dots: int


@dataclass(frozen=True, slots=True)
class Feed:
    dots: int


@dataclass(frozen=True, slots=True)
class CutLine:
    pass


Line = TextLine | QrLine | SealLine | PictureLine | Feed | CutLine


def lay(blocks: Iterable[Block], columns: int = 48) -> tuple[Line, ...]:
    """The lines of a page, none wider than `columns`. Every text is cleaned here once more."""
    out: list[Line] = []
    for kind, group in groupby(blocks, key=type):
        if kind is Row:
            out.extend(_rows([each for each in group if isinstance(each, Row)], columns))
        else:
            for each in group:
                out.extend(_lines(each, columns))
    return tuple(out)


def _lines(block: Block, columns: int) -> Iterator[Line]:
    match block:
        case Title(text):
            for part in wrap(clean(text), columns // 2):
                yield TextLine(part, Align.CENTRE, double=True, bold=True)
        case Paragraph():
            yield from _paragraph(block, columns)
        case Table():
            yield from _table(block, columns)
        case Rule(heavy):
            yield TextLine(("━" if heavy else "─") * (columns // 2))
        case Qr(text, words):
            if code := "".join(c for c in text if " " <= c <= "~"):
                yield QrLine(code)
            for each in words:
                yield from _paragraph(Paragraph(each, Align.CENTRE), columns)
        case Seal():
            yield from _seal(block, columns)
        case Picture(file, width):
            yield PictureLine(file, min(width * DOTS_PER_MM, columns * GLYPH // 2))
            yield Feed(PITCH // 3)
        case Space(halves):
            yield Feed(halves * PITCH // 2)
        case Cut():
            yield CutLine()
        case Row():
            yield from _rows([block], columns)


def _seal(seal: Seal, columns: int) -> Iterator[Line]:
    """The stamp above the words that it stands for: one colour of ink would make both unreadable on each other."""
    yield SealLine(clean(seal.arc), clean(seal.line))
    yield Feed(PITCH // 3)
    for text in seal.under:
        yield from _paragraph(Paragraph(text, Align.RIGHT), columns)


def _paragraph(block: Paragraph, columns: int) -> Iterator[Line]:
    for text in wrap(clean(block.text), columns, 4 if block.indent else 0):
        yield TextLine(text, block.align, bold=block.bold)


def _rows(rows: Sequence[Row], columns: int) -> Iterator[Line]:
    """Rows that follow each other share the width of their labels; spread ones stand alone."""
    labels = [cells(clean(row.label)) for row in rows if not row.spread]
    width = min(max(labels, default=0), columns // 2)
    for row in rows:
        label, value = clean(row.label), clean(row.value)
        yield from _spread(label, value, columns) if row.spread else _labelled(label, value, width, columns)


def _labelled(label: str, value: str, width: int, columns: int) -> Iterator[Line]:
    for n, part in enumerate(wrap(value, columns - width - 2)):
        yield TextLine(f"{spread(label, width) if n == 0 else ' ' * width}  {part}".rstrip(" "))


def _spread(label: str, value: str, columns: int) -> Iterator[Line]:
    room = columns - cells(label) - cells(value)
    if room >= 2:
        yield TextLine(label + " " * room + value)
        return
    for part in wrap(label, columns):
        yield TextLine(part)
    for part in wrap(value, columns):
        yield TextLine(part, Align.RIGHT)


def _table(table: Table, columns: int) -> Iterator[Line]:
    stacked = _scale(table.columns, columns, ROOMY) < STACKED
    widths = [] if stacked else _widths(table.columns, columns)

    def cells_of(row: Sequence[str], bold: bool = False) -> Iterator[Line]:
        texts = [clean(cell) for cell in row]
        if stacked:
            return _stacked(table.columns, texts, columns, bold)
        return _cells_lines(table.columns, widths, texts, bold)

    if any(column.title for column in table.columns):
        yield from cells_of([column.title for column in table.columns], bold=True)
        yield TextLine("─" * (columns // 2))
    for n, row in enumerate(table.rows):
        if len(row) == 1 < len(table.columns):
            if n:
                yield Feed(PITCH // 3)
            yield TextLine(pad(clean(row[0]), columns).rstrip(" "), bold=True)
        else:
            yield from cells_of(row)


def _stacked(columns: Sequence[Column], row: Sequence[str], total: int, bold: bool) -> Iterator[Line]:
    """The first cell over the whole width, the others on a line of their own below it."""
    yield from _cells_lines(columns[:1], [total], row[:1], bold)
    rest = [replace(column, width=column.width or 8, align=Align.RIGHT) for column in columns[1:]]
    room = total - len(rest) + 1
    share = room / sum(column.width for column in rest)
    if any(row[1:]):
        yield from _cells_lines(rest, [int(column.width * share) for column in rest], row[1:], bold)


def _scale(columns: Sequence[Column], total: int, least: int = 8) -> float:
    """How far fixed widths must shrink, so that `least` columns are left for each width of 0."""
    fixed = sum(column.width for column in columns)
    most = total - (len(columns) - 1) - least * sum(column.width == 0 for column in columns)
    return min(1.0, most / fixed) if fixed else 1.0


def _widths(columns: Sequence[Column], total: int) -> list[int]:
    """Fixed widths as they are, shrunk together on narrow paper; a width of 0 takes the rest."""
    room = total - (len(columns) - 1)
    free = sum(column.width == 0 for column in columns)
    scale = _scale(columns, total)
    widths = [max(2, int(column.width * scale)) if column.width else 0 for column in columns]
    rest = room - sum(widths)
    return [width or max(2, rest // free) for width in widths]


def _cells_lines(
    columns: Sequence[Column], widths: Sequence[int], row: Sequence[str], bold: bool = False
) -> Iterator[Line]:
    row = [*row, *[""] * len(columns)][: len(columns)]
    wrapped = [limited(wrap(cell, width), MOST_CELL_LINES, width) for cell, width in zip(row, widths, strict=True)]
    for n in range(max(map(len, wrapped))):
        texts = [
            pad(lines[n] if n < len(lines) else "", width, column.align)
            for lines, width, column in zip(wrapped, widths, columns, strict=True)
        ]
        yield TextLine(" ".join(texts).rstrip(" "), bold=bold)
