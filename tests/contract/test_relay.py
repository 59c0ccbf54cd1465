"""The relay driver against boards on a pty: it opens once, closes always, and says when it does not know."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from devices.relay import lcus
from devices.relay.relay import Relay
from kiosk.config import RelayConfig
from kiosk.domain.faults import Code
from tests.relay_kit import OPEN, SOON, Bench, looks_often, make, modbus_bench
from tests.waiting import until

__all__ = ["looks_often", "make", "modbus_bench"]

LCUS_OFF = lcus.switch(1, closed=False)
KINDS = [("modbus", True), ("modbus", False), ("lcus", True)]
every_kind = pytest.mark.parametrize(("kind", "pulse"), KINDS, ids=["pulse", "timed", "lcus"])


@every_kind
def test_it_opens_for_its_time_and_closes_by_itself(make: Callable[..., Bench], kind: str, pulse: bool) -> None:
    bench = make(kind, pulse, baud=9600)
    bench.start()
    assert bench.open()
    until(lambda: bench.peer.opened)
    until(bench.closed)
    (opening,) = bench.peer.opened
    assert opening.channel == 1
    assert opening.seconds is not None
    assert OPEN - 0.05 <= opening.seconds < OPEN + 0.5


@every_kind
def test_a_key_opens_once_and_the_next_key_again(make: Callable[..., Bench], kind: str, pulse: bool) -> None:
    bench = make(kind, pulse)
    bench.start()
    assert [bench.open("one", 0.1), bench.open("one", 0.1)] == [True, True]
    until(lambda: bench.peer.opened)
    until(bench.closed)
    assert bench.open("one", 0.1)
    assert bench.open("two", 0.1)
    until(lambda: len(bench.peer.opened) == 2)


@every_kind
def test_a_caller_that_hangs_leaves_no_gate_open(make: Callable[..., Bench], kind: str, pulse: bool) -> None:
    bench = make(kind, pulse)
    bench.start()
    hanging, over = threading.Event(), threading.Event()

    def hang(_key: str, _ok: bool) -> None:
        hanging.set()
        over.wait(SOON)

    bench.relay.open("hangs", OPEN, hang)
    assert hanging.wait(SOON)
    until(lambda: bench.peer.opened)
    until(bench.closed)
    over.set()


@every_kind
def test_what_a_dead_terminal_left_open_is_closed_at_the_start(
    make: Callable[..., Bench], kind: str, pulse: bool
) -> None:
    bench = make(kind, pulse)
    bench.peer.contacts.switch(1, True)
    bench.peer.contacts.switch(2, True)
    bench.start()
    until(lambda: bench.peer.states[1] is False)
    assert bench.peer.states[2], "the other relays are somebody else's"


@every_kind
def test_stopping_closes_at_once(make: Callable[..., Bench], kind: str, pulse: bool) -> None:
    bench = make(kind, pulse)
    bench.start()
    assert bench.open(seconds=9.0)
    until(lambda: bench.peer.states[1])
    began = time.monotonic()
    bench.relay.stop(SOON)
    until(bench.closed)
    assert time.monotonic() - began < 3


@pytest.mark.proves(Code.RELAY_OFFLINE)
@pytest.mark.parametrize("kind", ["modbus", "lcus"])
def test_an_opening_cut_off_by_the_cable_is_closed_when_it_is_back(make: Callable[..., Bench], kind: str) -> None:
    bench = make(kind, pulse=False)
    bench.start()
    assert bench.open(seconds=9.0)
    until(lambda: bench.peer.states[1])
    bench.peer.unplug()
    assert bench.state() == (False, Code.RELAY_OFFLINE)
    assert bench.peer.states[1]
    bench.peer.plug()
    assert bench.state() == (True, None)
    until(bench.closed)


@every_kind
def test_asked_while_offline_it_says_no_at_once_and_never_opens_later(
    make: Callable[..., Bench], kind: str, pulse: bool
) -> None:
    bench = make(kind, pulse)
    bench.start(plugged=False)
    assert bench.state() == (False, Code.RELAY_OFFLINE)
    assert not bench.open("early")
    bench.peer.plug()
    assert bench.state() == (True, None)
    assert bench.open("late")
    until(lambda: bench.peer.opened)
    assert len(bench.peer.opened) == 1


@every_kind
def test_asked_after_the_cable_was_pulled_it_says_no_before_it_is_back(
    make: Callable[..., Bench], kind: str, pulse: bool
) -> None:
    bench = make(kind, pulse)
    bench.start()
    bench.peer.unplug()
    assert bench.state() == (False, Code.RELAY_OFFLINE)
    assert not bench.open("meanwhile")
    bench.peer.plug()
    assert bench.state() == (True, None)
    assert not bench.peer.opened


def test_an_ask_that_waited_too_long_is_refused(make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    bench = make()
    bench.start()
    monkeypatch.setattr("devices.relay.relay.STALE_S", -1.0)
    assert not bench.open("old")
    assert not bench.peer.opened
    monkeypatch.setattr("devices.relay.relay.STALE_S", 1.0)
    assert bench.open("old"), "what was never sent is not spent"


def test_callbacks_that_fail_end_nothing(make: Callable[..., Bench], caplog: pytest.LogCaptureFixture) -> None:
    bench = make()
    bench.start()
    bench.relay.open("fails", 0.1, lambda *_: 1 / 0)
    assert bench.open("works")


@every_kind
def test_no_opening_is_endless(
    make: Callable[..., Bench], kind: str, pulse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.relay.relay.MOST_OPEN_S", 0.2)
    bench = make(kind, pulse)
    bench.start()
    assert bench.open("long", float("inf"))
    until(lambda: bench.peer.opened and bench.closed())


def test_nonsense_is_refused(make: Callable[..., Bench]) -> None:
    bench = make()
    for seconds in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="cannot open"):
            bench.relay.open("bad", seconds, lambda *_: None)
    with pytest.raises(ValueError, match="no relay"):
        Relay(RelayConfig(), lambda *_: None, lambda: None)


# --- the cable ------------------------------------------------------------------------------------------------------


@every_kind
def test_unplugged_and_plugged_again_it_is_back_within_three_seconds(
    make: Callable[..., Bench], kind: str, pulse: bool
) -> None:
    bench = make(kind, pulse)
    bench.start()
    bench.peer.unplug()
    assert bench.state() == (False, Code.RELAY_OFFLINE)
    bench.peer.plug()
    plugged = time.monotonic()
    assert bench.state() == (True, None)
    assert time.monotonic() - plugged < 3


def test_lcus_only_ever_hears_on_and_off(make: Callable[..., Bench]) -> None:
    bench = make("lcus")
    bench.start()
    assert bench.open(seconds=0.1)
    until(lambda: bench.peer.opened and bench.closed())
    repeats = bench.peer.heard.count(LCUS_OFF)
    until(lambda: bench.peer.heard.count(LCUS_OFF) > repeats)
    assert {frame[2] for frame in bench.peer.heard} == {0, 1}
