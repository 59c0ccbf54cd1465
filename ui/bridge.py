"""The only crossing between Python and the screens: one view down, one signal of intents up."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot


class Bridge(QObject):
    """`view` is what `present` made; `touched` carries every intent of the screens."""

    viewChanged = Signal()  # noqa: N815 - QML's name for it
    frameChanged = Signal()  # noqa: N815
    heatChanged = Signal()  # noqa: N815
    touched = Signal(str, str)

    def __init__(self, view: dict[str, Any], motion: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._motion = view, motion
        self._frame = self._heat = 0

    def _get_view(self) -> dict[str, Any]:
        return self._view

    def _get_frame(self) -> int:
        return self._frame

    def _get_heat(self) -> int:
        return self._heat

    def _get_motion(self) -> bool:
        return self._motion

    view = Property("QVariantMap", _get_view, notify=viewChanged)  # type: ignore[arg-type]
    frame = Property(int, _get_frame, notify=frameChanged)
    heat = Property(int, _get_heat, notify=heatChanged)
    motion = Property(bool, _get_motion, constant=True)

    def take(self, view: dict[str, Any]) -> None:
        """Show this view, unless it is the one that stands."""
        if view != self._view:
            self._view = view
            self.viewChanged.emit()

    def next_frame(self) -> None:
        """The camera has a new picture."""
        self._frame += 1
        self.frameChanged.emit()

    def next_heat(self) -> None:
        """The thermal camera has a new picture."""
        self._heat += 1
        self.heatChanged.emit()

    @Slot(str, str)
    def intent(self, name: str, payload: str) -> None:
        """A touch."""
        self.touched.emit(name, payload)
