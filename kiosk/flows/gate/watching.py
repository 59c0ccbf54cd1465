"""Nobody is at the lane, or somebody who has shown nothing yet."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Way
from kiosk.domain.faces import Quality
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer
from kiosk.flows.gate.common import Result, begin, deadline, measuring, say, waiting
from kiosk.flows.gate.events import FaceGone, FaceSeen, IdentifyFace, Sound
from kiosk.flows.gate.state import Ask, Case, Phase, Policy, State
from kiosk.flows.walkup.events import CheckCode, CodeRead, SeveralCodes

TAIL = 4
"""Last digits of the number that narrow the search for a face."""


def watching(state: State, event: Event, policy: Policy) -> Result:
    """Until a code is read, a face may be searched for, or digits are typed."""
    match event:
        case CodeRead(text=text, at=at):
            return code_shown(state, policy, text, at)
        case SeveralCodes():
            return say(state, policy, "several_codes")
        case FaceSeen():
            return _seen(state, event, policy)
        case FaceGone() if state.sight is None:
            return replace(state, ask=Ask.NOTHING), ()
        case Intent(name="tail", payload=digit, at=at) if state.rules.way is Way.FACE_DIGITS and digit.isdigit():
            return _first_digit(state, policy, digit, at)
        case Elapsed(timer="prompt", session=n) if n == state.session:
            return replace(state, said=""), ()
    return state, ()


def code_shown(state: State, policy: Policy, text: str, at: float) -> Result:
    """A code begins a case, and the temperature is taken while it is checked."""
    begun, case, effects = begin(state, policy, at)
    case, measure = measuring(begun, waiting(replace(case, code=text), "person"), policy, policy.timing.reading)
    check = CheckCode(begun.session, text)
    timer = deadline(begun, policy.timing.reading)
    return replace(begun, case=case), (*effects, check, *measure, timer)


def _seen(state: State, event: FaceSeen, policy: Policy) -> Result:
    sight = event.sight
    searched = state.rules.way is Way.FACE and state.devices.works("face") and sight.track != state.refused_track
    if searched and sight.quality is Quality.GOOD:
        return _search(state, policy, event.at)
    ask = Ask.DIGITS if state.rules.way is Way.FACE_DIGITS else Ask.HOLD_STILL if searched else Ask.CODE
    new = state.ask is Ask.NOTHING
    return replace(state, ask=ask), (Sound("prompt"),) if new and ask is not Ask.HOLD_STILL else ()


def _search(state: State, policy: Policy, at: float) -> Result:
    begun, case, effects = begin(state, policy, at)
    return searching(begun, case, policy, effects)


def searching(state: State, case: Case, policy: Policy, effects: tuple[Effect, ...] = ()) -> Result:
    """Look for the face among those this lane may search, and take the temperature meanwhile."""
    case, measure = measuring(state, waiting(case, "match"), policy, policy.timing.reading)
    look = IdentifyFace(state.session, case.tail, policy.timing.reading)
    timer = deadline(state, policy.timing.reading)
    return replace(state, case=case, phase=Phase.READING, ask=Ask.NOTHING), (*effects, look, *measure, timer)


def _first_digit(state: State, policy: Policy, digit: str, at: float) -> Result:
    begun, case, effects = begin(state, policy, at)
    typed = replace(case, tail=digit[:1])
    timer = StartTimer("reading", begun.session, policy.timing.prompt)
    return replace(begun, case=typed, ask=Ask.DIGITS), (*effects, timer)
