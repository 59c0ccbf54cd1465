"""The window that every program of the terminal has: hands states to the screens, touches to the flow, keeps timers."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar
from uuid import uuid4

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtQml import QQmlError
from PySide6.QtQuick import QQuickView

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event, Intent
from ui import fonts
from ui.bridge import Bridge
from ui.lockdown import Lockdown
from ui.pictures import Frame, Icons, Live, Pictures, decoded
from ui.robot import Robot

QML = Path(__file__).resolve().parent / "qml"
TICK_MS = 500
FRAME_MS = 33
CRASHED = 70
TREMBLE_PX = 28
"""How far a finger may slip and still press: 10 mm on a 32-inch panel; further is scrolling."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Around:
    """What a view needs besides the state: the time of day, the window's shape, seconds left of timers, pictures."""

    now: datetime
    wide: bool
    left: Mapping[str, float]
    pictures: Mapping[str, str]


class Window(QObject, Generic[S]):
    """Everything of Qt that a terminal needs. Make it on the main thread; `deliver` and `picture` are for any.

    `present` makes the view of a state, `first` is the state to begin with, `root` the QML file of the whole screen.
    """

    _delivered = Signal(object)
    _pictured = Signal(str, object)
    _ended = Signal(int)

    def __init__(
        self,
        config: Config,
        clock: Clock,
        post: Callable[[Event], None],
        first: S,
        present: Callable[[S, Around], dict[str, Any]],
        root: str = "Main.qml",
    ) -> None:
        self.app = application()
        super().__init__()
        self.on_first_frame: Callable[[], None] = lambda: None
        self._config, self._clock, self._post = config, clock, post
        self._state, self._present = first, present
        self._timers: dict[str, tuple[QTimer, float]] = {}
        self._live, self._heat, self._pictures, self._icons = Live(), Live(), Pictures(), Icons()
        self._seen = self._watching = self._warm = self._closed = False
        self._wide = config.screen.width > config.screen.height
        self.bridge = Bridge(present(first, self._around()), self._motion)
        self.view = self._window(root)
        self._lock = Lockdown(self.view) if config.screen.fullscreen and not config.demo.enabled else None
        self._connect()
        self._robot: Robot | None = None

    @property
    def _scripted(self) -> bool:
        return self._config.demo.enabled and bool(self._config.demo.touch_socket)

    @property
    def _motion(self) -> bool:
        return not self._scripted and not os.environ.get("TERMINAL_REDUCED_MOTION")

    def deliver(self, event: Event) -> None:
        """Hand an event to `post` on the main thread; from any thread."""
        self._delivered.emit(event)

    def render(self, state: S) -> None:
        """Show this state; only what changed is drawn. What comes after `close` finds no window any more."""
        if self._closed:
            return
        self._state, self._wide = state, self.view.width() > self.view.height()
        view = self._present(state, self._around())
        self._watching = self._watches(view)
        if not self._watching:
            self._forget()
        self._warm = self._warms(view)
        if not self._warm:
            self._heat.forget()
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

    def thermal(self, source: Callable[[], Frame | None]) -> None:
        """Where the thermal picture comes from: (number, small BGR picture as the camera sees it) or None."""
        self._heat.set_source(source)

    def picture(self, name: str, data: bytes | None) -> None:
        """Show PNG or JPEG data as `preview`, `photo` or `code`; None forgets it. From any thread."""
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
        self._closed = True
        if self._lock:
            self._lock.release()
        self._ticker.stop()
        self._frames.stop()
        for name in list(self._timers):
            self.stop_timer(name)
        if self._robot:
            self._robot.close()
        end(self.view)

    def _watches(self, view: dict[str, Any]) -> bool:
        """Whether this view shows the live picture."""
        return bool(view["body"].get("live") or view["overlay"]["body"].get("live"))

    def _warms(self, view: dict[str, Any]) -> bool:
        """Whether this view shows the thermal picture."""
        return bool(view["body"].get("thermal"))

    def _forget(self) -> None:
        """Nobody looks at the live picture: keep none."""
        self._live.forget()

    def _warm_up(self) -> None:
        """What is better loaded right after the first frame."""

    def _around(self) -> Around:
        now = time.monotonic()
        left = {name: max(0.0, until - now) for name, (_, until) in self._timers.items()}
        return Around(self._clock.local(), self._wide, left, self._pictures.addresses())

    def _window(self, root: str) -> QQuickView:
        view = QQuickView()
        engine = view.engine()
        engine.warnings.connect(_log_warnings)
        engine.addImageProvider("live", self._live)
        engine.addImageProvider("thermal", self._heat)
        engine.addImageProvider("picture", self._pictures)
        engine.addImageProvider("icon", self._icons)
        view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        view.resize(self._config.screen.width, self._config.screen.height)
        view.setInitialProperties({"bridge": self.bridge})
        view.setTitle(self._config.terminal.campus_zh)
        view.setSource(QUrl.fromLocalFile(str(QML / root)))
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
        if self._warm and self._heat.poll():
            self.bridge.next_heat()

    def _on_frame(self) -> None:
        if not self._seen:
            self._seen = True
            if self._scripted:
                self._robot = Robot(self.view, self._config.demo.touch_socket)
            self.on_first_frame()
            self._warm_up()

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


def end(view: QQuickView) -> None:
    """Close this window and have it gone on return, here and now: on the main thread.

    Left to Python's collector it would be destroyed on whichever thread that happens to run.
    """
    view.close()
    view.deleteLater()
    QCoreApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


def _log_warnings(warnings: list[QQmlError]) -> None:
    for warning in warnings:
        log.event("ui.warning", detail=warning.toString())
