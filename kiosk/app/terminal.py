"""The composition root: every part is made here, from the configuration, and knows only what it is handed."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from devices.camera import Camera
from devices.codereader import CodeReader
from devices.face.cards import ModelError, scan
from devices.face.recogniser import Recogniser
from devices.scanner import Scanner
from kiosk import __version__, log, shipped
from kiosk.app import audits, condition, papers, selftest
from kiosk.app.ahead import Ahead
from kiosk.app.effects import Effects
from kiosk.app.faces import Faces
from kiosk.app.gallery import GalleryKeeper, heard
from kiosk.app.pages import Started
from kiosk.app.papers import Papers
from kiosk.app.photos import Photos
from kiosk.app.pulses import pulses
from kiosk.app.records import open_records
from kiosk.app.reports import Reports
from kiosk.app.running import serve
from kiosk.app.serving import Base, Serving
from kiosk.app.sheets import Sheets
from kiosk.app.standby import Standby, spare
from kiosk.app.watchdog import Pulse
from kiosk.assets import toml_files
from kiosk.clock import Clock
from kiosk.config import Config, PrinterConfig
from kiosk.domain import catalogue as catalogues
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.faults import Fault
from kiosk.domain.matching import Limits
from kiosk.domain.printer import PrinterState
from kiosk.flows.core import Intent
from kiosk.flows.walkup import State, step
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.common import reads_codes
from kiosk.flows.walkup.state import Look, Policy, Station
from kiosk.runner import Runner
from kiosk.text import shipped_texts
from printers.ipp import PACE, IppPrinter
from printers.spool import Spool
from sync.ahead import AheadStore
from sync.desk import Desk
from sync.faces import FaceStore
from sync.gatedesk import GateDesk
from sync.link import SyncProcess
from sync.vault import Vault
from ui.shell import Shell

STOP_SECONDS = 3.0
FIRST_S = 0.5
"""So soon the technician's sign-in is opened, where it comes first."""


def load_catalogue(config: Config) -> Catalogue:
    """The service items of the configured folder, or the program's own."""
    own = config.paths.items
    return papers.placed(catalogues.build(toml_files(Path(own))) if own else shipped.items())


