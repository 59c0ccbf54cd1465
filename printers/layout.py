"""Blocks become lines of a given width; printers and the screen draw the same lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kiosk.domain.blocks import (
    Align,
    Block,
    Column,
    Cut,
    Paragraph,
    Qr,
    Row,
    Rule,
    Seal,
    Space,
    Table,
    Title,
)
from kiosk.domain.documents import clean
from printers.typeset import cells, pad, spread, wrap

GLYPH = 24
"""Height of a line's characters in dots; a column is half of it wide."""
PITCH = 36
"""From one line to the next, in dots; title lines take TITLE_PITCH."""
TITLE_PITCH = 66
MOST_CELL_LINES = 3


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
    seal: Seal


@dataclass(frozen=True, slots=True)
class Feed:
    dots: int


@dataclass(frozen=True, slots=True)
class CutLine:
    pass


Line = TextLine | QrLine | SealLine | Feed | CutLine


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
        case Seal(arc, line, under):
            yield SealLine(Seal(clean(arc), clean(line), tuple(map(clean, under))))
        case Space(halves):
            yield Feed(halves * PITCH // 2)
        case Cut():
            yield CutLine()
        case Row():
            yield from _rows([block], columns)


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
    widths = _widths(table.columns, columns)
    if any(column.title for column in table.columns):
        yield from _cells_lines(table.columns, widths, [clean(c.title) for c in table.columns], bold=True)
        yield TextLine("─" * (columns // 2))
    for n, row in enumerate(table.rows):
        if len(row) == 1 < len(table.columns):
            if n:
                yield Feed(PITCH // 3)
            yield TextLine(pad(clean(row[0]), columns).rstrip(" "), bold=True)
        else:
            yield from _cells_lines(table.columns, widths, [clean(cell) for cell in row])


def _widths(columns: Sequence[Column], total: int) -> list[int]:
    """Fixed widths as they are, shrunk together on narrow paper; a width of 0 takes the rest."""
    room = total - (len(columns) - 1)
    fixed = sum(column.width for column in columns)
    free = sum(column.width == 0 for column in columns)
    most = room - 8 * free
    scale = min(1.0, most / fixed) if fixed else 1.0
    widths = [max(2, int(column.width * scale)) if column.width else 0 for column in columns]
    rest = room - sum(widths)
    return [width or max(2, rest // free) for width in widths]


def _cells_lines(
    columns: Sequence[Column], widths: Sequence[int], row: Sequence[str], bold: bool = False
) -> Iterator[Line]:
    row = [*row, *[""] * len(columns)][: len(columns)]
    wrapped = [wrap(cell, width)[:MOST_CELL_LINES] for cell, width in zip(row, widths, strict=True)]
    for n in range(max(map(len, wrapped))):
        texts = [
            pad(lines[n] if n < len(lines) else "", width, column.align)
            for lines, width, column in zip(wrapped, widths, columns, strict=True)
        ]
        yield TextLine(" ".join(texts).rstrip(" "), bold=bold)
