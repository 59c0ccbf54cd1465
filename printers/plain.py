"""A filled document as text to be read aloud: one sentence or entry a line, in the order of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kiosk.domain.blocks import Block, Paragraph, Picture, Qr, Row, Seal, Table, Title
from kiosk.domain.documents import clean
from printers.typeset import cells

_ADDRESS = re.compile(r"[a-z]+://\S+")


def lines(blocks: Iterable[Block], language: str = "zh") -> tuple[str, ...]:
    """What a voice says of the page. Codes and addresses are left out: nobody could write them down."""
    colon = "：" if language == "zh" else ": "
    said = (" ".join(clean(line).split()) for block in blocks for line in _lines(block, colon))
    return tuple(line for line in said if line)


def _lines(block: Block, colon: str) -> Iterator[str]:
    match block:
        case Title(text):
            yield _drawn_together(text)
        case Paragraph(text):
            yield text
        case Row(label, value):
            yield f"{label}{colon}{value}" if label and value else label + value
        case Table():
            yield from _table(block, colon)
        case Qr(_, words):
            yield from (word for word in words if not _ADDRESS.fullmatch(word))
        case Seal(arc, line, under):
            yield from (*under, f"{arc} {line}")
        case Picture(words=words):
            yield words


def _drawn_together(text: str) -> str:
    """在 读 证 明 is set wide on paper, and is one word to a voice."""
    wide = cells(text.replace(" ", "")) == 2 * len(text.replace(" ", ""))
    return text.replace(" ", "") if wide else text


def _table(table: Table, colon: str) -> Iterator[str]:
    """Every cell after the first with the title of its column, so that a number is not heard alone."""
    comma = "，" if colon == "：" else ", "
    for row in table.rows:
        titles = [column.title for column in table.columns]
        named = [f"{title} {cell}".strip() for title, cell in zip(titles[1:], row[1:], strict=False) if cell]
        yield comma.join([*row[:1], *named])
