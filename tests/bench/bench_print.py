"""What a certificate costs on the wire and to draw: ours, and python-escpos' image() of the same page."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from escpos.printer import Dummy
from PIL import Image

from printers import preview, profile
from printers.escpos import encode
from tests import drawn

ROUNDS = 15
BITS_A_BYTE, BAUD = 10, 115_200
DOCUMENT = ("enrolment", "zh")


def run() -> dict[str, float]:
    """Bytes of one page; ratios are how many times more the peer sends; milliseconds are medians, one thread."""
    blocks = drawn.blocks(*DOCUMENT)
    native, raster, drawn_whole = (
        len(encode(blocks, profile("generic-80mm"))),
        len(encode(blocks, profile("raster-80mm"))),
        len(_peer(_page())),
    )
    return {
        "print.bytes_native": native,
        "print.bytes_raster": raster,
        "print.bytes_peer": drawn_whole,
        "print.bytes_ratio": drawn_whole / native,
        "print.bytes_ratio_raster": drawn_whole / raster,
        "print.wire_s_115200": _seconds(native),
        "print.wire_s_115200_peer": _seconds(drawn_whole),
        "print.wire_s_115200_raster": _seconds(raster),
        "print.render_ms": _median(lambda: encode(blocks, profile("raster-80mm"))),
        "print.render_ms_native": _median(lambda: encode(blocks, profile("generic-80mm"))),
        "print.preview_ms": _median(lambda: preview.png(blocks, 620)),
        "print.pdf_ms": _median(lambda: drawn.pdf_of(*DOCUMENT)),
    }


def _page() -> Image.Image:
    """The page as one picture, as wide as the head."""
    page = drawn.page("raster-80mm", *DOCUMENT).convert("L")
    margin = (page.width - profile("raster-80mm").dots) // 2
    return page.crop((margin, 0, page.width - margin, page.height))


def _peer(page: Image.Image) -> bytes:
    printer = Dummy()
    printer.image(page, impl="bitImageRaster")
    return bytes(printer.output)


def _seconds(size: int) -> float:
    return size * BITS_A_BYTE / BAUD


def _median(act: Callable[[], object]) -> float:
    """Milliseconds; the first call, which loads fonts, is left out."""
    times: list[float] = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[1:])
