"""The window of a gate's lane, or of a classroom's terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtQuick import QQuickView

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event
from kiosk.flows.gate.state import State
from kiosk.text import Texts
from ui.pictures import Frame, Live
from ui.present.gate import GateWorld, present_gate
from ui.window import Around, Window

__all__ = ["GateShell", "gate_shell"]


class GateShell(Window[State]):
    """The lane's window: the live picture, the thermal one in its corner, and the decision."""

    def __init__(self, config: Config, texts: Texts, clock: Clock, post: Callable[[Event], None]) -> None:
        self._texts, self._heat, self._warm = texts, Live(), False
        first = replace(State(), language=config.terminal.language)
        super().__init__(config, clock, post, first, self._show, "Gate.qml")

    def thermal(self, source: Callable[[], Frame | None]) -> None:
        """Where the thermal picture comes from: (number, small BGR picture as the camera sees it) or None."""
        self._heat.set_source(source)

    def _show(self, state: State, around: Around) -> dict[str, Any]:
        config = self._config
        return present_gate(state, GateWorld(config.terminal, config.gate, self._texts, around.now, around.wide))

    def _watches(self, view: dict[str, Any]) -> bool:
        self._warm = bool(view["lane"]["thermal"])
        if not self._warm:
            self._heat.forget()
        return bool(view["lane"]["live"])

    def _furnish(self, view: QQuickView) -> None:
        view.engine().addImageProvider("thermal", self._heat)

    def _on_live(self) -> None:
        super()._on_live()
        if self._warm and self._heat.poll():
            self.bridge.next_heat()


def gate_shell(config: Config, texts: Texts, clock: Clock, post: Callable[[Event], None]) -> GateShell:
    """The window of a lane. `post` takes every touch as an Intent, and what `deliver` is handed."""
    return GateShell(config, texts, clock, post)
