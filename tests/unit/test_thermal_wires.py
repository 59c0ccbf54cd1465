"""Bytes of four thermal protocols: the documented ones, and every way of breaking them."""

from __future__ import annotations

import math
import random
import struct
from typing import cast

import numpy as np
import pytest

from devices.sim.thermal import wire as sim
from devices.sim.thermal.scene import Scene
from devices.thermal import gy90640
from devices.thermal.frame import Heat, ThermalFrame
from devices.thermal.gy614 import Gy614
from devices.thermal.gy8833 import Gy8833
from devices.thermal.gy90640 import Gy90640, command, rate_for
from devices.thermal.htpa32 import REQUEST, SIZE, Htpa32
from devices.thermal.picture import picture
from devices.thermal.wires import Htpa32Talk
from devices.worker import Port

HOT = (12, 16)


def words_90640(pixels: dict[tuple[int, int], int] | None = None, ambient: int = 2750) -> bytes:
    """A frame of 25.00 °C with these pixels (row, column: hundredths), put together as the manual's table says."""
    values = [2500] * 768 + [ambient]
    for (row, column), value in (pixels or {}).items():
        values[row * 32 + column] = value
    body = b"\x5a\x5a\x02\x06" + struct.pack("<769h", *values)
    return body + struct.pack("<H", sum(struct.unpack("<771H", body)) % 65536)


SAMPLE = words_90640({HOT: 3662})
SAMPLE_614 = bytes.fromhex("A40307075F0D5C09DD0E40B1")
SAMPLE_8833 = bytes.fromhex(
    "a40309420cb81a1b1a1a1a1a1a1b1a1a1a1a1a1a1a1a1a1a1a1a1b1a1a1a1b1a"
    "1b1b1d1e1b1b1b1b1b1b1c1d1e1d1b1a1b1b1b1d1e1d1b1b1b1b1c1e1e1d1a1b1b1b1b1e1e1d83"
)


def one(heats: list[Heat]) -> Heat:
    assert len(heats) == 1
    return heats[0]


def test_the_documented_frame_of_a_90640() -> None:
    assert (len(SAMPLE), SAMPLE[-2:]) == (1544, bytes.fromhex("A4BB"))
    heat = one(Gy90640().feed(SAMPLE))
    assert heat.pixels.shape == (24, 32)
    assert heat.pixels[HOT] == pytest.approx(36.62, abs=1e-5)
    assert np.sum(heat.pixels == 25.0) == 767
    assert heat.ambient == pytest.approx(27.5)


def test_below_zero_is_below_zero() -> None:
    assert struct.pack("<h", -525) == bytes.fromhex("F3FD")
    heat = one(Gy90640().feed(words_90640({(0, 0): -525}, ambient=-525)))
    assert heat.pixels[0, 0] == pytest.approx(-5.25)
    assert heat.ambient == pytest.approx(-5.25)


def test_in_single_bytes_it_is_the_same_frame() -> None:
    parser = Gy90640()
    found = [heat for byte in SAMPLE + SAMPLE for heat in parser.feed(bytes((byte,)))]
    assert len(found) == 2
    assert parser.stream.faults == 0


def test_header_bytes_inside_the_picture_are_pixels() -> None:
    """5A 5A is 231.30 °C, 02 06 is 15.38 °C: together they look like the beginning of a frame."""
    tricky = words_90640({(3, 3): 0x5A5A, (3, 4): 0x0602, (9, 9): 0x5A5A})
    parser = Gy90640()
    assert one(parser.feed(tricky)).pixels[3, 3] == pytest.approx(231.30, abs=1e-4)
    opened_in_the_middle = Gy90640()
    assert one(opened_in_the_middle.feed(tricky[100:] + SAMPLE)).pixels[HOT] == pytest.approx(36.62, abs=1e-5)
    assert opened_in_the_middle.stream.faults == 0


@pytest.mark.parametrize("at", [2, 3, 4, 700, 1539, 1541, 1542, 1543])
def test_one_changed_byte_anywhere_costs_that_frame_alone(at: int) -> None:
    parser = Gy90640()
    broken = SAMPLE[:at] + bytes((SAMPLE[at] ^ 0x10,)) + SAMPLE[at + 1 :]
    assert len(parser.feed(SAMPLE + broken + SAMPLE)) == 2
    assert parser.stream.faults == 1


