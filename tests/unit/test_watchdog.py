"""The watchdog over threads: what stops beating is begun anew and told of, what nobody can begin anew is named."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kiosk.app import notify
from kiosk.app.watchdog import PAUSE_S, Pulse, Watchdog
from kiosk.domain.faults import Fault


class Bench:
    """Two parts, one of which can be begun anew."""

    def __init__(self) -> None:
        self.now, self.beats = 0.0, {"scanner": 0.0, "printer": 0.0}
        self.again: list[float] = []
        self.faults: list[Fault] = []
        self.wells: list[str] = []
        pulses = [
            Pulse("scanner", lambda: self.beats["scanner"], 10.0, self._again),
            Pulse("printer", lambda: self.beats["printer"], 30.0),
        ]
        self.dog = Watchdog(pulses, lambda: self.now, self.faults.append, self.wells.append)

    def _again(self) -> None:
        self.again.append(self.now)
        self.beats["scanner"] = self.now

    def run(self, seconds: int, *alive: str) -> None:
        for _ in range(seconds):
            self.now += 1
            self.beats |= dict.fromkeys(alive, self.now)
            self.dog.look()


def test_a_part_that_beats_is_left_alone() -> None:
    bench = Bench()
    bench.run(100, "scanner", "printer")
    assert (bench.faults, bench.again, bench.dog.stalled) == ([], [], frozenset())


def test_a_part_that_stops_is_begun_anew_told_of_once_and_well_when_it_beats() -> None:
    bench = Bench()
    bench.run(11, "printer")
    assert bench.again == [11.0]
    assert [fault.device for fault in bench.faults] == ["beat:scanner"]
    bench.run(9, "scanner", "printer")
    assert bench.wells == [], "it has to beat for a while first"
    bench.run(3, "scanner", "printer")
    assert bench.wells == ["beat:scanner"]
    assert bench.dog.stalled == frozenset()
    bench.run(11, "printer")
    assert len(bench.again) == 2, "and it can happen again"


def test_a_part_that_stops_again_at_once_needs_the_whole_program() -> None:
    bench = Bench()
    bench.run(40, "printer")
    assert len(bench.again) == 1
    assert bench.dog.stalled == {"scanner"}
    assert bench.dog.alive, "not vital"


def test_a_part_that_nobody_can_begin_anew_needs_the_whole_program_until_it_beats() -> None:
    bench = Bench()
    bench.run(31, "scanner")
    assert bench.dog.stalled == {"printer"}
    bench.run(32, "scanner", "printer")
    assert bench.dog.stalled == frozenset()
    assert bench.wells == ["beat:printer"]


def test_a_machine_that_slept_blames_nobody() -> None:
    bench = Bench()
    bench.run(5, "scanner", "printer")
    bench.now += 10 * PAUSE_S
    bench.dog.look()
    bench.run(3)
    assert bench.faults == []
    bench.run(8)
    assert len(bench.faults) == 1


def test_the_service_manager_hears_what_it_wants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not notify.tell(notify.READY)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert notify.tell(notify.READY)
        assert notify.tell(notify.ALIVE)
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
    assert not notify.tell(notify.ALIVE), "nobody is there any more"


def test_an_abstract_address_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0notify-{os.getpid()}")
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@notify-{os.getpid()}")
        assert notify.tell(notify.ALIVE)
        assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(("usec", "pid", "seconds"), [("30000000", "", 30.0), ("30000000", "1", 0.0), ("", "", 0.0)])
def test_how_long_the_service_manager_waits(
    monkeypatch: pytest.MonkeyPatch, usec: str, pid: str, seconds: float
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", pid)
    assert notify.patience() == seconds
