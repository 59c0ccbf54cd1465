"""A whole terminal in one window, and a person before it: presses what stands on the screen, reads what is written.

Real are the shell, the screens, the runner, the flow, the journal, the papers, the spool and the wires to the peers.
The desk lets made-up people in, and the centre is a stand-in for the sync process.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from devices.sim.scanner import ScannerPeer
from kiosk.app.terminal import Terminal
from kiosk.config import Config, DemoConfig, PathsConfig, PrinterConfig, ScannerConfig, ScreenConfig, Timing
from kiosk.domain.people import Factor
from kiosk.flows.walkup.state import State
from printers.driver import Pace
from printers.sim.escpos_printer import EscposPrinter
from printers.spool import Spool
from sync import listing
from sync.desk import Admitted, Answer, Desk, NotAdmitted, Reason
from sync.vault import Vault
from sync.wire import DocumentAnswer, DocumentAsk, SpendAsk
from tests import papers
from tests.gui import fixtures
from tests.gui.scenes import STUDENT
from ui.robot import _bring_into_view, visible_items
from ui.shell import Shell

OTHER = replace(
    STUDENT,
    id="00000000000000c3",
    number="20239999",
    name="司徒静",
    name_en="Situ Jing",
    known={**STUDENT.known, "phone": "13900000000"},
)
PIN = "135790"
PEOPLE = {STUDENT.number: STUDENT, OTHER.number: OTHER}
CODES = {"code-of-zhang": STUDENT, "code-of-situ": OTHER}
CODE = "K1:made-up"
SOON_MS = 20_000
QUICK = Pace(poll=0.05, watch=0.05, grace=0.1, retry=0.1)


class Door(Desk):
    """The desk, but whom it lets in stands above."""

    def check_pin(self, number: str, pin: str, done: Callable[[Answer], None]) -> None:
        person = PEOPLE.get(number)
        done(Admitted(person, Factor.PIN) if person and pin == PIN else NotAdmitted(Reason.WRONG, 4))

    def recognised(self, person_id: str, done: Callable[[Answer], None]) -> None:
        person = next((one for one in PEOPLE.values() if one.id == person_id), None)
        done(Admitted(person, Factor.FACE) if person else NotAdmitted(Reason.NO_DATA))

    def check_code(self, text: str, done: Callable[[Answer], None]) -> None:
        person = CODES.get(text)
        done(Admitted(person, Factor.CODE) if person else NotAdmitted(Reason.UNKNOWN_CODE))


class Centre:
    """In the place of the sync process: seals at once while `seals`, otherwise says nothing.

    `file`: what every certificate is as a file; without one the line to it is down.
    """

    def __init__(self, _config: Path, on_event: Callable[[dict[str, Any]], None], _on_fault: object) -> None:
        self.tell, self.seals = on_event, True
        self.asked: list[DocumentAsk] = []
        self.file = b""

    def start(self) -> None:
        self.link("online")

    def stop(self, timeout: float) -> None:
        """Nothing runs."""

    def nudge(self) -> None:
        """Nothing to send."""

    def forget(self, person: str) -> None:
        """No templates are kept from the centre."""

    def spend(self, ask: SpendAsk) -> None:
        """Nobody else takes codes."""

    def provide(self, person: str) -> None:
        """Nothing is sealed in advance but what a test puts there."""

    def status(self, *_: object) -> None:
        """Nobody asks how the terminal is."""

    def quiet(self, quiet: bool) -> None:
        """No release is offered."""

    def link(self, state: str) -> None:
        self.tell({"ev": "link", "state": state})

    def sheets(self, serial: str) -> None:
        if self.file:
            self.tell({"ev": "sheets", "serial": serial, "pdf": base64.b64encode(self.file).decode()})
        else:
            self.tell({"ev": "no_sheets", "serial": serial, "reason": "offline", "detail": "unreachable"})

    def seal(self, ask: DocumentAsk) -> None:
        self.asked.append(ask)
        if self.seals:
            self.answer(ask)

    def answer(self, ask: DocumentAsk) -> None:
        now = fixtures.NOW
        answer = DocumentAnswer(
            epoch="e1",
            key=ask.key,
            serial=f"ZD-2026-{len(self.asked):06d}",
            issued=now,
            expires=now + 1e6,
            code=CODE,
            url="https://v.example.com/x",
            fields={**papers.sample(), "name": STUDENT.name, "number": STUDENT.number},
        )
        self.tell({"ev": "sealed", "answer": answer.model_dump()})


class Hurried(Shell):
    """Timers of these names run in this share of their time."""

    hurry: dict[str, float]

    def timer(self, name: str, seconds: float, fire: Callable[[], None]) -> None:
        super().timer(name, seconds * self.hurry.get(name, 1.0), fire)


class Visit:
    """One person, or several after each other, before one terminal."""

    def __init__(self, terminal: Terminal, printer: EscposPrinter, scanner: ScannerPeer, qtbot: QtBot) -> None:
        assert isinstance(terminal.sync, Centre)
        assert isinstance(terminal.shell, Hurried)
        self.terminal, self.printer, self.scanner, self.qtbot = terminal, printer, scanner, qtbot
        self.view, self.shell, self.centre = terminal.shell.view, terminal.shell, terminal.sync
        self.shell.hurry = {}
        self.warnings: list[str] = []
        self.view.engine().warnings.connect(lambda found: self.warnings.extend(w.toString() for w in found))

    @property
    def state(self) -> State:
        return self.terminal.runner.state

    # --- the eye

    def texts(self) -> list[str]:
        """Everything written on the screen, in its order."""
        items = visible_items(self.view)
        return [str(i.property("text")) for i in items if i.inherits("QQuickText") and i.property("text")]

    def reads(self, text: str) -> bool:
        return any(text in one for one in self.texts())

    def see(self, text: str) -> None:
        """Wait until this is written somewhere."""
        self.until(lambda: self.reads(text), f"the words {text}")

    def see_no(self, text: str) -> None:
        self.until(lambda: not self.reads(text), f"no more {text}")

    def on(self, page: str) -> None:
        """Wait for a page: `home`, `item`, `form.leave.1` …"""
        self.until(lambda: self._page().lower().startswith(page), f"the page {page}")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        def check() -> None:
            assert holds(), f"no {what}; {self._page()}: {self.texts()}"

        self.qtbot.waitUntil(check, timeout=SOON_MS)

    def item(self, act: str) -> QQuickItem | None:
        return next((one for one in visible_items(self.view) if one.objectName() == f"act.{act}"), None)

    def can(self, act: str) -> bool:
        """Whether this stands on the screen and can be pressed."""
        item = self.item(act)
        return item is not None and item.isEnabled()

    def tells(self) -> list[str]:
        """What the glass, or the view behind it, says of the person who was here."""
        shown = json.dumps(self.shell.bridge._get_view(), ensure_ascii=False) + " ".join(self.texts())
        known = [value for value in STUDENT.known.values() if len(value) > 1]
        secrets = (STUDENT.name, STUDENT.name[0] + "*", STUDENT.number, STUDENT.number[-4:], "Zhang", *known)
        return [one for one in secrets if one in shown]

    def _page(self) -> str:
        return str(self.view.rootObject().property("shownPage"))

    # --- the finger

    def press(self, *acts: str) -> None:
        """One after the other, each as soon as it can be pressed."""
        for act in acts:
            self.tap_at(self.aim(act))

    def aim(self, act: str) -> QPointF:
        """Where to press; what is scrolled away is scrolled into view."""
        self.until(lambda: self.can(act), f"act.{act} to press")
        self.view.grabWindow()  # a frame drawn is a layout settled
        item = self.item(act)
        assert item is not None
        _bring_into_view(item)
        self.view.grabWindow()
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))

    def tap_at(self, at: QPointF) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        there = QPointF(self.view.mapToGlobal(at.toPoint()))
        for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
            event = QMouseEvent(kind, at, there, left, held, Qt.KeyboardModifier.NoModifier)
            QCoreApplication.sendEvent(self.view, event)

    def type(self, keys: str, act: str = "pad_key") -> None:
        self.press(*(f"{act}.{key}" for key in keys))

    def pinyin(self, letters: str, word: str) -> None:
        """Type the letters and take the word."""
        self.type(letters)
        self.press(f"pad_pick.{word}|{len(letters)}")

    # --- ways

    def enter(self, code: str = "code-of-zhang") -> None:
        """Hold a phone before the scanner."""
        self.on("attract")
        self.scanner.scan(code)
        self.on("home")

    def number(self, number: str = STUDENT.number) -> None:
        """From attract to the PIN."""
        self.press("open_pin")
        self.type(number, "digit")
        self.press("confirm")

    def pin(self, pin: str = PIN) -> None:
        self.type(pin, "digit")
        self.press("confirm")

    def certificate(self, how: str = "start") -> None:
        """From home to the last look at a proof of enrolment."""
        self.press("open_item.enrolment", how, "next", "set.purpose=internship", "next")
        self.on("review")

    def leave(self) -> None:
        """From home to the last look at a leave of two days."""
        self.press("open_item.leave", "start", "next", "set.type=personal")
        for field, day in (("starts", "2026-03-03"), ("ends", "2026-03-04")):
            self.press(f"edit.{field}", f"pad_day.{day}", "pad_time.08:00", "pad_commit")
        self.press("next")
        self.reason()
        self.press("set.off_campus=no", "next")
        self.on("review")

    def reason(self) -> None:
        self.press("edit.reason", "pad_mode.en")
        self.type("family")
        self.press("pad_commit")

    # --- what is left behind

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of the outbox, oldest first."""
        state = self.terminal.config.paths.state
        found = listing.rows(state / "journal.db", Vault.open(state))
        return [row.body for row in found if row.kind == kind and row.body is not None]


