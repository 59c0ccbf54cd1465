"""Documents drawn as a printer draws them, and as a reader of PDF does."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from PIL import Image

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.blocks import Block
from kiosk.domain.documents import fill
from kiosk.shipped import documents
from printers import pdf, profile
from printers.escpos import encode
from printers.sim.interpreter import Interpreter
from printers.sim.paper import Paper
from tests.papers import english, sample

SNAPSHOTS = Path(__file__).parent / "snapshots"
FONT_SHA256 = {
    False: "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a",
    True: "faa5f3656a78b2e2d450d27fe8382c778bc2b6bb5ea29c986664a6a435056ceb",
}
"""fonts-noto-cjk of Debian 12; another font draws other pixels."""
PAPERS = {"80mm": "generic-80mm", "58mm": "generic-58mm"}
"""Folders of pictures, and the profile that prints them."""
MORNING = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE)
RARE = "𠮷䶮·阿卜杜拉"
"""A name with characters that GBK has not."""
DPI = 120
ALL = tuple((document.id, language) for document in documents().values() for language in document.languages)
"""Every document in every language it is written in."""


class _EndError(Exception):
    pass


def read(data: bytes, dots: int = 576) -> Interpreter:
    """Everything the bytes say, to a printer with a head this wide."""
    source = iter(data)

    def take() -> int:
        for byte in source:
            return byte
        raise _EndError

    machine = Interpreter(take, lambda _: None, lambda _: 0, lambda _: None, lambda: None, Paper(dots=dots))
    try:
        while True:
            machine.step()
    except _EndError:
        return machine


def values(language: str, **changed: str) -> dict[str, str]:
    return {**(english() if language == "en" else sample()), **changed}


def blocks(document: str, language: str, **changed: str) -> tuple[Block, ...]:
    return fill(documents()[document], language, values(language, **changed))


def page(model: str, document: str, language: str, **changed: str) -> Image.Image:
    """The page that comes out of a printer of this profile, with its margins."""
    machine = read(encode(blocks(document, language, **changed), profile(model)), profile(model).dots)
    assert not machine.seen.unknown
    assert machine.paper.wraps == 0
    picture = machine.paper.tear()
    assert picture
    return picture


def pdf_of(document: str, language: str, changed: Mapping[str, str] | None = None) -> bytes:
    return pdf.render(
        blocks(document, language, **(changed or {})),
        title=documents()[document].title.of(language),
        created=MORNING,
        language=language,
    )


@lru_cache(maxsize=64)
def sheet(document: str, language: str) -> bytes:
    """The PDF of a sample."""
    return pdf_of(document, language)


def a4(document: str, language: str) -> Image.Image:
    """The first sheet of the PDF as poppler draws it, DPI to the inch."""
    return drawn_by_poppler(sheet(document, language))


def drawn_by_poppler(data: bytes) -> Image.Image:
    command = ["pdftoppm", "-r", str(DPI), "-f", "1", "-l", "1", "-"]
    found = subprocess.run(command, input=data, capture_output=True, timeout=30, check=True)
    assert not found.stderr, found.stderr
    with Image.open(io.BytesIO(found.stdout)) as picture:
        return picture.convert("RGB")


def reduced(picture: Image.Image) -> Image.Image:
    """A sheet as it is kept: half as large, in few colours."""
    small = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX)
    return small.quantize(24, dither=Image.Dither.NONE)


def renew() -> None:
    """`python -m tests.drawn`: draw every picture anew. Look at each that changed before it is committed."""
    for document, language in ALL:
        for folder, model in PAPERS.items():
            keep(page(model, document, language), folder, document, language)
        keep(reduced(a4(document, language)), "a4", document, language)
    keep(page("generic-80mm", "receipt", "zh", name=RARE), "80mm", "receipt", "rare")


def keep(picture: Image.Image, folder: str, document: str, language: str) -> None:
    (SNAPSHOTS / folder).mkdir(parents=True, exist_ok=True)
    picture.save(SNAPSHOTS / folder / f"{document}-{language}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(renew())
