"""The page on the screen: the printer's lines, smooth, with the seal in red."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from kiosk.domain.blocks import Block, Cut, Paragraph, Title
from kiosk.domain.documents import fill
from kiosk.shipped import documents
from printers import preview
from tests.papers import sample


def drawn(blocks: tuple[Block, ...], width: int) -> Image.Image:
    with Image.open(io.BytesIO(preview.png(blocks, width))) as picture:
        assert picture.format == "PNG"
        return picture.convert("RGB")


def certificate() -> tuple[Block, ...]:
    return fill(documents()["enrolment"], "zh", sample())


@pytest.mark.parametrize("width", [320, 620, 1000])
def test_it_has_the_width_asked_for_and_a_code_that_can_be_read(width: int) -> None:
    picture = drawn(certificate(), width)
    assert picture.width == width
    assert 1.4 < picture.height / width < 2.4
    if width > 600:
        (found,) = zxingcpp.read_barcodes(np.asarray(picture), formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text == sample()["code"]


def test_the_seal_is_red_and_nothing_else_is() -> None:
    pixels = np.asarray(drawn(certificate(), 620)).reshape(-1, 3)
    red = (pixels == preview.SEAL_RED).all(axis=1)
    assert 2000 < red.sum() < 30_000
    without = tuple(block for block in certificate() if type(block).__name__ != "Seal")
    pixels = np.asarray(drawn(without, 620)).reshape(-1, 3)
    assert not (pixels == preview.SEAL_RED).all(axis=1).any()


def test_nothing_is_drawn_behind_the_cut() -> None:
    one = (Title("证明"), Paragraph("一"), Cut())
    assert preview.png(one, 400) == preview.png((*one, *one), 400)


def test_an_empty_page_is_paper() -> None:
    assert drawn((), 300).getextrema() == ((255, 255),) * 3


def test_a_page_takes_little_time() -> None:
    """Some 20 ms on the reference machine; ten times that is a mistake somewhere."""
    preview.png(certificate(), 620)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        preview.png(certificate(), 620)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.2
