"""Runs one flow on one thread: event in, step, effects out, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from kiosk.flows.core import Effect, Event

S = TypeVar("S")
Step = Callable[[S, Event], tuple[S, tuple[Effect, ...]]]
Handlers = Mapping[type[Effect], Callable[[Any], None]]


class Runner(Generic[S]):
    """The only holder of the state. `post` is for the main thread; handlers may call it."""

    def __init__(self, step: Step[S], state: S, effects: Handlers, render: Callable[[S], None]) -> None:
        self.state = state
        self._step, self._effects, self._render = step, effects, render
        self._queue: deque[Event] = deque()
        self._busy = False

    def post(self, event: Event) -> None:
        """Take an event; a handler's own events wait until its effects are done. An effect without a handler raises."""
        self._queue.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue:
                self._advance(self._queue.popleft())
        finally:
            self._busy = False

    def _advance(self, event: Event) -> None:
        before = self.state
        self.state, effects = self._step(before, event)
        for effect in effects:
            self._effects[type(effect)](effect)
        if self.state != before:
            self._render(self.state)
