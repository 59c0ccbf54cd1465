"""Strips become sheets of A4: what belongs together stays together, what stands at the foot stands at the foot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from kiosk.domain.blocks import Block, Cut
from printers.pdf.items import ROOM, Item, Strip, Words, shown
from printers.pdf.strips import strips

WIDTH, HEIGHT = 210.0, 297.0
LEFT, TOP, BOTTOM = (WIDTH - ROOM) / 2, 22.0, 18.0
DEPTH = HEIGHT - TOP - BOTTOM
SIZES = (16.0, 14.0, 12.0, 10.5)
"""Type sizes, the largest first: the first one that brings the document onto one sheet is taken, else the last."""
NUMBER_SIZE = 9.0

Sheet = tuple[Item, ...]


def sheets(blocks: Iterable[Block]) -> tuple[Sheet, ...]:
    """Every sheet with its items in millimetres from its upper left corner; each cut begins a new one."""
    out: list[Sheet] = []
    for cut, group in groupby(blocks, key=lambda block: isinstance(block, Cut)):
        if not cut:
            out.extend(_numbered(_fitted(tuple(group))))
    return tuple(out) or ((),)


def _fitted(blocks: Sequence[Block]) -> list[list[Strip]]:
    pages: list[list[Strip]] = []
    for size in SIZES:
        pages = list(_stacked(strips(blocks, size)))
        if len(pages) == 1:
            break
    return pages


def _stacked(pieces: Sequence[Strip]) -> Iterator[list[Strip]]:
    page: list[Strip] = []
    for together in _together(pieces):
        if page and _height(page) + _height(together) > DEPTH:
            yield page
            page = []
        page += together
    yield page


def _together(pieces: Sequence[Strip]) -> Iterator[list[Strip]]:
    """Runs that are kept on one sheet; one that no sheet could hold is not kept together."""
    run: list[Strip] = []
    for piece in pieces:
        run.append(piece)
        if not (piece.keep or piece.foot) or _height(run) > DEPTH / 2:
            yield run
            run = []
    if run:
        yield run


def _height(pieces: Iterable[Strip]) -> float:
    return sum(piece.height for piece in pieces)


def _numbered(pages: Sequence[Sequence[Strip]]) -> Iterator[Sheet]:
    for n, page in enumerate(pages, 1):
        items = tuple(_placed(page))
        if len(pages) > 1:
            items += (Words(WIDTH / 2 - 4.0, HEIGHT - BOTTOM / 2, shown(f"{n} / {len(pages)}"), NUMBER_SIZE),)
        yield items


def _placed(page: Sequence[Strip]) -> Iterator[Item]:
    top, spare = TOP, DEPTH - _height(page)
    for piece in page:
        if piece.foot:
            top, spare = top + max(0.0, spare), 0.0
        for item in piece.items:
            yield replace(item, x=item.x + LEFT, y=item.y + top)
        top += piece.height
