"""The gate terminal, and a classroom's, built from the configuration: started in order, stopped in reverse."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.camera import Camera
from devices.codereader import CodeReader
from devices.face.recogniser import Recogniser
from devices.relay.relay import Relay
from devices.scanner import Scanner
from devices.sound import Sounds
from devices.thermal.camera import ThermalCamera
from devices.thermal.picture import picture
from devices.thermal.thermometer import Thermometer
from kiosk import __version__, log
from kiosk.app import audits, condition, selftest
from kiosk.app.calibrated import Calibrated
from kiosk.app.gallery import GalleryKeeper, heard
from kiosk.app.lane import LaneEffects, Parts
from kiosk.app.pages import Started
from kiosk.app.pulses import pulses
from kiosk.app.recorder import Recorder
from kiosk.app.records import open_records
from kiosk.app.reports import Reports
from kiosk.app.rules_age import LOOK_S, RulesAge
from kiosk.app.running import serve
from kiosk.app.serving import Base, Serving
from kiosk.app.standby import Standby
from kiosk.app.watchdog import Pulse
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.admission import Direction, Place
from kiosk.domain.faults import Fault
from kiosk.domain.screening import Calibration, load_calibration
from kiosk.flows.core import Event, Intent
from kiosk.flows.gate import State, step
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Devices, Policy
from kiosk.flows.walkup.events import CodeRead, SeveralCodes
from kiosk.runner import Runner
from kiosk.text import shipped_texts
from sync.desk import Desk
from sync.gatedesk import GateDesk
from sync.link import SyncProcess
from ui.gate import GateShell
from ui.present.gate.service import station_of

STOP_SECONDS = 3.0
FIRST_S = 0.5
"""So soon the technician's sign-in is opened, where it comes first."""
LESSON_S = 30.0


