"""The board: every part of this terminal as it is at this moment."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from devices.identity import firmware
from kiosk.app.bench.fittings import Fittings
from kiosk.domain.board import Part
from kiosk.domain.faults import Code, Fault
from sync import overview

NARROW = "\u00a0"
"""Between a number and its unit no line ends."""
LITTLE_ROOM = 500_000_000


class Board:
    """`look` is for one thread, which is not the window's: it asks the disk."""

    def __init__(self, fittings: Fittings) -> None:
        self._fit, self._config = fittings, fittings.config
        self._firmware: dict[str, str] = {}
        self._pictures = (0, 0.0)
        says = {"camera": self._camera, "scanner": self._scanner, "thermal": self._thermal, "relay": self._relay}
        says |= {"printer": self._printer, "a4": self._a4, "face": self._face, "centre": self._centre}
        self._says: dict[str, Callable[[], str]] = {**says, "disk": self._disk, "clock": self._clock}

    def look(self) -> tuple[Part, ...]:
        """All of them, in the order of the board."""
        return tuple(self._part(name) for name in self._fit.names)

    def _part(self, name: str) -> Part:
        known, port = self._fit.health.of(name), self._port(name)
        online, fault, good = known.online, known.fault, known.good
        if name in ("disk", "clock"):
            online, good = True, self._fit.clock.now()
        fault = fault or self._own(name)
        if name == "centre":
            good = max(good, self._heard())
        told = self._says[name]() if online else ""
        return Part(name, online, fault, told, port, self._firmware_of(name, port, online), good, known.hours)

    def _own(self, name: str) -> Fault | None:
        """What is nobody's own trouble, and no less this part's."""
        if name == "thermal":
            return self._fit.health.of("calibration").fault
        if name == "disk" and self._free() < LITTLE_ROOM:
            return Fault(Code.JOURNAL_FULL, "disk")
        return None

    def _port(self, name: str) -> str:
        config = self._config
        ports = {
            "camera": config.camera.source,
            "scanner": config.scanner.port,
            "thermal": config.thermal.port,
            "relay": config.relay.port,
            "printer": config.printer.address,
            "a4": config.a4.address,
            "centre": urlsplit(config.centre.url).netloc,
            "disk": str(config.paths.state),
        }
        return ports.get(name, "")

    def _firmware_of(self, name: str, port: str, online: bool | None) -> str:
        """As the part itself tells, else its plug, which is asked again whenever the part was away; "" = neither."""
        if name == "face":
            return self._config.face.embedder
        if name in ("centre", "disk", "clock"):
            return ""
        if not online:
            self._firmware.pop(name, None)
            return ""
        if told := self._own_word(name):
            return told
        if name not in self._firmware:
            self._firmware[name] = firmware(port)
        return self._firmware[name]

    def _own_word(self, name: str) -> str:
        part = {"scanner": self._fit.scanner, "printer": self._fit.printer, "a4": self._fit.a4}.get(name)
        return part.firmware if part else ""

    # --- what each of them measures ------------------------------------------------------------------------------

    def _camera(self) -> str:
        seen = self._fit.camera.latest() if self._fit.camera else None
        if seen is None:
            return ""
        number, frame = seen
        before, at = self._pictures
        now = time.monotonic()
        self._pictures = (number, now)
        size = f"{frame.shape[1]}×{frame.shape[0]}"
        if not 0 < now - at < 10 or number <= before:
            return size
        return f"{size} · {(number - before) / (now - at):.0f}{NARROW}fps"

    def _scanner(self) -> str:
        kind, baud = self._config.scanner.kind, self._config.scanner.baud
        return f"{'GM65' if kind == 'gm65' else 'UART'} · {baud}"

    def _thermal(self) -> str:
        frame = self._fit.thermal.latest() if self._fit.thermal else None
        if frame is None:
            return ""
        rows, columns = frame.pixels.shape
        ambient = f" · {frame.ambient:.1f}{NARROW}℃" if frame.ambient is not None else ""
        return f"{columns}×{rows} · {float(frame.pixels.max()):.1f}{NARROW}℃{ambient}"

    def _relay(self) -> str:
        relay = self._config.relay
        return f"Modbus · {relay.unit}/{relay.channel}" if relay.kind == "modbus" else f"LCUS · {relay.channel}"

    def _printer(self) -> str:
        spool = self._fit.printer
        left = spool.usage.left(self._config.printer.roll) if spool else -1
        return f"{self._config.printer.profile} · {left}{NARROW}%" if left >= 0 else self._config.printer.profile

    def _a4(self) -> str:
        return "IPP"

    def _face(self) -> str:
        return self._config.face.engine

    def _centre(self) -> str:
        return urlsplit(self._config.centre.url).hostname or ""

    def _disk(self) -> str:
        return f"{self._free() / 1e9:.1f}{NARROW}GB"

    def _clock(self) -> str:
        return f"{self._fit.clock.local():%Y-%m-%d %H:%M}"

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._config.paths.state).free
        except OSError:
            return 0

    def _heard(self) -> float:
        state = Path(self._config.paths.state)
        try:
            return overview.standing(state / "journal.db", state / "cache.db").heard
        except (sqlite3.Error, OSError):
            return 0.0
