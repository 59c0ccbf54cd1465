"""The scanner driver against a scanner on a pty: what it sends arrives whole, and nothing it does ends the driver."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import gm65
from devices.scanner import MOST_BYTES, Lines, Scanner, decode
from devices.sim.scanner import ScannerPeer, check_sum
from kiosk.config import ScannerConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until

ACK = bytes.fromhex("02000001003331")
SOON = 10.0
CODE = "K1:" + "0A9 $%*+-./:Z" * 10


class Bench:
    """A peer, the driver on it, and what the driver said."""

    def __init__(self, folder: Path, mode: str, end: bytes = b"\r", baud: int = 0) -> None:
        self.codes: queue.Queue[str] = queue.Queue()
        self.states: queue.Queue[tuple[bool, Fault | None]] = queue.Queue()
        self.peer = ScannerPeer(folder / "scanner", mode=mode, end=end, baud=baud)
        config = ScannerConfig(kind=mode, port=str(self.peer.path))
        self.scanner = Scanner(config, self.codes.put, lambda *state: self.states.put(state))

    def start(self, plugged: bool = True) -> None:
        if plugged:
            self.peer.start()
        self.scanner.start()
        if plugged:
            assert self.state() == (True, None)

    def stop(self) -> None:
        self.scanner.stop(SOON)
        self.peer.stop()

    def code(self) -> str:
        return self.codes.get(timeout=SOON)

    def state(self) -> tuple[bool, Code | None]:
        online, fault = self.states.get(timeout=SOON)
        return online, fault.code if fault else None


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy elsewhere a line may fall idle in the middle of a code that is still being sent."""
    monkeypatch.setattr("devices.scanner.GAP_S", 0.5)


@pytest.fixture(params=["line", "gm65"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, request.param)
    yield made
    made.stop()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "line")
    yield made
    made.stop()


@pytest.fixture
def gm(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, "gm65")
    yield made
    made.stop()


def test_codes_arrive_whole_and_in_order(bench: Bench) -> None:
    bench.start()
    for text in (CODE, "张伟 second", "third"):
        bench.peer.scan(text)
        assert bench.code() == text


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b""], ids=["CR", "LF", "CRLF", "TAB", "none"])
@pytest.mark.parametrize("mode", ["line", "gm65"])
def test_every_terminator_ends_a_code_and_makes_no_empty_one(tmp_path: Path, mode: str, end: bytes) -> None:
    made = Bench(tmp_path, mode, end=end)
    try:
        made.start()
        for text in (CODE, "next"):
            made.peer.scan(text)
            assert made.code() == text
        assert made.codes.empty()
    finally:
        made.stop()


def test_code_at_the_true_pace_of_the_line_is_one_code(tmp_path: Path) -> None:
    made = Bench(tmp_path, "line", baud=9600)
    try:
        made.start()
        # from now on it is known to send ends, and a pause is waited for
        made.peer.scan("1")
        assert made.code() == "1"
        began = time.monotonic()
        made.peer.scan(CODE)
        assert made.code() == CODE
        assert time.monotonic() - began >= len(CODE) * 10 / 9600
    finally:
        made.stop()


@pytest.mark.proves(Code.SCANNER_GARBAGE)
def test_garbage_is_counted_reported_once_and_forgotten_after_a_good_code(bench: Bench) -> None:
    bench.start()
    bench.peer.garbage()
    bench.peer.garbage()
    assert bench.state() == (True, Code.SCANNER_GARBAGE)
    bench.peer.scan(CODE)
    assert bench.code() == CODE
    assert bench.state() == (True, None)
    assert bench.scanner.garbage == 2
    assert bench.states.empty()


def test_half_a_code_is_never_joined_to_the_next_one(line: Bench) -> None:
    line.start()
    line.peer.send(CODE[:50].encode())
    assert line.code() == CODE[:50]
    line.peer.scan(CODE)
    assert line.code() == CODE


def test_silence_is_no_trouble_for_a_scanner_that_only_talks(line: Bench) -> None:
    line.start()
    before = line.scanner.beat
    deadline = time.monotonic() + SOON
    idle = threading.Event()
    while line.scanner.beat == before:
        assert time.monotonic() < deadline
        idle.wait(0.01)
    assert line.states.empty()
    assert line.codes.empty()


