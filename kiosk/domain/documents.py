"""What is printed, as blocks: definitions come from `assets/documents/*.toml`, values from the request."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kiosk.domain.blocks import (
    Align,
    Block,
    Column,
    Cut,
    Document,
    Paragraph,
    Part,
    Picture,
    Qr,
    Row,
    Rule,
    Seal,
    Space,
    Table,
    Title,
)
from kiosk.domain.document_files import parse

__all__ = ["Block", "Document", "MissingFieldError", "Sealed", "build", "clean", "fields_of", "fill", "parse"]

MOST_CHARACTERS = 200
"""No single value is longer on paper; what is cut ends in an ellipsis."""
MOST_ROWS = 200
MOST_CODE = 1000
"""A QR code of more could not be read from a receipt; a certificate's has some 250."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the centre answered for one certificate: it counts from here on, until voided.

    `code` is the text of the QR (COSE_Sign1 in base45), `url` the short check page, `fields` the canonical
    content the centre vouches for. Times are Unix seconds.
    """

    key: str
    serial: str
    issued: float
    expires: float
    code: str
    url: str
    fields: Mapping[str, str]


class MissingFieldError(ValueError):
    """A document was to be filled without a value that it must carry."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(f"document {document}: no value for field {name}")
        self.document, self.name = document, name


def build(files: Iterable[tuple[str, Mapping[str, Any] | Exception]]) -> dict[str, Document]:
    """Every document by id, from (file, its data or what is wrong with it). A broken one raises ValueError."""
    found: dict[str, Document] = {}
    for name, data in files:
        document = data if isinstance(data, Exception) else parse(name, data)
        if not isinstance(document, Document):
            raise ValueError(f"{name}: {document}")
        found[document.id] = document
    return found


def clean(text: str) -> str:
    """One line of plain text: no control, format, private or invalid characters, at most two marks on a letter.

    What is left cannot hold a printer command, turn the writing direction, or break the line.
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        if character in "\t\r\n" or (character.isspace() and character > "\x1f"):
            character = "　" if character == "　" else " "
        kind = unicodedata.category(character)
        if kind == "Mn":
            marks += 1
            if marks > 2 or not kept or unicodedata.name(character, "").startswith("VARIATION"):
                continue
        elif kind in ("Cc", "Cf", "Cs", "Co", "Me") or (kind == "Cn" and not 0x20000 <= ord(character) < 0x3FFFE):
            continue
        else:
            marks = 0
        kept.append(character)
    return "".join(kept)


_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ](\d{2}:\d{2})(?::\d{2})?)?")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _date(value: str, language: str) -> str:
    """2026-03-02 → 2026年3月2日 or 2 March 2026; 2023-09 → 2023年9月; with a time, the time after it."""
    found = _DATE.fullmatch(value)
    if not found or not 1 <= int(found[2]) <= 12:
        return value
    year, month, day, time = found[1], int(found[2]), found[3], found[4]
    if language == "en":
        text = f"{int(day)} {_MONTHS[month - 1]} {year}" if day else f"{_MONTHS[month - 1]} {year}"
    else:
        text = f"{year}年{month}月" + (f"{int(day)}日" if day else "")
    return f"{text} {time}" if time else text


_AMOUNT = re.compile(r"\d{4,}\.\d\d")


def _written(value: str, language: str) -> str:
    """A plain value as people write it: dates by `_date`, 103800.00 as 103,800.00."""
    return f"{Decimal(value):,}" if _AMOUNT.fullmatch(value) else _date(value, language)


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class _Filler:
    document: Document
    language: str
    values: Mapping[str, str]

    def value(self, name: str) -> str:
        plain = clean(self.values.get(name, "")).strip()
        if not plain:
            raise MissingFieldError(self.document.id, name)
        known = self.document.words.get(name, {}).get(self.language, {})
        return _short(known.get(plain, _written(plain, self.language)))

    def text(self, template: str) -> str:
        return _FIELD.sub(lambda found: self.value(found[1]), template)

    def texts(self, part: Part) -> tuple[str, ...]:
        return tuple(self.text(each) for each in part.texts.get(self.language, ()))

    def table(self, part: Part) -> Table:
        raw = self.values.get(part.options["source"], "")
        lines = [line for line in raw.split("\n") if clean(line).strip()]
        if not lines:
            raise MissingFieldError(self.document.id, part.options["source"])
        if len(lines) > MOST_ROWS:
            lines = [*lines[:MOST_ROWS], "…"]
        most = len(part.options["widths"]) - (0 if part.options.get("group") else 1)
        rows = [
            tuple(_short(_written(clean(cell).strip(), self.language)) for cell in line.split("|", most))
            for line in lines
        ]
        if part.options.get("group"):
            rows = _grouped(rows)
        return Table(self.columns(part), tuple(rows))

    def columns(self, part: Part) -> tuple[Column, ...]:
        widths = part.options["widths"]
        aligns = part.options.get("aligns") or ["left"] * len(widths)
        titles = self.texts(part) or ("",) * len(widths)
        return tuple(
            Column(title, width, Align(align)) for title, width, align in zip(titles, widths, aligns, strict=True)
        )

    def block(self, part: Part) -> Block:
        return _MAKERS[part.kind](self, part)


def _grouped(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The first cell becomes a heading wherever it changes."""
    out: list[tuple[str, ...]] = []
    last = ""
    for row in rows:
        if row[0] != last and len(row) > 1:
            last = row[0]
            out.append((last,))
        out.append(row[1:] or row)
    return out


