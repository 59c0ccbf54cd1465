"""One handler for each kind of a lane's effects; none of them blocks, what they bring about comes back as an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devices.face.recogniser import Recogniser
from devices.relay.relay import Relay
from devices.sound import Sounds
from devices.thermal.thermometer import Thermometer
from kiosk.app.recorder import Recorder
from kiosk.app.running import timers
from kiosk.clock import Clock
from kiosk.domain.admission import Lesson, Pass, Rules
from kiosk.domain.faces import Box, Sight
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.screening.reading import Cannot, Measured, NoReading
from kiosk.flows.core import Effect, Event
from kiosk.flows.gate import events as ev
from kiosk.flows.walkup import events as walkup
from kiosk.runner import Handlers
from sync.desk import Admitted, Answer, Desk, NotAdmitted, VisitorAdmitted
from sync.gatedesk import GateDesk
from ui.gate import GateShell

FRESH_S = 1.0
"""A sight older than this is nobody's place any more."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a lane is made of; None = not fitted."""

    shell: GateShell
    recorder: Recorder
    desk: Desk
    gatedesk: GateDesk
    sounds: Sounds
    recogniser: Recogniser | None
    thermometer: Thermometer | None
    relay: Relay | None


class LaneEffects:
    """Hands each effect to the adapter it is for. `on_rules`: hears of the rules whenever they were read."""

    def __init__(self, parts: Parts, room: str, clock: Clock) -> None:
        self._parts, self._room, self._clock = parts, room, clock
        self._deliver: Callable[[Event], None] = parts.shell.deliver
        self._sight: Sight | None = None
        self.on_rules: Callable[[Rules], None] = lambda _: None

    def handlers(self) -> Handlers:
        """Kind of effect → its one handler."""
        parts = self._parts
        table: dict[type[Effect], Callable[..., None]] = {
            **timers(parts.shell, self._clock),
            walkup.CheckCode: self.check_code,
            walkup.CheckPin: self.check_pin,
            walkup.Record: parts.recorder.record,
            ev.LoadPass: self.load_pass,
            ev.LoadRules: lambda _: self.load_rules(),
            ev.LoadLesson: lambda _: self.load_lesson(),
            ev.VerifyFace: self.verify,
            ev.IdentifyFace: self.identify,
            ev.WatchTurn: self.turn,
            ev.Measure: self.measure,
            ev.DropFace: self.drop,
            ev.OpenGate: self.open,
            ev.NotePassage: lambda e: parts.gatedesk.note_passage(e.person, e.inside, e.at),
            ev.Sound: lambda effect: parts.sounds.play(effect.name),
        }
        return table

    # --- what the recogniser and the thermal camera say, on their own threads --------------------------------------

    def seen(self, sight: Sight) -> None:
        self._sight = sight
        self._deliver(ev.FaceSeen(sight, self._clock.now()))

    def gone(self, track: int) -> None:
        if self._sight is not None and self._sight.track == track:
            self._sight = None
        self._deliver(ev.FaceGone(track))

    def matched(self, look: int, match: Match) -> None:
        self._deliver(ev.FaceMatched(look, match, self._clock.now()))

    def place(self, track: int = 0) -> Box | None:
        """Where this face is now, for the thermal camera; 0 = whoever is there."""
        sight = self._sight
        if sight is None or track not in (0, sight.track):
            return None
        return sight.box if self._clock.mono() - sight.at < FRESH_S else None

    # --- the handlers ----------------------------------------------------------------------------------------------

    def check_code(self, effect: walkup.CheckCode) -> None:
        def done(answer: Answer | VisitorAdmitted) -> None:
            match answer:
                case Admitted(person=person, nonce=nonce, doubtful=doubtful):
                    self._deliver(ev.CodeAccepted(effect.session, person.id, nonce, doubtful))
                case VisitorAdmitted(visit=visit, nonce=nonce, doubtful=doubtful):
                    self._deliver(ev.CodeAccepted(effect.session, visit, nonce, doubtful))
                case NotAdmitted(reason=reason):
                    self._deliver(walkup.NotAdmitted(effect.session, reason.value))

        self._parts.desk.check_gate_code(effect.text, done)

    def check_pin(self, effect: walkup.CheckPin) -> None:
        def done(answer: Answer) -> None:
            if isinstance(answer, Admitted):
                now = self._clock.now()
                self._deliver(walkup.Admitted(effect.session, answer.person, answer.factor, now))
            else:
                reason, left, until = answer.reason.value, answer.tries_left, answer.until
                self._deliver(walkup.NotAdmitted(effect.session, reason, left, until))

        self._parts.desk.check_pin(effect.number, effect.pin, done)

    def load_pass(self, effect: ev.LoadPass) -> None:
        def done(found: Pass | None) -> None:
            self._deliver(ev.PassLoaded(effect.session, found, self._clock.now()))

        self._parts.gatedesk.pass_of(effect.person, done)

    def load_rules(self) -> None:
        def done(rules: Rules) -> None:
            self._deliver(ev.RulesLoaded(rules))
            self.on_rules(rules)

        self._parts.gatedesk.rules(done)

    def load_lesson(self) -> None:
        def done(lesson: Lesson | None, signed: frozenset[str]) -> None:
            self._deliver(ev.LessonLoaded(lesson, signed))

        if self._room:
            self._parts.gatedesk.lesson(self._room, done)

    def verify(self, effect: ev.VerifyFace) -> None:
        if self._parts.recogniser is None:
            self.matched(effect.session, Match(0, doubt=Doubt.ENGINE_AWAY))
        else:
            self._parts.recogniser.verify(effect.session, effect.person, effect.seconds)

    def identify(self, effect: ev.IdentifyFace) -> None:
        """Search only where the campus lets a face alone be searched: a batch, a class, or a few numbers."""
        recogniser = self._parts.recogniser
        if recogniser is None:
            self.matched(effect.session, Match(0, doubt=Doubt.ENGINE_AWAY))
            return

        def among(people: frozenset[str]) -> None:
            recogniser.identify(effect.session, people, effect.seconds)

        if effect.tail:
            self._parts.gatedesk.numbers_ending(effect.tail, among)
        else:
            self._parts.gatedesk.among(self._room, among)

    def turn(self, effect: ev.WatchTurn) -> None:
        if self._parts.recogniser is not None:
            self._parts.recogniser.turn(effect.session, effect.side, effect.seconds)

    def measure(self, effect: ev.Measure) -> None:
        def done(look: int, measured: Measured) -> None:
            self._deliver(ev.MeasureDone(look, measured, self._clock.now(), effect.track))

        thermometer = self._parts.thermometer
        if thermometer is None:
            done(effect.session, NoReading(Cannot.NO_CAMERA))
            return
        thermometer.drop(effect.session)
        thermometer.measure(effect.session, lambda: self.place(effect.track), effect.seconds, done)

    def drop(self, effect: ev.DropFace) -> None:
        if self._parts.recogniser is not None:
            self._parts.recogniser.drop(effect.session)
        if self._parts.thermometer is not None:
            self._parts.thermometer.drop(effect.session)

    def open(self, effect: ev.OpenGate) -> None:
        if self._parts.relay is None:
            self._opened(effect.key, False)
        else:
            self._parts.relay.open(effect.key, effect.seconds, self._opened)

    def _opened(self, key: str, done: bool) -> None:
        self._deliver(ev.GateOpened(key) if done else ev.GateFailed(key, self._clock.now()))
