"""A board on a pty, the relay driver on it, and what the driver said."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.relay import modbus
from devices.relay.relay import Relay
from devices.sim.relay import LcusRelayPeer, ModbusRelayPeer
from kiosk.config import RelayConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until

SOON = 10.0
OPEN = 0.3


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


def another_look(peer: ModbusRelayPeer) -> None:
    """The driver asks for the inputs once more."""
    before = peer.heard.count(modbus.read_inputs(1))
    until(lambda: peer.heard.count(modbus.read_inputs(1)) > before)
