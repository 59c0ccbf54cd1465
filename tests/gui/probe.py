"""Looks at a window the way a person with a ruler would."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.flows.core import Event
from kiosk.flows.walkup.state import State
from ui.robot import visible_items
from ui.shell import Shell

LEAST_TARGET = 112
SLACK = 1.5


@dataclass
class Probe:
    """One shell, what it posted, and what QML complained about."""

    shell: Shell
    events: list[Event]

    def __post_init__(self) -> None:
        self.warnings: list[str] = []
        self.shell.view.engine().warnings.connect(lambda found: self.warnings.extend(w.toString() for w in found))

    def show(self, state: State) -> None:
        """Render; a frame drawn is a layout settled."""
        self.drawn(state)

    def drawn(self, state: State) -> QImage:
        """The frame that `show` drew."""
        self.shell.render(state)
        self.shell.app.processEvents()
        # no event loop runs here that would let go of the pages before
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return self.shell.view.grabWindow()

    def items(self) -> list[QQuickItem]:
        return visible_items(self.shell.view)

    def buttons(self) -> list[QQuickItem]:
        return [item for item in self.items() if item.objectName().startswith("act.")]

    def button(self, name: str) -> QQuickItem:
        return next(item for item in self.buttons() if item.objectName() == name)

    def texts(self) -> list[str]:
        return [str(item.property("text")) for item in self.words()]

    def words(self) -> list[QQuickItem]:
        return [item for item in self.items() if item.inherits("QQuickText") and item.property("text")]

    def centre(self, item: QQuickItem) -> QPoint:
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def press(self, name: str) -> None:
        QTest.mousePress(self.shell.view, Qt.MouseButton.LeftButton, pos=self.centre(self.button(name)))

    def release(self, at: QPoint) -> None:
        QTest.mouseRelease(self.shell.view, Qt.MouseButton.LeftButton, pos=at)

    def tap(self, name: str) -> None:
        at = self.centre(self.button(name))
        QTest.mouseClick(self.shell.view, Qt.MouseButton.LeftButton, pos=at)

    def faults(self) -> list[str]:
        """Everything a designer would send back."""
        return [*self._of_buttons(), *self._of_words(), *self._of_overlaps(), *self.warnings]

    def _of_buttons(self) -> list[str]:
        found, names = [], set()
        for item in self.buttons():
            name = item.objectName()
            if name in names:
                found.append(f"two are called {name}")
            names.add(name)
            interface = QAccessible.queryAccessibleInterface(item)
            if interface is None or not interface.text(QAccessible.Text.Name):
                found.append(f"{name} says nothing to a screen reader")
            if item.isEnabled() and item.height() < LEAST_TARGET:
                found.append(f"{name} is {item.height()} high")
            if item.isEnabled() and item.width() < 70:
                found.append(f"{name} is {item.width()} wide")
        return found

    def _of_words(self) -> list[str]:
        found = []
        width, height = self.shell.view.width(), self.shell.view.height()
        for item in self.words():
            text = str(item.property("text"))[:24]
            meant = bool(item.property("cuts"))
            if not meant and item.property("truncated"):
                found.append(f"cut: {text}")
            if item.property("contentWidth") > item.width() + SLACK and not meant:
                found.append(f"too wide: {text}")
            if item.property("contentHeight") > item.height() + SLACK:
                found.append(f"too high: {text}")
            where = _scene(item, item.boundingRect())
            if where.left() < -SLACK or where.right() > width + SLACK:
                found.append(f"outside: {text}")
            if not _scrolls(item) and (where.top() < -SLACK or where.bottom() > height + SLACK):
                found.append(f"above or below the screen: {text}")
        return found

    def _of_overlaps(self) -> list[str]:
        found = []
        pressed = [(item.objectName(), _seen(item)) for item in self.buttons() if item.isEnabled()]
        for (one, a), (two, b) in combinations(pressed, 2):
            shared = a.intersected(b)
            if "act.dismiss" not in (one, two) and shared.width() > SLACK and shared.height() > SLACK:
                found.append(f"{one} lies on {two}")
        written = [(str(item.property("text"))[:16], _ink(item)) for item in self._top_words()]
        for (first, a), (second, b) in combinations(written, 2):
            shared = a.intersected(b)
            if shared.width() > 2 and shared.height() > 8:
                found.append(f"“{first}” is written over “{second}”")
        return found

    def _top_words(self) -> list[QQuickItem]:
        """Without what lies under an overlay or a passing message."""
        over = self.shell.view.rootObject().property("shownOverlay")
        words = [item for item in self.words() if not _within(item, "act.dismiss")]
        return [item for item in words if item.isEnabled()] if over else words


def _within(item: QQuickItem, name: str) -> bool:
    parent = item.parentItem()
    return parent is not None and (parent.objectName() == name or _within(parent, name))


def _scrolls(item: QQuickItem) -> bool:
    parent = item.parentItem()
    return parent is not None and (parent.inherits("QQuickFlickable") or _scrolls(parent))


def _scene(item: QQuickItem, rect: QRectF) -> QRectF:
    return item.mapRectToScene(rect)


def _ink(item: QQuickItem) -> QRectF:
    """Where the letters are: the line height has air above and below."""
    ink = item.boundingRect()
    air = ink.height() * 0.12
    return _clipped(item, _scene(item, ink.adjusted(0, air, 0, -air)))


def _seen(item: QQuickItem) -> QRectF:
    return _clipped(item, _scene(item, QRectF(0, 0, item.width(), item.height())))


def _clipped(item: QQuickItem, rect: QRectF) -> QRectF:
    parent = item.parentItem()
    while parent is not None:
        if parent.clip():
            rect = rect.intersected(_scene(parent, QRectF(0, 0, parent.width(), parent.height())))
        parent = parent.parentItem()
    return rect
