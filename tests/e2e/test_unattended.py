"""The terminal's program as its service manager has it: ready, alive, hung, ending over and over, ended as asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.config import CentreConfig, Config, DemoConfig, PathsConfig, ScreenConfig, ServiceConfig, toml_of
from kiosk.demo.hand import Hand
from kiosk.domain.faults import Code
from tests.waiting import until

WATCHDOG_S = 1.5


class Manager:
    """Starts the program with a socket that it may notify, as systemd does with Type=notify and WatchdogSec."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touch, address = folder / "touch", folder / "notify"
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.heard.bind(str(address))
        config = Config(
            paths=PathsConfig(state=folder / "state"),
            screen=ScreenConfig(fullscreen=False),
            centre=CentreConfig(url="http://127.0.0.1:9"),
            service=ServiceConfig(quick_ends=2, time_sync=False),
            demo=DemoConfig(enabled=True, touch_socket=str(self.touch)),
        )
        self.config = folder / "kiosk.toml"
        self.config.write_text(toml_of(config), "utf-8")
        usec = str(round(WATCHDOG_S * 1e6))
        self.env = {**os.environ, "NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": usec}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, role: str = "walkup") -> None:
        self.quiet()
        command = [sys.executable, "-m", "kiosk", role, "--config", str(self.config)]
        self.process = subprocess.Popen(command, env=self.env)
        assert self.next(40) == "READY=1"

    def next(self, seconds: float) -> str:
        """The next word; "" = none within this time."""
        self.heard.settimeout(seconds)
        try:
            return self.heard.recv(100).decode()
        except TimeoutError:
            return ""

    def quiet(self) -> None:
        """Forget what was said before."""
        self.heard.setblocking(False)
        try:
            while True:
                self.heard.recv(100)
        except BlockingIOError:
            return

    def end(self, number: int) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(20)

    def texts(self) -> list[str]:
        hand = Hand(self.touch)
        hand.connect(20)
        with closing(hand):
            return list(hand.look()["texts"])


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.end(signal.SIGKILL)
    made.heard.close()


@pytest.mark.proves(Code.PROGRAM_ENDS)
def test_a_terminal_that_ends_over_and_over_stands_out_of_service_until_it_is_ended_as_asked(manager: Manager) -> None:
    count = manager.folder / "state" / "starts"
    count.parent.mkdir()
    count.write_text("1", "ascii")
    manager.start()
    assert {manager.next(WATCHDOG_S), manager.next(WATCHDOG_S)} == {"WATCHDOG=1"}
    assert manager.process
    os.kill(manager.process.pid, signal.SIGSTOP)
    manager.quiet()
    assert manager.next(WATCHDOG_S) == "", "a window that hangs is not said to live"
    assert count.read_text() == "2"
    manager.end(signal.SIGKILL)
    manager.start()
    seen = manager.texts()
    assert "终端暂停服务" in seen
    assert {"F-RUN-01", "027-8888 1234"} <= set(seen)
    assert "WATCHDOG=1" in {manager.next(WATCHDOG_S) for _ in range(3)}
    manager.quiet()
    assert manager.end(signal.SIGTERM) == 0
    until(lambda: manager.next(1) == "STOPPING=1")
    assert count.read_text() == "0", "ended as asked: the next start is like any other"
    manager.start("gate")
    assert manager.next(WATCHDOG_S) == "WATCHDOG=1"
    assert not {"F-RUN-01", "终端暂停服务"} & set(manager.texts())
    assert manager.end(signal.SIGTERM) == 0


def test_a_lane_out_of_service_is_a_window_alone(manager: Manager) -> None:
    state = manager.folder / "state"
    state.mkdir()
    (state / "starts").write_text("2", "ascii")
    manager.start("gate")
    assert {"F-RUN-01", "终端暂停服务"} <= set(manager.texts())
    assert manager.end(signal.SIGTERM) == 0


def test_what_does_not_hold_either_is_a_window_with_nothing_behind_it(manager: Manager) -> None:
    state = manager.folder / "state"
    state.mkdir()
    (state / "starts").write_text("4", "ascii")
    manager.start()
    assert "F-RUN-01" in manager.texts()
    assert not (state / "journal.db").exists()
    assert manager.end(signal.SIGTERM) == 0
