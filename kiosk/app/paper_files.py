"""What somebody hands to `verify`: a code as text, a picture of one, or a PDF with one in it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, UnidentifiedImageError

from kiosk.domain import certificates

MOST_BYTES, MOST_PIXELS = 30_000_000, 50_000_000
_QR = zxingcpp.BarcodeFormat.QRCode


@dataclass(frozen=True, slots=True)
class Given:
    """`code`: the text to be judged, "" when there is none. `pdf`: the file, when it is one."""

    code: str
    pdf: bytes | None = None


def take(word: str) -> Given | None:
    """A file by its name, `-` for standard input, else the code itself; None: a file that is not there.

    Raises OSError.
    """
    if word == "-":
        return of_bytes(sys.stdin.buffer.read(MOST_BYTES))
    path = Path(word)
    if _is_file(path):
        with path.open("rb") as file:
            return of_bytes(file.read(MOST_BYTES))
    return None if path.suffix.lower() in (".pdf", ".png", ".jpg", ".jpeg") else Given(tidy(word))


def of_bytes(data: bytes) -> Given:
    """By what they are, whatever they are called."""
    if data.lstrip()[:5] == b"%PDF-":
        return Given(code_of(pictures(data)), data)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return Given(code_of([picture]))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return Given(tidy(data[: 2 * certificates.MOST_CHARACTERS].decode("ascii", "replace")))


def tidy(text: str) -> str:
    """Without the line breaks that pasting brings; a space is a character of the code."""
    whole = "".join(text.splitlines())
    return whole if certificates.kid_of(whole) is not None else whole.strip()


def code_of(found: Iterable[Image.Image]) -> str:
    """The certificate's code among all QR codes, else any of them, else nothing."""
    texts = [text for picture in found for text in _texts(picture)]
    return next((text for text in texts if certificates.kid_of(text) is not None), texts[0] if texts else "")


def pictures(pdf: bytes) -> Iterator[Image.Image]:
    """The pictures that the pages of a PDF are made of."""
    from kiosk.app import pdf_files

    return pdf_files.pictures(pdf)


def _texts(picture: Image.Image) -> list[str]:
    if picture.width * picture.height > MOST_PIXELS:
        return []
    grey = np.asarray(picture.convert("L"))
    return [found.text for found in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(_QR)) if found.valid]


def _is_file(path: Path) -> bool:
    """A code is longer than the name of a file may be."""
    try:
        return path.is_file()
    except OSError:
        return False