_Maker = Callable[[_Filler, Part], Block]


def _paragraph(filler: _Filler, part: Part) -> Block:
    options = part.options
    align = Align(options.get("align", "left"))
    return Paragraph(filler.texts(part)[0], align, options.get("indent", False), options.get("bold", False))


def _row(filler: _Filler, part: Part) -> Block:
    label, value = filler.texts(part)
    return Row(label, value, part.options.get("spread", False))


def _seal(filler: _Filler, part: Part) -> Block:
    arc, line, *under = filler.texts(part)
    return Seal(arc, line, tuple(under))


def _picture(filler: _Filler, part: Part) -> Block:
    return Picture(part.options["file"], part.options["width"], filler.texts(part)[0])


_MAKERS: Mapping[str, _Maker] = {
    "title": lambda filler, part: Title(filler.texts(part)[0]),
    "text": _paragraph,
    "row": _row,
    "table": lambda filler, part: filler.table(part),
    "rule": lambda filler, part: Rule(part.options.get("heavy", False)),
    "qr": lambda filler, part: Qr(_qr_text(filler, part), filler.texts(part)),
    "seal": _seal,
    "image": _picture,
    "space": lambda filler, part: Space(part.options.get("halves", 1)),
    "cut": lambda filler, part: Cut(),
}


def _qr_text(filler: _Filler, part: Part) -> str:
    """The field as it is: a code shortened or translated would not verify."""
    name = part.options["source"]
    text = "".join(c for c in filler.values.get(name, "") if " " <= c <= "~")
    if not text.strip() or len(text) > MOST_CODE:
        raise MissingFieldError(filler.document.id, name)
    return text


def fill(document: Document, language: str, values: Mapping[str, str]) -> tuple[Block, ...]:
    """The blocks with every field put in; ISO dates are written as the language writes them.

    A language that the document is not written in falls back to its first one.
    Raises MissingFieldError (a ValueError) when a field it must carry is absent or blank.
    """
    chosen = language if language in document.languages else document.languages[0]
    filler = _Filler(document, chosen, values)
    return tuple(
        filler.block(part) for part in document.parts if not part.when or clean(values.get(part.when, "")).strip()
    )


def fields_of(document: Document, language: str) -> frozenset[str]:
    """The fields that must have a value to fill the document in this language."""
    names: set[str] = set()
    for part in document.parts:
        if not part.when:
            names |= {name for text in part.texts.get(language, ()) for name in _FIELD.findall(text)}
            names |= {part.options["source"]} if "source" in part.options else set()
    return frozenset(names)
