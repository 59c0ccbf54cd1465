"""The panel of the demonstration: buttons that do things to the world around the terminal, for somebody at a desk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtQuick import QQuickView

from kiosk.text import Texts, shipped_texts
from ui.bridge import Bridge
from ui.pictures import Icons
from ui.present.scene import View, button
from ui.shell import QML, application
from ui.window import end

Groups = dict[str, dict[str, str]]
NETWORK = {"down": "network down", "up": "network up"}
GROUPS: Groups = {
    "phone": {
        "code_1": "show code of 20230001",
        "code_2": "show code of 20230002",
        "two_codes": "show two codes",
        "old_code": "show old code",
        "document": "show document",
        "page": "show page",
        "nothing": "show nothing",
    },
    "scanner": {
        "scan": "scan code of 20230001",
        "unplug_scanner": "unplug scanner",
        "plug_scanner": "plug scanner",
    },
    "camera": {"unplug_camera": "unplug camera", "plug_camera": "plug camera"},
    "printer": {
        "paper_low": "paper low",
        "paper_out": "paper out",
        "paper_out_later": "paper out after 1500",
        "refill": "refill",
        "open_cover": "open cover",
        "close_cover": "close cover",
        "silent": "printer silent",
        "talk": "printer talk",
    },
    "a4": {
        "paper_low": "a4 paper low",
        "paper_out": "a4 paper out",
        "refill": "a4 refill",
        "toner_low": "a4 toner low",
        "toner_new": "a4 toner new",
        "unplug": "unplug a4",
        "plug": "plug a4",
    },
    "network": NETWORK,
}
"""Title of a group → name of a button → the line it sends: around the terminal in the hall."""
PEOPLE = {
    "first": "stand eileen-collins",
    "second": "stand grace-hopper",
    "fever": "stand eileen-collins at 37.6",
    "cup": "hot cup",
    "photograph": "photograph eileen-collins",
    "two": "stand two",
    "leave": "leave gate",
}
FACES = {
    "enrol_first": "enrol eileen-collins as 20230001 by consent 2026-03",
    "enrol_second": "enrol grace-hopper as 20230003 by consent 2026-03",
}
CODES = {
    "code_1": "gate code of 20230001",
    "code_3": "gate code of 20230003",
    "old_code": "gate old code",
    "visitor": "gate visit visit-chenlixin-2026",
}
LANES: dict[str, Groups] = {
    "gate": {
        "people": PEOPLE,
        "faces": FACES,
        "codes": CODES,
        "door": {
            "through": "walk through",
            "followed": "walk through followed",
            "unplug_relay": "unplug relay",
            "plug_relay": "plug relay",
        },
        "thermal": {
            "unplug_thermal": "unplug thermal",
            "plug_thermal": "plug thermal",
            "thermal_silent": "thermal silent",
            "thermal_talk": "thermal talk",
        },
        "lane": {
            "unplug_camera": "unplug gate camera",
            "plug_camera": "plug gate camera",
            "kill_recogniser": "kill recogniser",
            "kill_sync": "kill gate sync",
        },
        "network": NETWORK,
    },
    "attendance": {
        "people": {name: PEOPLE[name] for name in ("first", "second", "photograph", "two", "leave")},
        "faces": FACES,
        "codes": {name: CODES[name] for name in ("code_1", "code_3", "old_code")},
        "network": NETWORK,
    },
}
"""The same around a gate's terminal, and a classroom's."""
WIDTH, HEIGHT = 460, 1020
LOOK_MS = 300
EDGE = 40


class Panel(QObject):
    """The window. Pokes run on a thread of their own: some of them ask the centre for a code."""

    _answered = Signal(str)

    def __init__(self, poke: Callable[[str], str], texts: Texts, language: str = "zh", groups: Groups = GROUPS) -> None:
        self.app = application()
        super().__init__()
        self._poke, self._texts, self._groups = poke, texts, groups
        self._language, self._answer = language, ""
        self._work = ThreadPoolExecutor(1, "poke")
        self.bridge = Bridge(self._present(), motion=False)
        self.bridge.touched.connect(self._touched)
        self._answered.connect(self._show)
        self._icons = Icons()
        self.view = self._window()

    def close(self) -> None:
        """Take the window down."""
        self._work.shutdown(wait=False, cancel_futures=True)
        end(self.view)

    def _window(self) -> QQuickView:
        view = QQuickView()
        view.engine().addImageProvider("icon", self._icons)
        view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        view.resize(WIDTH, HEIGHT)
        view.setInitialProperties({"bridge": self.bridge})
        view.setTitle(self._texts.get(self._language, "panel.title"))
        view.setSource(QUrl.fromLocalFile(str(QML / "Panel.qml")))
        return view

    def _present(self) -> View:
        say = partial(self._texts.get, self._language)
        groups = [
            {
                "title": say(f"panel.{group}.title"),
                "buttons": [button("poke", say(f"panel.{group}.{name}"), payload=line) for name, line in lines.items()],
            }
            for group, lines in self._groups.items()
        ]
        other = "en" if self._language == "zh" else "zh"
        switch = button("language", say("bar.language"), payload=other)
        return {"title": say("panel.title"), "switch": switch, "groups": groups, "answer": self._answer}

    def _touched(self, name: str, payload: str) -> None:
        if name == "language":
            self._language = payload
            self.bridge.take(self._present())
        elif name == "poke":
            self._work.submit(self._poke, payload).add_done_callback(self._done)

    def _done(self, answer: Future[str]) -> None:
        error = answer.exception()
        self._answered.emit(f"{type(error).__name__}: {error}" if error else answer.result())

    def _show(self, answer: str) -> None:
        self._answer = answer
        self.bridge.take(self._present())


def open(poke: Callable[[str], str], role: str = "", ended: Callable[[], bool] = lambda: False) -> int:
    """Show the panel until it is closed or `ended()`; 0. `poke` takes a line and answers what it did.

    `role`: which terminal stands beside it.
    """
    panel = Panel(poke, shipped_texts(), groups=LANES.get(role, GROUPS))
    panel.app.setQuitOnLastWindowClosed(True)
    watch = QTimer(panel, interval=LOOK_MS)
    watch.timeout.connect(lambda: panel.app.exit(0) if ended() else None)
    watch.start()
    screen = panel.app.primaryScreen().availableGeometry()
    panel.view.resize(WIDTH, min(HEIGHT, screen.height() - 2 * EDGE))
    panel.view.setPosition(screen.right() - WIDTH - EDGE, screen.top() + EDGE)
    panel.view.show()
    code = panel.app.exec()
    watch.stop()
    panel.app.setQuitOnLastWindowClosed(False)
    panel.close()
    return code
