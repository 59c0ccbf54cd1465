"""A printer of sheets at the other end of an IPP line: CUPS' own `ippeveprinter`, a program that is none of ours.

It listens on loopback and takes one job at a time; what its print command does, what is in its tray and how full its
toner is can be changed while it runs. It needs the packages cups-ipp-utils and dbus-daemon.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests

PROGRAM = shutil.which("ippeveprinter", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BUS = shutil.which("dbus-daemon")
MISSING = "ippeveprinter is not installed: it takes the packages cups-ipp-utils and dbus-daemon"
START_S = 20.0
FULL, LOW, EMPTY = 250, 5, 0
"""Sheets in the tray that the program knows."""
NEW_TONER, LAST_TONER = 75, 5
"""Percent."""
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><policy context="default">
<allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_destination="*" eavesdrop="true"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
<allow receive_type="signal"/></policy></busconfig>"""
_COMMAND = """#!/bin/sh
cp "$1" "{folder}/got/$(ls "{folder}/got" | wc -l).pdf"
. "{folder}/mood"
"""
GOOD = "exit 0"
ABORTS = "exit 1"
STOPS = 'echo "STATE: +{reason}" >&2; read word < "{pipe}"; echo "STATE: -{reason}" >&2; exit 0'
SLOW = 'read word < "{pipe}"; exit 0'


def there() -> bool:
    """Whether this machine has what it takes."""
    return PROGRAM is not None and BUS is not None


class IppPeer:
    """`ippeveprinter` without DNS-SD; a private D-Bus is all it asks for then. `folder` is made where it is not."""

    def __init__(self, folder: Path, formats: str = "application/pdf") -> None:
        self.folder, self.port, self._formats = folder, _free_port(), formats
        self.pipe = folder / "pipe"
        # the path of a socket has room for a hundred letters, wherever `folder` is
        self._short = Path(tempfile.mkdtemp(prefix="a4-"))
        for name in ("got", "spool"):
            (folder / name).mkdir(parents=True)
        os.mkfifo(self.pipe)
        self._words = os.open(self.pipe, os.O_RDWR | os.O_NONBLOCK)
        command = folder / "command"
        command.write_text(_COMMAND.format(folder=folder))
        command.chmod(0o755)
        self.mood(GOOD)
        self._bus = self._start_bus()
        self.start()

    @property
    def address(self) -> str:
        return f"ipp://localhost:{self.port}/ipp/print"

    def mood(self, script: str, reason: str = "") -> None:
        """What the print command does from the next job on; its script may name the folder `got`."""
        if select.select([self._words], [], [], 0)[0]:
            os.read(self._words, 100)
        new = self.folder / "mood.new"
        new.write_text(script.format(pipe=self.pipe, reason=reason, got=self.folder / "got"))
        new.replace(self.folder / "mood")

    def go_on(self) -> None:
        """Release a command that waits."""
        os.write(self._words, b"on\n")

    def tray(self, sheets: int) -> None:
        """So many sheets of A4 in its tray; the other one is for envelopes, and nobody knows of them."""
        a4 = {"size1": "iso_a4_210x297mm", "type1": "stationery"}
        self._form("media", {**a4, "level1": str(sheets), "level3": "-2"})

    def toner(self, percent: int) -> None:
        """So much is left."""
        self._form("supplies", {"supply0": "25", "supply1": str(percent)})

    def _form(self, page: str, values: Mapping[str, str]) -> None:
        """Its own page for whoever wants to play bad luck."""
        with requests.Session() as session:
            session.trust_env = False
            session.get(f"http://localhost:{self.port}/{page}", params=values, timeout=5).raise_for_status()

    @property
    def log(self) -> str:
        """What it says it did since it was switched on."""
        return (self.folder / "printer.log").read_text(errors="replace")

    @property
    def got(self) -> list[bytes]:
        """The documents that came, oldest first."""
        return [file.read_bytes() for file in sorted((self.folder / "got").iterdir(), key=lambda f: int(f.stem))]

    def start(self) -> None:
        """Switch it on, and wait until it listens."""
        assert PROGRAM is not None
        spool, command = str(self.folder / "spool"), str(self.folder / "command")
        options = ["-r", "off", "-n", "localhost", "-p", str(self.port), "-f", self._formats, "-d", spool]
        env = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._short / 'bus'}"}
        self._printer = _Child([PROGRAM, *options, "-c", command, "A4"], self.folder / "printer.log", env)
        _wait(self._listens, "a printer that listens")

    def _listens(self) -> bool:
        assert self._printer.alive, self.log
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def _start_bus(self) -> _Child:
        assert BUS is not None
        config = self.folder / "bus.conf"
        config.write_text(_BUS.format(socket=self._short / "bus"))
        child = _Child([BUS, f"--config-file={config}", "--nofork", "--nopidfile"], self.folder / "bus.log")
        _wait((self._short / "bus").exists, "the bus")
        return child

    def kill(self) -> None:
        """Cut its power, and what it was printing."""
        self._printer.kill()

    def stop(self) -> None:
        self._printer.kill()
        self._bus.kill()
        os.close(self._words)
        shutil.rmtree(self._short, ignore_errors=True)


class _Child:
    """A process and all that it starts, ended as one."""

    def __init__(self, command: list[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """As a power cut would."""
        if self.alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(true: Callable[[], bool], what: str) -> None:
    end, gap = time.monotonic() + START_S, threading.Event()
    while not true():
        assert time.monotonic() < end, f"did not come: {what}"
        gap.wait(0.01)
