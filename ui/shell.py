"""The window of the walk-up terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain import hours, pinyin, search
from kiosk.domain.catalogue import Catalogue
from kiosk.flows.core import Event
from kiosk.flows.walkup.state import Look, State
from kiosk.text import Texts
from ui.present import World, present
from ui.window import CRASHED, QML, Around, Window, application

__all__ = ["CRASHED", "QML", "Shell", "application"]


class Shell(Window[State]):
    """The visit's window: pages of services over the catalogue."""

    def __init__(
        self, config: Config, texts: Texts, catalogue: Catalogue, clock: Clock, post: Callable[[Event], None]
    ) -> None:
        self._texts, self._catalogue = texts, catalogue
        self._hours = hours.parse(config.service.open)
        super().__init__(config, clock, post, State(look=Look(config.terminal.language)), self._show)

    @cached_property
    def _index(self) -> search.Index:
        return search.index(self._catalogue)

    def _show(self, state: State, around: Around) -> dict[str, Any]:
        world = World(
            terminal=self._config.terminal,
            timing=self._config.timing,
            texts=self._texts,
            catalogue=self._catalogue,
            index=lambda: self._index,
            now=around.now,
            wide=around.wide,
            left=around.left,
            pictures=around.pictures,
            hours=self._hours,
        )
        return present(state, world)

    def _warm_up(self) -> None:
        """Load the dictionaries before somebody searches."""
        threading.Thread(target=self._load, name="dictionaries", daemon=True).start()

    def _load(self) -> None:
        _ = self._index
        pinyin.load()
