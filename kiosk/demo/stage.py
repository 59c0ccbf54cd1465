"""Sets the stage: central side behind a proxy that can be cut, peers on ptys and sockets, the terminal among them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devices.sim.camera import CameraPeer
from devices.sim.scanner import ScannerPeer
from kiosk.config import (
    CameraConfig,
    CentreConfig,
    Config,
    DemoConfig,
    PathsConfig,
    PrinterConfig,
    ScannerConfig,
    ScreenConfig,
    Timing,
    toml_of,
)
from kiosk.demo.gatepost import ROOM, TERMINAL, GatePost
from printers.sim.escpos_printer import EscposPrinter
from sync.sim.proxy import FaultProxy

CENTRE_SECONDS = 60.0
HALL = "A-017"
APPROVE_AFTER = 4.0


class StageError(Exception):
    """A part of the demonstration did not come up; the text says which."""


@dataclass(frozen=True, slots=True)
class Running:
    """A terminal of the demonstration: its process, its file, and what its exported journal is called."""

    name: str
    process: subprocess.Popen[str]
    config_path: Path
    journal: str


class Stage:
    """Everything around the terminal. `start`, `terminal`, `stop`; only processes started here are ended."""

    def __init__(
        self, state: Path, out: Path, clock_offset: float, idle: float = 60.0, faces: Path | None = None
    ) -> None:
        """`faces`: a file for the centre's demo-data, so that some of its people have real faces."""
        self.state, self.out, self.clock_offset, self.idle, self.faces = state, out, clock_offset, idle, faces
        self.pages = out / "pages"
        self.config_path = state / "kiosk.toml"
        self.touch_socket = state / "touch.sock"
        self.central_url = ""
        self._processes: list[subprocess.Popen[str]] = []
        self.camera = CameraPeer()
        self.scanner = ScannerPeer(state / "scanner")
        self.printer = EscposPrinter(self.pages)
        self.proxy: FaultProxy | None = None
        self.running: subprocess.Popen[str] | None = None
        self._running_gate: subprocess.Popen[str] | None = None
        self._gate: GatePost | None = None

    def start(self) -> None:
        """Centre first, then the wires; the configuration names what came up."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.pages.mkdir(parents=True, exist_ok=True)
        port = self._start_centre()
        self.central_url = f"http://127.0.0.1:{port}"
        self.proxy = FaultProxy(port)
        self.proxy.start()
        self.camera.start()
        self.scanner.start()
        printer_port = self.printer.start_tcp()
        self._write_config(printer_port)

    @property
    def central_database(self) -> Path:
        """The centre's SQLite file, for those who check what reached it."""
        return self.state / "central" / "central.db"

    def terminal(self, *, window: bool) -> subprocess.Popen[str]:
        """The terminal as its own process, exactly as it runs in the hall."""
        env = {**os.environ} if window else {**os.environ, **OFFSCREEN}
        command = [sys.executable, "-m", "kiosk", "walkup", "--config", str(self.config_path)]
        self.running = self._spawn(command, self.state / "log" / "terminal.out", env)
        return self.running

    def gate(self) -> GatePost:
        """The gate, its terminal started offscreen when somebody first goes there."""
        if self._gate is None:
            self.lane("gate", window=False)
        assert self._gate is not None
        return self._gate

    def lane(self, command: str, *, window: bool) -> subprocess.Popen[str]:
        """A lane's terminal with its peers: `gate`, or `attendance` for a classroom's."""
        assert self.proxy is not None
        self._gate = GatePost(self.state / command, self.clock_offset, ROOM if command == "attendance" else "")
        self._gate.start()
        self._gate.configure(self.proxy.url, self._enrolment_code(TERMINAL))
        env = {**os.environ} if window else {**os.environ, **OFFSCREEN}
        program = [sys.executable, "-m", "kiosk", command, "--config", str(self._gate.config_path)]
        self._running_gate = self._spawn(program, self.state / "log" / f"{command}.out", env)
        return self._running_gate

    def terminals(self) -> list[Running]:
        """Every terminal that runs, the gate's included."""
        assert self.running is not None
        found = [Running("hall", self.running, self.config_path, "journal.jsonl")]
        if self._gate is not None and self._running_gate is not None:
            found.append(Running("gate", self._running_gate, self._gate.config_path, "gate-journal.jsonl"))
        return found

    def crash(self) -> None:
        """Kill the terminal in the middle of whatever it does, and start it again as the service manager would."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()
        self.terminal(window=False)

    def kill_child(self, name: str) -> int:
        """Kill −9 the terminal's own children that run this module; how many there were."""
        assert self.running is not None
        tasks = Path(f"/proc/{self.running.pid}/task").iterdir()
        children = [child for task in tasks for child in (task / "children").read_text("ascii").split()]
        found = [child for child in children if name in Path(f"/proc/{child}/cmdline").read_text("utf-8")]
        for child in found:
            os.kill(int(child), signal.SIGKILL)
        return len(found)

    def stop(self) -> None:
        """In reverse order."""
        for process in reversed(self._processes):
            end(process)
        for part in (self._gate, self.camera, self.scanner, self.printer, self.proxy):
            if part is not None:
                part.stop()

    def _start_centre(self) -> int:
        folder, offset = self.state / "central", str(self.clock_offset)
        database = f"sqlite:///{folder / 'central.db'}"
        common = ["--database", database, "--state", str(folder), "--clock-offset", offset]
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / "central.db").exists():
            faces = ["--faces", str(self.faces)] if self.faces else []
            self._central("demo-data", *common, "--demo", *faces)
        serve = ["serve", *common, "--port", "0", "--demo", "--approve-after", str(APPROVE_AFTER)]
        command = [sys.executable, "-m", "sync.central", *serve]
        process = self._spawn(command, None, {**os.environ})
        line = first_line(process, CENTRE_SECONDS)
        if "listening on" not in line:
            raise StageError(f"the central side did not start: {line!r}")
        return int(line.rsplit(":", 1)[1])

    def _central(self, verb: str, *rest: str) -> str:
        command = [sys.executable, "-m", "sync.central", verb, *rest]
        done = subprocess.run(command, capture_output=True, text=True, timeout=CENTRE_SECONDS, check=False)
        if done.returncode:
            raise StageError(f"sync.central {verb}: {done.stderr.strip()[-400:]}")
        return done.stdout.strip()

    def _enrolment_code(self, terminal: str) -> str:
        folder = self.state / "central"
        database = f"sqlite:///{folder / 'central.db'}"
        answer = self._central(
            "issue-enrolment-code",
            *("--database", database, "--state", str(folder), "--clock-offset", str(self.clock_offset)),
            *("--terminal", terminal),
        )
        return answer.split()[-1]

    def _write_config(self, printer_port: int) -> None:
        assert self.proxy is not None
        config = Config(
            paths=PathsConfig(state=self.state.resolve()),
            screen=ScreenConfig(fullscreen=False),
            centre=CentreConfig(url=self.proxy.url, enrolment_code=self._enrolment_code(HALL), feed_seconds=3.0),
            scanner=ScannerConfig(kind="line", port=str(self.state.resolve() / "scanner"), baud=9600),
            camera=CameraConfig(source=self.camera.url),
            printer=PrinterConfig(address=f"tcp://127.0.0.1:{printer_port}"),
            timing=Timing(idle=self.idle, still=min(20.0, self.idle)),
            demo=DemoConfig(
                enabled=True, clock_offset=self.clock_offset, touch_socket=str(self.touch_socket.resolve())
            ),
        )
        self.config_path.write_text(toml_of(config), "utf-8")
        self.config_path.chmod(0o600)

    def _spawn(self, command: list[str], log: Path | None, env: dict[str, str]) -> subprocess.Popen[str]:
        if log is None:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        else:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as sink:
                process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, text=True, env=env)
        self._processes.append(process)
        return process


OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}


def first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """The first line a process says, or "" after `seconds`; what follows is read and dropped."""
    assert process.stdout is not None
    lines: list[str] = []
    came = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            came.set()
            lines[1:] = []
        came.set()

    threading.Thread(target=read, daemon=True).start()
    came.wait(seconds)
    return lines[0] if lines else ""


def end(process: subprocess.Popen[str], seconds: float = 8.0) -> None:
    """Ask a process of ours to stop, then insist."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return
    process.kill()
    process.wait()


class PokeServer:
    """Listens on a unix socket for one line a connection and answers one line."""

    def __init__(self, path: Path, poke: Callable[[str], str]) -> None:
        self._path, self._poke = path, poke
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def start(self) -> None:
        """Serve in the background."""
        self._path.unlink(missing_ok=True)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.listen(4)
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        for connection in self._connections():
            with connection, connection.makefile("rw", encoding="utf-8") as stream:
                line = stream.readline().strip()
                stream.write(json.dumps(self._poke(line), ensure_ascii=False) + "\n")
                stream.flush()

    def _connections(self) -> Iterator[socket.socket]:
        with contextlib.suppress(OSError):
            while True:
                yield self._socket.accept()[0]


def send_poke(path: Path, line: str) -> str:
    """Poke the running demonstration; its answer in words. Raises OSError when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        with connection.makefile("rw", encoding="utf-8") as stream:
            stream.write(line + "\n")
            stream.flush()
            return str(json.loads(stream.readline()))


def wait_until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Look again and again, at most `seconds`; raises StageError naming what did not come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise StageError(f"did not happen within {seconds:.0f} s: {what}")
        time.sleep(0.05)