class GateTerminal:
    """Everything of one lane. `attendance`: a class roster in place of the door."""

    def __init__(self, config: Config, config_path: Path, *, attendance: bool, started: Started | None = None) -> None:
        self.started = started or Started(config, config_path)
        self.config, self.attendance = config, attendance
        self.clock, self.boot = Clock(config.demo.clock_offset), uuid.uuid4().hex[:16]
        self.texts = shipped_texts()
        self.shell = GateShell(config, self.texts, self.clock, lambda event: self.runner.post(event))
        deliver = self.shell.deliver
        self.reports = Reports(deliver, self.clock.now)
        state, self.program = config.paths.state, "attendance" if attendance else "gate"
        self.vault, self.journal = open_records(config, self.clock, self.boot, self.reports, self.shell.quit)
        vault = self.vault
        self.sync = SyncProcess(config_path, self._sync_said, self.reports.fault)
        files = (state / "cache.db", state / "journal.db")
        self.desk = Desk(*files, vault, self.clock, config, self.journal, self.sync.spend)
        self.gatedesk = GateDesk(state / "cache.db", state / "journal.db", vault, self.clock, config)
        self.camera = Camera(config.camera, self.reports.device("camera")) if config.camera.source else None
        self.scanner = self._scanner()
        self.reader = CodeReader(self.camera, self._code, self._several) if self.camera else None
        self.recogniser = self._recogniser()
        self.keeper = self._keeper()
        self.calibrated = Calibrated(_calibration(config), self._calibration_made)
        self.thermal = self._thermal()
        self.thermometer = Thermometer(self.thermal, self.calibrated.now) if self.thermal else None
        self.relay = self._relay()
        self.sounds = Sounds(config.gate.sound)
        self.serving = self._serving()
        recorder = Recorder(self.journal, self.sync, deliver, self.clock)
        parts = Parts(
            self.shell,
            recorder,
            self.desk,
            self.gatedesk,
            self.sounds,
            self.recogniser,
            self.thermometer,
            self.relay,
        )
        self.effects = LaneEffects(parts, config.gate.room if attendance else "", self.clock)
        if not attendance:
            self.effects.on_rules = RulesAge(self.clock.now, self.reports.fault, self.reports.clear).loaded
        self.runner: Runner[State] = Runner(
            functools.partial(_step, policy=self._policy()),
            State(devices=Devices(self._fitted()), language=config.terminal.language),
            {**self.effects.handlers(), **self.serving.handlers()},
            self._render,
        )

    @property
    def window(self) -> GateShell:
        """What `serve` shows and ends."""
        return self.shell

    def start(self) -> None:
        """The first screen comes before any device answers; the relay is told to be closed before anything else."""
        self.shell.render(self.runner.state)
        self.reports.health.begin(self.journal)
        for part in self._parts():
            part.start()
        audits.started(self.journal, self.config, self.vault, self.program)
        for fault in selftest.run(self.config.paths.state, self.vault, self.texts):
            self.reports.fault(fault)
        if self.camera:
            self.shell.live(self.camera.latest)
        if self.thermal:
            self.shell.thermal(self._inset)
            for fault in selftest.calibrated(self.calibrated.now):
                self.reports.fault(fault)
        if self.reader:
            self.reader.watch(True)
        if self.keeper:
            self.keeper.reload()
        self._rules()
        self._lesson()
        log.event("started", version=__version__)

    def stop(self) -> None:
        """In reverse; nothing waits longer than a few seconds."""
        audits.stopped(self.journal, self.program)
        self.reports.health.end()
        for part in reversed(self._parts()):
            part.stop(STOP_SECONDS)
        self.sounds.stop()
        log.event("stopped")

    def anew(self) -> str:
        """Why it should begin anew at a quiet moment, "" = it need not."""
        return self.serving.anew()

    def quiet(self) -> bool:
        """Nobody is at the lane, or was a moment ago."""
        return self.runner.state.quiet

    def pulses(self) -> list[Pulse]:
        """What must beat."""
        return pulses(
            {
                "relay": self.relay,
                "journal": self.journal,
                "desk": self.desk,
                "gatedesk": self.gatedesk,
                "camera": self.camera,
                "scanner": self.scanner,
                "reader": self.reader,
                "recogniser": self.recogniser,
                "thermal": self.thermal,
                "thermometer": self.thermometer,
                "sync": self.sync,
                **self.serving.threads(),
            }
        )

    def _parts(self) -> list[Any]:
        parts = [
            *(self.relay, self.journal, self.desk, self.gatedesk, self.camera, self.scanner, self.reader),
            *(self.recogniser, self.thermal, self.thermometer, self.serving, self.sync),
        ]
        return [part for part in parts if part is not None]

    def _policy(self) -> Policy:
        gate = self.config.gate
        place = Place(gate.gate, Direction(gate.direction), attendance=self.attendance)
        timing = self.config.timing
        return Policy(place, gate, self.boot, timing.idle, timing.technician)

    def _fitted(self) -> frozenset[str]:
        parts = {"camera": self.camera, "scanner": self.scanner, "face": self.recogniser, "thermal": self.thermal}
        found = {name for name, part in {**parts, "relay": self.relay}.items() if part is not None}
        sensor = self.relay is not None and self.config.relay.sensor > 0
        return frozenset(found | {"sensor"} if sensor else found)

    def _scanner(self) -> Scanner | None:
        if self.config.scanner.kind == "none":
            return None
        return Scanner(self.config.scanner, self._scanned, self.reports.device("scanner"))

    def _recogniser(self) -> Recogniser | None:
        if self.camera is None or not self.config.face.enabled:
            return None
        return Recogniser(
            self.config.face,
            self.config.camera,
            self.camera,
            self.config.paths.state / "models",
            on_sight=lambda sight: self.effects.seen(sight),
            on_gone=lambda track: self.effects.gone(track),
            on_match=lambda look, match: self.effects.matched(look, match),
            on_turn=lambda look, liveness: self.shell.deliver(ev.TurnSeen(look, liveness)),
            on_portrait=lambda *_: None,
            on_state=self.reports.device("face"),
        )

    def _keeper(self) -> GalleryKeeper | None:
        if self.recogniser is None:
            return None
        return GalleryKeeper(self.gatedesk, self.recogniser, self.config.face.embedder, lambda _: None)

    def _thermal(self) -> ThermalCamera | None:
        if self.config.thermal.kind == "none" or self.attendance:
            return None
        return ThermalCamera(self.config.thermal, self.reports.device("thermal"))

    def _relay(self) -> Relay | None:
        if self.config.relay.kind == "none" or self.attendance:
            return None
        return Relay(self.config.relay, self.reports.device("relay"), self._passage)

    def _serving(self) -> Serving:
        parts = (self.config, self.clock, self.texts, self.reports, self.vault, self.journal, self.sync, self.desk)
        return Serving(
            Base(*parts, self.started),
            self.shell,
            lambda: station_of(self.runner.state),
            camera=self.camera,
            scanner=self.scanner,
            recogniser=self.recogniser,
            thermal=self.thermal,
            calibrated=self.calibrated,
            relay=self.relay,
        )

    def _calibration_made(self, made: Calibration) -> None:
        """By the technician: the next reading is taken with it."""
        if self.thermometer:
            self.thermometer.calibrate(made)
        self.journal.note("thermal.calibrated", basis=made.basis.value)
        if not selftest.calibrated(made):
            self.reports.clear("calibration")

    def _inset(self) -> tuple[int, Any] | None:
        frame = self.thermal.latest() if self.thermal else None
        return (frame.number, picture(frame)) if frame else None

    def _passage(self) -> None:
        if self.serving.bench.passage():
            return
        self.shell.deliver(ev.Passage(self.clock.now()))

    def _scanned(self, text: str) -> None:
        if not self.serving.bench.scanned(text):
            self._code(text)

    def _code(self, text: str) -> None:
        self.shell.deliver(CodeRead(text, self.clock.now()))

    def _several(self) -> None:
        self.shell.deliver(SeveralCodes())

    def _sync_said(self, message: Mapping[str, Any]) -> None:
        heard(self.keeper, message)
        self.reports.sync(message)

    def _render(self, state: State) -> None:
        self.shell.render(state)
        condition.tell(self.sync, condition.of_lane(state, self.config))
        self.sync.quiet(state.quiet)

    def _rules(self) -> None:
        """Also when no news of them came: their age counts."""
        self.effects.load_rules()
        self.shell.timer("rules", LOOK_S, self._rules)

    def _lesson(self) -> None:
        """Lessons begin and end by the clock."""
        if self.attendance:
            self.effects.load_lesson()
            self.shell.timer("lesson", LESSON_S, self._lesson)


def _step(state: State, event: Event, *, policy: Policy) -> tuple[State, tuple[Any, ...]]:
    return step(state, event, policy)


def _calibration(config: Config) -> Calibration:
    """As the file says; a module that nobody calibrated judges nobody. Raises ConfigError."""
    return load_calibration(Path(config.thermal.calibration)) if config.thermal.calibration else Calibration()


def run(
    config: Config, config_path: Path, *, attendance: bool = False, served: bool = False, source: Path | None = None
) -> int:
    """The lane until it is told to stop; the exit code. Out of service it is a window alone: a guard opens by hand.

    `served`: the technician's sign-in comes first; `source` as for the terminal in the hall.
    """
    started = Started(config, source or config_path)

    def make(out: Fault | None) -> GateTerminal | Standby:
        if out:
            return Standby(config, out)
        terminal = GateTerminal(config, config_path, attendance=attendance, started=started)
        if served:
            terminal.shell.timer("served", FIRST_S, lambda: terminal.shell.deliver(Intent("technician")))
        return terminal

    return serve("gate", config, make, functools.partial(Standby, config))
