"""The encoder's bytes, read by a parser that shares no code with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.blocks import Align, Block, Column, Cut, Paragraph, Picture, Qr, Row, Seal, Table, Title
from kiosk.domain.documents import fill
from kiosk.shipped import documents
from printers import profile
from printers.escpos import PIECE, encode, millimetres, pieces
from printers.profiles import profiles
from tests.drawn import read
from tests.papers import job, sample

WIDE = profile("generic-80mm")
OURS = {"ESC @", "ESC a", "ESC E", "ESC 3", "ESC J", "GS !", "FS !", "FS &", "FS .", "GS v", "GS (", "GS V", "ESC d"}


MODELS = ("generic-80mm", "generic-58mm", "raster-80mm", "raster-58mm")


def obeys(data: bytes, cuts: int = 1, dots: int = 576) -> None:
    """No command beyond the encoder's own, no order in real time, no line that the head had to break."""
    machine = read(data, dots)
    assert not machine.seen.unknown
    assert set(machine.seen.commands) <= OURS
    assert machine.seen.kicks == 0
    assert machine.seen.cuts == cuts
    assert machine.paper.wraps == 0
    assert not re.search(rb"\x10[\x04\x05\x14]", data)


def lines(*texts: str) -> bytes:
    return encode([Paragraph(text) for text in texts], WIDE)


def test_a_line_goes_out_in_gbk_between_fs_and_fs_dot() -> None:
    assert lines("兹证明 A1。") == b"\x1b@\x1c." + b"\x1b3\x24" + b"\x1c&" + "兹证明 A1。".encode("gbk") + b"\x1c.\n"


def test_ascii_needs_no_chinese_mode() -> None:
    assert lines("No. 42") == b"\x1b@\x1c.\x1b3\x24No. 42\n"


def test_the_yen_sign_becomes_the_one_that_gbk_has() -> None:
    assert "￥12，".encode("gbk") in lines("¥12，")
    assert "：。".encode("gbk") in lines("：。")


@pytest.mark.parametrize("name", ["𠮷田", "䶮", "喜😀", "ñ", "€5"])
def test_only_the_line_with_a_rare_character_becomes_a_picture(name: str) -> None:
    data = lines("姓名", name, "学号")
    assert data.count(b"\x1dv0\x00") == 1
    assert "姓名".encode("gbk") in data
    assert "学号".encode("gbk") in data
    machine = read(data)
    assert machine.paper.feeds == 3 * 36


def test_the_title_is_double_for_letters_and_hanzi_and_back() -> None:
    data = encode([Title("证明 A"), Paragraph("x")], WIDE)
    assert b"\x1d!\x11\x1c!\x0c" in data
    assert data.index(b"\x1d!\x00\x1c!\x00") < data.index(b"x\n")


def test_alignment_and_weight_are_set_only_where_they_change() -> None:
    data = encode(
        [Paragraph("a", Align.CENTRE, bold=True), Paragraph("b", Align.CENTRE, bold=True), Paragraph("c")], WIDE
    )
    assert (data.count(b"\x1ba"), data.count(b"\x1bE")) == (2, 2)


def test_the_qr_code_is_the_printers_own() -> None:
    data = encode([Qr("A" * 242)], WIDE)
    assert b"\x1d(k\xf5\x001P0" + b"A" * 242 in data
    assert b"\x1d(k\x03\x001C\x05" in data
    assert b"\x1dv0" not in data
    drawn = encode([Qr("A" * 242)], profile("inch360-80mm"))
    assert b"\x1d(k" not in drawn
    assert b"\x1dv0" in drawn


def test_feeds_follow_the_models_unit() -> None:
    assert b"\x1b3\x40" in encode([Paragraph("a")], profile("inch360-80mm"))


@pytest.mark.parametrize("model", sorted(profiles()))
@pytest.mark.parametrize(("name", "language"), [(d.id, x) for d in documents().values() for x in d.languages])
def test_every_document_on_every_model(name: str, language: str, model: str) -> None:
    data = encode(fill(documents()[name], language, sample()), profile(model))
    machine = read(data, profile(model).dots)
    assert not machine.seen.unknown
    assert machine.paper.wraps == 0
    assert machine.seen.cuts == (0 if profile(model).cut == "none" else 1)


