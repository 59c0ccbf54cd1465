"""Pictures for the printer: bands, blank rows, and bytes that a printer would take for orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from kiosk.domain.blocks import Align
from printers.raster import (
    BAND_BYTES,
    BAND_ROWS,
    SEAL_DOTS,
    bands,
    one_bit,
    qr_matrix,
    seal_bands,
    seal_mask,
    text_mask,
)
from tests.drawn import read


def drawn(picture: Image.Image, align: Align = Align.LEFT, most: int = BAND_ROWS) -> tuple[Image.Image, int]:
    """The bands put together again on a head as wide as the picture, and how many bytes they took."""
    out, y, size = Image.new("1", picture.size, 0), 0, 0
    for band in bands(picture, align, most):
        if isinstance(band, int):
            y += band
            continue
        assert band[:4] == b"\x1dv0\x00"
        width, rows = int.from_bytes(band[4:6], "little"), int.from_bytes(band[6:8], "little")
        assert rows <= most
        assert len(band) - 8 == width * rows <= BAND_BYTES
        spare = picture.width - width * 8
        left = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align]
        out.paste(Image.frombytes("1", (width * 8, rows), band[8:]), (left, y))
        y += rows
        size += len(band)
    assert y == picture.height
    return out, size


@pytest.mark.parametrize("align", list(Align))
@pytest.mark.parametrize("most", [BAND_ROWS, 16])
def test_bands_give_the_picture_back(align: Align, most: int) -> None:
    picture = Image.new("1", (576, 900), 0)
    picture.paste(1, (3, 20, 120, 700))
    picture.paste(1, (3, 740, 60, 760))
    picture.paste(1, (450, 790, 571, 800))
    picture.paste(1, (100, 840, 300, 850))
    again, _ = drawn(picture, align, most)
    assert again.tobytes() == picture.tobytes()


def test_what_is_blank_beside_the_ink_is_not_sent() -> None:
    for align, left in ((Align.LEFT, 0), (Align.CENTRE, 228), (Align.RIGHT, 456)):
        picture = Image.new("1", (576, 700), 0)
        picture.paste(1, (left, 20, left + 120, 700))
        assert drawn(picture, align)[1] < 16 * 680 + 200


@pytest.mark.parametrize("odd", [60, 63, 65])
def test_a_picture_of_odd_width_stays_in_the_middle(odd: int) -> None:
    """Filled up to whole bytes on one side alone, it would stand beside the middle."""
    machine = read(b"\x1ba\x01" + b"".join(b for b in bands(Image.new("1", (odd, 3), 1), Align.CENTRE) if b))
    page = machine.paper.tear()
    assert page
    box = ImageChops.invert(page.convert("L")).getbbox()
    assert box
    assert abs((box[0] + box[2]) - page.width) <= 1


def test_blank_picture_is_feed_alone() -> None:
    assert list(bands(Image.new("1", (100, 77), 0))) == [77]


@settings(max_examples=60)
@given(st.binary(min_size=600, max_size=600), st.integers(1, 40))
def test_no_order_hides_in_a_picture(data: bytes, width: int) -> None:
    rows = len(data) // width
    picture = Image.frombytes("1", (width * 8, rows), data[: rows * width])
    for band in bands(picture):
        if isinstance(band, bytes):
            for order in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
                assert order not in band


def test_an_order_in_a_picture_is_defused_by_one_dot() -> None:
    picture = Image.frombytes("1", (24, 2), b"\x10\x04\x01\x00\x10\x14")
    (band,) = bands(picture)
    assert isinstance(band, bytes)
    assert band[8:] == b"\x11\x04\x01\x00\x11\x14"


def test_text_stands_in_its_cells() -> None:
    mask = text_mask("A𠮷b", 12)
    assert mask.size == (48, 24)
    columns = [mask.crop((x, 0, x + w, 24)).getbbox() is not None for x, w in ((0, 12), (12, 24), (36, 12))]
    assert columns == [True, True, True]
    assert set(one_bit(mask).convert("L").tobytes()) == {0, 255}
    assert text_mask("", 12).size == (1, 24)


def test_the_seal_is_round_with_a_star_in_the_middle() -> None:
    seal = seal_mask("江城职业学院", "在读证明专用章", 248)
    assert seal.size == (248, 248)
    assert seal.getpixel((0, 0)) == 0
    assert seal.getpixel((124, 2)) > 200
    assert seal.getpixel((124, 122)) == 255
    assert seal.getbbox() == (0, 0, 248, 248)


@pytest.mark.parametrize(
    "arc", ["", "校", "江城职业学院", "江城市景观生态与园林工程职业技术学院", "Jiangcheng College"]
)
def test_the_seal_on_paper_is_the_seal_at_the_right_edge(arc: str) -> None:
    """Ring and star are sent at half the resolution: a dot beside the edge at most, and the size is exact."""
    sent = list(seal_bands(arc, "在读证明专用章"))
    machine = read(b"\x1ba\x02" + b"".join(b if isinstance(b, bytes) else b"\x1bJ" + bytes((b,)) for b in sent))
    assert machine.paper.feeds == SEAL_DOTS
    page = machine.paper.tear()
    assert page
    edge = page.width - 32
    found = ImageChops.invert(page.convert("L").crop((edge - SEAL_DOTS, 40, edge, 40 + SEAL_DOTS)))
    wanted = one_bit(seal_mask(arc, "在读证明专用章", SEAL_DOTS)).convert("L")
    assert (np.asarray(found) != np.asarray(wanted)).mean() < 0.03
    assert sum(len(b) for b in sent if isinstance(b, bytes)) < 0.85 * SEAL_DOTS * SEAL_DOTS / 8


def test_qr_has_one_pixel_a_module() -> None:
    assert qr_matrix("https://v.example.com/Zk3vT9bQp1Xw7aLd").size == (29, 29)
    assert qr_matrix("A" * 242).size == (53, 53)
