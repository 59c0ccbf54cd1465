"""Small moves that every part of the lane's flow makes."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Check, Place, Way
from kiosk.domain.faces import Liveness
from kiosk.domain.people import Factor
from kiosk.domain.screening.reading import Cannot, NoReading
from kiosk.flows.core import Effect, StartTimer, StopTimer
from kiosk.flows.gate.events import DropFace, Measure
from kiosk.flows.gate.state import Ask, Case, Phase, Policy, State

Result = tuple[State, tuple[Effect, ...]]

GUARD_SESSION = -1
"""The session of a guard's PIN: it runs beside the people's."""
SLACK_S = 0.3
"""What answers may be late before the flow goes on without them."""
TIMERS = ("reading", "spend", "commit", "passage", "show", "prompt")


def end(state: State) -> Result:
    """Back to watching; nothing is left of the person."""
    rules = state.coming or state.rules
    over = replace(state, session=state.session + 1, phase=Phase.WATCHING, case=None, rules=rules, coming=None)
    over = replace(over, ask=Ask.NOTHING, said="", next_code="")
    return over, (*map(StopTimer, TIMERS), DropFace(state.session))


def begin(state: State, policy: Policy, at: float) -> tuple[State, Case, tuple[Effect, ...]]:
    """A new case in a new session, whatever was before."""
    fresh, effects = end(state)
    case = Case(key=f"g:{policy.boot}:{fresh.session}", began=at, track=state.sight.track if state.sight else 0)
    return replace(fresh, phase=Phase.READING), case, effects


def measuring(state: State, case: Case, policy: Policy, seconds: float) -> tuple[Case, tuple[Effect, ...]]:
    """Ask for the temperature where the rules want one; a camera that is away is not waited for."""
    if policy.place.attendance or Check.TEMPERATURE not in state.rules.checks:
        return case, ()
    if not state.devices.works("thermal"):
        nothing = NoReading(Cannot.NO_CAMERA)
        return replace(case, measured=nothing, readings=case.readings + 1), ()
    track = case.track if Factor.FACE in case.factors else state.sight.track if state.sight else 0
    return replace(waiting(case, "measure"), warmed=track), (Measure(state.session, seconds, track),)


def waiting(case: Case, what: str) -> Case:
    return replace(case, waits=case.waits | {what})


def answered(case: Case, what: str) -> Case:
    return replace(case, waits=case.waits - {what})


def nobodys(case: Case) -> Case:
    """The code was taken elsewhere: as after a code that is refused, nobody is known, and nothing is waited for."""
    unknown = replace(case, allowed=None, factors=frozenset(), match=None, waits=frozenset())
    return replace(unknown, liveness=Liveness.NOT_ASKED, doubtful=False)


def deadline(state: State, seconds: float) -> StartTimer:
    """The moment at which the case goes on with what it has."""
    return StartTimer("reading", state.session, seconds + SLACK_S)


def say(state: State, policy: Policy, word: str) -> Result:
    """One sentence to somebody who is no case yet."""
    return replace(state, said=word), (StartTimer("prompt", state.session, policy.timing.prompt),)


def place_of(state: State, policy: Policy) -> Place:
    """The lane as it is now: the lesson of the hour and who signed in to it."""
    return replace(policy.place, lesson=state.attendance.lesson, signed=state.attendance.signed)


def wants_face(state: State) -> bool:
    return state.rules.way is Way.CODE_FACE
