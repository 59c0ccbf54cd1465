"""PDFs as they are handed in by anybody: the pictures in one, read without trusting it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageOps
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

MOST_PAGES, MOST_PICTURES, DEEPEST = 20, 50, 8
MOST_SIDE, MOST_PIXELS = 20_000, 50_000_000
BROKEN = (PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, RecursionError, EOFError)
"""What a reader of PDFs raises at files that are none: they come from anybody."""


def pictures(pdf: bytes) -> Iterator[Image.Image]:
    """The pictures that the first pages are made of, in grey; none of a file that cannot be read."""
    try:
        streams = list(itertools.islice(_streams(pdf), MOST_PICTURES))
    except BROKEN:
        return
    for stream in streams:
        picture = _picture(stream)
        if picture is not None:
            yield picture


def _streams(pdf: bytes) -> Iterator[StreamObject]:
    root = PdfFileReader(io.BytesIO(pdf), strict=False).root["/Pages"]
    for resources in itertools.islice(_resources(root, {}, DEEPEST), MOST_PAGES):
        yield from _images(resources, DEEPEST)


def _resources(node: Any, inherited: Any, deep: int) -> Iterator[Any]:
    """Of each page below this node of the tree."""
    own = node.get("/Resources", inherited)
    if node.get("/Type") == "/Page":
        yield own
    elif deep:
        for kid in node["/Kids"]:
            yield from _resources(kid.get_object(), own, deep - 1)


def _images(resources: Any, deep: int) -> Iterator[StreamObject]:
    """Those of a page, and of the forms that it draws."""
    for item in resources.get("/XObject", {}).values():
        found = item.get_object()
        if isinstance(found, StreamObject) and found.get("/Subtype") == "/Image":
            yield found
        elif isinstance(found, StreamObject) and deep:
            yield from _images(found.get("/Resources", {}), deep - 1)


def _picture(stream: StreamObject) -> Image.Image | None:
    """None for a form of picture that no certificate has."""
    try:
        if stream.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            return _room(Image.open(io.BytesIO(stream.encoded_data)).convert("L"))
        size, bits = (int(stream["/Width"]), int(stream["/Height"])), int(stream.get("/BitsPerComponent", 1))
        if max(size) > MOST_SIDE or size[0] * size[1] > MOST_PIXELS:
            return None
        per_row = {"1": (size[0] + 7) // 8, "L": size[0], "RGB": 3 * size[0]}
        data = stream.data
        mode = next((each for each, row in per_row.items() if row * size[1] == len(data)), "")
        return _room(Image.frombytes(mode, size, data).convert("L")) if mode and bits in (1, 8) else None
    except BROKEN:
        return None


def _room(picture: Image.Image) -> Image.Image:
    """A code is found by the white around it, which the page has and not the picture."""
    return ImageOps.expand(ImageOps.autocontrast(picture), max(picture.size) // 8, 255)
