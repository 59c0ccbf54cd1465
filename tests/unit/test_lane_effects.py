"""What a lane asks of the thermal camera: the temperature of one face, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.app.lane import LaneEffects, Parts
from kiosk.clock import Clock
from kiosk.domain.faces import Box
from kiosk.flows.core import Event
from kiosk.flows.gate import events as ev
from tests.unit.gate_kit import COOL, sight


@dataclass
class Thermometer:
    asked: list[tuple[int, Callable[[], Box | None], Any]] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    def measure(self, look: int, box: Callable[[], Box | None], _seconds: float, done: Any) -> None:
        self.asked.append((look, box, done))

    def drop(self, look: int) -> None:
        self.dropped.append(look)


class Shell:
    def __init__(self) -> None:
        self.told: list[Event] = []

    def deliver(self, event: Event) -> None:
        self.told.append(event)


def test_a_temperature_is_of_the_face_it_was_asked_for() -> None:
    shell, thermometer, clock, none = Shell(), Thermometer(), Clock(), None
    parts: Any = Parts(shell, none, none, none, none, none, thermometer, none)  # type: ignore[arg-type]
    lane = LaneEffects(parts, "", clock)
    lane.measure(ev.Measure(4, 2.0, 1))
    (_, box, done), now = thermometer.asked[0], clock.mono()
    lane.seen(replace(sight(1), at=now))
    assert box() == sight(1).box
    lane.seen(replace(sight(2), at=now))
    assert box() is None, "somebody else stands there now"
    done(4, COOL)
    told = shell.told[-1]
    assert isinstance(told, ev.MeasureDone)
    assert (told.session, told.measured, told.track) == (4, COOL, 1)
    thermometer.dropped.clear()
    lane.measure(ev.Measure(4, 2.0, 2))
    assert thermometer.dropped == [4], "the one before is not answered any more"
