"""Walking away: "still there?", the countdown, and the end, after which nothing of the person is left."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.technician import step as technician
from kiosk.flows.walkup import form, rate, submit
from kiosk.flows.walkup.common import TIMERS, Result, reads_codes, say
from kiosk.flows.walkup.events import WatchCodes, Wipe
from kiosk.flows.walkup.state import BUSY, Look, Policy, Screen, State


def end(state: State, policy: Policy) -> Result:
    """Attract again; what was half-done is kept for the person alone, what was unsaid is recorded as such."""
    effects = (*form.save(state), *rate.record(state), *submit.abandon(state), *technician.left(state.technician))
    fresh = State(session=state.session + 1, look=Look(policy.language), station=state.station)
    stops = tuple(StopTimer(name) for name in TIMERS)
    return fresh, (*effects, Wipe(state.session), *stops, WatchCodes(reads_codes(fresh)))


def taken_elsewhere(state: State, nonce: str, policy: Policy) -> Result:
    """The code was shown elsewhere before: whoever came in by it goes, unless something was handed in already."""
    if state.entry.nonce == nonce:
        entry = replace(state.entry, shown="", nonce="")
        return say(replace(state, entry=entry), policy, "identify.unknown_code", "stop")
    serving = state.technician is not None and state.technician.nonce == nonce
    if not serving and not _came_in_by(state, nonce):
        return state, ()
    over, effects = end(state, policy)
    told, timer = say(over, policy, "identify.unknown_code", "stop")
    return told, (*effects, *timer)


def _came_in_by(state: State, nonce: str) -> bool:
    visit = state.visit
    if visit is None or visit.nonce != nonce:
        return False
    return not (state.job or visit.handed_in or visit.papers or state.screen in BUSY)


def countdown(state: State, event: Event, policy: Policy) -> Result | None:
    """The state after an idle timer or the answer to "still there?"; None when the event is neither."""
    n = state.session
    match event:
        case Elapsed(timer="idle", session=s) if s == n and state.screen not in BUSY:
            return _ask(state, policy)
        case Elapsed(timer="still", session=s) if s == n and state.still is not None:
            return _tick(state, state.still - 1, policy)
        case Intent() if state.still is not None and event.name != "out":
            return _stay(state, policy)
    return None


def watch_idle(state: State, policy: Policy) -> tuple[Effect, ...]:
    """Whatever a person does, and every new screen, starts the wait anew."""
    if state.still is not None:
        return ()
    typing = state.rating is not None and state.rating.pad is not None
    if state.screen is Screen.DONE and not typing:
        return StopTimer("idle"), StartTimer("rate", state.session, policy.timing.rate)
    if state.screen in BUSY:
        return (StopTimer("idle"),)
    inside = state.technician is not None and state.technician.inside
    seconds = policy.timing.technician if inside else policy.timing.idle
    return StopTimer("rate"), StartTimer("idle", state.session, seconds)


def _ask(state: State, policy: Policy) -> Result:
    if state.screen is Screen.ATTRACT:
        return replace(state, look=Look(policy.language), help=False, message=None), ()
    if state.visit is None:
        return end(state, policy)
    return replace(state, still=round(policy.timing.still)), (StartTimer("still", state.session, 1.0),)


def _tick(state: State, left: int, policy: Policy) -> Result:
    if left <= 0:
        return end(state, policy)
    return replace(state, still=left), (StartTimer("still", state.session, 1.0),)


def _stay(state: State, policy: Policy) -> Result:
    if state.visit is None or state.visit.extensions >= policy.timing.extensions:
        return end(state, policy)
    visit = replace(state.visit, extensions=state.visit.extensions + 1)
    idle = StartTimer("idle", state.session, policy.timing.idle)
    return replace(state, still=None, visit=visit), (StopTimer("still"), idle)
