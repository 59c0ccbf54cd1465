"""Out of service: the terminal without its devices, and, when not even that holds, a window with nothing behind it."""

from __future__ import annotations

from dataclasses import replace

from kiosk.app.reports import Reports
from kiosk.app.watchdog import Pulse
from kiosk.clock import Clock
from kiosk.config import A4Config, CameraConfig, Config, FaceConfig, PrinterConfig, ScannerConfig
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.faults import Fault
from kiosk.flows.core import Event, Intent
from kiosk.flows.walkup import State
from kiosk.flows.walkup.state import Look, Policy, Station
from kiosk.flows.walkup.step import step
from kiosk.runner import Runner
from kiosk.text import shipped_texts
from ui.shell import Shell

LOOKS = ("help", "help_close", "language", "large", "contrast", "low_reach")


def spare(config: Config) -> Config:
    """The same terminal without anything on a wire, for a technician and the centre alone."""
    return replace(
        config,
        scanner=replace(ScannerConfig(), kind="none"),
        camera=replace(CameraConfig(), source=""),
        face=replace(FaceConfig(), enabled=False),
        printer=PrinterConfig(),
        a4=A4Config(),
    )


class Standby:
    """Whom to call and which fault, in two languages; nothing else can be done. `start`, `stop`."""

    def __init__(self, config: Config, fault: Fault) -> None:
        self.clock = Clock(config.demo.clock_offset)
        catalogue, language = Catalogue({}, ()), config.terminal.language
        self.window = Shell(config, shipped_texts(), catalogue, self.clock, self._post)
        self.reports = Reports(self.window.deliver, self.clock.now)
        policy = Policy(catalogue, config.timing, config.terminal.id, language)
        self.runner: Runner[State] = Runner(
            lambda state, event: (step(state, event, policy)[0], ()),
            State(look=Look(language), station=Station(faults=(fault,))),
            {},
            self.window.render,
        )
        self._fault = fault

    def _post(self, event: Event) -> None:
        """How it looks may be changed; there is nobody who could check a technician's PIN."""
        if not isinstance(event, Intent) or event.name in LOOKS:
            self.runner.post(event)

    def start(self) -> None:
        self.window.render(self.runner.state)
        self.reports.fault(self._fault)

    def stop(self) -> None:
        """Nothing runs."""

    def quiet(self) -> bool:
        """Nobody can be in a visit."""
        return True

    def anew(self) -> str:
        """Nobody can ask for it here."""
        return ""

    def pulses(self) -> list[Pulse]:
        """The window alone, and that is asked by its own timer."""
        return []
