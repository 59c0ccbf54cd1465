"""What stands on the relay's wire: commands and answers, byte by byte."""

from __future__ import annotations

from random import Random

import pytest

from devices.relay import lcus, modbus
from devices.sim.relay import check_sum


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (modbus.on(1, 1), "01 05 00 00 FF 00 8C 3A"),
        (modbus.off(1, 1), "01 05 00 00 00 00 CD CA"),
        (modbus.read_coils(1), "01 01 00 00 00 08 3D CC"),
        (modbus.read_inputs(1), "01 02 00 00 00 08 79 CC"),
        (modbus.pulse(1, 1, 7), "01 05 02 00 00 07 8D B0"),
        (lcus.switch(1, closed=True), "A0 01 01 A2"),
        (lcus.switch(1, closed=False), "A0 01 00 A1"),
    ],
)
def test_commands_are_the_written_bytes(frame: bytes, expected: str) -> None:
    assert frame == bytes.fromhex(expected)
    assert frame[0] == 0xA0 or check_sum(frame[:-2]) == frame[-2:]


def test_crc_is_modbus_at_both_ends() -> None:
    assert modbus.crc(b"123456789") == check_sum(b"123456789") == bytes.fromhex("374b")


GOOD = {
    "01 05 00 00 FF 00 8C 3A": modbus.Answer(5, bytes.fromhex("0000FF00")),
    "01 01 01 01 90 48": modbus.Answer(1, b"\x01\x01"),
    "01 02 01 55 61 B7": modbus.Answer(2, b"\x01\x55"),
    "01 85 02 C3 51": modbus.Answer(0x85, b"\x02"),
}


def test_answers_are_read_whole_or_byte_by_byte() -> None:
    stream, answers = bytes.fromhex("".join(GOOD)), modbus.Answers(1)
    assert answers.feed(stream) == list(GOOD.values())
    assert [each for byte in stream for each in answers.feed(bytes((byte,)))] == list(GOOD.values())
    assert [each.refused for each in GOOD.values()] == [0, 0, 0, 2]
    assert [each.bits for each in GOOD.values()] == [0, 1, 0x55, 0]


@pytest.mark.parametrize("text", GOOD)
def test_an_answer_is_found_behind_noise_and_a_broken_one_never(text: str) -> None:
    random, frame = Random(text), bytes.fromhex(text)
    for _ in range(200):
        noise = bytes(random.choice((1, 2, 5, 0x85, 0, 255)) for _ in range(random.randrange(12)))
        answers = modbus.Answers(1)
        assert (answers.feed(noise + frame) + answers.idle())[-1] == GOOD[text]
    for at in range(len(frame) * 8):
        broken = bytearray(frame)
        broken[at // 8] ^= 1 << at % 8
        answers = modbus.Answers(1)
        assert answers.feed(bytes(broken)) + answers.idle() == []


def test_what_is_kept_of_a_flood_stays_small() -> None:
    answers, random = modbus.Answers(1), Random(3)
    for _ in range(200):
        answers.feed(random.randbytes(512))
        assert len(answers._buffer) < modbus.MOST_BYTES
