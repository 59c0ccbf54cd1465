"""Whether an attachment is what it claims to be: really decoded, to its end, with nothing behind it."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from PIL import Image

MOST_PIXELS = 16_000_000
"""A photograph of 16 megapixels takes 64 MB while it is looked at; what claims more is not looked at."""
MOST_PASSES = 30
"""A progressive JPEG has some ten; thousands would keep a processor for minutes."""
SLACK = 64
"""Bytes of padding that cameras leave behind the end."""

_BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError),
    *(struct.error, zlib.error, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning),
)
_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_AFTER_PASS = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
_ALONE, _END, _PASS = frozenset({0x01, *range(0xD0, 0xD8)}), 0xD9, 0xDA
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d\s")
_PDF_TAIL = re.compile(rb"startxref\s+(\d{1,8})\s+%%EOF([\s\0]*)\Z")
_PDF_XREF = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
_one_at_a_time = threading.Lock()


def kind_of(data: bytes) -> str | None:
    """The type it really is, whatever the sender called it; None = none we take, damaged, too large, or with a tail."""
    for kind, (magic, sound) in KINDS.items():
        if data.startswith(magic):
            with _one_at_a_time:
                return kind if sound(data) else None
    return None


def _jpeg(data: bytes) -> bool:
    end = _jpeg_end(data)
    return end is not None and len(data) - end <= SLACK and _decodes(data, "JPEG")


def _png(data: bytes) -> bool:
    end = _png_end(data)
    return end is not None and len(data) - end <= SLACK and _decodes(data, "PNG")


def _pdf(data: bytes) -> bool:
    """Header, trailer, and a table of contents where the trailer says; its pages are nobody's to run here."""
    tail = _PDF_TAIL.search(data, max(0, len(data) - 1024))
    if tail is None or len(tail[2]) > SLACK or not _PDF_HEAD.match(data):
        return False
    return _PDF_XREF.match(data, int(tail[1])) is not None and b"/Root" in data


KINDS: Mapping[str, tuple[bytes, Callable[[bytes], bool]]] = {
    "image/jpeg": (b"\xff\xd8\xff", _jpeg),
    "image/png": (b"\x89PNG\r\n\x1a\n", _png),
    "application/pdf": (b"%PDF-", _pdf),
}


def _jpeg_end(data: bytes) -> int | None:
    """Where its end-of-image marker ends; None when it is not built like one."""
    at, passes = 2, 0
    while found := _MARKER.match(data, at):
        at = found.end()
        if found[1][0] == _END:
            return at
        if found[1][0] in _ALONE:
            continue
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
        if found[1][0] == _PASS:
            passes += 1
            behind = _AFTER_PASS.search(data, at)
            if behind is None or passes > MOST_PASSES:
                return None
            at = behind.start()
    return None


def _png_end(data: bytes) -> int | None:
    """Where its chunk IEND ends; None when there is none."""
    at = 8
    while at + 12 <= len(data):
        kind, at = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND":
            return at if at <= len(data) else None
    return None


def _decodes(data: bytes, form: str) -> bool:
    try:
        with Image.open(BytesIO(data), formats=(form,)) as image:
            if image.width * image.height > MOST_PIXELS or getattr(image, "n_frames", 1) != 1:
                return False
            image.verify()
        with Image.open(BytesIO(data), formats=(form,)) as image:
            # of a JPEG every bit is read all the same, into an eighth of the width
            image.draft(image.mode, (image.width // 8, image.height // 8))
            image.load()
    except _BROKEN:
        return False
    return True
