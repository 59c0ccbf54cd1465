"""A gate beside the hall: its own terminal on its own state, with a peer at the far end of each of its wires."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
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
    TerminalConfig,
    ThermalConfig,
    toml_of,
)

TERMINAL = "G-02"
ROOM = "3-201"
FACE_BOX = (0.4, 0.28, 0.2, 0.36)
"""Where the simulated camera has its people's faces, in shares of the picture; the thermal one looks the same way."""
POSES = {"front": 0.0, "left": -0.45, "right": 0.45}
ENROL_SECONDS = 60.0


class GatePost:
    """`start` the peers, `configure` the terminal, `stop`. The relay's history says when the lane was open."""

    def __init__(self, state: Path, clock_offset: float, room: str = "") -> None:
        self.state, self.clock_offset, self.room = state, clock_offset, room
        self.config_path, self.touch_socket = state / "kiosk.toml", state / "touch.sock"
        self.camera, self.scanner = CameraPeer(), ScannerPeer(state / "scanner")
        self.thermal = ThermalPeer(state / "thermal", "gy90640", 460800)
        self.relay = ModbusRelayPeer(state / "relay")

    def start(self) -> None:
        """What a fitter would plug in, and nobody before it."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for peer in (self.camera, self.scanner, self.thermal, self.relay):
            peer.start()

    def stop(self) -> None:
        for peer in (self.relay, self.thermal, self.scanner, self.camera):
            peer.stop()

    def configure(self, url: str, enrolment_code: str) -> None:
        """Write the file that the terminal is started with, and the calibration that its fitter left."""
        state = self.state.resolve()
        calibration = state / "thermal.toml"
        calibration.write_text(self.thermal.calibration(), "utf-8")
        touch = str(self.touch_socket.resolve())
        config = Config(
            terminal=TerminalConfig(id=TERMINAL, place_zh="东门", place_en="East Gate"),
            paths=PathsConfig(state=state),
            screen=ScreenConfig(fullscreen=False),
            centre=CentreConfig(url=url, enrolment_code=enrolment_code, feed_seconds=2.0),
            scanner=ScannerConfig(kind="line", port=str(state / "scanner"), baud=9600),
            camera=CameraConfig(source=self.camera.url),
            face=FaceConfig(enabled=True),
            thermal=ThermalConfig(kind="gy90640", port=str(state / "thermal"), rate=8, calibration=str(calibration)),
            relay=RelayConfig(kind="modbus", port=str(state / "relay"), sensor=1),
            gate=GateConfig(room=self.room, sound=False),
            demo=DemoConfig(enabled=True, clock_offset=self.clock_offset, touch_socket=touch),
        )
        self.config_path.write_text(toml_of(config), "utf-8")
        self.config_path.chmod(0o600)

    def stand(self, face: str, celsius: float) -> None:
        """Somebody with this face stands before camera and thermal camera."""
        self.camera.show_person(face)
        self.thermal.person(FACE_BOX, celsius)

    def leave(self) -> None:
        """Nobody is there any more."""
        self.camera.clear()
        self.thermal.nobody()

    def walk_through(self) -> None:
        """Trip the passage sensor."""
        self.relay.pass_through()

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
        deadline = time.monotonic() + ENROL_SECONDS
        while self._known() <= before:
            if time.monotonic() > deadline:
                return "? the gate does not know the new face"
            time.sleep(0.05)
        return done.stdout.strip()

    def _known(self) -> int:
        """How often the running terminal has taken faces from the feed so far."""
        lines = (self.state / "log" / "gate.jsonl").read_text("utf-8").splitlines()
        return sum('"gallery_loaded"' in line for line in lines)


def gate_pokes(post: Callable[[], GatePost], code_of: Callable[[str], str]) -> list[tuple[str, Callable[..., str]]]:
    """What can be done to the gate, in words."""

    def stand(face: str, celsius: str = "35.2") -> str:
        post().stand(face, float(celsius))
        return f"{face} stands at the gate, {celsius} °C"

    def scan(number: str) -> str:
        post().scanner.scan(code_of(number))
        return f"the gate's scanner read the code of {number}"

    def do(act: Callable[[], object]) -> str:
        act()
        return "done"

    return [
        (r"stand ([\w-]+)", stand),
        (r"stand ([\w-]+) at ([\d.]+)", stand),
        (r"leave gate", lambda: do(post().leave)),
        (r"gate code of (\w+)", scan),
        (r"gate text (.+)", lambda text: do(lambda: post().scanner.scan(text))),
        (r"walk through", lambda: do(post().walk_through)),
        (r"hot cup", lambda: do(post().thermal.hot_cup)),
        (r"unplug thermal", lambda: do(post().thermal.unplug)),
        (r"plug thermal", lambda: do(post().thermal.plug)),
        (r"thermal silent", lambda: do(post().thermal.silent)),
        (r"thermal garbage", lambda: do(post().thermal.garbage)),
        (r"unplug relay", lambda: do(post().relay.unplug)),
        (r"plug relay", lambda: do(post().relay.plug)),
        (r"unplug gate camera", lambda: do(post().camera.unplug)),
        (r"plug gate camera", lambda: do(post().camera.plug)),
        (r"enrol ([\w-]+) as (\w+) by consent (\S+)", lambda face, number, text: post().enrol(number, face, text)),
    ]
