"""A thread that hangs in its device is replaced, and what it says afterwards counts no more."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from devices.scanner import Scanner
from devices.sim.scanner import ScannerPeer
from devices.worker import Port, Worker
from kiosk.app.watchdog import Pulse, Watchdog
from kiosk.config import ScannerConfig
from kiosk.domain.faults import Code, Fault
from tests.waiting import until


class Hung:
    """A worker on a real line whose first thread hangs in a read that nothing ends but the other end of a pipe."""

    def __init__(self, port: Path, pipe: Path) -> None:
        self.said: list[tuple[bool, Code | None]] = []
        self.talking: list[threading.Thread] = []
        self.hung = threading.Event()
        self._pipe = pipe
        self.worker = Worker("scanner", Code.SCANNER_OFFLINE, lambda: Port(str(port), 9600), self._talk, self._state)

    def _state(self, online: bool, fault: Fault | None) -> None:
        self.said.append((online, fault.code if fault else None))

    def _talk(self, _port: Port) -> None:
        self.talking.append(threading.current_thread())
        if len(self.talking) == 1:
            self.hung.set()
            with self._pipe.open("rb") as pipe:
                pipe.read()
            self.worker.alive()
            self.worker.say(False, Fault(Code.SCANNER_OFFLINE, "scanner", "said by the thread that was replaced"))
            return
        self.worker.say(True)
        while not self.worker.stopping.wait(0.02):
            self.worker.alive()


def test_a_thread_that_hangs_is_replaced_on_the_same_line(tmp_path: Path) -> None:
    peer = ScannerPeer(tmp_path / "scanner", baud=0)
    peer.start()
    os.mkfifo(tmp_path / "pipe")
    hung = Hung(peer.path, tmp_path / "pipe")
    hung.worker.start()
    try:
        assert hung.hung.wait(5)
        silent = hung.worker.beat
        hung.worker.again()
        until(lambda: hung.said == [(True, None)])
        until(lambda: hung.worker.beat > silent)
        (tmp_path / "pipe").open("wb").close()
        hung.talking[0].join(5)
        assert not hung.talking[0].is_alive(), "the one that was replaced has found out"
        assert hung.said == [(True, None)]
        assert hung.talking[1].is_alive()
    finally:
        hung.worker.stop(2)
        peer.stop()
    assert not hung.talking[1].is_alive()


@pytest.mark.proves(Code.PART_STALLED)
def test_the_watchdog_has_it_replaced_tells_of_it_and_tells_when_it_is_well(tmp_path: Path) -> None:
    peer = ScannerPeer(tmp_path / "scanner", baud=0)
    peer.start()
    os.mkfifo(tmp_path / "pipe")
    hung = Hung(peer.path, tmp_path / "pipe")
    faults: list[Fault] = []
    wells: list[str] = []
    pulse = Pulse("scanner", lambda: hung.worker.beat, 0.6, hung.worker.again)
    dog = Watchdog([pulse], time.monotonic, faults.append, wells.append)
    hung.worker.start()
    try:
        until(lambda: dog.look() or bool(faults))
        until(lambda: dog.look() or wells == ["beat:scanner"])
        assert [fault.code for fault in faults] == [Code.PART_STALLED]
        assert len(hung.talking) == 2
        assert dog.stalled == frozenset()
    finally:
        (tmp_path / "pipe").open("wb").close()
        hung.worker.stop(2)
        peer.stop()


def test_a_scanner_reads_on_after_its_thread_was_replaced(tmp_path: Path) -> None:
    peer = ScannerPeer(tmp_path / "scanner", baud=0)
    peer.start()
    codes: list[str] = []
    scanner = Scanner(ScannerConfig("line", str(peer.path)), codes.append, lambda *_: None)
    scanner.start()
    try:
        # what comes before the port is open is flushed
        until(lambda: scanner._worker._life.port is not None)
        peer.scan("before")
        until(lambda: codes == ["before"])
        first = scanner._worker._life
        scanner.again()
        # this one does not hang: it might take what comes next for itself
        first.join(5)
        until(lambda: scanner._worker._life.port is not None)
        peer.scan("after")
        until(lambda: codes == ["before", "after"])
    finally:
        scanner.stop(2)
        peer.stop()


def test_nothing_begins_again_after_the_end(tmp_path: Path) -> None:
    worker = Worker(
        "scanner", Code.SCANNER_OFFLINE, lambda: Port(str(tmp_path / "none"), 9600), lambda _: None, lambda *_: None
    )
    worker.start()
    worker.stop(5)
    worker.again()
    assert not worker._life.is_alive()
