"""The relay driver on Modbus boards: whose pulse it is, what is asked again, and what never is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devices.relay import modbus
from devices.relay.boards import Sensor
from devices.sim.relay import ModbusRelayPeer
from kiosk.domain.faults import Code
from tests.relay_kit import SOON, Bench, another_look, looks_often, make, modbus_bench
from tests.waiting import until

__all__ = ["looks_often", "make", "modbus_bench"]

OFF = modbus.off(1, 1)


# --- Modbus ---------------------------------------------------------------------------------------------------------


def pulses(peer: ModbusRelayPeer) -> int:
    return sum(frame[1:3] == b"\x05\x02" for frame in peer.obeyed)


def test_the_boards_own_pulse_is_preferred(modbus_bench: tuple[Bench, ModbusRelayPeer]) -> None:
    bench, peer = modbus_bench
    assert bench.open(seconds=0.7)
    assert bytes.fromhex("01 05 02 00 00 07 8D B0") in peer.heard
    assert not any(frame[4] == 0xFF for frame in peer.heard)


def test_a_board_without_pulse_is_asked_for_one_only_once(make: Callable[..., Bench]) -> None:
    bench = make(pulse=False)
    bench.start()
    peer = bench.peer
    assert isinstance(peer, ModbusRelayPeer)
    assert bench.open("one", 0.1)
    until(bench.closed)
    peer.unplug()
    assert bench.state() == (False, Code.RELAY_OFFLINE)
    peer.plug()
    assert bench.state() == (True, None)
    assert bench.open("two", 0.1)
    assert sum(frame[2] == 2 for frame in peer.heard) == 1
    assert len(peer.opened) == 2


@pytest.mark.parametrize("pulse", [True, False], ids=["pulse", "timed"])
def test_a_lost_echo_is_looked_into_and_not_repeated(make: Callable[..., Bench], pulse: bool) -> None:
    bench = make(pulse=pulse)
    bench.start()
    peer = bench.peer
    assert isinstance(peer, ModbusRelayPeer)
    if not pulse:
        assert bench.open("learns", 0.1)
        until(bench.closed)
    before = len(peer.heard)
    peer.lose = 1
    assert bench.open(seconds=1.5)
    opens = modbus.pulse(1, 1, 15) if pulse else modbus.on(1, 1)
    others = (OFF, modbus.read_inputs(1))
    assert [frame for frame in peer.heard[before:] if frame not in others] == [opens, modbus.read_coils(1)]


def test_a_command_that_was_not_heard_is_repeated_once(modbus_bench: tuple[Bench, ModbusRelayPeer]) -> None:
    bench, peer = modbus_bench
    peer.miss = 1
    assert bench.open(seconds=1.5)
    assert (pulses(peer), len(peer.opened)) == (1, 1)


def test_where_it_is_not_known_whether_it_opened_it_is_not_repeated(
    modbus_bench: tuple[Bench, ModbusRelayPeer],
) -> None:
    bench, peer = modbus_bench
    peer.lose = 2
    assert not bench.open(seconds=1.5)
    assert bench.state() == (False, Code.RELAY_DEAF)
    assert bench.state() == (True, None)
    assert pulses(peer) == 1
    assert bench.closed(), "what is not confirmed does not stay open"
    assert not bench.open(seconds=1.5), "the key is spent"
    assert pulses(peer) == 1


def test_a_pulse_that_may_be_over_is_not_repeated_because_the_relay_is_off(
    modbus_bench: tuple[Bench, ModbusRelayPeer],
) -> None:
    bench, peer = modbus_bench
    peer.lose, peer.delay = 1, 0.12
    assert not bench.open(seconds=0.1)
    assert pulses(peer) == 1


@pytest.mark.proves(Code.RELAY_DEAF)
@pytest.mark.parametrize("day", ["silent", "garbled"])
def test_a_board_that_makes_no_sense_is_deaf_and_comes_back(
    modbus_bench: tuple[Bench, ModbusRelayPeer], day: str
) -> None:
    bench, peer = modbus_bench
    setattr(peer, day, True)
    assert not bench.open("lost")
    assert bench.state() == (False, Code.RELAY_DEAF)
    assert not bench.open("while deaf")
    setattr(peer, day, False)
    assert bench.state() == (True, None)
    assert bench.open("again")
    assert len(peer.opened) == (1 if day == "silent" else 2)


def test_a_board_that_falls_silent_is_found_without_an_opening(
    make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.relay.boards.ANSWER_S", 0.05)
    bench = make(sensor=1)
    bench.start()
    assert isinstance(bench.peer, ModbusRelayPeer)
    bench.peer.silent = True
    assert bench.state() == (False, Code.RELAY_DEAF)


def test_a_lost_off_is_said_again_until_it_is_echoed(make: Callable[..., Bench]) -> None:
    bench = make(pulse=False)
    bench.start()
    peer = bench.peer
    assert isinstance(peer, ModbusRelayPeer)
    assert bench.open(seconds=1.2)
    peer.miss = 3
    assert bench.state() == (False, Code.RELAY_DEAF)
    assert bench.state() == (True, None)
    assert bench.closed()


def test_a_slow_board_and_a_noisy_line_work(modbus_bench: tuple[Bench, ModbusRelayPeer]) -> None:
    bench, peer = modbus_bench
    peer.noise = b"\x01\x01\x01\x05"
    assert bench.open("noisy")
    peer.noise, peer.delay = b"", 0.15
    assert bench.open("slow", 0.6)
    peer.delay = 0.3
    assert bench.open("slower than an answer may take", 1.5)
    assert pulses(peer) == 3


def test_another_unit_and_another_channel(make: Callable[..., Bench]) -> None:
    bench = make(channel=4)
    bench.start()
    assert bench.open()
    until(lambda: [each.channel for each in bench.peer.opened] == [4])


# --- the passage sensor ---------------------------------------------------------------------------------------------


def test_a_person_who_passes_is_told_once(make: Callable[..., Bench]) -> None:
    bench = make(sensor=2)
    bench.start()
    peer = bench.peer
    assert isinstance(peer, ModbusRelayPeer)
    another_look(peer)
    another_look(peer)
    assert bench.open()
    peer.pass_through(hold=0.8, channel=2)
    assert bench.passages.acquire(timeout=SOON)
    peer.pass_through(hold=0.3, channel=1)
    until(lambda: not peer._input_bits())
    for _ in range(5):
        another_look(peer)
    assert not bench.passages.acquire(blocking=False)
    peer.set_input(2, True)
    assert bench.passages.acquire(timeout=SOON)


def test_a_board_without_inputs_opens_all_the_same(make: Callable[..., Bench]) -> None:
    bench = make(sensor=1)
    assert isinstance(bench.peer, ModbusRelayPeer)
    bench.peer.has_no_inputs = True
    bench.start()
    another_look(bench.peer)
    assert bench.open()
    assert bench.states.empty()


def test_sensor_takes_neither_a_blip_nor_where_it_stands_for_a_passage() -> None:
    def risen(looks: str) -> list[int]:
        sensor = Sensor()
        return [at for at, look in enumerate(looks) if sensor.rose(look == "1")]

    assert risen("0011100") == [3]
    assert risen("001001001") == []
    assert risen("11111") == []
    assert risen("110011") == [5]
    assert risen("0011011011") == [3]