@pytest.mark.usefixtures("busy")
def test_a_megabyte_without_an_end_is_dropped_and_the_next_code_read(bench: Bench) -> None:
    bench.start()
    bench.peer.send(b"7" * 1_000_000 + b"\r")
    assert bench.state() == (True, Code.SCANNER_GARBAGE)
    bench.peer.scan(CODE)
    assert bench.code() == CODE
    assert bench.scanner.garbage == 1


@pytest.mark.usefixtures("busy")
def test_four_thousand_digits_are_handed_on_for_the_check_to_refuse(bench: Bench) -> None:
    bench.start()
    bench.peer.scan("1" * 4000)
    assert bench.code() == "1" * 4000


@pytest.mark.proves(Code.SCANNER_OFFLINE)
def test_unplugged_and_plugged_again_it_is_back_within_three_seconds(bench: Bench) -> None:
    bench.start()
    bench.peer.scan(CODE)
    assert bench.code() == CODE
    bench.peer.unplug()
    assert bench.state() == (False, Code.SCANNER_OFFLINE)
    bench.peer.plug()
    plugged = time.monotonic()
    assert bench.state() == (True, None)
    assert time.monotonic() - plugged < 3
    bench.peer.scan("again")
    assert bench.code() == "again"


@pytest.mark.usefixtures("busy")
def test_unplugged_in_mid_code_nothing_of_it_is_read(tmp_path: Path) -> None:
    made = Bench(tmp_path, "line", baud=9600)
    try:
        made.start()
        sending = threading.Thread(target=made.peer.scan, args=("9" * 2000,))
        sending.start()
        made.peer.unplug()
        assert made.state() == (False, Code.SCANNER_OFFLINE)
        sending.join(SOON)
        made.peer.plug()
        assert made.state() == (True, None)
        made.peer.scan(CODE)
        assert made.code() == CODE
    finally:
        made.stop()


def test_absent_from_the_start_it_is_reported_once_and_found_when_it_comes(bench: Bench) -> None:
    bench.start(plugged=False)
    assert bench.state() == (False, Code.SCANNER_OFFLINE)
    bench.peer.plug()
    assert bench.state() == (True, None)


def test_stopping_is_prompt_plugged_or_not(bench: Bench) -> None:
    bench.start()
    bench.peer.unplug()
    assert bench.state() == (False, Code.SCANNER_OFFLINE)
    began = time.monotonic()
    bench.scanner.stop(SOON)
    assert time.monotonic() - began < 1
    bench.scanner.stop(SOON)


def test_gm65_is_put_in_command_mode_and_triggered(gm: Bench) -> None:
    gm.start()
    until(lambda: gm.peer.commands[3:], "what was written is read", 4)
    assert gm.peer.commands[:4] == [gm65.HEARTBEAT, gm65.COMMAND_MODE, gm65.VERSIONS, gm65.TRIGGER]
    gm.peer.scan(CODE)
    assert gm.code() == CODE
    gm.scanner.stop(SOON)


