"""A real IPP printer on loopback, CUPS' `ippeveprinter`, whose print command does what a test wants."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.sync.peer import until

PROGRAM = shutil.which("ippeveprinter", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BUS = shutil.which("dbus-daemon")
MISSING = "ippeveprinter is not installed: it takes the packages cups-ipp-utils and dbus-daemon"
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


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Child:
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


class RealPrinter:
    """`ippeveprinter` without DNS-SD; a private D-Bus is all it asks for then. It takes one job at a time."""

    def __init__(self, folder: Path, formats: str = "application/pdf") -> None:
        self.folder, self.port, self._formats = folder, free_port(), formats
        self.pipe = folder / "pipe"
        for name in ("got", "spool"):
            (folder / name).mkdir()
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
        """What the print command does from the next job on."""
        if select.select([self._words], [], [], 0)[0]:
            os.read(self._words, 100)
        new = self.folder / "mood.new"
        new.write_text(script.format(pipe=self.pipe, reason=reason))
        new.replace(self.folder / "mood")

    def go_on(self) -> None:
        """Release a command that waits."""
        os.write(self._words, b"on\n")

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
        env = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder / 'bus'}"}
        self._printer = Child([PROGRAM, *options, "-c", command, "A4"], self.folder / "printer.log", env)
        until(self._listens, "a printer that listens")

    def _listens(self) -> bool:
        assert self._printer.alive, self.log
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def _start_bus(self) -> Child:
        assert BUS is not None
        config = self.folder / "bus.conf"
        config.write_text(_BUS.format(socket=self.folder / "bus"))
        child = Child([BUS, f"--config-file={config}", "--nofork", "--nopidfile"], self.folder / "bus.log")
        until((self.folder / "bus").exists, "the bus")
        return child

    def kill(self) -> None:
        """Cut its power, and what it was printing."""
        self._printer.kill()

    def stop(self) -> None:
        self._printer.kill()
        self._bus.kill()
        os.close(self._words)
