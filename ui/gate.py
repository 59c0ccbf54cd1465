"""The window of a gate's lane, or of a classroom's terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event
from kiosk.flows.gate.state import State
from kiosk.text import Texts
from ui.present.gate import Desk, GateWorld, present_gate
from ui.window import Around, Window

__all__ = ["GateShell", "gate_shell"]


class GateShell(Window[State]):
    """The lane's window: the live picture, the thermal one in its corner, and the decision."""

    def __init__(self, config: Config, texts: Texts, clock: Clock, post: Callable[[Event], None]) -> None:
        self._texts = texts
        first = replace(State(), language=config.terminal.language)
        super().__init__(config, clock, post, first, self._show, "Gate.qml")

    def _show(self, state: State, around: Around) -> dict[str, Any]:
        config = self._config
        world = GateWorld(config.terminal, config.gate, self._texts, around.now, around.wide)
        return present_gate(state, world, Desk(around.left, around.pictures))

    def _watches(self, view: dict[str, Any]) -> bool:
        pages = view["pages"]
        return super()._watches(pages) if pages else bool(view["lane"]["live"])

    def _warms(self, view: dict[str, Any]) -> bool:
        pages = view["pages"]
        return super()._warms(pages) if pages else bool(view["lane"]["thermal"])


def gate_shell(config: Config, texts: Texts, clock: Clock, post: Callable[[Event], None]) -> GateShell:
    """The window of a lane. `post` takes every touch as an Intent, and what `deliver` is handed."""
    return GateShell(config, texts, clock, post)