def test_gm65_tells_its_versions_when_it_is_plugged_in_and_of_another_anew(gm: Bench) -> None:
    gm.start()
    until(lambda: gm.scanner.firmware == "1.10 (2018) · HW 1.00")
    gm.peer.unplug()
    assert gm.state() == (False, Code.SCANNER_OFFLINE)
    gm.peer.made = {0xE1: 0xFF, 0xE2: 0x0D, 0xE3: 0x00}
    gm.peer.plug()
    assert gm.state() == (True, None)
    until(lambda: gm.scanner.firmware == "0.13")
    gm.peer.scan(CODE)
    assert gm.code() == CODE


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("baud", [0, 9600])
def test_gm65_that_tells_nothing_of_itself_reads_codes_all_the_same(
    tmp_path: Path, baud: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.scanner._ANSWER_S", 0.2)
    made = Bench(tmp_path, "gm65", b"", baud)
    made.peer.reads = False
    try:
        made.start()
        made.peer.scan("before the first trigger")
        assert made.code() == "before the first trigger"
        until(lambda: gm65.TRIGGER in made.peer.commands)
        made.peer.scan("and behind it")
        assert made.code() == "and behind it"
        assert made.peer.commands.count(gm65.VERSIONS) == 1, "asked for once"
        assert (made.scanner.firmware, made.scanner.garbage) == ("", 0)
        assert made.states.empty()
    finally:
        made.stop()


def test_a_code_that_was_on_its_way_and_the_versions_are_both_whole() -> None:
    """A scanner that scans by itself until it is told otherwise sends one right before."""
    lines, told = Lines(answers=True), bytes.fromhex("0200000364 6e12 c621")
    assert lines.feed(CODE.encode() + b"\r" + told + ACK + b"again\r") == [CODE.encode(), b"again"]
    assert (gm65.version(lines.said), lines.answers, lines.dropped) == ("1.10 (2018) · HW 1.00", 2, 0)
    found = [code for byte in b"first\r" + told + b"second\r" for code in lines.feed(bytes((byte,)))]
    assert (found, lines.answers, lines.dropped) == ([b"first", b"second"], 3, 0)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x64\x6e", b"\x64\x00\x12", b"\x64\xff\x12", b"\x64\x6e\x12\x03"])
def test_a_version_that_was_not_told_is_none(data: bytes) -> None:
    assert gm65.version(data) == ""


def test_gm65_that_answers_nothing_any_more_is_offline(gm: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.scanner._ANSWER_S", 0.05)
    monkeypatch.setattr("devices.scanner._SCAN_S", 0.1)
    gm.start()
    gm.peer.silent = True
    assert gm.state() == (False, Code.SCANNER_OFFLINE)
    gm.peer.silent = False
    assert gm.state() == (True, None)


def test_the_manuals_answer_to_a_read_is_understood() -> None:
    assert gm65.answer_at(bytes.fromhex("020000013ee4ac")) == gm65.Answer(0, b"\x3e", 7)


@pytest.mark.parametrize("ack", [ACK, bytes.fromhex("03000001003331"), bytes.fromhex("0200000100abcd")])
def test_acknowledgement_glued_in_front_is_stripped_and_only_there(ack: bytes) -> None:
    lines = Lines(answers=True)
    assert lines.feed(ack + b"first\r" + b"second\r") == [b"first", b"second"]
    assert lines.feed(ack + ack + b"third" + ack + ack + b"\r") == [b"third"]
    assert (lines.answers, lines.dropped) == (5, 0)


def test_acknowledgement_in_single_bytes_is_still_one() -> None:
    lines = Lines(answers=True)
    found = [code for byte in ACK + b"first\r" for code in lines.feed(bytes((byte,)))]
    assert (found, lines.answers) == ([b"first"], 1)


def test_broken_or_half_acknowledgement_is_no_code() -> None:
    lines = Lines(answers=True)
    assert lines.feed(ACK[:-1] + b"\x00" + b"\r") == []
    assert lines.feed(ACK[:4]) == []
    assert lines.idle() == []
    assert (lines.answers, lines.dropped) == (0, 2)


def test_line_scanner_knows_no_acknowledgements() -> None:
    assert Lines().feed(ACK + b"\r") == [ACK]


def test_buffer_stays_bounded_whatever_comes() -> None:
    lines = Lines()
    for _ in range(300):
        assert lines.feed(b"x" * 4096) == []
        assert len(lines._buffer) <= MOST_BYTES
    assert lines.feed(b"\rgood\r") == [b"good"]
    assert lines.dropped == 1


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (gm65.TRIGGER, "7E 00 08 01 00 02 01 02 DA"),
        (gm65.CANCEL, "7E 00 08 01 00 02 02 32 B9"),
        (gm65.COMMAND_MODE, "7E 00 08 01 00 00 D5 EF 41"),
        (gm65.SAVE, "7E 00 09 01 00 00 00 DE C8"),
        (gm65.HEARTBEAT, "7E 00 0A 01 00 00 00 30 1A"),
        (gm65.read(0x000A, 1), "7E 00 07 01 00 0A 01 EE 8A"),
    ],
)
def test_commands_are_the_written_bytes(frame: bytes, expected: str) -> None:
    assert frame == bytes.fromhex(expected)
    assert check_sum(frame[2:-2]) == frame[-2:]


def test_crc_is_xmodem_at_both_ends() -> None:
    assert gm65.crc(b"123456789") == check_sum(b"123456789") == bytes.fromhex("31c3")


@pytest.mark.parametrize(
    ("line_bytes", "text"),
    [
        ("学号".encode(), "学号"),
        ("学号".encode("gb18030"), "学号"),
        (b"a\0b", "a\0b"),
        (b"\xff\xff", None),
        (b"\x81", None),
    ],
)
def test_text_is_utf8_or_gb18030_or_refused(line_bytes: bytes, text: str | None) -> None:
    assert decode(line_bytes) == text
