"""The finger and the eye of scripts: touches the window and looks at it over a Unix socket, and nothing else.

JSON lines in, one JSON line back for each:
{"do":"tap","name":"act.open_pin"} · {"do":"hold","name":"corner","ms":3300} · {"do":"look"} ·
{"do":"grab","file":"a.png"} · {"do":"type","keys":"123"} · {"do":"size","width":1920,"height":1080}.
The answer has "ok"; when false, "why".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtQuick import QQuickItem, QQuickView

PRESS_MS = 30
SETTLE_MS = 40
LONGEST_LINE = 65536

Answer = dict[str, Any]
Reply = Callable[[Answer], None]


class Robot(QObject):
    """Serves one socket; only made in demonstrations."""

    def __init__(self, view: QQuickView, path: str) -> None:
        super().__init__()
        self._view = view
        Path(path).unlink(missing_ok=True)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        if not self._server.listen(path):
            raise RuntimeError(f"{path}: {self._server.errorString()}")

    def close(self) -> None:
        """Stop serving."""
        self._server.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda one=socket: self._read(one))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        while socket.canReadLine():
            line = bytes(socket.readLine(LONGEST_LINE).data())
            self._obey(line, lambda answer: _send(socket, answer))

    def _obey(self, line: bytes, reply: Reply) -> None:
        acts = {
            "tap": self._tap,
            "hold": lambda order, reply: self._tap(order, reply, int(order["ms"])),
            "look": self._look,
            "grab": self._grab,
            "type": self._type,
            "size": self._size,
        }
        try:
            order = json.loads(line)
            acts[order["do"]](order, reply)
        except (ValueError, KeyError, TypeError):
            reply({"ok": False, "why": "not understood"})

    def _tap(self, order: Answer, reply: Reply, held_ms: int = PRESS_MS) -> None:
        name = str(order.get("name", ""))
        item = self._pressable(name)
        if isinstance(item, str):
            reply({"ok": False, "why": item})
            return
        _bring_into_view(item)
        there = _centre(item)
        QTimer.singleShot(SETTLE_MS, self, lambda: self._press(name, there, reply, held_ms))

    def _pressable(self, name: str) -> QQuickItem | str:
        """The item, or why it cannot be pressed."""
        item = next((one for one in visible_items(self._view) if one.objectName() == name), None)
        if item is None:
            return f"not on the screen: {name}"
        return item if item.isEnabled() else f"cannot be pressed: {name}"

    def _press(self, name: str, there: QPointF, reply: Reply, held_ms: int) -> None:
        """A finger aims at what it sees: what has moved, changed or gone since then is not pressed."""
        item = self._pressable(name)
        if isinstance(item, str) or _centre(item) != there:
            reply({"ok": False, "why": item if isinstance(item, str) else f"moving: {name}"})
            return
        self._mouse(QEvent.Type.MouseButtonPress, there)

        def release() -> None:
            self._mouse(QEvent.Type.MouseButtonRelease, there)
            reply({"ok": True, "x": there.x(), "y": there.y()})

        QTimer.singleShot(held_ms, self, release)

    def _mouse(self, kind: QEvent.Type, at: QPointF) -> None:
        left = Qt.MouseButton.LeftButton
        held = left if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
        there = QPointF(self._view.mapToGlobal(at.toPoint()))
        QCoreApplication.sendEvent(self._view, QMouseEvent(kind, at, there, left, held, Qt.KeyboardModifier.NoModifier))

    def _look(self, _order: Answer, reply: Reply) -> None:
        items = visible_items(self._view)
        texts = [str(item.property("text")) for item in items if item.inherits("QQuickText") and item.property("text")]
        names = [item.objectName() for item in items if item.objectName().startswith("act.")]
        pressable = [item.objectName() for item in items if item.objectName().startswith("act.") and item.isEnabled()]
        screen = self._view.rootObject().property("shownPage")
        over = self._view.rootObject().property("shownOverlay")
        found = {"screen": str(screen).partition(".")[0], "page": screen, "overlay": over, "names": names}
        reply({"ok": True, **found, "pressable": pressable, "texts": texts})

    def _grab(self, order: Answer, reply: Reply) -> None:
        saved = self._view.grabWindow().save(str(order.get("file", "")), "PNG")  # type: ignore[call-overload]
        reply({"ok": bool(saved)} if saved else {"ok": False, "why": "could not be saved"})

    def _type(self, order: Answer, reply: Reply) -> None:
        for character in str(order.get("keys", "")):
            key = Qt.Key(ord(character.upper())) if character.isascii() else Qt.Key.Key_unknown
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
                QCoreApplication.sendEvent(self._view, event)
        reply({"ok": True})

    def _size(self, order: Answer, reply: Reply) -> None:
        self._view.resize(int(order["width"]), int(order["height"]))
        QTimer.singleShot(PRESS_MS, self, lambda: reply({"ok": True}))


def _centre(item: QQuickItem) -> QPointF:
    return item.mapToScene(QPointF(item.width() / 2, item.height() / 2))


def visible_items(view: QQuickView) -> list[QQuickItem]:
    """Every item a person could see by scrolling, front to back in the order of the screen."""
    found: list[QQuickItem] = []

    def walk(item: QQuickItem) -> None:
        if not item.isVisible() or item.opacity() == 0:
            return
        found.append(item)
        for child in item.childItems():
            walk(child)

    walk(view.rootObject())
    return found


def _bring_into_view(item: QQuickItem) -> None:
    """Scroll every Flickable around the item until the item's middle is well inside."""
    parent = item.parentItem()
    while parent is not None:
        if parent.inherits("QQuickFlickable"):
            _scroll(parent, item)
        parent = parent.parentItem()


def _scroll(flickable: QQuickItem, item: QQuickItem) -> None:
    content = flickable.property("contentItem")
    for axis, length in (("Y", "height"), ("X", "width")):
        at = content.mapFromItem(item, QPointF(item.width() / 2, item.height() / 2))
        middle = at.y() if axis == "Y" else at.x()
        room, whole = float(flickable.property(length)), float(flickable.property(f"content{length.capitalize()}"))
        shown = float(flickable.property(f"content{axis}"))
        if whole > room and not shown + 60 <= middle <= shown + room - 60:
            flickable.setProperty(f"content{axis}", min(max(middle - room / 2, 0.0), whole - room))


def _send(socket: QLocalSocket, answer: Answer) -> None:
    if socket.isValid():
        socket.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        socket.flush()
