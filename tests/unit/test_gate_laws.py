"""What holds whatever happens, in any order: answers come late, twice, wrong or never, and anybody presses anything."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.domain.admission import Check, Hardness, Lesson, Order, Outcome, Place, Rule, Rules, Way
from kiosk.domain.faces import Liveness, Quality
from kiosk.domain.faults import Code, Fault
from kiosk.domain.matching.match import Doubt
from kiosk.domain.people import Factor
from kiosk.domain.screening.reading import Basis, Cannot, Measured, NoReading, Reading
from kiosk.flows.core import Effect, Elapsed, Event, Intent
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.state import Ask, Phase
from kiosk.flows.walkup import events as walkup
from kiosk.flows.walkup.state import Link
from tests.unit.gate_kit import (
    ALL,
    COOL,
    FEVER,
    GUARD,
    HOUR,
    JING,
    MAYBE,
    NOW,
    RULES,
    TEACHER,
    WEI,
    Lane,
    a_pass,
    sight,
    sure,
    unsure,
    visitor,
)

LESSON = Lesson("l1", "高等数学", "3-201", NOW - 60, NOW + HOUR, frozenset({WEI}))
READINGS: tuple[Measured, ...] = (
    *(COOL, COOL, COOL, MAYBE, FEVER, replace(COOL, basis=Basis.NONE, u=2.0), replace(COOL, warm=False)),
    *(NoReading(why) for why in Cannot),
)
PASSES = (a_pass(), a_pass(), a_pass(JING, enrolled=False), a_pass(revoked=True), a_pass(window=None), visitor(), None)
MATCHES = (sure(), sure(), sure(JING, 2), *(unsure(doubt) for doubt in Doubt if doubt))
TOUCHES = (
    *("guard", "guard_close", "guard_out", "confirm", "digit 1", "digit T", "erase", "clear", "entry_field pin"),
    *("by_hand", "open_by_hand device", "open_by_hand emergency", "open_by_hand x", "tail 1", "tail 2", "tail_erase"),
    *("language en", "help", "help_close", "nonsense", "technician", "out"),
)
NONCES = ("", "a" * 12, "b" * 12)
STRICT = replace(RULES, no_reading=Hardness.DENY, no_face=Hardness.DENY)


class World(Lane):
    """Holds every answer that was asked for, to be given when, if and as often as the test likes; watches the laws."""

    def __init__(self, rules: Rules, devices: frozenset[str], place: Place) -> None:
        super().__init__(rules, devices, place)
        self.state = replace(self.state, link=Link.ONLINE)
        self.asks: list[Effect] = []
        self.committed: set[str] = set()
        self.opened: list[str] = []
        self.spent: set[str] = set()
        if place.attendance:
            self.take(ev.LessonLoaded(LESSON))

    def take(self, event: Event) -> tuple[Effect, ...]:
        if isinstance(event, walkup.Recorded):
            self.committed.add(event.key)
        case = self.state.case
        if isinstance(event, walkup.CodeSpent) and not event.first and case and case.nonce == event.nonce:
            self.spent.add(case.key)
        effects = super().take(event)
        for effect in effects:
            self._watch(effect)
        self.asks += effects
        return effects

    def _watch(self, effect: Effect) -> None:
        if not isinstance(effect, ev.OpenGate):
            return
        assert effect.key in self.committed, "opened before the record was committed"
        assert effect.key not in self.opened, "opened twice for one record"
        assert not self.policy.place.attendance
        self.opened.append(effect.key)
        record = next(record for record in self.records if record.key == effect.key)
        if record.kind == "gate.opened":
            assert record.body["guard"] == GUARD.id
            return
        assert record.body["outcome"] == Outcome.ALLOW.value
        assert effect.key not in self.spent or not record.body["nonce"], "opened on a code that was taken elsewhere"
        case = self.state.case
        assert case is not None
        assert not case.doubtful or Factor.FACE in case.factors, "opened on a code alone by a clock nobody trusts"
        readings = record.body["readings"]
        assert isinstance(readings, list)
        assert not bool(readings) or "corrected" in readings[-1], "opened on no reading"
        assert readings, "opened without a reading"
        last = readings[-1]
        assert last["basis"] == "reference", "an uncalibrated camera judged somebody"
        assert last["corrected"] + last["u"] < self.state.rules.limit + 1e-6

    def answer(self, effect: Effect, n: int) -> None:
        """One possible answer to what was asked."""
        match effect:
            case walkup.CheckCode(session=session):
                shown = PASSES[n % len(PASSES)]
                good = n % 5 != 0 and shown is not None
                self.take(
                    ev.CodeAccepted(session, shown.person, NONCES[n % 3], n % 7 == 3)
                    if good and shown
                    else walkup.NotAdmitted(session, "unknown_code")
                )
            case walkup.CheckPin(session=session):
                self.take(
                    walkup.Admitted(session, (GUARD, TEACHER)[n % 2], Factor.PIN, self.now)
                    if n % 3
                    else walkup.NotAdmitted(session, "wrong", 3)
                )
            case ev.LoadPass(session=session):
                self.take(ev.PassLoaded(session, PASSES[n % len(PASSES)], self.now))
            case ev.VerifyFace(session=session) | ev.IdentifyFace(session=session):
                self.take(ev.FaceMatched(session, MATCHES[n % len(MATCHES)], self.now))
            case ev.WatchTurn(session=session):
                self.take(ev.TurnSeen(session, (Liveness.LIVE, Liveness.STILL, Liveness.SWAPPED)[n % 3]))
            case ev.Measure(session=session, track=track):
                self.take(ev.MeasureDone(session, READINGS[n % len(READINGS)], self.now, track))
            case walkup.Record(key=key):
                full = Fault(Code.JOURNAL_REFUSED, "journal", "disk full")
                self.take(walkup.Recorded(key, "G-1", self.now) if n % 6 else walkup.NotRecorded(key, full))
            case ev.OpenGate(key=key):
                self.take(ev.GateOpened(key) if n % 4 else ev.GateFailed(key, self.now))

    def go_on(self, n: int) -> None:
        """What most often comes next; `n` chooses how good it is."""
        case, kind = self.state.case, n % 12
        if self.state.phase is Phase.WATCHING or case is None:
            self.take(ev.FaceSeen(sight(), self.now))
            self.code(f"K1:{n}")
        elif self.state.phase is Phase.RECORDING:
            full = Fault(Code.JOURNAL_REFUSED, "journal", "disk full")
            refused = walkup.NotRecorded(case.key, full)
            answer = refused if kind == 1 else walkup.Recorded(case.key, "G-1", self.now)
            if kind == 2:
                self.take(walkup.CodeSpent(case.nonce, False, self.now))
            self.elapse("commit") if kind == 0 else self.take(answer)
        elif self.state.phase is Phase.SHOWING:
            if self.opened and case.key == self.opened[-1] and not case.opened and kind:
                self.opens()
            late = [key for key in (record.key for record in self.records) if key not in self.committed]
            self.take(walkup.Recorded(late[-1], "", self.now) if late and kind < 3 else ev.Passage(self.now))
        elif "person" in case.waits:
            self.known(PASSES[0] if kind < 9 else PASSES[kind % 6], NONCES[n % 3], n % 7 == 3)
        elif "spent" in case.waits and kind < 6:
            self.elapse("spend") if kind < 3 else self.take(walkup.CodeSpent(case.nonce, kind < 5, self.now))
        elif "match" in case.waits:
            self.face(MATCHES[0] if kind < 9 else MATCHES[kind % len(MATCHES)])
        elif "measure" in case.waits:
            self.warm(READINGS[n % len(READINGS)])
        elif "turn" in case.waits:
            self.take(ev.TurnSeen(self.n, Liveness.LIVE))

    def spontaneous(self, n: int) -> None:
        """What nobody asked for."""
        events: tuple[Event, ...] = (
            walkup.CodeRead(f"K1:{n % 4}", self.now),
            walkup.CodeRead(f"K1:{n}", self.now),
            walkup.SeveralCodes(),
            ev.FaceSeen(sight(n % 3 + 1), self.now),
            ev.FaceSeen(sight(n % 3 + 1, Quality.FAR), self.now),
            ev.FaceGone(n % 3 + 1),
            ev.Passage(self.now),
            walkup.DeviceChanged(sorted(ALL)[n % len(ALL)], n % 2 == 0),
            ev.RulesLoaded(self.state.rules),
            ev.GateOpened("nothing"),
            walkup.Recorded("nothing", "", self.now),
            Elapsed(("reading", "commit", "passage", "show", "prompt")[n % 5], self.n - n % 2, self.now),
            Intent("guard", at=self.now),
            walkup.CodeSpent(NONCES[n % 3], n % 2 == 0, self.now),
            walkup.LinkChanged((Link.ONLINE, Link.OFFLINE)[n % 2]),
        )
        self.take(events[n % len(events)])


@st.composite
def places(draw: st.DrawFn) -> tuple[Rules, frozenset[str], Place]:
    way = draw(st.sampled_from(Way))
    only = draw(st.booleans())
    extra = {Check.BATCH: Rule(draw(st.sampled_from((Order.BEFORE, Order.AFTER))))} if only else {}
    rules = replace(STRICT, way=way, head_turn=draw(st.booleans()), checks={**RULES.checks, **extra})
    away = draw(st.one_of(st.just(set()), st.sets(st.sampled_from(sorted(ALL)))))
    return rules, ALL - away, Place("east", attendance=draw(st.integers(0, 5)) == 0)


ACTS = st.lists(st.tuples(st.sampled_from("gggggggggaaste"), st.integers(0, 10_000)), max_size=50)


def play(world: World, acts: list[tuple[str, int]]) -> None:
    for what, n in acts:
        if what == "g":
            world.go_on(n)
        elif what == "a" and world.asks:
            world.answer(world.asks[-1 - n % min(8, len(world.asks))], n // 8)
        elif what == "s":
            world.spontaneous(n)
        elif what == "t":
            world.touch(TOUCHES[n % len(TOUCHES)])
        elif what == "e" and world.timers:
            world.elapse(sorted(world.timers)[n % len(world.timers)])


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(places(), ACTS)
def test_nothing_opens_before_its_record_nor_on_an_invalid_reading(
    where: tuple[Rules, frozenset[str], Place], acts: list[tuple[str, int]]
) -> None:
    play(World(*where), acts)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(places(), ACTS)
def test_every_sequence_ends_in_watching(
    where: tuple[Rules, frozenset[str], Place], acts: list[tuple[str, int]]
) -> None:
    world = World(*where)
    play(world, acts)
    for _ in range(40):
        if not world.timers:
            break
        world.elapse(sorted(world.timers)[0])
    state = world.state
    assert (state.phase, state.case, state.said, state.next_code) == (Phase.WATCHING, None, "", "")
    assert state.guard.pane == ""
    assert state.ask in (Ask.NOTHING, Ask.CODE, Ask.DIGITS, Ask.HOLD_STILL)


def test_the_laws_see_whole_visits() -> None:
    """A world that only ever refuses would prove nothing: an honest run opens the lane."""
    world = World(STRICT, ALL, Place("east"))
    world.walk_in()
    world.commit()
    assert world.opened == [world.records[0].key]
    assert isinstance(COOL, Reading)


@pytest.mark.parametrize("order", list(itertools.permutations(("face", "warm", "elsewhere", "spend"))))
def test_whenever_the_word_comes_before_the_opening_the_lane_stays_shut(order: tuple[str, ...]) -> None:
    world = World(STRICT, ALL, Place("east"))
    world.code()
    world.known(PASSES[0], NONCES[1])
    acts: dict[str, Callable[[], object]] = {
        "face": world.face,
        "warm": world.warm,
        "elsewhere": lambda: world.take(walkup.CodeSpent(NONCES[1], False, world.now)),
        "spend": lambda: "spend" in world.timers and world.elapse("spend"),
    }
    for act in order:
        acts[act]()
    world.commit()
    assert (world.opened, world.state.phase) == ([], Phase.SHOWING)
    assert world.spent == {world.records[0].key}
