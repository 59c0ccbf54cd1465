"""Every document as it comes out, compared with the picture that was reviewed; its code read by a foreign reader.

To renew the pictures: `python -m tests.drawn`, then look at each that changed.
"""

from __future__ import annotations

import io
import shutil
import subprocess

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageChops

from kiosk.domain.blocks import Seal
from kiosk.shipped import documents
from printers import fonts, pdf, preview
from tests import drawn

SLIPS = ("receipt", "request_list", "queue_slip", "readiness")
needs_zbar = pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg (zbar-tools) is not installed")
needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm (poppler-utils) is not installed")
every = pytest.mark.parametrize(("document", "language"), drawn.ALL)


def code_of(document: str, language: str) -> str:
    return drawn.values(language)["progress" if document in SLIPS else "code"]


def zbar(picture: Image.Image) -> str:
    data = io.BytesIO()
    picture.convert("L").save(data, "PNG", compress_level=1)
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "PNG:-"]
    found = subprocess.run(command, input=data.getvalue(), capture_output=True, timeout=30, check=False)
    return found.stdout.decode().strip("\n")


def kept(folder: str, document: str, language: str) -> Image.Image:
    with Image.open(drawn.SNAPSHOTS / folder / f"{document}-{language}.png") as picture:
        return picture.convert("RGB")


def same(found: Image.Image, folder: str, document: str, language: str) -> None:
    expected = kept(folder, document, language)
    assert found.size == expected.size
    assert ImageChops.difference(found.convert("RGB"), expected).getbbox() is None


def test_the_fonts_are_the_ones_the_pictures_were_made_with() -> None:
    assert {bold: fonts.sha256(bold) for bold in (False, True)} == drawn.FONT_SHA256


def test_there_is_a_picture_of_every_document_and_of_nothing_else() -> None:
    names = {f"{document}-{language}.png" for document, language in drawn.ALL}
    for folder in ("80mm", "58mm", "a4"):
        extra = {"receipt-rare.png"} if folder == "80mm" else set()
        assert {path.name for path in (drawn.SNAPSHOTS / folder).iterdir()} == names | extra


@needs_zbar
@every
def test_80_mm_looks_as_reviewed_and_its_code_is_read(document: str, language: str) -> None:
    page = drawn.page("generic-80mm", document, language)
    same(page, "80mm", document, language)
    assert zbar(page) == code_of(document, language)


@every
def test_58_mm_looks_as_reviewed_and_its_code_is_read(document: str, language: str) -> None:
    page = drawn.page("generic-58mm", document, language)
    same(page, "58mm", document, language)
    (found,) = zxingcpp.read_barcodes(np.asarray(page.convert("L")), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == code_of(document, language)


@needs_poppler
@needs_zbar
@every
def test_a4_looks_as_reviewed_and_its_code_is_read(document: str, language: str) -> None:
    """Poppler of another version may draw an edge differently: a word that is missing or elsewhere is far more."""
    picture = drawn.a4(document, language)
    found, expected = drawn.reduced(picture).convert("L"), kept("a4", document, language).convert("L")
    assert found.size == expected.size
    far = np.asarray(ImageChops.difference(found, expected)) > 80
    assert far.sum() < 12
    assert zbar(picture.crop((0, picture.height // 2, picture.width // 2, picture.height))) == code_of(
        document, language
    )


def test_a_name_beyond_gbk_is_drawn_where_the_others_are_printed() -> None:
    same(drawn.page("generic-80mm", "receipt", "zh", name=drawn.RARE), "80mm", "receipt", "rare")


@pytest.mark.parametrize(("model", "native"), [("raster-80mm", "generic-80mm"), ("raster-58mm", "generic-58mm")])
@pytest.mark.parametrize("document", ["enrolment", "transcript"])
def test_a_page_of_pictures_is_the_page_of_characters(document: str, model: str, native: str) -> None:
    """A head without Chinese: the same page, but for the code, which may choose another mask, and defused dots."""
    drawn_, printed = (np.asarray(drawn.page(each, document, "zh").convert("L")) for each in (model, native))
    assert drawn_.shape == printed.shape
    apart = np.flatnonzero((drawn_ != printed).sum(axis=1) > 2)
    assert apart.size == 0 or apart[-1] - apart[0] < 300
    (found,) = zxingcpp.read_barcodes(drawn_, formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == code_of(document, "zh")


@pytest.mark.parametrize("document", sorted(documents()))
def test_the_code_on_the_screen_is_read(document: str) -> None:
    language = documents()[document].languages[0]
    with Image.open(io.BytesIO(preview.png(drawn.blocks(document, language), 640))) as picture:
        (found,) = zxingcpp.read_barcodes(np.asarray(picture), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == code_of(document, language)


@needs_poppler
def test_the_seal_alone_is_red() -> None:
    pixels = np.asarray(drawn.a4("enrolment", "zh")).astype(int)
    red = (pixels[..., 0] - pixels[..., 1] > 100) & (pixels[..., 0] > 150)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    across = 42 / 25.4 * drawn.DPI
    assert rows[-1] - rows[0] == pytest.approx(across, abs=3)
    assert columns[-1] - columns[0] == pytest.approx(across, abs=3)
    blocks = [block for block in drawn.blocks("enrolment", "zh") if type(block).__name__ != "Seal"]
    bare = pdf.render(blocks, title="x", created=drawn.MORNING)
    grey = np.asarray(drawn.drawn_by_poppler(bare)).astype(int)
    assert (grey.max(axis=2) - grey.min(axis=2)).max() < 12


@needs_poppler
def test_words_under_the_seal_stay_black_where_it_covers_them() -> None:
    data = pdf.render([Seal("江城职业学院", "专用章", ("国国国国",) * 6)], title="x", created=drawn.MORNING)
    pixels = np.asarray(drawn.drawn_by_poppler(data)).astype(int)
    red = (pixels[..., 0] - pixels[..., 1] > 100) & (pixels[..., 0] > 150)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    x, y, side = columns[0], rows[0], columns[-1] - columns[0]
    middle = pixels[y + side * 42 // 100 : y + side * 55 // 100, x + side * 44 // 100 : x + side * 56 // 100]
    assert (middle.max(axis=2) < 60).sum() > 30
