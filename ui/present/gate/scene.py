"""What a view of the lane is made from, and the small parts that its views share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.config import GateConfig, TerminalConfig
from kiosk.flows.gate.state import State
from kiosk.text import Texts


@dataclass(frozen=True, slots=True)
class GateWorld:
    """What stands around the lane: the terminal, its place, the words, campus time, wide or upright."""

    terminal: TerminalConfig
    gate: GateConfig
    texts: Texts
    now: datetime
    wide: bool = False


@dataclass(frozen=True, slots=True)
class GateScene:
    """One state in its world: what every presenting function is handed."""

    state: State
    world: GateWorld

    @property
    def language(self) -> str:
        return self.state.language

    @property
    def attends(self) -> bool:
        """A classroom, not a gate."""
        return bool(self.world.gate.room) or self.state.attendance.lesson is not None

    def t(self, key: str, **values: object) -> str:
        """A sentence in the language of the screen."""
        return self.world.texts.get(self.language, key, **values)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.world.texts.by_language[self.language]

    def word(self, table: str, word: str, otherwise: str) -> str:
        """The sentence of a word that came from elsewhere; an unknown one must not stop the lane."""
        key = f"{table}.{word}"
        return self.t(key if self.has(key) else f"{table}.{otherwise}")