class Terminal:
    """Everything of one walk-up terminal. `start`, `exec`, `stop`. `out`: why it is out of service."""

    def __init__(
        self, config: Config, config_path: Path, out: Fault | None = None, started: Started | None = None
    ) -> None:
        self.started = started or Started(config, config_path)
        self.config = config
        self.clock = Clock(config.demo.clock_offset)
        self.catalogue = load_catalogue(config)
        self.texts = shipped_texts()
        state = config.paths.state
        self.shell = Shell(config, self.texts, self.catalogue, self.clock, lambda event: self.runner.post(event))
        deliver = self.shell.deliver
        self.reports = Reports(deliver, self.clock.now)
        boot = uuid.uuid4().hex
        self.vault, self.journal = open_records(config, self.clock, boot, self.reports, self.shell.quit)
        vault = self.vault
        self.sync = SyncProcess(config_path, self._sync_said, self.reports.fault)
        self.store = FaceStore(self.journal, state / "cache.db", vault, self.clock, lambda p: self.sync.forget(p))
        files = (state / "cache.db", state / "journal.db")
        self.desk = Desk(*files, vault, self.clock, config, self.journal, self.sync.spend)
        jobs = self.journal.job_store(config.printer.address)
        self.spool = Spool(config.printer, jobs, self.reports.printer, self.clock)
        self.a4 = self._a4()
        self.camera = Camera(config.camera, self.reports.device("camera")) if config.camera.source else None
        self.scanner = self._scanner()
        self.reader = self._reader()
        self.work = ThreadPoolExecutor(2, "paper")
        self.recogniser = self._recogniser()
        self.gatedesk, self.keeper = self._gallery(vault)
        self.faces = self._faces()
        self.serving = self._serving()
        self.sheets = Sheets(self.sync, state, config.terminal.campus, self.work, deliver, self.reports.fault)
        self.papers = Papers(config, self.texts, self.catalogue, self.spool, self.clock, self.a4, self.sheets)
        self.effects = self._effects()
        policy = Policy(
            self.catalogue, config.timing, config.terminal.id, config.terminal.language, config.a4.own_sheets
        )
        self.runner: Runner[State] = Runner(
            functools.partial(_step, policy=policy),
            State(
                look=Look(config.terminal.language),
                station=Station(fitted=self._fitted(), faults=(out,) if out else ()),
            ),
            self.effects.handlers(),
            self._render,
        )

    @property
    def window(self) -> Shell:
        """What `serve` shows and ends."""
        return self.shell

    def start(self) -> None:
        """In order of dependence; the first screen comes before any device answers."""
        self.shell.render(self.runner.state)
        self.reports.health.begin(self.journal)
        records, asks = papers.look_back(self.journal.job_store().left())
        for part in self._parts():
            part.start()
        audits.started(self.journal, self.config, self.vault, "walkup")
        tested = selftest.run(self.config.paths.state, self.vault, self.texts)
        for fault in (*self.runner.state.station.faults, *tested, *selftest.items(self.catalogue)):
            self.reports.fault(fault)
        if self.camera:
            self.shell.live(self.camera.latest)
        for record in records:
            self.effects.recorder.record(record)
        self.runner.post(asks)
        self.effects.watch_codes(ev.WatchCodes(reads_codes(self.runner.state)))
        self.effects.load_notices(ev.LoadNotices())
        if self.keeper:
            self.keeper.reload()
        if self.a4:
            self.sheets.start()
        log.event("started", version=__version__)

    def stop(self) -> None:
        """In reverse; nothing waits longer than a few seconds."""
        audits.stopped(self.journal, "walkup")
        self.reports.health.end()
        for part in reversed(self._parts()):
            part.stop(STOP_SECONDS)
        self.work.shutdown(wait=True, cancel_futures=True)
        log.event("stopped")

    def anew(self) -> str:
        """Why it should begin anew at a quiet moment, "" = it need not."""
        return self.serving.anew()

    def quiet(self) -> bool:
        """Nobody is there, and no printer works for anybody."""
        station = self.runner.state.station
        return self.runner.state.quiet and PrinterState.BUSY not in (station.printer, station.a4)

    def pulses(self) -> list[Pulse]:
        """What must beat."""
        return pulses(
            {
                "journal": self.journal,
                "desk": self.desk,
                "gatedesk": self.gatedesk,
                "printer": self.spool,
                "a4": self.a4,
                "camera": self.camera,
                "scanner": self.scanner,
                "reader": self.reader,
                "recogniser": self.recogniser,
                "sync": self.sync,
                **self.serving.threads(),
            }
        )

    def _parts(self) -> list[Any]:
        parts = [
            *(self.journal, self.desk, self.gatedesk, self.spool, self.a4, self.camera, self.scanner, self.reader),
            *(self.recogniser, self.serving, self.sync),
        ]
        return [part for part in parts if part is not None]

    def _fitted(self) -> frozenset[str]:
        parts: dict[str, object] = {"scanner": self.scanner, "camera": self.camera, "a4": self.a4}
        parts |= {"face": self.recogniser, "face_records": self.store}
        return frozenset(name for name, part in parts.items() if part)

    def _a4(self) -> Spool | None:
        """The second printer; what an earlier run left in either is the first one's matter."""
        address = self.config.a4.address
        if not address:
            return None
        jobs = self.journal.job_store(address)
        making = functools.partial(IppPrinter, address, self.config.terminal.id, self.config.a4.ca_file)
        there = PrinterConfig(address=address, roll=0.0)
        return Spool(there, jobs, self.reports.a4, self.clock, pace=PACE, making=making, looks_back=False)

    def _scanner(self) -> Scanner | None:
        if self.config.scanner.kind == "none":
            return None
        return Scanner(self.config.scanner, self._scanned, self.reports.device("scanner"))

    def _serving(self) -> Serving:
        parts = (self.config, self.clock, self.texts, self.reports, self.vault, self.journal, self.sync, self.desk)
        return Serving(
            Base(*parts, self.started),
            self.shell,
            lambda: self.runner.state.station,
            camera=self.camera,
            scanner=self.scanner,
            recogniser=self.recogniser,
            printer=self.spool if self.config.printer.address else None,
            a4=self.a4,
        )

    def _reader(self) -> CodeReader | None:
        if self.camera is None:
            return None
        return CodeReader(self.camera, self._code, lambda: self.shell.deliver(ev.SeveralCodes()))

    def _recogniser(self) -> Recogniser | None:
        if self.camera is None or not self.config.face.enabled:
            return None
        return Recogniser(
            self.config.face,
            self.config.camera,
            self.camera,
            self.config.paths.state / "models",
            on_sight=lambda sight: self.faces.seen(sight),
            on_gone=lambda track: self.faces.gone(track),
            on_match=lambda look, match: self.faces.matched(look, match),
            on_turn=lambda *_: None,
            on_portrait=lambda look, portrait: self.faces.photographed(look, portrait),
            on_state=self.reports.device("face"),
        )

    def _gallery(self, vault: Vault) -> tuple[GateDesk | None, GalleryKeeper | None]:
        """Whom the recogniser may recognise; without one nobody."""
        if self.recogniser is None:
            return None, None
        state = self.config.paths.state
        desk = GateDesk(state / "cache.db", state / "journal.db", vault, self.clock, self.config)
        count = lambda people: self.shell.deliver(fe.GalleryChanged(people))  # noqa: E731 - said once, here
        return desk, GalleryKeeper(desk, self.recogniser, self.config.face.embedder, count)

    def _faces(self) -> Faces:
        return Faces(
            self.recogniser,
            self.store,
            self.gatedesk,
            self.desk,
            limits(self.config),
            self.work,
            self.shell.deliver,
            self.clock.now,
            self._face_changed,
        )

    def _face_changed(self) -> None:
        """A face came on record or left it: the centre is told, and the recogniser."""
        self.sync.nudge()
        if self.keeper:
            self.keeper.reload()

    def _sync_said(self, message: Mapping[str, Any]) -> None:
        heard(self.keeper, message)
        self.sheets.heard(message)
        self.reports.sync(message)

    def _scanned(self, text: str) -> None:
        if not self.serving.bench.scanned(text):
            self._code(text)

    def _code(self, text: str) -> None:
        self.shell.deliver(ev.CodeRead(text, self.clock.now()))

    def _effects(self) -> Effects:
        show = functools.partial(self.shell.picture, "photo")
        photos = Photos(self.camera, self.journal, self.work, self.shell.deliver, show)
        parts = (self.shell, self.journal, self.desk, self.sync, self.papers, self.reader)
        store = AheadStore(self.journal, self.config.paths.state / "cache.db", self.vault, self.clock, self.config)
        ahead = Ahead(store, self.sync, self.shell.deliver)
        return Effects(*parts, photos, self.faces, self.sheets, (self.serving, ahead), self.work, self.clock)

    def _render(self, state: State) -> None:
        self.effects.preview(state)
        self.shell.render(state)
        condition.tell(self.sync, condition.of_hall(state.station, self.config))
        self.sync.quiet(self.quiet())


def limits(config: Config) -> Limits:
    """Those of the model in use; with an unknown one the recogniser, too, says that it cannot work."""
    if not config.face.enabled:
        return Limits()
    try:
        return scan(config.face.models).card(config.face.embedder, "embedder").limits
    except ModelError:
        return Limits()


def _step(state: State, event: Any, *, policy: Policy) -> tuple[State, tuple[Any, ...]]:
    return step(state, event, policy)


def run(config: Config, config_path: Path, *, served: bool = False, source: Path | None = None) -> int:
    """The walk-up terminal until it is told to stop; the exit code. `served`: the technician's sign-in comes first.

    `source`: the file that somebody wrote, where a technician went back to `config_path`.
    """
    started = Started(config, source or config_path)

    def make(out: Fault | None) -> Terminal:
        terminal = Terminal(spare(config) if out else config, config_path, out, started)
        if served:
            terminal.shell.timer("served", FIRST_S, lambda: terminal.shell.deliver(Intent("technician")))
        return terminal

    return serve("terminal", config, make, functools.partial(Standby, config))