@pytest.mark.parametrize("cut", [1, 3, 5, 772, 1543])
def test_half_a_frame_costs_no_frame_behind_it(cut: int) -> None:
    parser = Gy90640()
    assert len(parser.feed(SAMPLE + SAMPLE[:cut] + SAMPLE + SAMPLE)) == 3
    assert parser.stream.faults == 1


def test_the_reply_on_emissivity_is_no_frame_and_no_fault() -> None:
    parser = Gy90640()
    assert len(parser.feed(SAMPLE + bytes.fromhex("5A5A6216") + SAMPLE)) == 2
    assert (parser.emissivity, parser.stream.faults) == (0.98, 0)
    assert parser.feed(bytes.fromhex("5A5A6217")) == []
    assert parser.emissivity == 0.98


def test_what_is_kept_stays_bounded_whatever_comes() -> None:
    dice, parser = random.Random(1), Gy90640()
    for data in (dice.randbytes(4096), b"\x5a" * 4096, b"\x5a\x5a\x02\x06" * 1024) * 3:
        assert parser.feed(data) == []
        assert parser.stream.kept <= 1544
    assert len(parser.feed(SAMPLE + SAMPLE)) >= 1


def test_commands_are_the_written_bytes() -> None:
    written = {
        gy90640.set_speed(9600): "A51501BB",
        gy90640.set_speed(115200): "A51502BC",
        gy90640.set_speed(460800): "A51503BD",
        gy90640.set_rate(0.5): "A52500CA",
        gy90640.set_rate(4): "A52503CD",
        gy90640.set_rate(8): "A52504CE",
        gy90640.ONE_FRAME: "A53501DB",
        gy90640.STREAM: "A53502DC",
        gy90640.set_emissivity(0.95): "A5455F49",
        gy90640.set_emissivity(0.98): "A545624C",
        gy90640.READ_EMISSIVITY: "A55501FB",
        gy90640.SAVE: "A565010B",
    }
    assert {made: made.hex().upper() for made in written} == written
    assert command(0x45, 98) == gy90640.set_emissivity(0.98)


def test_the_rate_is_what_the_line_carries() -> None:
    assert [rate_for(8, speed) for speed in (9600, 115200, 460800)] == [0.5, 4.0, 8.0]
    assert rate_for(1, 460800) == 1.0


def test_the_documented_frame_of_a_614() -> None:
    parser = Gy614()
    heat = one(parser.feed(SAMPLE_614))
    assert heat.pixels.shape == (1, 1)
    assert (float(heat.pixels[0, 0]), heat.ambient, heat.body) == pytest.approx((34.20, 25.25, 36.48), abs=1e-5)
    assert parser.emissivity == 0.95


def test_a_614_finds_its_next_frame_by_the_sum() -> None:
    parser = Gy614()
    found = parser.feed(SAMPLE_614[5:] + SAMPLE_614 + b"\xa4\xa4\xa4" + SAMPLE_614)
    assert [float(heat.pixels[0, 0]) for heat in found] == pytest.approx([34.2, 34.2], abs=1e-5)
    assert parser.stream.faults == 1
    for at in range(12):
        broken = SAMPLE_614[:at] + bytes((SAMPLE_614[at] ^ 0x08,)) + SAMPLE_614[at + 1 :]
        assert Gy614().feed(broken) == [], "a changed byte is found out wherever it is"
    below = struct.pack(">4B3h", 0xA4, 3, 7, 7, -525, 2000, 3650)
    frame = below[:4] + b"\x5f" + below[4:]
    assert one(parser.feed(frame + bytes((sum(frame) % 256,)))).pixels[0, 0] == pytest.approx(-5.25)


def test_the_captured_frame_of_an_8833() -> None:
    heat = one(Gy8833().feed(SAMPLE_8833))
    assert heat.pixels.shape == (8, 8)
    assert (heat.pixels.min(), heat.pixels.max(), heat.ambient) == (26.0, 30.0, None)
    broken = SAMPLE_8833[:20] + b"\xff" + SAMPLE_8833[21:]
    assert len(Gy8833().feed(broken + SAMPLE_8833)) == 1
    assert Gy8833().feed(broken) == []
    cold = sim.frame_8833(np.full((8, 8), -7.0), 0.0)
    assert one(Gy8833().feed(cold)).pixels.max() == -7.0


