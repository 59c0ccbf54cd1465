"""The record, the relay, the screen: nothing opens before the commit, and one opening lets one person through."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Direction, Outcome, decide
from kiosk.flows.core import Effect, Elapsed, Event, StartTimer, StopTimer
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.common import Result, end, nobodys, place_of
from kiosk.flows.gate.record import listed, passed, went
from kiosk.flows.gate.state import Case, Phase, Policy, State, entrant
from kiosk.flows.gate.watching import code_shown
from kiosk.flows.walkup.events import CodeRead, CodeSpent, NotRecorded, Recorded


def recording(state: State, event: Event, policy: Policy) -> Result:
    """Until the journal has answered, or has taken too long."""
    case = state.case
    assert case is not None
    match event:
        case Recorded(key=key, receipt=receipt, at=at) if key == case.key:
            return _noted(state, replace(case, noted=True, receipt=receipt), policy, at)
        case CodeSpent(nonce=nonce, first=False, at=at) if nonce == case.nonce and _stoppable(case, policy):
            return replace(state, case=_stopped(state, case, policy, at)), ()
        case NotRecorded(key=key) if key == case.key:
            return show(replace(state, said="not_recorded"), case, policy)
        case Elapsed(timer="commit", session=n) if n == state.session:
            return show(replace(state, said="not_recorded"), case, policy)
        case CodeRead(text=text) if text != case.code:
            return replace(state, next_code=text), ()
    return state, ()


def showing(state: State, event: Event, policy: Policy) -> Result:
    """The outcome stands on the screen; an opened lane waits for the passage."""
    case = state.case
    assert case is not None
    match event:
        case ev.GateOpened(key=key) if key == case.key:
            return replace(state, case=replace(case, opened=True)), ()
        case ev.GateFailed(key=key, at=at) if key == case.key:
            return _failed(state, case, policy, at)
        case ev.Passage(at=at) if case.opened and _waits(state, case, policy):
            return _through(state, case, policy, at)
        case ev.Passage() if allows(case) and case.passed:
            # somebody slipped through behind the one who was let in
            return replace(state, said="followed"), (ev.Sound("stop"),)
        case Elapsed(timer="passage", session=n, at=at) if n == state.session and _waits(state, case, policy):
            gone, effects = _next(replace(state, lines=went(state, case, False)), policy, at)
            return gone, (passed(case, False, at), *effects)
        case Elapsed(timer="show", session=n, at=at) if n == state.session:
            return _next(state, policy, at)
        case Recorded(key=key, at=at) if key == case.key and not case.noted:
            # committed after all, but the person was told that it was not: the lane stays closed, and that is noted
            let_in = allows(case) or case.stopped
            return replace(state, case=replace(case, noted=True)), (passed(case, False, at),) if let_in else ()
        case CodeRead(text=text, at=at) if text != case.code:
            if _waits(state, case, policy):
                return replace(state, next_code=text), ()
            return code_shown(state, policy, text, at)
    return state, ()


def show(state: State, case: Case, policy: Policy) -> Result:
    """A stop, or a lane without a door: on the screen for a while."""
    good = allows(case) and not state.said
    seconds = policy.timing.show_allow if good else policy.timing.show_stop
    shown = replace(state, case=case, phase=Phase.SHOWING, lines=listed(state, case), refused_track=case.track)
    timer = StartTimer("show", state.session, seconds)
    return shown, (StopTimer("commit"), timer, ev.Sound("allow" if good else "stop"))


def allows(case: Case) -> bool:
    return case.decision is not None and case.decision.outcome is Outcome.ALLOW


def _noted(state: State, case: Case, policy: Policy, at: float) -> Result:
    if policy.place.attendance and case.allowed:
        signed = state.attendance.signed | {case.allowed.person}
        state = replace(state, attendance=replace(state.attendance, signed=signed))
    if case.stopped:
        shown, effects = show(state, case, policy)
        return shown, (passed(case, False, at), *effects)
    if not allows(case) or policy.place.attendance:
        return show(state, case, policy)
    shown, effects = show(state, case, policy)
    opening: tuple[Effect, ...] = (ev.OpenGate(case.key, policy.timing.open),)
    if "sensor" in state.devices.fitted:
        wait = StartTimer("passage", state.session, policy.timing.passage)
        return shown, (*opening, *effects, StopTimer("show"), wait)
    return shown, (*opening, *effects, *_note(case, policy, at))


def _stoppable(case: Case, policy: Policy) -> bool:
    """The record is on its way and nothing has opened; a sign-in opens nothing, and is the centre's to weigh."""
    return bool(case.nonce) and allows(case) and not policy.place.attendance


def _stopped(state: State, case: Case, policy: Policy, at: float) -> Case:
    """The code was taken elsewhere: what the record says is committed, and that nobody went through will be as well."""
    nobody = nobodys(case)
    found = decide(entrant(nobody), case.measured, state.rules, place_of(state, policy), at, max(case.readings, 1))
    return replace(nobody, decision=found, stopped=True)


def _waits(state: State, case: Case, policy: Policy) -> bool:
    """The lane is open, or about to be, and nobody has gone through yet."""
    watched = "sensor" in state.devices.fitted and not policy.place.attendance
    return watched and case.noted and allows(case) and not state.said and case.passed is None


def _through(state: State, case: Case, policy: Policy, at: float) -> Result:
    gone = replace(state, case=replace(case, passed=True), lines=went(state, case, True))
    effects = (passed(case, True, at), *_note(case, policy, at), StopTimer("passage"))
    if state.next_code:
        following, more = _next(gone, policy, at)
        return following, (*effects, *more)
    return gone, (*effects, StartTimer("show", state.session, policy.timing.show_allow))


def _failed(state: State, case: Case, policy: Policy, at: float) -> Result:
    """The record says that the person may pass and the door says nothing: the guard opens it."""
    told = replace(state, said="gate_failed", case=replace(case, passed=False), lines=went(state, case, False))
    timer = StartTimer("show", state.session, policy.timing.show_stop)
    return told, (passed(case, False, at), StopTimer("passage"), timer, ev.Sound("stop"))


def _note(case: Case, policy: Policy, at: float) -> tuple[Effect, ...]:
    if case.allowed is None:
        return ()
    return (ev.NotePassage(case.allowed.person, policy.place.direction is Direction.IN, at),)


def _next(state: State, policy: Policy, at: float) -> Result:
    """Back to watching, or on with whoever showed a code meanwhile."""
    if state.next_code:
        return code_shown(state, policy, state.next_code, at)
    return end(state)
