"""The window: hands states to the screens, touches and deliveries to the flow, keeps the timers."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQml import QQmlError
from PySide6.QtQuick import QQuickView

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain import pinyin, search
from kiosk.domain.catalogue import Catalogue
from kiosk.flows.core import Event, Intent
from kiosk.flows.walkup.state import Look, State
from kiosk.text import Texts
from ui import fonts
from ui.bridge import Bridge
from ui.pictures import Frame, Icons, Live, Pictures, decoded
from ui.present import World, present
from ui.robot import Robot

QML = Path(__file__).resolve().parent / "qml"
TICK_MS = 500
FRAME_MS = 33
CRASHED = 70
TREMBLE_PX = 28
"""How far a finger may slip and still press: 10 mm on a 32-inch panel; further is scrolling."""


class Shell(QObject):
    """Everything of Qt that the terminal needs. Make it on the main thread; `deliver` and `picture` are for any."""

    _delivered = Signal(object)
    _pictured = Signal(str, object)
    _ended = Signal(int)

    def __init__(
        self, config: Config, texts: Texts, catalogue: Catalogue, clock: Clock, post: Callable[[Event], None]
    ) -> None:
        self.app = application()
        super().__init__()
        self.on_first_frame: Callable[[], None] = lambda: None
        self._config, self._texts, self._catalogue = config, texts, catalogue
        self._clock, self._post = clock, post
        self._state = State(look=Look(config.terminal.language))
        self._timers: dict[str, tuple[QTimer, float]] = {}
        self._live, self._pictures, self._icons = Live(), Pictures(), Icons()
        self._seen = self._watching = False
        self._wide = config.screen.width > config.screen.height
        self.bridge = Bridge(present(self._state, self._world()), self._motion)
        self.view = self._window()
        self._connect()
        self._robot: Robot | None = None

    @property
    def _scripted(self) -> bool:
        return self._config.demo.enabled and bool(self._config.demo.touch_socket)

    @property
    def _motion(self) -> bool:
        return not self._scripted and not os.environ.get("TERMINAL_REDUCED_MOTION")

    @cached_property
    def _index(self) -> search.Index:
        return search.index(self._catalogue)

    def deliver(self, event: Event) -> None:
        """Hand an event to `post` on the main thread; from any thread."""
        self._delivered.emit(event)

    def render(self, state: State) -> None:
        """Show this state; only what changed is drawn."""
        self._state, self._wide = state, self.view.width() > self.view.height()
        view = present(state, self._world())
        self._watching = bool(view["body"].get("live") or view["overlay"]["body"].get("live"))
        if not self._watching:
            self._live.forget()
        self.bridge.take(view)

    def timer(self, name: str, seconds: float, fire: Callable[[], None]) -> None:
        """Call `fire` once after `seconds`; a timer of the same name is replaced."""
        self.stop_timer(name)
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(lambda: self._fire(name, fire))
        timer.start(max(0, round(seconds * 1000)))
        self._timers[name] = (timer, time.monotonic() + seconds)

    def stop_timer(self, name: str) -> None:
        """Forget the timer of this name."""
        found = self._timers.pop(name, None)
        if found:
            found[0].stop()
            found[0].deleteLater()

    def live(self, source: Callable[[], Frame | None]) -> None:
        """Where the live picture comes from: (number, BGR) or None."""
        self._live.set_source(source)

    def picture(self, name: str, data: bytes | None) -> None:
        """Show PNG or JPEG data as `preview` or `photo`; None forgets it. From any thread."""
        self._pictured.emit(name, decoded(data))

    def exec(self) -> int:
        """Run until `quit`; the exit code. A bug in a slot is logged and ends the program with CRASHED."""
        sys.excepthook = self._crash
        self.app.lastWindowClosed.connect(lambda: self.quit(0))
        self.show()
        return self.app.exec()

    def show(self) -> None:
        """Open the window, full screen or scaled to fit."""
        screen = self.app.primaryScreen().geometry()
        if self.app.platformName() == "offscreen":
            self.view.show()
        elif self._config.screen.fullscreen:
            self.view.setGeometry(screen)
            self.view.showFullScreen()
        else:
            fit = min(0.92 * screen.width() / self.view.width(), 0.92 * screen.height() / self.view.height(), 1.0)
            self.view.resize(round(self.view.width() * fit), round(self.view.height() * fit))
            self.view.show()

    def quit(self, code: int) -> None:
        """End `exec` with this code; from any thread."""
        self._ended.emit(code)

    def close(self) -> None:
        """Take the window down, engine before bridge."""
        self._ticker.stop()
        self._frames.stop()
        for name in list(self._timers):
            self.stop_timer(name)
        if self._robot:
            self._robot.close()
        self.view.close()
        self.view.deleteLater()
        self.app.processEvents()

    def _world(self) -> World:
        now = time.monotonic()
        return World(
            terminal=self._config.terminal,
            timing=self._config.timing,
            texts=self._texts,
            catalogue=self._catalogue,
            index=lambda: self._index,
            now=self._clock.local(),
            wide=self._wide,
            left={name: max(0.0, until - now) for name, (_, until) in self._timers.items()},
            pictures=self._pictures.addresses(),
        )

    def _window(self) -> QQuickView:
        view = QQuickView()
        engine = view.engine()
        engine.warnings.connect(_log_warnings)
        engine.addImageProvider("live", self._live)
        engine.addImageProvider("picture", self._pictures)
        engine.addImageProvider("icon", self._icons)
        view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        view.resize(self._config.screen.width, self._config.screen.height)
        view.setInitialProperties({"bridge": self.bridge})
        view.setTitle(self._config.terminal.campus_zh)
        view.setSource(QUrl.fromLocalFile(str(QML / "Main.qml")))
        if view.status() is not QQuickView.Status.Ready:
            raise RuntimeError("\n".join(error.toString() for error in view.errors()))
        return view

    def _connect(self) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        self._delivered.connect(self._on_delivered, queued)
        self._pictured.connect(self._on_picture, queued)
        self._ended.connect(self.app.exit, queued)
        self.bridge.touched.connect(self._on_touch)
        self.view.frameSwapped.connect(self._on_frame, queued)
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(lambda: self.render(self._state))
        self._ticker.start()
        self._frames = QTimer(self, interval=FRAME_MS)
        self._frames.timeout.connect(self._on_live)
        self._frames.start()

    def _on_delivered(self, event: Event) -> None:
        self._post(event)

    def _on_touch(self, name: str, payload: str) -> None:
        self._post(Intent(name, payload, at=self._clock.now(), fresh=uuid4().hex))

    def _on_picture(self, name: str, image: QImage) -> None:
        self._pictures.put(name, image)
        self.render(self._state)

    def _on_live(self) -> None:
        if self._watching and self._live.poll():
            self.bridge.next_frame()

    def _on_frame(self) -> None:
        if not self._seen:
            self._seen = True
            if self._scripted:
                self._robot = Robot(self.view, self._config.demo.touch_socket)
            self.on_first_frame()
            threading.Thread(target=self._warm_up, name="dictionaries", daemon=True).start()

    def _warm_up(self) -> None:
        """Load the dictionaries before somebody searches."""
        _ = self._index
        pinyin.load()

    def _fire(self, name: str, fire: Callable[[], None]) -> None:
        self.stop_timer(name)
        fire()

    def _crash(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        log.event("ui.crashed", error=kind.__name__)
        self.quit(CRASHED)


def application() -> QGuiApplication:
    """The one application, with the software renderer and the font. Raises fonts.FontMissingError."""
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    found = QGuiApplication.instance()
    app = found if isinstance(found, QGuiApplication) else QGuiApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    app.styleHints().setStartDragDistance(TREMBLE_PX)
    fonts.load()
    return app


def _log_warnings(warnings: list[QQmlError]) -> None:
    for warning in warnings:
        log.event("ui.warning", detail=warning.toString())
