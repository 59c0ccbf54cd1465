"""Photograph and preview: what is still being made when the person leaves is never shown to the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from kiosk.app import photos
from kiosk.app.effects import Effects
from kiosk.app.photos import Photos
from kiosk.clock import Clock
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import State

WAIT_S = 10.0


class Later(Executor):
    """Work that waits until the test has it done."""

    def __init__(self) -> None:
        self.work: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.work.append(lambda: fn(*args, **kwargs))
        return Future()


class Eye:
    """A camera whose pictures are all alike, and a screen that remembers; `slow` holds it while it shows one."""

    def __init__(self) -> None:
        self.shown: list[bytes | None] = []
        self.slow: Callable[[], None] = lambda: None

    def latest(self) -> tuple[int, Any]:
        return 1, np.zeros((48, 64, 3), np.uint8)

    def show(self, data: bytes | None) -> None:
        if data is not None:
            self.slow()
        self.shown.append(data)

    def picture(self, _name: str, data: bytes | None) -> None:
        self.show(data)

    def deliver(self, _event: Event) -> None:
        return

    def wipe(self) -> None:
        return


@dataclass
class Studio:
    eye: Eye = field(default_factory=Eye)
    work: Later = field(default_factory=Later)
    told: list[Event] = field(default_factory=list)

    def photos(self) -> Photos:
        part: Any = self.eye
        return Photos(part, part, self.work, self.told.append, self.eye.show)

    def effects(self) -> Effects:
        part: Any = self.eye
        desks = (part, part, ())
        return Effects(part, part, part, part, _Papers(), None, self.photos(), *desks, self.work, Clock())


class _Papers:
    """Draws every state as the same picture."""

    def preview_key(self, _state: State) -> object:
        return "form of one person"

    def preview(self, _state: State) -> bytes:
        return b"png"


def meet(eye: Eye, wiped: Callable[[], None]) -> Callable[[], None]:
    """While the worker shows its picture, the person leaves on another thread; `leave` has them leave."""
    begun = threading.Event()

    def leave() -> None:
        begun.set()
        wiped()

    thread = threading.Thread(target=leave)

    def slow() -> None:
        thread.start()
        assert begun.wait(WAIT_S)
        # not held back by a lock, leaving is over long before this ends
        thread.join(0.2)

    eye.slow = slow
    return lambda: thread.join(WAIT_S)


def test_a_photograph_finished_while_the_person_leaves_is_taken_off_the_screen() -> None:
    studio = Studio()
    made = studio.photos()
    left = meet(studio.eye, made.drop)
    made.take(ev.TakePhoto(1))
    studio.work.work[0]()
    left()
    assert studio.eye.shown[-1] is None


def test_a_preview_finished_while_the_person_leaves_is_taken_off_the_screen() -> None:
    studio = Studio()
    made = studio.effects()
    left = meet(studio.eye, lambda: made.wipe(ev.Wipe(1)))
    made.preview(State())
    studio.work.work[0]()
    left()
    assert studio.eye.shown[-1] is None


@pytest.mark.parametrize("again", [False, True])
def test_a_photograph_that_was_given_up_does_not_come_back(again: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled, or the button pressed twice: only the newest one is ever looked at."""
    monkeypatch.setattr(photos, "document_jpeg", lambda _frame: b"jpeg")
    studio = Studio()
    made = studio.photos()
    made.take(ev.TakePhoto(1))
    made.take(ev.TakePhoto(1)) if again else made.drop()
    for work in studio.work.work:
        work()
    assert studio.eye.shown.count(b"jpeg") == len(studio.told) == again
