"""How a file of `assets/documents` becomes a Document, or the list of what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.domain.blocks import Align, Document, Part
from kiosk.domain.catalogue import Problem, Words
from kiosk.domain.printer import Outlet

LANGUAGES = ("zh", "en")
_ALIGNS = tuple(Align)
_TEXTS: Mapping[str, tuple[int, int]] = {
    "title": (1, 1),
    "text": (1, 1),
    "row": (2, 2),
    "table": (0, 6),
    "rule": (0, 0),
    "qr": (0, 4),
    "seal": (2, 5),
    "image": (1, 1),
    "space": (0, 0),
    "cut": (0, 0),
}
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "text": ("align", "indent", "bold"),
    "row": ("spread",),
    "table": ("source", "widths", "aligns", "group"),
    "rule": ("heavy",),
    "qr": ("source",),
    "image": ("file", "width"),
    "space": ("halves",),
}
_PNG = re.compile(r"[a-z_]+\.png")
_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "align": ("left, centre or right", lambda v: v in _ALIGNS),
    "indent": ("true or false", lambda v: isinstance(v, bool)),
    "bold": ("true or false", lambda v: isinstance(v, bool)),
    "spread": ("true or false", lambda v: isinstance(v, bool)),
    "group": ("true or false", lambda v: isinstance(v, bool)),
    "heavy": ("true or false", lambda v: isinstance(v, bool)),
    "source": ("a field name", lambda v: isinstance(v, str) and bool(re.fullmatch(r"[a-z_]+", v))),
    "widths": ("a list of 1 to 6 widths in columns, 0 = the rest", lambda v: _numbers(v, 6)),
    "aligns": ("a list of left, centre, right", lambda v: isinstance(v, list) and set(v) <= set(_ALIGNS)),
    "file": ("the name of a .png in assets/documents", lambda v: isinstance(v, str) and bool(_PNG.fullmatch(v))),
    "width": ("5 to 60 millimetres", lambda v: type(v) is int and 5 <= v <= 60),
    "halves": ("1 to 12", lambda v: isinstance(v, int) and 1 <= v <= 12),
}


def _numbers(value: Any, most: int) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= most and all(type(n) is int and 0 <= n < 48 for n in value)


@dataclass(slots=True)
class _Reader:
    """Reads one file and keeps what is wrong with it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, key: str, found: object, allowed: str) -> None:
        self.problems.append(Problem(self.file, key, str(found)[:60], allowed))

    def languages(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        found = data.get("languages", ["zh"])
        if isinstance(found, list) and found and set(found) <= set(LANGUAGES):
            return tuple(found)
        self.wrong("languages", found, "a list of zh, en")
        return ("zh",)

    def outlets(self, data: Mapping[str, Any]) -> tuple[Outlet, ...]:
        found = data.get("printers", [Outlet.RECEIPT])
        known = [Outlet(each) for each in found if each in tuple(Outlet)] if isinstance(found, list) else []
        if known and len(known) == len(found) == len(set(known)):
            return tuple(known)
        self.wrong("printers", found, f"a list of {', '.join(Outlet)}, the best first")
        return (Outlet.RECEIPT,)

    def title(self, data: Mapping[str, Any]) -> Words:
        found = data.get("title")
        if isinstance(found, dict) and all(isinstance(found.get(x), str) and found[x] for x in LANGUAGES):
            return Words(found["zh"], found["en"])
        self.wrong("title", found, "zh and en texts")
        return Words("", "")

    def part(self, key: str, data: Any, languages: tuple[str, ...]) -> Part:
        kind = str(data.get("kind")) if isinstance(data, dict) else ""
        if kind not in _TEXTS:
            self.wrong(f"{key}.kind", kind, ", ".join(_TEXTS))
            return Part("space")
        self.known(key, data, {"kind", "when", *LANGUAGES, *_OPTIONS.get(kind, ())})
        options = {name: data[name] for name in _OPTIONS.get(kind, ()) if name in data}
        for name, value in options.items():
            if not _TYPES[name][1](value):
                self.wrong(f"{key}.{name}", value, _TYPES[name][0])
        for name in ("source", "widths", "file", "width"):
            if name in _OPTIONS.get(kind, ()) and name not in data:
                self.wrong(f"{key}.{name}", "nothing", _TYPES[name][0])
        texts = {each: self.texts(f"{key}.{each}", data.get(each), kind) for each in languages}
        self.columns(key, options, texts)
        return Part(kind, texts, options, str(data.get("when", "")))

    def texts(self, key: str, found: Any, kind: str) -> tuple[str, ...]:
        least, most = _TEXTS[kind]
        texts = [found] if isinstance(found, str) else ([] if found is None else found)
        if isinstance(texts, list) and least <= len(texts) <= most and all(isinstance(t, str) for t in texts):
            return tuple(texts)
        self.wrong(key, found, f"{least} to {most} texts" if least != most else f"{least} text(s)")
        return ("",) * least

    def columns(self, key: str, options: Mapping[str, Any], texts: Mapping[str, tuple[str, ...]]) -> None:
        """A table's titles, where it has any, and its alignments are as many as its widths."""
        widths = options.get("widths")
        if not isinstance(widths, list):
            return
        for name, given in (*texts.items(), ("aligns", options.get("aligns") or ())):
            if given and len(given) != len(widths):
                self.wrong(f"{key}.{name}", f"{len(given)} of them", f"{len(widths)}, one for each width")

    def known(self, key: str, data: Mapping[str, Any], allowed: set[str]) -> None:
        for name in sorted(set(data) - allowed):
            self.wrong(f"{key}.{name}".lstrip("."), data[name], ", ".join(sorted(allowed)))


def parse(file: str, data: Mapping[str, Any]) -> Document | tuple[Problem, ...]:
    """A definition from its TOML data (the file's stem is its id), or everything that is wrong with it."""
    reader = _Reader(file)
    reader.known("", data, {"title", "languages", "printers", "block", "words"})
    title, languages, outlets = reader.title(data), reader.languages(data), reader.outlets(data)
    blocks = data.get("block")
    if not isinstance(blocks, list) or not blocks:
        reader.wrong("block", blocks, "at least one [[block]]")
        blocks = []
    parts = tuple(reader.part(f"block.{n}", each, languages) for n, each in enumerate(blocks, 1))
    if reader.problems:
        return tuple(reader.problems)
    return Document(file.removesuffix(".toml"), title, languages, parts, data.get("words", {}), outlets)
