"""Pictures for the printer: bands, blank rows, and bytes that a printer would take for orders."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kiosk.domain.blocks import Seal
from printers.raster import BAND_BYTES, BAND_ROWS, bands, one_bit, qr_matrix, seal_mask, sign, text_mask


def drawn(picture: Image.Image) -> tuple[Image.Image, int]:
    """The bands put together again, and how many bytes they took."""
    out, y, size = Image.new("1", picture.size, 0), 0, 0
    for band in bands(picture):
        if isinstance(band, int):
            y += band
            continue
        assert band[:4] == b"\x1dv0\x00"
        width, rows = int.from_bytes(band[4:6], "little"), int.from_bytes(band[6:8], "little")
        assert rows <= BAND_ROWS
        assert len(band) - 8 == width * rows <= BAND_BYTES
        out.paste(Image.frombytes("1", (width * 8, rows), band[8:]), (0, y))
        y += rows
        size += len(band)
    assert y == picture.height
    return out, size


def test_bands_give_the_picture_back() -> None:
    picture = Image.new("1", (576, 900), 0)
    picture.paste(1, (3, 20, 120, 700))
    picture.paste(1, (3, 740, 60, 760))
    again, size = drawn(picture)
    assert again.tobytes() == picture.tobytes()
    assert size < 15 * 720 + 100


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


def test_the_seal_takes_names_of_any_length() -> None:
    for arc in (
        "",
        "校",
        "江城职业学院",
        "江城市景观生态与园林工程职业技术学院",
        "Jiangcheng Vocational College of Arts",
    ):
        assert seal_mask(arc, "章", 200).getbbox() is not None


def test_signed_words_and_stamp_do_not_cover_each_other() -> None:
    for words in (("江城职业学院教务处", "2026年3月2日"), ("Office of Academic Affairs", "2 March 2026"), ()):
        stamp, ink = sign(Seal("江城职业学院", "专用章", words), 48)
        assert stamp.size == ink.size
        assert stamp.width <= 576
        both = [s > 128 and i > 128 for s, i in zip(stamp.tobytes(), ink.tobytes(), strict=True)]
        assert not any(both)


def test_qr_has_one_pixel_a_module() -> None:
    assert qr_matrix("https://v.example.com/Zk3vT9bQp1Xw7aLd").size == (29, 29)
    assert qr_matrix("A" * 242).size == (53, 53)
