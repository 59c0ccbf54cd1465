"""What a terminal is built with, as board and tests are handed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from devices.camera import Camera
from devices.face.recogniser import Recogniser
from devices.relay.relay import Relay
from devices.scanner import Scanner
from devices.thermal.camera import ThermalCamera
from kiosk.app.calibrated import Calibrated
from kiosk.app.health import Health
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.text import Texts
from printers.spool import Spool


@dataclass(frozen=True, slots=True)
class Fittings:
    """None = not fitted. `doubt`: why the clock cannot be trusted, "" = it can; raises sqlite3.Error."""

    config: Config
    clock: Clock
    texts: Texts
    health: Health
    doubt: Callable[[], str]
    camera: Camera | None = None
    scanner: Scanner | None = None
    recogniser: Recogniser | None = None
    printer: Spool | None = None
    a4: Spool | None = None
    thermal: ThermalCamera | None = None
    calibrated: Calibrated = field(default_factory=Calibrated)
    relay: Relay | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parts that stand on the board, in its order."""
        parts: dict[str, object] = {
            "camera": self.camera,
            "scanner": self.scanner,
            "thermal": self.thermal,
            "relay": self.relay,
        }
        parts |= {"printer": self.printer, "a4": self.a4, "face": self.recogniser}
        return (*(name for name, part in parts.items() if part is not None), "centre", "disk", "clock")
