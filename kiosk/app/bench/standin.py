"""Is the part broken, or the program? The terminal's own driver, beside the one that runs, against a simulated part.

The part is another program at the end of a line of its own; what works there and not at the real plug is no fault of
the program's. Nothing of the terminal is touched.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from devices.camera import Camera
from devices.relay.relay import Relay
from devices.scanner import Scanner
from devices.thermal.camera import ThermalCamera
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, ms, not_there, passed
from kiosk.app.bench.hands import Hands
from kiosk.app.bench.looks import fresh_code
from kiosk.app.setup.proof import print_page
from kiosk.domain.proving import Finding
from printers.spool import JobState

UP_S, WORKS_S, ENDS_S = 15.0, 15.0, 3.0
STEP_S = 0.02
LIMIT = f"≤ {WORKS_S:.0f}{NARROW}s"


@dataclass(frozen=True, slots=True)
class StandIn:
    """A simulated part that runs. `address`: its line or its URL."""

    address: str
    process: subprocess.Popen[str]

    def tell(self, order: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def standing_in(kind: str) -> Iterator[StandIn | None]:
    """Of this kind, of the configuration; None = it did not come up."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kiosk", "peer", kind, str(Path(folder) / "line")]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=nothing) as process:
            try:
                address = _first_line(process)
                yield StandIn(address, process) if address else None
            finally:
                _end(process)


def scanner_program(fit: Fittings, hands: Hands) -> Finding:
    """A code that nobody has seen before is held before the simulated scanner."""
    kind, heard, wanted = fit.config.scanner.kind, threading.Event(), fresh_code()
    if fit.scanner is None or kind not in ("line", "gm65"):
        return not_there("no_standin")

    def work(part: StandIn) -> Finding:
        online = threading.Event()
        config = replace(fit.config.scanner, port=part.address)
        driver = Scanner(config, lambda text: heard.set() if text == wanted else None, _sets(online))
        with _running(driver):
            return _timed(hands, lambda: online.is_set(), lambda: part.tell(f"scan {wanted}"), heard.is_set)

    return _beside(kind, work)


def thermal_program(fit: Fittings, hands: Hands) -> Finding:
    """A simulated module sends its pictures."""
    kind = fit.config.thermal.kind
    if fit.thermal is None:
        return not_there("no_thermal")

    def work(part: StandIn) -> Finding:
        driver = ThermalCamera(replace(fit.config.thermal, port=part.address), lambda *_: None)
        with _running(driver):
            return _timed(hands, lambda: True, lambda: None, lambda: driver.latest(1) is not None)

    return _beside(kind, work)


def relay_program(fit: Fittings, hands: Hands) -> Finding:
    """A simulated board is told to pulse; one that never answers at least took the bytes."""
    kind, done = fit.config.relay.kind, threading.Event()
    if fit.relay is None:
        return not_there("no_relay")

    def work(part: StandIn) -> Finding:
        online = threading.Event()
        driver = Relay(replace(fit.config.relay, port=part.address), _sets(online), lambda: None)

        def pulse() -> None:
            driver.open(fresh_code(), 0.1, lambda _key, good: done.set() if good else None)

        with _running(driver):
            return _timed(hands, online.is_set, pulse, done.is_set)

    return _beside(kind, work)


def printer_program(fit: Fittings, _hands: Hands) -> Finding:
    """The test page on a simulated printer at a serial line."""
    if fit.printer is None:
        return not_there("no_printer")

    def work(part: StandIn) -> Finding:
        began = time.monotonic()
        printer = replace(fit.config.printer, address=f"serial://{part.address}?baud=115200")
        state, reason = print_page(replace(fit.config, printer=printer), fit.texts, fit.clock, WORKS_S)
        took = ms(time.monotonic() - began)
        return passed(took, LIMIT) if state is JobState.PRINTED else failed(reason or "not_printed", took, LIMIT)

    return _beside("escpos", work)


def camera_program(fit: Fittings, hands: Hands) -> Finding:
    """A simulated camera on the network sends its pictures."""
    if fit.camera is None:
        return not_there("no_camera")

    def work(part: StandIn) -> Finding:
        driver = Camera(replace(fit.config.camera, source=part.address), lambda *_: None)
        with _running(driver):
            return _timed(hands, lambda: True, lambda: None, lambda: driver.latest() is not None)

    return _beside("camera", work)


def _beside(kind: str, work: Callable[[StandIn], Finding]) -> Finding:
    with standing_in(kind) as part:
        return work(part) if part else failed("no_standin", limit=LIMIT)


def _timed(hands: Hands, ready: Callable[[], bool], act: Callable[[], None], works: Callable[[], bool]) -> Finding:
    """As soon as it is ready the act, and then so long until it works. Raises GivenUpError."""
    began = time.monotonic()
    for holds, then in ((ready, act), (works, lambda: None)):
        while not holds():
            hands.pause(STEP_S)
            if time.monotonic() - began > WORKS_S:
                return failed("program", limit=LIMIT)
        then()
    return passed(ms(time.monotonic() - began), LIMIT)


@contextlib.contextmanager
def _running(driver: Camera | Scanner | ThermalCamera | Relay) -> Iterator[None]:
    driver.start()
    try:
        yield
    finally:
        driver.stop(ENDS_S)


def _sets(online: threading.Event) -> Callable[[bool, object], None]:
    return lambda there, _fault: online.set() if there else None


def _first_line(process: subprocess.Popen[str]) -> str:
    """What it says first, "" = nothing in time, or its end."""
    said: list[str] = []
    assert process.stdout
    pipe = process.stdout
    reading = threading.Thread(target=lambda: said.append(pipe.readline()), daemon=True)
    reading.start()
    reading.join(UP_S)
    return said[0].strip() if said else ""


def _end(process: subprocess.Popen[str]) -> None:
    """It ends with its orders; one that does not is ended."""
    with contextlib.suppress(OSError):
        assert process.stdin
        process.stdin.close()
    try:
        process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
