"""From the touch that prints to the first byte of the page at the printer: layout, encoding, journal, status, wire.

What comes before it, the centre's seal, is a wait on the network and not in this.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from kiosk.app.papers import Papers
from kiosk.app.terminal import load_catalogue
from kiosk.clock import Clock
from kiosk.config import Config, PrinterConfig
from kiosk.domain.documents import Sealed
from kiosk.flows.walkup import events as ev
from kiosk.text import shipped_texts
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import JobEvent, JobState, Spool, StatusEvent
from sync.journal import Journal
from sync.vault import Vault
from tests.papers import sample

ROUNDS = 15
ANSWER_S = 30.0
BEGINNING = b"\x1b@"


def run() -> dict[str, float]:
    """Milliseconds: the median of certificates printed one after the other, and the worst; the first is left out."""
    with tempfile.TemporaryDirectory() as folder:
        times = _Hall(Path(folder)).measure()
    return {"print.first_byte_ms": statistics.median(times), "print.first_byte_worst_ms": max(times)}


class _Hall:
    def __init__(self, folder: Path) -> None:
        self._printer = EscposPrinter(folder / "pages")
        self._printer.heard = self._heard
        clock, vault = Clock(), Vault.open(folder)
        address = f"tcp://127.0.0.1:{self._printer.start_tcp()}"
        config = replace(Config(), printer=PrinterConfig(address=address))
        self._journal = Journal(folder / "journal.db", vault, clock, "A-017", uuid.uuid4().hex, lambda _: None)
        self._spool = Spool(config.printer, self._journal.job_store(address), self._said, clock)
        self._papers = Papers(config, shipped_texts(), load_catalogue(config), self._spool, clock)
        self._begun, self._ready, self._printed = threading.Event(), threading.Event(), threading.Event()
        self._at = 0.0
        self._base = 0

    def measure(self) -> list[float]:
        self._journal.start()
        self._spool.start()
        with ThreadPoolExecutor(1) as work:
            _wait(self._ready)
            times = [self._once(work.submit) for _ in range(ROUNDS + 1)]
        self._spool.stop()
        self._journal.stop()
        self._printer.stop()
        return times[1:]

    def _once(self, off_main: Callable[..., object]) -> float:
        self._begun.clear()
        self._printed.clear()
        self._base = len(self._printer.raw)
        key = uuid.uuid4().hex
        sealed = Sealed(f"{key}:1", "ZD-2026-0302-0001", 0.0, 0.0, sample()["code"], sample()["url"], sample())
        effect = ev.Print(f"{key}:1:p", "enrolment", "zh", {}, 1, sealed)
        began = time.perf_counter()
        off_main(self._papers.submit, effect)
        _wait(self._begun)
        _wait(self._printed)
        return (self._at - began) * 1000

    def _heard(self, _count: int) -> None:
        if not self._begun.is_set() and BEGINNING in self._printer.raw[self._base :]:
            self._at = time.perf_counter()
            self._begun.set()

    def _said(self, event: JobEvent | StatusEvent) -> None:
        if isinstance(event, StatusEvent):
            self._ready.set()
        elif event.state is JobState.PRINTED:
            self._printed.set()


def _wait(event: threading.Event) -> None:
    if not event.wait(ANSWER_S):
        raise RuntimeError("the printer has not answered")
