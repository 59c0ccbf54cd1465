"""A scanner that types: codes with capitals and signs, half events, what the kernel dropped, unplugging, the grab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import keyboard
from devices.scanner import Scanner
from devices.sim.keyboard import KeyboardPeer, event
from kiosk.config import ScannerConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until

CODE = "K1:6BF+70C9*%H3.$-/Q2 A0"


class Desk:
    """A scanner in keyboard mode at its driver, and what came of it."""

    def __init__(self, path: Path) -> None:
        self.peer, self.codes = KeyboardPeer(path), list[str]()
        self.states: list[tuple[bool, Code | None]] = []
        self.scanner = Scanner(ScannerConfig("keyboard", str(path)), self.codes.append, self._state)

    def _state(self, online: bool, fault: Fault | None) -> None:
        self.states.append((online, fault.code if fault else None))

    def read(self, *codes: str) -> None:
        until(lambda: len(self.codes) >= len(codes), f"{codes} among {self.codes}")
        assert self.codes == list(codes)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A named pipe is no device of the kernel's: it cannot be grabbed, everything else is the same."""
    monkeypatch.setattr(keyboard, "grab", lambda device: os.fstat(device))
    made = Desk(tmp_path / "event")
    made.peer.plug()
    made.scanner.start()
    until(lambda: made.states == [(True, None)])
    yield made
    made.scanner.stop(2)
    made.peer.unplug()


@pytest.mark.parametrize("end", ["\n", "\t", ""])
def test_a_code_is_read_with_capitals_and_signs_whatever_ends_it(desk: Desk, end: str) -> None:
    desk.peer.scan(CODE, end)
    desk.read(CODE)


def test_two_codes_are_two_and_an_event_cut_in_half_is_waited_for(desk: Desk) -> None:
    desk.peer.scan("ABC1")
    desk.read("ABC1")
    one = event(1, 30, 1)
    desk.peer.raw(one[:11])
    desk.peer.raw(one[11:] + event(1, 30, 0))
    desk.peer.scan("b")
    desk.read("ABC1", "ab")


def test_a_key_that_is_held_counts_once(desk: Desk) -> None:
    desk.peer.raw(event(1, 30, 1) + event(1, 30, 2) * 40 + event(1, 30, 0) + event(1, 28, 1) + event(1, 28, 0))
    desk.read("a")


def test_a_code_that_the_kernel_cut_short_is_thrown_away_and_told(desk: Desk) -> None:
    desk.peer.scan("LOST", end="")
    desk.peer.raw(event(0, 3, 0))
    desk.peer.scan("HALF")
    until(lambda: desk.states[-1] == (True, Code.SCANNER_GARBAGE))
    desk.peer.scan("WHOLE")
    desk.read("WHOLE")
    until(lambda: desk.states[-1] == (True, None))


def test_a_flood_without_an_end_is_no_code() -> None:
    """In one piece, since a busy machine would put a pause into it, and a pause ends a code."""
    keys, key, enter = keyboard.Keys(), event(1, 30, 1) + event(1, 30, 0), event(1, 28, 1) + event(1, 28, 0)
    assert keys.feed(key * 9_000) == []
    assert keys.pending
    assert keys.feed(enter) == []
    assert keys.dropped == 1
    assert keys.feed(key * 2 + enter) == ["aa"]


def test_a_scanner_that_is_unplugged_is_told_of_and_back_when_it_is_plugged_in(desk: Desk) -> None:
    desk.peer.unplug()
    until(lambda: desk.states[-1] == (False, Code.SCANNER_OFFLINE))
    desk.peer.plug()
    until(lambda: desk.states[-1] == (True, None))
    desk.peer.scan("BACK")
    desk.read("BACK")


def test_a_keyboard_that_cannot_be_taken_from_the_others_is_not_listened_to(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "event")
    desk.peer.plug()
    desk.scanner.start()
    try:
        until(lambda: desk.states == [(False, Code.SCANNER_OFFLINE)])
        desk.peer.scan("TYPED")
        assert desk.codes == []
    finally:
        desk.scanner.stop(2)
        desk.peer.unplug()


def test_the_number_pad_types_numbers() -> None:
    keys = keyboard.Keys()
    assert keys.feed(b"".join(event(1, code, 1) for code in (79, 80, 81, 82, 98, 55, 96))) == ["1230/*"]
    assert keys.idle() == ""
