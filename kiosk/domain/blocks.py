"""What a page consists of: the blocks of a definition with their fields, and blocks once every field is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kiosk.domain.catalogue import Words
from kiosk.domain.printer import Outlet


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Title:
    """The name of the document: double size, centred."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `indent`: the first line begins two characters in, as a letter's body does."""

    text: str
    align: Align = Align.LEFT
    indent: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value on one line; `spread` puts the value at the right edge."""

    label: str
    value: str
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: `width` in columns of an ASCII letter, 0 = takes what the others leave."""

    title: str
    width: int
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column titles (no titles, no head). A row of a single cell is a heading over the rows after it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    heavy: bool = False


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of `text` (printable ASCII) with lines of words beneath."""

    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seal:
    """The round seal: `arc` runs around the star, `line` stands below it, `under` is signed beneath the stamp."""

    arc: str
    line: str
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of assets/documents, centred, `width` millimetres wide; `words` say what is on it."""

    file: str
    width: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """Blank paper, in halves of a text line."""

    halves: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a page."""


Block = Title | Paragraph | Row | Table | Rule | Qr | Seal | Picture | Space | Cut


@dataclass(frozen=True, slots=True)
class Part:
    """One block of a definition: its texts by language, its options, and the field it depends on (`when`)."""

    kind: str
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    when: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its file defines it. `words`: field → language → value → what is printed for it.

    `outlets`: what it may be printed on, the first of them for choice.
    """

    id: str
    title: Words
    languages: tuple[str, ...]
    parts: tuple[Part, ...]
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    outlets: tuple[Outlet, ...] = (Outlet.RECEIPT,)
