"""A lane beside the hall: its own terminal on its own state, with a peer at the far end of each of its wires."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2

from devices.sim import faces
from devices.sim.camera import CameraPeer
from devices.sim.relay import ModbusRelayPeer
from devices.sim.scanner import ScannerPeer
from devices.sim.thermal.peer import ThermalPeer
from kiosk.config import (
    CameraConfig,
    CentreConfig,
    Config,
    DemoConfig,
    FaceConfig,
    GateConfig,
    PathsConfig,
    RelayConfig,
    ScannerConfig,
    ScreenConfig,
    ServiceConfig,
    TerminalConfig,
    ThermalConfig,
    toml_of,
)
from kiosk.demo.waiting import wait_until

TERMINALS = {"gate": "G-02", "attendance": "C-01"}
ROOM = "3-201"
DOORLESS = "attendance"
FACE_BOX = (0.4, 0.28, 0.2, 0.36)
"""Where the simulated camera has its people's faces, in shares of the picture; the thermal one looks the same way."""
POSES = {"front": 0.0, "left": -0.45, "right": 0.45}
SKIN_C = 35.2
"""The hottest skin of a face, for somebody without a fever."""
FOLLOWED_S = 0.9
ENROL_SECONDS = 60.0


class GatePost:
    """`start` the peers, `configure` the terminal, `stop`. The relay's history says when the lane was open.

    `command`: `gate`, or `attendance` for a classroom, which has neither relay nor thermal camera.
    """

    def __init__(self, state: Path, command: str, clock_offset: float) -> None:
        self.state, self.command, self.clock_offset = state, command, clock_offset
        self.terminal, self.doorless = TERMINALS[command], command == DOORLESS
        self.config_path, self.touch_socket = state / "kiosk.toml", state / "touch.sock"
        # as fast as the line takes it: a pause of this busy process would part the first code in two
        self.camera, self.scanner = CameraPeer(), ScannerPeer(state / "scanner", baud=0)
        self.thermal = ThermalPeer(state / "thermal", "gy90640", 460800)
        self.relay = ModbusRelayPeer(state / "relay")

    def start(self) -> None:
        """What a fitter would plug in, and nobody before it."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for peer in (
            (self.camera, self.scanner)
            if self.doorless
            else (
                self.camera,
                self.scanner,
                self.thermal,
                self.relay,
            )
        ):
            peer.start()

    def stop(self) -> None:
        for peer in (self.relay, self.thermal, self.scanner, self.camera):
            peer.stop()

    def configure(self, url: str, enrolment_code: str) -> None:
        """Write the file that the terminal is started with, and the calibration that its fitter left."""
        state = self.state.resolve()
        (state / "thermal.toml").write_text(self.thermal.calibration(), "utf-8")
        touch = str(self.touch_socket.resolve())
        config = Config(
            terminal=TerminalConfig(id=self.terminal, place_zh="东门", place_en="East Gate"),
            paths=PathsConfig(state=state),
            screen=ScreenConfig(fullscreen=False),
            centre=CentreConfig(url=url, enrolment_code=enrolment_code, feed_seconds=2.0),
            scanner=ScannerConfig(kind="line", port=str(state / "scanner"), baud=9600),
            camera=CameraConfig(source=self.camera.url),
            face=FaceConfig(enabled=True),
            gate=GateConfig(room=ROOM if self.doorless else "", sound=False),
            service=ServiceConfig(time_sync=False, quick_ends=100),
            demo=DemoConfig(enabled=True, clock_offset=self.clock_offset, touch_socket=touch),
        )
        config = config if self.doorless else self._with_door(config, state)
        self.config_path.write_text(toml_of(config), "utf-8")
        self.config_path.chmod(0o600)

    def _with_door(self, config: Config, state: Path) -> Config:
        warm = str(state / "thermal.toml")
        thermal = ThermalConfig(kind="gy90640", port=str(state / "thermal"), rate=8, calibration=warm)
        return replace(config, thermal=thermal, relay=RelayConfig(kind="modbus", port=str(state / "relay"), sensor=1))

    def stand(self, face: str, celsius: float = SKIN_C) -> None:
        """Somebody with this face stands before camera and thermal camera."""
        self.camera.show_person(face)
        self.thermal.person(FACE_BOX, celsius)

    def hold_up(self, face: str) -> None:
        """Somebody holds up a photograph of this face, as warm as the room."""
        self.camera.show_frames(faces.photograph_frame(face, moment) for moment in range(faces.MOMENTS))
        self.thermal.photograph(FACE_BOX)

    def stand_two(self) -> None:
        """Two people side by side; the thermal camera has the first."""
        self.camera.show_frames(faces.two_people(moment) for moment in range(faces.MOMENTS))
        self.thermal.person(FACE_BOX, SKIN_C)

    def leave(self) -> None:
        """Nobody is there any more."""
        self.camera.clear()
        self.thermal.nobody()

    def walk_through(self, followed: bool = False) -> None:
        """Trip the passage sensor; a second time when somebody slips in behind."""
        self.relay.pass_through()
        if followed:
            self.relay.pass_through(after=FOLLOWED_S)

    def enrol(self, number: str, face: str, consent: str) -> str:
        """Enrol three photographs of this face, as a clerk does it; what the command said."""
        photographs = []
        for name, turn in POSES.items():
            photographs.append(str(self.state / f"{face}-{name}.jpg"))
            cv2.imwrite(photographs[-1], faces.person_frame(face, 0, turn=turn))
        whom = ["--number", number, "--consent", consent, "--config", str(self.config_path)]
        command = [sys.executable, "-m", "kiosk", "enrol", *whom, *photographs]
        before = self._known()
        done = subprocess.run(command, capture_output=True, text=True, timeout=ENROL_SECONDS, check=False)
        if done.returncode:
            return f"? {(done.stdout + done.stderr).strip()[-300:]}"
        self._await_news(before)
        return done.stdout.strip()

    def after(self, change: Callable[[], object]) -> None:
        """Change something about people at the centre, and wait until the lane has heard of it."""
        before = self._known()
        change()
        self._await_news(before)

    def _await_news(self, before: int) -> None:
        wait_until(lambda: self._known() > before, ENROL_SECONDS, "news of people at the lane")

    def _known(self) -> int:
        """How often the running terminal has taken faces from the feed so far."""
        lines = (self.state / "log" / "gate.jsonl").read_text("utf-8").splitlines()
        return sum('"gallery_loaded"' in line for line in lines)
