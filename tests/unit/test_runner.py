"""The runner: one event at a time, effects in order, rendered only when something changed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kiosk.flows.core import Effect, Event
from kiosk.runner import Runner


@dataclass(frozen=True)
class Add(Event):
    n: int


@dataclass(frozen=True)
class Say(Effect):
    word: str


@dataclass(frozen=True)
class Shout(Effect):
    word: str


def step(state: int, event: Event) -> tuple[int, tuple[Effect, ...]]:
    assert isinstance(event, Add)
    if event.n == 0:
        return state, ()
    return state + event.n, (Say(f"first {event.n}"), Shout(f"second {event.n}"))


def test_effects_come_in_order_before_the_screen() -> None:
    seen: list[str] = []
    handlers = {Say: lambda e: seen.append(e.word), Shout: lambda e: seen.append(e.word)}
    runner = Runner(step, 0, handlers, lambda state: seen.append(f"screen {state}"))
    runner.post(Add(1))
    runner.post(Add(0))
    assert seen == ["first 1", "second 1", "screen 1"]
    assert runner.state == 1


def test_an_event_posted_by_a_handler_waits_until_all_effects_are_done() -> None:
    seen: list[str] = []

    def say(effect: Say) -> None:
        seen.append(effect.word)
        if effect.word == "first 1":
            runner.post(Add(2))

    handlers = {Say: say, Shout: lambda e: seen.append(e.word)}
    runner = Runner(step, 0, handlers, lambda state: seen.append(f"screen {state}"))
    runner.post(Add(1))
    assert seen == ["first 1", "second 1", "screen 1", "first 2", "second 2", "screen 3"]


def test_an_effect_without_a_handler_is_a_bug_that_raises() -> None:
    runner: Runner[int] = Runner(step, 0, {Say: lambda e: None}, lambda state: None)
    with pytest.raises(KeyError):
        runner.post(Add(1))


def test_a_handler_that_raises_leaves_the_runner_usable_for_what_comes_after() -> None:
    def broken(effect: Say) -> None:
        if effect.word == "first 1":
            raise OSError("unplugged")

    runner = Runner(step, 0, {Say: broken, Shout: lambda e: None}, lambda state: None)
    with pytest.raises(OSError, match="unplugged"):
        runner.post(Add(1))
    runner.post(Add(2))
    assert runner.state == 3
