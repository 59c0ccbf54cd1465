"""The status bytes of ESC/POS, number by number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.status import (
    READY,
    DleAnswer,
    Flags,
    Inbox,
    InfoAnswer,
    RollAnswer,
    Status,
    automatic,
    dle,
    is_automatic,
    is_dle,
    is_roll,
)


@pytest.mark.parametrize(
    ("n", "byte", "status"),
    [
        (1, 0x12, Status.IDLE),
        (1, 0x16, Status.IDLE),
        (1, 0x1A, Status.ERROR),
        (2, 0x12, Status.IDLE),
        (2, 0x16, Status.COVER_OPEN),
        (2, 0x1A, Status.IDLE),
        (2, 0x32, Status.NO_PAPER),
        (2, 0x52, Status.ERROR),
        (3, 0x12, Status.IDLE),
        (3, 0x16, Status.ERROR),
        (3, 0x1A, Status.ERROR),
        (3, 0x32, Status.ERROR),
        (3, 0x52, Status.BUSY),
        (4, 0x12, Status.IDLE),
        (4, 0x1E, Status.PAPER_LOW),
        (4, 0x72, Status.NO_PAPER),
        (4, 0x7E, Status.NO_PAPER),
    ],
)
def test_real_time_answers(n: int, byte: int, status: Status) -> None:
    assert is_dle(byte)
    assert dle(Flags(), n, byte).status is status


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("14 00 00 0F", Status.IDLE),
        ("14 00 03 0F", Status.PAPER_LOW),
        ("3C 00 00 0F", Status.COVER_OPEN),
        ("1C 00 0F 0F", Status.NO_PAPER),
        ("1C 08 00 0F", Status.ERROR),
        ("1C 20 00 0F", Status.ERROR),
        ("1C 04 00 0F", Status.ERROR),
        ("1C 40 00 0F", Status.BUSY),
        ("10 00 00 00", Status.IDLE),
    ],
)
def test_automatic_status(data: str, status: Status) -> None:
    flags = automatic(bytes.fromhex(data))
    assert flags is not None
    assert flags.status is status


@pytest.mark.parametrize("data", ["12 00 00 0F", "14 10 00 0F", "14 00 80 0F", "14 00 00", "94 00 00 0F"])
def test_what_is_no_automatic_status(data: str) -> None:
    assert automatic(bytes.fromhex(data)) is None


@pytest.mark.parametrize("byte", [0x00, 0x10, 0x13, 0x92, 0x02, 0xFF, 0x41])
def test_what_is_no_real_time_answer(byte: int) -> None:
    assert not is_dle(byte)


def test_cover_weighs_more_than_paper_and_paper_more_than_offline() -> None:
    assert Flags(cover=True, paper_end=True, offline=True).status is Status.COVER_OPEN
    assert Flags(paper_end=True, offline=True).status is Status.NO_PAPER
    assert Flags(paper_end=True, paper_low=True).status is Status.NO_PAPER
    assert Flags(hot=True, offline=True, error=True).status is Status.BUSY
    assert Flags(hot=True, cutter=True).status is Status.ERROR


def test_ready_is_what_a_job_may_be_sent_in() -> None:
    assert {Status.IDLE, Status.BUSY, Status.PAPER_LOW, Status.TONER_LOW} == READY


def test_three_kinds_of_answer_share_a_line() -> None:
    data = bytes.fromhex("12 14 00 03 0F 00 1E FF 0C")
    assert list(Inbox().feed(data)) == [
        DleAnswer(0x12),
        Flags(paper_low=True),
        RollAnswer(low=False, end=False),
        DleAnswer(0x1E),
        RollAnswer(low=False, end=True),
    ]


def test_an_answer_may_come_in_two_reads() -> None:
    inbox = Inbox()
    assert not list(inbox.feed(b"\x3c\x00"))
    assert list(inbox.feed(b"\x00\x0f\x12")) == [Flags(offline=True, cover=True), DleAnswer(0x12)]


def test_a_broken_packet_does_not_swallow_what_follows() -> None:
    assert list(Inbox().feed(b"\x14\x00\x12\x00")) == [DleAnswer(0x12), RollAnswer(low=False, end=False)]


TEXT = b"\x5fEPSON TM-T88V\x00"


@given(st.lists(st.integers(1, 5), max_size=8))
def test_no_letter_of_a_text_is_another_answer_however_it_is_cut(sizes: list[int]) -> None:
    inbox, data, found = Inbox(expects=1), b"\x12" + TEXT + b"\x00", list[object]()
    for size in (*sizes, len(data)):
        found += inbox.feed(data[:size])
        data = data[size:]
    assert found == [DleAnswer(0x12), InfoAnswer("EPSON TM-T88V"), RollAnswer(low=False, end=False)]
    assert inbox.expects == 0


def test_a_text_that_nobody_asked_for_or_that_breaks_off_hides_no_status() -> None:
    assert DleAnswer(0x12) in list(Inbox().feed(b"\x5fEPSON\x12"))
    torn = Inbox(expects=1)
    assert list(torn.feed(b"\x5fEPS\x12\x00")) == [DleAnswer(0x12), RollAnswer(low=False, end=False)]
    assert list(torn.feed(TEXT)) == [InfoAnswer("EPSON TM-T88V")], "the whole one may still come"
    endless = Inbox(expects=1)
    assert len([answer for answer in endless.feed(b"\x5f" + b"\x21" * 500 + b"\x12") if answer == DleAnswer(0x12)]) == 1


@given(st.integers(0, 255))
def test_a_byte_is_one_kind_at_most(byte: int) -> None:
    assert is_dle(byte) + is_automatic(byte) + is_roll(byte) <= 1


@given(st.binary(max_size=200))
def test_garbage_never_raises(data: bytes) -> None:
    for answer in (*Inbox().feed(data), *Inbox(expects=9).feed(data)):
        assert isinstance(answer, DleAnswer | RollAnswer | InfoAnswer | Flags)