@pytest.mark.parametrize(("model", "seal_and_all"), [("generic-80mm", 4_600), ("raster-80mm", 30_000)])
def test_a_certificate_is_short_on_the_wire(model: str, seal_and_all: int) -> None:
    """python-escpos sends the same page as 93,000 bytes of picture."""
    assert len(encode(fill(documents()["enrolment"], "zh", sample()), profile(model))) < seal_and_all


def test_a_model_without_chinese_gets_no_character_at_all() -> None:
    data = encode([Title("证明 A"), Paragraph("abc")], profile("raster-80mm"))
    machine = read(data)
    assert set(machine.seen.commands) <= {"ESC @", "FS .", "ESC a", "ESC J", "GS v"}
    assert machine.paper.tear()


def test_a_native_certificate_without_its_seal_is_small() -> None:
    blocks = [b for b in fill(documents()["enrolment"], "zh", sample()) if not isinstance(b, Seal)]
    assert len(encode(blocks, WIDE)) < 1000


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_text_in_any_field_gives_our_commands_and_lines_that_fit(data: st.DataObject) -> None:
    document = documents()[
        data.draw(st.sampled_from(["enrolment", "transcript", "leave_slip", "income", "request_list"]))
    ]
    field = data.draw(st.sampled_from(sorted(sample())))
    text = data.draw(st.text(min_size=1, max_size=40))
    values = {**sample(), field: "字A" + text}
    model = profile(data.draw(st.sampled_from(MODELS)))
    obeys(encode(fill(document, "zh", values), model), 0 if model.cut == "none" else 1, model.dots)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text(max_size=40), min_size=4, max_size=4), st.sampled_from(MODELS))
def test_any_text_in_any_block_gives_our_commands(words: list[str], name: str) -> None:
    model = profile(name)
    one, two, three, four = words
    blocks: list[Block] = [
        *(Title(one), Paragraph(two), Row(three, four), Row(four, one, spread=True)),
        Table((Column(one, 9), Column(two, 0)), ((three, four),)),
        *(Qr(one or "x", (two,)), Seal(one, two, (three, four)), Picture("emblem.png", 20, one), Cut()),
    ]
    obeys(encode(blocks, model), 0 if model.cut == "none" else 1, model.dots)


@pytest.mark.parametrize(
    "attack",
    [
        "\x1bp\x00\x19\xfa",
        "\x1dV\x00",
        "\x10\x14\x01\x00\x05",
        "\x1c.\x1b@",
        "\u202e\u2066",
        "\x00" * 50,
        "😀" * 10,
        "很" * 10_000,
    ],
)
def test_orders_in_a_name_are_not_obeyed(attack: str) -> None:
    obeys(job("enrolment", name="张" + attack))
    obeys(job("receipt", name="张" + attack))


def test_a_name_of_ten_thousand_characters_gives_a_bounded_job() -> None:
    assert len(job("enrolment", name="𠮷" * 10_000)) < 80_000


def test_pieces_end_between_commands_and_are_the_whole_job() -> None:
    data = job("transcript")
    assert all(len(part) <= PIECE for part in pieces(data))
    parts = list(pieces(data, 1000))
    assert b"".join(parts) == data
    assert all(len(part) <= 1000 for part in parts)
    assert len(parts) > 2
    for end in range(1, len(parts)):
        machine = read(b"".join(parts[:end]))
        assert not machine.paper._line
        assert not machine.seen.unknown


@given(st.binary(max_size=400))
def test_pieces_of_foreign_bytes_lose_nothing(data: bytes) -> None:
    assert b"".join(pieces(data, 64)) == data


def test_the_length_of_a_page_is_known_about() -> None:
    data = job("enrolment")
    assert 0.8 < millimetres(data) / (read(data).paper.feeds / 8) < 1.2


def test_profiles_are_complete_data() -> None:
    file = Path("printers/profiles.toml")
    names = tomllib.loads(file.read_text("utf-8"))
    assert set(names) == set(profiles())
    with pytest.raises(KeyError, match="generic-80mm"):
        profile("no-such")
