"""What a lane asks of the thermal camera: the temperature of one face, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from kiosk.app.lane import LaneEffects, Parts
from kiosk.clock import Clock
from kiosk.domain.faces import Box
from kiosk.domain.people import Factor
from kiosk.flows.core import Event
from kiosk.flows.gate import events as ev
from kiosk.flows.walkup import events as walkup
from sync.desk import Admitted, NotAdmitted, Reason, VisitorAdmitted
from tests.unit.gate_kit import COOL, GUARD, sight


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


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Admitted(GUARD, Factor.CODE, "0a" * 6, True), ev.CodeAccepted(4, GUARD.id, "0a" * 6, True)),
        (VisitorAdmitted("f" * 16, "0b" * 6), ev.CodeAccepted(4, "f" * 16, "0b" * 6, False)),
        (NotAdmitted(Reason.UNKNOWN_CODE), walkup.NotAdmitted(4, "unknown_code")),
    ],
)
def test_the_desks_answer_to_a_code_is_told_whole(answer: object, told: Event) -> None:
    class Desk:
        def check_gate_code(self, text: str, done: Callable[[object], None]) -> None:
            assert text == "K1:CODE"
            done(answer)

    shell, none = Shell(), None
    parts: Any = Parts(shell, none, Desk(), none, none, none, none, none)  # type: ignore[arg-type]
    LaneEffects(parts, "", Clock()).check_code(walkup.CheckCode(4, "K1:CODE"))
    assert shell.told == [told]
