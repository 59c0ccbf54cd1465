"""The campus font for a page of A4: widths, outlines, and the part of the font that a page needs."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache

import uharfbuzz as hb

from printers import fonts

MISSING = "〓"
"""Stands where the font has no such character, as a compositor's geta does."""
Step = tuple[str, tuple[float, ...]]
_DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx")
_lock = threading.Lock()


@lru_cache(maxsize=2)
def _face(bold: bool) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(fonts.file(bold))), fonts.SANS_SC)


@lru_cache(maxsize=2)
def _font(bold: bool) -> hb.Font:
    return hb.Font(_face(bold))


@lru_cache(maxsize=20_000)
def advance(character: str, bold: bool = False) -> float:
    """Width of one character in em; what the font lacks is as wide as MISSING."""
    glyph = _font(bold).get_nominal_glyph(ord(character))
    if glyph is None:
        return 1.0
    return float(_font(bold).get_glyph_h_advance(glyph) / _face(bold).upem)


def width(text: str, bold: bool = False) -> float:
    """Width of a text in em, without kerning."""
    return sum(advance(character, bold) for character in text)


def drawable(text: str) -> str:
    """The text with MISSING for every character that the font lacks. Both weights have the same characters."""
    return "".join(c if _font(False).get_nominal_glyph(ord(c)) is not None else MISSING for c in text)


def subset(characters: Iterable[str], bold: bool = False) -> bytes:
    """An OpenType font (CFF, keyed by CID) of these characters alone; the same bytes for the same characters."""
    wanted = hb.SubsetInput()
    wanted.sets(hb.SubsetInputSets.UNICODE).set({ord(c) for c in characters} | {ord(" ")})
    dropped = {int.from_bytes(tag.encode("ascii"), "big") for tag in _DROPPED}
    wanted.sets(hb.SubsetInputSets.DROP_TABLE_TAG).update(dropped)
    with _lock:
        return bytes(hb.subset(_face(bold), wanted).blob.data)


@lru_cache(maxsize=500)
def outline(character: str, bold: bool = True) -> tuple[Step, ...]:
    """The outline of a character: `M`, `L`, `C`, `Z` and their numbers in em, y upwards from the baseline."""
    steps: list[Step] = []
    upem = _face(bold).upem

    def note(letter: str, *numbers: float) -> None:
        steps.append((letter, tuple(n / upem for n in numbers)))

    glyph = _font(bold).get_nominal_glyph(ord(drawable(character)))
    _font(bold).draw_glyph(glyph, _drawing(), note)
    return tuple(steps)


@lru_cache(maxsize=1)
def _drawing() -> hb.DrawFuncs:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, note: note("M", x, y))
    functions.set_line_to_func(lambda x, y, note: note("L", x, y))
    functions.set_cubic_to_func(lambda *numbers_and_note: numbers_and_note[-1]("C", *numbers_and_note[:-1]))
    functions.set_close_path_func(lambda note: note("Z"))
    return functions
