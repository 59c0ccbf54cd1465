"""The relay driver against boards on a pty: it opens once, closes always, and says when it does not know."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.relay import lcus, modbus
from devices.relay.boards import Sensor
from devices.relay.relay import Relay
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer, check_sum
from kiosk.config import RelayConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until

SOON = 10.0
OPEN = 0.3
OFF = modbus.off(1, 1)
LCUS_OFF = lcus.switch(1, closed=False)


class Bench:
    """A board, the driver on it, and what the driver said."""

    def __init__(self, peer: ModbusRelayPeer | LcusRelayPeer, **more: Any) -> None:
        self.peer = peer
        self.answers: queue.Queue[tuple[str, bool]] = queue.Queue()
        self.states: queue.Queue[tuple[bool, Fault | None]] = queue.Queue()
        self.passages = threading.Semaphore(0)
        kind = "lcus" if isinstance(peer, LcusRelayPeer) else "modbus"
        config = RelayConfig(kind=kind, port=str(peer.path), **more)
        self.relay = Relay(config, lambda *state: self.states.put(state), self.passages.release)

    def start(self, plugged: bool = True) -> None:
        if plugged:
            self.peer.start()
        self.relay.start()
        if plugged:
            assert self.state() == (True, None)

    def stop(self) -> None:
        self.relay.stop(SOON)
        self.peer.stop()

    def state(self) -> tuple[bool, Code | None]:
        online, fault = self.states.get(timeout=SOON)
        return online, fault.code if fault else None

    def open(self, key: str = "pass-1", seconds: float = OPEN) -> bool:
        self.relay.open(key, seconds, lambda *answer: self.answers.put(answer))
        said, ok = self.answers.get(timeout=SOON)
        assert said == key
        return ok

    def closed(self) -> bool:
        return not any(self.peer.states.values())


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def build(kind: str = "modbus", pulse: bool = True, baud: int = 0, **more: Any) -> Bench:
        path = tmp_path / f"relay{len(made)}"
        peer = LcusRelayPeer(path, baud) if kind == "lcus" else ModbusRelayPeer(path, baud, pulse=pulse)
        made.append(Bench(peer, **more))
        return made[-1]

    yield build
    for bench in made:
        bench.stop()


@pytest.fixture
def modbus_bench(make: Callable[..., Bench]) -> tuple[Bench, ModbusRelayPeer]:
    bench = make()
    bench.start()
    assert isinstance(bench.peer, ModbusRelayPeer)
    return bench, bench.peer


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign of life is asked for five times as often, so that no test waits for one."""
    monkeypatch.setattr("devices.relay.boards.LOOK_S", 0.2)


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


def another_look(peer: ModbusRelayPeer) -> None:
    """The driver asks for the inputs once more."""
    before = peer.heard.count(modbus.read_inputs(1))
    until(lambda: peer.heard.count(modbus.read_inputs(1)) > before)


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


# --- frames ---------------------------------------------------------------------------------------------------------


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


# --- a foreign board ------------------------------------------------------------------------------------------------


class Foreign:
    """pymodbus' serial server behind two ptys and a wire between them, in a thread of its own."""

    def __init__(self, link: Path) -> None:
        self.requests: list[bytes] = []
        self._near, self._far = os.openpty(), os.openpty()
        for pair in (self._near, self._far):
            tty.setraw(pair[1])
        link.symlink_to(os.ttyname(self._near[1]))
        self._end = os.pipe()
        self._ready = threading.Event()
        self._threads = [threading.Thread(target=self._wire), threading.Thread(target=self._serve)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(SOON)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        os.write(self._end[1], b"x")
        for thread in self._threads:
            thread.join(SOON)
        for descriptor in (*self._near, *self._far, *self._end):
            os.close(descriptor)

    def coil(self) -> bool:
        values = asyncio.run_coroutine_threadsafe(self._server.async_getValues(1, 1, 0, 1), self._loop)
        return bool(values.result(SOON)[0])

    def press(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.context.async_setValues(1, 2, 0, [True]), self._loop).result(SOON)

    def _wire(self) -> None:
        near, far, end = self._near[0], self._far[0], self._end[0]
        while end not in (ready := select.select([near, far, end], [], [])[0]):
            for side in ready:
                os.write(far if side == near else near, os.read(side, 1024))

    def _serve(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS) for _ in range(2)]
        words = [SimData(0, values=0, datatype=DataType.REGISTERS) for _ in range(2)]
        device = SimDevice(1, simdata=([bits[0]], [bits[1]], [words[0]], [words[1]]))
        self._server = ModbusSerialServer(device, port=os.ttyname(self._far[1]), baudrate=9600, trace_packet=self._note)
        await self._server.serve_forever(background=True)
        self._ready.set()
        await self._over.wait()
        await self._server.shutdown()

    def _note(self, sending: bool, data: bytes) -> bytes:
        if not sending:
            self.requests.append(data)
        return data


def test_a_foreign_board_opens_and_closes(tmp_path: Path) -> None:
    board = Foreign(tmp_path / "relay")
    board.start()
    states: queue.Queue[Any] = queue.Queue()
    answers: queue.Queue[Any] = queue.Queue()
    passed = threading.Event()
    config = RelayConfig(kind="modbus", port=str(tmp_path / "relay"), sensor=1)
    relay = Relay(config, lambda *state: states.put(state), passed.set)
    try:
        relay.start()
        assert states.get(timeout=SOON) == (True, None)
        relay.open("foreign", OPEN, lambda *answer: answers.put(answer))
        assert answers.get(timeout=SOON) == ("foreign", True)
        assert board.coil()
        until(lambda: not board.coil())
        looks = len(board.requests)
        until(lambda: len(board.requests) > looks + 3)
        board.press()
        assert passed.wait(SOON)
        asked = {bytes(request[:6]) for request in board.requests}
        assert modbus.pulse(1, 1, 3)[:6] in asked, "which it refuses"
        assert {modbus.on(1, 1)[:6], modbus.off(1, 1)[:6], modbus.read_inputs(1)[:6]} <= asked
    finally:
        relay.stop(SOON)
        board.stop()