def reply(first: int = 0x0BA5, ambient: int = 0x0BA5) -> bytes:
    return b"\xe1" + struct.pack(">1025H", first, *[0x0BA5] * 1023, ambient) + b"\xff\xfc\xfd\xff"


def test_the_documented_values_of_an_htpa() -> None:
    assert bytes.fromhex("EEE10155FFFCFDFF") == REQUEST
    parser = Htpa32()
    parser.feed(reply(first=0x0C19)[:1000])
    parser.feed(reply(first=0x0C19)[1000:])
    heat = one(parser.idle())
    assert heat.pixels[0, 0] == pytest.approx(36.6, abs=1e-4)
    assert heat.pixels[31, 31] == pytest.approx(25.0, abs=1e-4)
    assert heat.ambient == pytest.approx(25.0, abs=1e-4)
    assert parser.idle() == []
    assert parser.faults == 0


@pytest.mark.parametrize(
    "data",
    [
        reply()[:-1],
        reply() + b"\xff",
        b"\xe2" + reply()[1:],
        b"\x00" + reply()[:-1],
        reply(first=2230),
        reply(first=6032),
        reply(ambient=0),
        b"\xe1",
    ],
)
def test_an_htpa_reply_is_exactly_right_or_nothing(data: bytes) -> None:
    parser = Htpa32()
    parser.feed(data)
    assert parser.idle() == []
    assert parser.faults == 1
    parser.feed(reply()[:-4] + bytes(4))
    assert len(parser.idle()) == 1, "the end is not confirmed by any manual"


def test_an_htpa_keeps_no_more_than_a_reply() -> None:
    parser = Htpa32()
    for _ in range(100):
        parser.feed(b"\xe1" * 4096)
    assert parser.kept == SIZE + 1


class Flood:
    """A line on which bytes never cease."""

    baudrate = 115200

    def take(self, seconds: float) -> bytes:
        return b"\xe1" * 4096

    def write(self, data: bytes) -> None:
        raise AssertionError("asked without a gap of silence")


def test_an_htpa_that_never_falls_silent_is_not_asked_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.thermal.wires.ANSWER_S", 0.01)
    talk = Htpa32Talk(cast(Port, Flood()))
    assert talk.read() == []
    assert talk.faults == 1


def test_what_warming_up_adds_dies_away() -> None:
    scene = Scene(24, 32)
    scene.noise, scene.drift, scene.drift_s = 0.0, 2.0, 60.0
    cold, later, warm = (float(scene.sense(age).mean()) for age in (0.0, 60.0, 3600.0))
    assert (cold - warm, later - warm) == (pytest.approx(2.0), pytest.approx(2.0 / math.e))


@pytest.mark.parametrize("kind", ["gy90640", "gy614", "gy8833"])
def test_the_peers_frames_are_understood(kind: str) -> None:
    shape = sim.ROWS_COLUMNS[kind]
    drawn = np.linspace(-5.0, 45.0, shape[0] * shape[1]).reshape(shape)
    parser = {"gy90640": Gy90640, "gy614": Gy614, "gy8833": Gy8833}[kind]()
    heat = one(parser.feed(sim.FRAMES[kind](drawn, 31.25)))
    assert heat.pixels == pytest.approx(drawn, abs=0.51 if kind == "gy8833" else 0.006)


def test_every_temperature_has_its_own_colour_in_a_fixed_range() -> None:
    pixels = np.array([[-10.0, 20.0, 30.0], [36.0, 40.0, 300.0]], np.float32)
    coloured = picture(ThermalFrame(1, 0.0, pixels, None))
    assert (coloured.shape, coloured.dtype) == ((2, 3, 3), np.uint8)
    assert (coloured[0, 0] == coloured[0, 1]).all()
    assert (coloured[1, 1] == coloured[1, 2]).all()
    grey = coloured.astype(int).sum(axis=2)
    assert grey[0, 1] < grey[0, 2] < grey[1, 0] < grey[1, 1]
