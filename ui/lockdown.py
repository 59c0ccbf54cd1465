"""No way out of the window: no key is listened to, it is not closed and not put away but by the program itself.

Every screen works by touch and has a keyboard of its own, so a keyboard that somebody plugs in has nothing to say.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtQuick import QQuickView

KEYS = frozenset(
    {
        *(QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride, QEvent.Type.Shortcut),
        *(QEvent.Type.InputMethod, QEvent.Type.ContextMenu, QEvent.Type.DragEnter, QEvent.Type.Drop),
    }
)


class Lockdown(QObject):
    """Holds one view until `release`. Make it on the main thread; it belongs to the view."""

    def __init__(self, view: QQuickView) -> None:
        super().__init__(view)
        self._view, self._holds = view, True
        view.installEventFilter(self)
        view.windowStateChanged.connect(self._back)

    def release(self) -> None:
        """The program itself ends the window."""
        self._holds = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name for it
        """Whether this event goes no further."""
        if not self._holds:
            return False
        if event.type() == QEvent.Type.Close:
            event.ignore()
            return True
        return event.type() in KEYS

    def _back(self, state: Qt.WindowState) -> None:
        if self._holds and state == Qt.WindowState.WindowMinimized:
            self._view.showFullScreen()