@contextmanager
def standing(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, landscape: bool = False, **tables: Any
) -> Iterator[Visit]:
    """A terminal with paper, a scanner and a centre; afterwards nothing of it runs. `tables`: more configuration."""
    for name, part in (("Desk", Door), ("SyncProcess", Centre), ("Shell", Hurried)):
        monkeypatch.setattr(f"kiosk.app.terminal.{name}", part)
    monkeypatch.setattr("kiosk.app.terminal.Spool", functools.partial(Spool, pace=QUICK))
    monkeypatch.setattr(Hurried, "hurry", {}, raising=False)
    printer, scanner = EscposPrinter(tmp_path / "paper"), ScannerPeer(tmp_path / "scanner", baud=0)
    address = f"tcp://127.0.0.1:{printer.start_tcp()}"
    scanner.start()
    width, height = (1920, 1080) if landscape else (1080, 1920)
    usual = Config(
        paths=PathsConfig(state=tmp_path / "state"),
        screen=ScreenConfig(width=width, height=height),
        scanner=ScannerConfig("line", str(scanner.path)),
        printer=PrinterConfig(address),
        timing=Timing(still=5.0),
        demo=DemoConfig(clock_offset=fixtures.clock().offset),
    )
    config = replace(usual, **tables)
    terminal = Terminal(config, tmp_path / "none.toml")
    visit = Visit(terminal, printer, scanner, qtbot)
    terminal.start()
    terminal.shell.show()
    try:
        visit.until(lambda: visit.state.station.prints and visit.state.station.scanner, "devices")
        yield visit
        assert visit.warnings == []
    finally:
        terminal.stop()
        terminal.shell.close()
        scanner.stop()
        printer.stop()
