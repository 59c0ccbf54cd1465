"""Sets the stage: central side behind a proxy that can be cut, peers on ptys and sockets, the terminal among them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devices.sim.camera import CameraPeer
from devices.sim.scanner import ScannerPeer
from kiosk.config import (
    A4Config,
    CameraConfig,
    CentreConfig,
    Config,
    DemoConfig,
    FaceConfig,
    PathsConfig,
    PrinterConfig,
    ScannerConfig,
    ScreenConfig,
    ServiceConfig,
    Timing,
    toml_of,
)
from kiosk.demo import sheets
from kiosk.demo.gatepost import GatePost
from kiosk.demo.processes import end, first_line
from kiosk.demo.waiting import StageError, wait_until
from printers.sim.escpos_printer import EscposPrinter
from printers.sim.ipp_printer import IppPeer
from sync.sim.proxy import FaultProxy

__all__ = ["Lane", "Running", "Stage", "StageError", "wait_until"]

CENTRE_SECONDS = 60.0
HALL = "A-017"
APPROVE_AFTER = 4.0


@dataclass(frozen=True, slots=True)
class Running:
    """A terminal of the demonstration: its process, its file, and what its exported journal is called."""

    name: str
    process: subprocess.Popen[str]
    config_path: Path
    journal: str


@dataclass(slots=True)
class Lane:
    """A lane's terminal with its peers."""

    post: GatePost
    process: subprocess.Popen[str]


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
        self.stick = state / "stick"
        self.central_url = ""
        self._processes: list[subprocess.Popen[str]] = []
        self.camera = CameraPeer()
        self.scanner = ScannerPeer(state / "scanner")
        self.printer = EscposPrinter(self.pages)
        self.a4: IppPeer | None = None
        self.proxy: FaultProxy | None = None
        self.running: subprocess.Popen[str] | None = None
        self.centre: subprocess.Popen[str] | None = None
        self._lanes: dict[str, Lane] = {}
        self._here = "gate"

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
        self.a4 = sheets.printer(self.state.resolve() / "a4")
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

    def lane(self, command: str = "", *, window: bool = False) -> GatePost:
        """The lane that this command runs (`gate`, `attendance`), started when somebody first goes there.

        "" = where they went last.
        """
        self._here = command or self._here
        if self._here not in self._lanes:
            assert self.proxy is not None
            post = GatePost(self.state / self._here, self._here, self.clock_offset)
            post.start()
            post.configure(self.proxy.url, self._enrolment_code(post.terminal))
            self._lanes[self._here] = Lane(post, self._lane_process(post, window))
        return self._lanes[self._here].post

    def gate(self) -> GatePost:
        """The gate."""
        return self.lane("gate")

    def lane_process(self) -> subprocess.Popen[str]:
        """Of the lane where somebody went last."""
        self.lane()
        return self._lanes[self._here].process

    def terminals(self) -> list[Running]:
        """Every terminal that runs, the gate's included."""
        assert self.running is not None
        found = [Running("hall", self.running, self.config_path, "journal.jsonl")]
        for name, lane in self._lanes.items():
            found.append(Running(name, lane.process, lane.post.config_path, f"{name}-journal.jsonl"))
        return found

    def crash(self) -> None:
        """Kill the terminal in the middle of whatever it does, and start it again as the service manager would."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()
        self.terminal(window=False)

    def crash_lane(self) -> None:
        """The same for the lane where somebody went last."""
        lane = self._lanes[self._here]
        lane.process.kill()
        lane.process.wait()
        lane.process = self._lane_process(lane.post, window=False)

    def stop(self) -> None:
        """In reverse order."""
        for process in reversed(self._processes):
            end(process)
        for lane in self._lanes.values():
            lane.post.stop()
        for part in (self.camera, self.scanner, self.printer, self.a4, self.proxy):
            if part is not None:
                part.stop()

    def _lane_process(self, post: GatePost, window: bool) -> subprocess.Popen[str]:
        env = {**os.environ} if window else {**os.environ, **OFFSCREEN}
        program = [sys.executable, "-m", "kiosk", post.command, "--config", str(post.config_path)]
        return self._spawn(program, self.state / "log" / f"{post.command}.out", env)

    def central(self, verb: str, *rest: str) -> str:
        """Run one command of the central side on its database; what it said. Raises StageError when it fails."""
        command = [sys.executable, "-m", "sync.central", verb, *self._central_options(), *rest]
        done = subprocess.run(command, capture_output=True, text=True, timeout=CENTRE_SECONDS, check=False)
        if done.returncode:
            raise StageError(f"sync.central {verb}: {done.stderr.strip()[-400:]}")
        return done.stdout.strip()

    def _central_options(self) -> tuple[str, ...]:
        folder = self.state / "central"
        database = f"sqlite:///{folder / 'central.db'}"
        return "--database", database, "--state", str(folder), "--clock-offset", str(self.clock_offset)

    def _start_centre(self) -> int:
        folder = self.state / "central"
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / "central.db").exists():
            faces = ["--faces", str(self.faces)] if self.faces else []
            self.central("demo-data", "--demo", *faces)
        serve = ["serve", *self._central_options(), "--port", "0", "--demo", "--approve-after", str(APPROVE_AFTER)]
        self.centre = process = self._spawn([sys.executable, "-m", "sync.central", *serve], None, {**os.environ})
        line = first_line(process, CENTRE_SECONDS)
        if "listening on" not in line:
            raise StageError(f"the central side did not start: {line!r}")
        return int(line.rsplit(":", 1)[1])

    def _enrolment_code(self, terminal: str) -> str:
        return self.central("issue-enrolment-code", "--terminal", terminal).split()[-1]

    def _write_config(self, printer_port: int) -> None:
        assert self.proxy is not None
        config = Config(
            paths=PathsConfig(state=self.state.resolve(), sticks=str(self.stick.resolve())),
            screen=ScreenConfig(fullscreen=False),
            centre=CentreConfig(url=self.proxy.url, enrolment_code=self._enrolment_code(HALL), feed_seconds=3.0),
            scanner=ScannerConfig(kind="line", port=str(self.state.resolve() / "scanner"), baud=9600),
            camera=CameraConfig(source=self.camera.url),
            face=FaceConfig(enabled=True),
            printer=PrinterConfig(address=f"tcp://127.0.0.1:{printer_port}"),
            a4=A4Config(address=self.a4.address if self.a4 else ""),
            timing=Timing(idle=self.idle, still=min(20.0, self.idle)),
            service=ServiceConfig(time_sync=False, quick_ends=100),
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
