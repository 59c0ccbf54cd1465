"""Messages of IPP: the standard's own example, any bytes at all, and what a printer's words mean."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.ipp import supplies, words
from printers.ipp.wire import (
    MOST_BYTES,
    Attributes,
    Group,
    Message,
    MessageError,
    Operation,
    Tag,
    attribute,
    decode,
    encode,
)
from printers.ipp.words import JobWord
from printers.machine import Levels
from printers.status import Status

EXAMPLE = (
    b"\x01\x01\x00\x02\x00\x00\x00\x01\x01"
    b"\x47\x00\x12attributes-charset\x00\x05utf-8"
    b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    b"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree"
    b"\x42\x00\x08job-name\x00\x06foobar"
    b"\x22\x00\x16ipp-attribute-fidelity\x00\x01\x01"
    b"\x02"
    b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x14"
    b"\x44\x00\x05sides\x00\x13two-sided-long-edge"
    b"\x03"
)
"""RFC 8010, A.1: a Print-Job request."""
OPERATION = (
    attribute(Tag.CHARSET, "attributes-charset", "utf-8"),
    attribute(Tag.LANGUAGE, "attributes-natural-language", "en-us"),
    attribute(Tag.URI, "printer-uri", "ipp://printer.example.com/ipp/print/pinetree"),
    attribute(Tag.NAME, "job-name", "foobar"),
    attribute(Tag.BOOLEAN, "ipp-attribute-fidelity", True),
)
JOB = (attribute(Tag.INTEGER, "copies", 20), attribute(Tag.KEYWORD, "sides", "two-sided-long-edge"))


def test_the_example_of_the_standard_is_written_and_read() -> None:
    written = encode((1, 1), Operation.PRINT_JOB, 1, [(Group.OPERATION, OPERATION), (Group.JOB, JOB)])
    assert written == EXAMPLE
    read = decode(EXAMPLE + b"%PDF")
    assert (read.version, read.code, read.id) == ((1, 1), Operation.PRINT_JOB, 1)
    assert read.group(Group.OPERATION)["ipp-attribute-fidelity"] == (True,)
    assert read.group(Group.JOB) == {"copies": (20,), "sides": ("two-sided-long-edge",)}
    assert read.group(Group.PRINTER) == {}


def test_collections_are_passed_over_and_sets_are_kept() -> None:
    inner = (
        b"\x34\x00\x00\x00\x00"
        + b"\x4a\x00\x00\x00\x01x"
        + b"\x21\x00\x00\x00\x04\x00\x00\x00\x07"
        + b"\x37"
        + b"\0" * 4
    )
    nested = b"\x34\x00\x09media-col\x00\x00" + b"\x4a\x00\x00\x00\x01a" + inner + b"\x37" + b"\0" * 4
    more = inner + b"\x13\x00\x04none\x00\x00" + b"\x44\x00\x01k\x00\x01a" + b"\x44\x00\x00\x00\x01b"
    language = b"\x36\x00\x01n\x00\x08\x00\x02en\x00\x02hi"
    read = decode(b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + nested + more + language + b"\x03")
    assert read.group(Group.PRINTER) == {"media-col": (), "none": (), "k": ("a", "b"), "n": ("hi",)}


def test_what_is_cut_off_is_no_message() -> None:
    for end in range(len(EXAMPLE)):
        with pytest.raises(MessageError):
            decode(EXAMPLE[:end])


@given(st.binary(max_size=400))
def test_any_bytes_give_a_message_or_an_error(data: bytes) -> None:
    for tried in (data, b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + data):
        try:
            assert isinstance(decode(tried), Message)
        except MessageError:
            continue


@given(st.integers(0, len(EXAMPLE) - 1), st.binary(min_size=1, max_size=4))
def test_a_message_with_any_bytes_changed_gives_one_or_an_error(at: int, other: bytes) -> None:
    try:
        decode(EXAMPLE[:at] + other + EXAMPLE[at + len(other) :])
    except MessageError:
        return


NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=40)
VALUES = st.one_of(
    st.tuples(st.just(Tag.INTEGER), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4)),
    st.tuples(st.just(Tag.BOOLEAN), st.lists(st.booleans(), min_size=1, max_size=4)),
    st.tuples(st.just(Tag.TEXT), st.lists(st.text("aé汉𠮷 \0", max_size=20), min_size=1, max_size=4)),
)


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.integers(0, 0x7FFF), st.integers(1, 2**31 - 1))
def test_what_is_written_is_read(found: dict[str, tuple[Tag, list[int]]], code: int, number: int) -> None:
    wanted = [attribute(tag, name, *values) for name, (tag, values) in found.items()]
    read = decode(encode((2, 0), code, number, [(Group.PRINTER, wanted)]))
    assert (read.code, read.id) == (code, number)
    assert read.group(Group.PRINTER) == {each.name: each.values for each in wanted}


def test_too_long_a_message_or_value_is_refused() -> None:
    with pytest.raises(MessageError):
        decode(EXAMPLE + bytes(MOST_BYTES))
    with pytest.raises(struct.error):
        encode((2, 0), 1, 1, [(Group.JOB, [attribute(Tag.TEXT, "x", "a" * 70_000)])])


@pytest.mark.parametrize(
    ("state", "reasons", "status"),
    [
        (3, ("none",), Status.IDLE),
        (4, ("none",), Status.BUSY),
        (5, ("none",), Status.ERROR),
        (5, ("paused",), Status.ERROR),
        (5, ("media-empty",), Status.NO_PAPER),
        (5, ("media-empty-warning", "toner-low-report"), Status.NO_PAPER),
        (5, ("toner-low-report",), Status.ERROR),
        (5, ("media-needed-report",), Status.NO_PAPER),
        (3, ("media-empty-error",), Status.NO_PAPER),
        (3, ("media-empty-warning",), Status.PAPER_LOW),
        (3, ("media-empty-report",), Status.IDLE),
        (3, ("media-low-report",), Status.PAPER_LOW),
        (4, ("media-low", "marker-supply-low-warning"), Status.TONER_LOW),
        (3, ("toner-empty-warning",), Status.TONER_LOW),
        (5, ("marker-supply-empty-error",), Status.NO_TONER),
        (5, ("media-empty-error", "cover-open-error"), Status.COVER_OPEN),
        (5, ("door-open",), Status.COVER_OPEN),
        (5, ("media-jam-error",), Status.ERROR),
        (3, ("media-jam",), Status.ERROR),
        (3, ("offline-report",), Status.DISCONNECTED),
        (3, ("com.example-shines-warning", "other-report", ""), Status.IDLE),
        (7, ("none",), Status.ERROR),
        ("3", ("none",), Status.ERROR),
        (True, ("none",), Status.ERROR),
    ],
)
def test_the_printers_words_are_one_of_ours(state: int | str | bool, reasons: tuple[str, ...], status: Status) -> None:
    assert words.status_of({"printer-state": (state,), "printer-state-reasons": reasons}) is status


A4_TRAY = "type=sheetFeedAutoRemovableTray;mediafeed=29700;mediaxfeed=21000;maxcapacity=250;level={};name=main;"
ENVELOPES = b"type=sheetFeedManual;mediafeed=22000;mediaxfeed=11000;maxcapacity=25;level=0;name=manual"
TONER = "index=2;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level={};colorantname=black;"
WASTE = b"index=1;class=receptacleThatIsFilled;type=wasteToner;unit=percent;maxcapacity=100;level=5;"


def left(state: int = 3, reasons: tuple[str, ...] = ("none",), **told: tuple[int | str | bytes, ...]) -> Attributes:
    plain = {"printer-state": (state,), "printer-state-reasons": reasons}
    return {**plain, **{name.replace("_", "-"): values for name, values in told.items()}}


def tray(*levels: int) -> tuple[bytes, ...]:
    return (ENVELOPES, *(A4_TRAY.format(level).encode() for level in levels))


@pytest.mark.parametrize(
    ("told", "status", "levels"),
    [
        (left(printer_input_tray=tray(250)), Status.IDLE, Levels(100, -1)),
        (left(printer_input_tray=tray(250, 0)), Status.IDLE, Levels(50, -1)),
        (left(printer_input_tray=tray(26)), Status.IDLE, Levels(20, -1)),
        (left(printer_input_tray=tray(25)), Status.PAPER_LOW, Levels(10, -1)),
        (left(printer_input_tray=tray(0)), Status.PAPER_LOW, Levels(0, -1)),
        (left(reasons=("media-empty-report",), printer_input_tray=tray(0)), Status.NO_PAPER, Levels(0, -1)),
        (left(reasons=("media-empty-report",), printer_input_tray=tray(250)), Status.IDLE, Levels(100, -1)),
        (left(printer_input_tray=tray(0, -3)), Status.IDLE, Levels()),
        (left(printer_input_tray=(b"level=0;maxcapacity=250", "odd", 7)), Status.IDLE, Levels()),
        (left(printer_supply=(WASTE, TONER.format(75))), Status.IDLE, Levels(-1, 80)),
        (left(printer_supply=(WASTE, TONER.format(10))), Status.TONER_LOW, Levels(-1, 10)),
        (left(printer_supply=(WASTE, TONER.format(-3))), Status.IDLE, Levels()),
        (left(marker_levels=(60, 20), marker_low_levels=(5, 25)), Status.TONER_LOW, Levels(-1, 20)),
        (left(marker_levels=(60, 7), marker_types=("toner", "waste-toner")), Status.IDLE, Levels(-1, 60)),
        (left(marker_levels=(-2, -3, True, "9")), Status.IDLE, Levels()),
        (left(5, printer_supply=(TONER.format(0),)), Status.ERROR, Levels(-1, 0)),
        (left(reasons=("media-jam",), printer_supply=(TONER.format(0),)), Status.ERROR, Levels(-1, 0)),
    ],
)
def test_what_a_printer_says_it_has_left_counts_beside_its_reasons(
    told: Attributes, status: Status, levels: Levels
) -> None:
    assert (words.status_of(told), supplies.levels(told)) == (status, levels)


def test_what_refuses_jobs_or_says_nothing_is_in_error() -> None:
    refuses = {"printer-state": (3,), "printer-is-accepting-jobs": (False,)}
    assert words.status_of(refuses) is Status.ERROR
    assert words.status_of({}) is Status.ERROR
    assert words.status_of({"printer-state": (4,), "printer-state-reasons": ("media-empty-warning",)}, strict=True) is (
        Status.NO_PAPER
    )


@pytest.mark.parametrize(
    ("state", "reasons", "word"),
    [
        (3, (), JobWord.WAITS),
        (4, (), JobWord.WAITS),
        (5, (), JobWord.PRINTS),
        (6, (), JobWord.STOPPED),
        (7, (), JobWord.GONE),
        (8, (), JobWord.GONE),
        (9, ("job-completed-successfully",), JobWord.DONE),
        (9, ("job-completed-with-warnings",), JobWord.DONE),
        (9, ("job-completed-with-errors",), JobWord.DOUBTFUL),
        (10, (), None),
        ("9", (), None),
    ],
)
def test_only_completed_is_done(state: int | str, reasons: tuple[str, ...], word: JobWord | None) -> None:
    assert words.job_word({"job-state": (state,), "job-state-reasons": reasons}) is word
    assert words.job_word({}) is None
