"""A lane that can be walked: events in, effects and timers seen; an honest journal, door and recogniser to answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from kiosk.clock import CAMPUS_ZONE
from kiosk.config import GateConfig
from kiosk.domain.admission import BUILT_IN, Check, Hardness, Order, Pass, Place, Rule, Rules, Visit, Window
from kiosk.domain.faces import Box, Quality, Sight
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.screening.reading import Basis, Cannot, Measured, NoReading, Reading
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Devices, Policy, State
from kiosk.flows.gate.step import step
from kiosk.flows.walkup import events as walkup

NOW = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE).timestamp()
HOUR = 3600.0
TODAY = date(2026, 3, 2)
WEI = "00000000000000a1"
JING = "00000000000000b2"
GUARD = Person("00000000000000c3", "T2015003", "赵大山", "Zhao Dashan", Role.STAFF, {"duty": "gate"})
TEACHER = Person("00000000000000d4", "T2015004", "钱小丽", "Qian Xiaoli", Role.STAFF, {})

RULES = Rules(
    checks={
        **BUILT_IN.checks,
        Check.BATCH: Rule(Order.AFTER),
        Check.CHECK_IN: Rule(Order.AFTER, Hardness.LOG),
        Check.DECLARATION: Rule(Order.AFTER, Hardness.LOG),
    },
    issued=NOW - HOUR,
    rev=7,
)
ALL = frozenset({"face", "thermal", "relay", "sensor", "camera", "scanner"})
COOL = Reading(35.1, 22.0, 1.3, 36.4, 0.3, Basis.REFERENCE, 4)
MAYBE = replace(COOL, raw=36.2, corrected=37.5)
FEVER = replace(COOL, raw=37.4, corrected=38.7)
AWAY = NoReading(Cannot.SILENT)


def a_pass(person: str = WEI, **more: object) -> Pass:
    window = Window("第一批", NOW - HOUR, NOW + HOUR)
    plain = Pass(person, "张伟", Role.STUDENT, NOW - 60, window=window, declared=TODAY, checked_in=TODAY, enrolled=True)
    return replace(plain, **more)  # type: ignore[arg-type]


def visitor(**more: object) -> Pass:
    visit = Visit("00000000000000f9", "孙访客", "张老师", ("east",), NOW - HOUR, NOW + HOUR)
    return Pass(visit.id, "孙访客", None, NOW, visit=replace(visit, **more))  # type: ignore[arg-type]


def sight(track: int = 1, quality: Quality = Quality.GOOD) -> Sight:
    return Sight(track, Box(0.4, 0.2, 0.18, 0.3), quality, 0.0, 100.0, 1)


def sure(person: str = WEI, track: int = 1) -> Match:
    return Match(track, person, Doubt.NONE, 0.6, 1.013, 1.4, 3, 200, True)


def unsure(doubt: Doubt = Doubt.TOO_FAR, track: int = 1) -> Match:
    return Match(track, doubt=doubt, score=1.3, limit=1.013, second=1.4, frames=3, gallery=200, adapted=True)


class Lane:
    """Events are handed in by name of what happened; `effects` holds all that was asked for, in order."""

    def __init__(self, rules: Rules = RULES, devices: frozenset[str] = ALL, place: Place | None = None) -> None:
        self.policy = Policy(place or Place("east"), GateConfig(), "b00t")
        self.state = State(devices=Devices(devices, devices), rules=rules)
        self.effects: list[Effect] = []
        self.timers: dict[str, tuple[int, float]] = {}
        self.now = NOW

    def take(self, event: Event) -> tuple[Effect, ...]:
        self.state, effects = step(self.state, event, self.policy)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, StartTimer):
                self.timers[effect.timer] = (effect.session, effect.seconds)
            elif isinstance(effect, StopTimer):
                self.timers.pop(effect.timer, None)
        return effects

    def asked(self, kind: type[Effect]) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    @property
    def records(self) -> list[walkup.Record]:
        return [effect for effect in self.effects if isinstance(effect, walkup.Record)]

    @property
    def n(self) -> int:
        return self.state.session

    def code(self, text: str = "K1:CODE") -> None:
        """Held up by somebody who stands there."""
        if self.state.sight is None and self.state.devices.works("face"):
            self.take(ev.FaceSeen(sight(), self.now))
        self.take(walkup.CodeRead(text, self.now))

    def known(self, found: Pass | None = None, nonce: str = "", doubtful: bool = False) -> None:
        found = found or a_pass()
        self.take(ev.CodeAccepted(self.n, found.person, nonce, doubtful))
        self.take(ev.PassLoaded(self.n, found, self.now))

    def face(self, match: Match | None = None) -> None:
        self.take(ev.FaceMatched(self.n, match or sure(), self.now))

    def warm(self, measured: Measured = COOL) -> None:
        warmed = self.state.case.warmed if self.state.case else 0
        self.take(ev.MeasureDone(self.n, measured, self.now, warmed))

    def commit(self) -> None:
        self.take(walkup.Recorded(self.records[-1].key, "G-02-20260302-0001", self.now))

    def opens(self) -> None:
        """The relay's word on the last opening."""
        self.take(ev.GateOpened(self.asked(ev.OpenGate)[-1].key))  # type: ignore[attr-defined]

    def elapse(self, timer: str) -> None:
        session, _ = self.timers.pop(timer)
        self.take(Elapsed(timer, session, self.now))

    def touch(self, *names: str) -> None:
        for name in names:
            act, _, payload = name.partition(" ")
            self.take(Intent(act, payload, self.now))

    def walk_in(self, measured: Measured = COOL, found: Pass | None = None, match: Match | None = None) -> None:
        """Code, face, temperature, up to the commit."""
        self.take(ev.FaceSeen(sight(), self.now))
        self.code()
        self.known(found)
        self.face(match)
        self.warm(measured)

    def guard_in(self) -> None:
        self.touch("guard", *(f"digit {one}" for one in GUARD.number), "confirm", *("digit 1",) * 6, "confirm")
        self.take(walkup.Admitted(-1, GUARD, Factor.PIN, self.now))


def words(lane: Lane) -> set[str]:
    """What was found about whoever stands there."""
    assert lane.state.case is not None
    assert lane.state.case.decision is not None
    return {each.word for each in lane.state.case.decision.findings}
