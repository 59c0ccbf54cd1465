"""Collecting who it is and how warm, until all answers are there or the time is over; then the decision."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from kiosk.domain.admission import Outcome, Pass, decide, decide_before, presence
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor
from kiosk.domain.screening.reading import Cannot, Measured, NoReading
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.attend import sign
from kiosk.flows.gate.common import (
    Result,
    answered,
    deadline,
    end,
    measuring,
    nobodys,
    place_of,
    waiting,
    wants_face,
)
from kiosk.flows.gate.record import record
from kiosk.flows.gate.state import Ask, Case, Phase, Policy, State, entrant
from kiosk.flows.gate.watching import TAIL, code_shown, searching
from kiosk.flows.walkup.events import CodeRead, CodeSpent, NotAdmitted
from kiosk.flows.walkup.state import Link


def reading(state: State, event: Event, policy: Policy) -> Result:
    """READING and RECHECK."""
    case = state.case
    assert case is not None
    match event:
        case ev.CodeAccepted(session=n) if n == state.session and "person" in case.waits:
            return _shown(state, case, event, policy)
        case CodeSpent(nonce=nonce, first=first, at=at) if nonce and nonce == case.nonce:
            return _spent(state, case, policy, at) if first else _go_on(state, nobodys(case), policy, at)
        case Elapsed(timer="spend", session=n, at=at) if n == state.session:
            return _spent(state, case, policy, at)
        case NotAdmitted(session=n) if n == state.session and "person" in case.waits:
            return _go_on(state, replace(case, waits=frozenset()), policy, case.began)
        case ev.PassLoaded(session=n, found=found, at=at) if n == state.session and "person" in case.waits:
            return _known(state, answered(case, "person"), found, policy, at)
        case ev.FaceMatched(session=n, match=match, at=at) if n == state.session and "match" in case.waits:
            return _matched(state, answered(case, "match"), match, policy, at)
        case ev.TurnSeen(session=n, liveness=liveness) if n == state.session and "turn" in case.waits:
            # another face came in between: whose head turned is not known any more
            kept = case.liveness if case.liveness is Liveness.SWAPPED else liveness
            turned = replace(answered(case, "turn"), liveness=kept)
            return _go_on(replace(state, ask=Ask.NOTHING), turned, policy, case.began)
        case ev.MeasureDone(session=n, measured=measured, at=at, track=of) if n == state.session and of == case.warmed:
            return _warmed(state, case, measured, policy, at)
        case ev.FaceSeen(sight=sight) if Factor.FACE in case.factors and sight.track != case.track:
            return replace(state, case=replace(case, liveness=Liveness.SWAPPED)), ()
        case ev.FaceSeen(sight=sight) if "measure" in case.waits and sight.track != case.warmed:
            return _measure_anew(state, case, policy)
        case Elapsed(timer="reading", session=n, at=at) if n == state.session:
            return _time_is_over(state, case, policy, at)
        case CodeRead(text=text, at=at) if not case.code:
            return code_shown(state, policy, text, at)
        case Intent() if state.ask is Ask.DIGITS:
            return _digits(state, case, event, policy)
    return state, ()


def _shown(state: State, case: Case, event: ev.CodeAccepted, policy: Policy) -> Result:
    """The centre may know that the code was taken elsewhere; only a line that works is waited for, and not for long."""
    shown = replace(case, factors=case.factors | {Factor.CODE}, nonce=event.nonce, doubtful=event.doubtful)
    look = ev.LoadPass(state.session, event.person)
    if not event.nonce or state.link is not Link.ONLINE:
        return replace(state, case=shown), (look,)
    timer = StartTimer("spend", state.session, policy.timing.spend)
    return replace(state, case=waiting(shown, "spent")), (look, timer)


def _spent(state: State, case: Case, policy: Policy, at: float) -> Result:
    """Nobody else has taken the code, or nobody has said so in time: that stops nobody."""
    if "spent" not in case.waits:
        return state, ()
    gone_on, effects = _go_on(state, answered(case, "spent"), policy, at)
    return gone_on, (StopTimer("spend"), *effects)


def _known(state: State, case: Case, found: Pass | None, policy: Policy, at: float) -> Result:
    if found is None:
        return _go_on(state, replace(case, waits=frozenset()), policy, at)
    if Factor.FACE in case.factors and not found.enrolled:
        return _withdrawn(state, case, policy, at)
    known = replace(case, allowed=found)
    early = decide_before(entrant(known), state.rules, place_of(state, policy), at)
    if early.outcome is not Outcome.ALLOW:
        return _go_on(state, replace(known, waits=frozenset()), policy, at)
    if Factor.FACE in known.factors or not (wants_face(state) and found.enrolled):
        return _go_on(state, known, policy, at)
    if not state.devices.works("face") or state.devices.away("camera"):
        # without pictures the recogniser would answer by those of a second ago
        away = Match(known.track, doubt=Doubt.ENGINE_AWAY)
        return _go_on(state, replace(known, match=away), policy, at)
    look = ev.VerifyFace(state.session, found.person, policy.timing.reading)
    return replace(state, case=waiting(known, "match")), (look,)


def _withdrawn(state: State, case: Case, policy: Policy, at: float) -> Result:
    """Nobody is known by a face that is not on record any more, though the recogniser may not have heard of it yet."""
    match = Match(case.track, doubt=Doubt.NOT_ENROLLED)
    nobody = replace(case, match=match, factors=case.factors - {Factor.FACE, Factor.NUMBER}, waits=frozenset())
    return _go_on(state, nobody, policy, at)


def _matched(state: State, case: Case, match: Match, policy: Policy, at: float) -> Result:
    if case.allowed is not None and match.person not in ("", case.allowed.person):
        match = replace(match, person="", doubt=Doubt.TOO_FAR)
    if not match.person:
        return _go_on(state, replace(case, match=match), policy, at)
    typed = {Factor.NUMBER} if case.tail else set()
    sure = replace(case, match=match, track=match.track, factors=case.factors | {Factor.FACE} | typed)
    if state.sight is not None and state.sight.track != match.track:
        sure = replace(sure, liveness=Liveness.SWAPPED)
    own, effects = _of_this_face(state, sure, policy)
    if own.allowed is None:
        return replace(state, case=waiting(own, "person")), (*effects, ev.LoadPass(state.session, match.person))
    gone_on, more = _go_on(state, own, policy, at)
    return gone_on, (*effects, *more)


def _of_this_face(state: State, case: Case, policy: Policy) -> tuple[Case, tuple[Effect, ...]]:
    """Another face's temperature is nobody's: it is taken again of the one that was recognised."""
    if case.warmed == case.track or not ("measure" in case.waits or case.measured):
        return case, ()
    anew = replace(answered(case, "measure"), measured=None, anew=True, readings=0)
    again, effects = measuring(state, anew, policy, policy.timing.reading)
    return again, (*effects, deadline(state, policy.timing.reading))


def _warmed(state: State, case: Case, measured: Measured, policy: Policy, at: float) -> Result:
    if "measure" not in case.waits:
        return state, ()
    taken = replace(answered(case, "measure"), measured=measured, readings=case.readings + 1)
    return _go_on(state, taken, policy, at)


def _measure_anew(state: State, case: Case, policy: Policy) -> Result:
    """Another face stands there before anybody was recognised: nothing is kept of the one before."""
    seconds = policy.timing.recheck if state.phase is Phase.RECHECK else policy.timing.reading
    again, effects = measuring(state, replace(case, anew=case.anew or case.warmed > 0), policy, seconds)
    return replace(state, case=again), effects


def _time_is_over(state: State, case: Case, policy: Policy, at: float) -> Result:
    """What has not come is said to be missing; nothing is made up in its place."""
    if state.ask is Ask.DIGITS:
        return end(state)
    if "measure" in case.waits:
        why = Cannot.UNSTEADY if case.anew else Cannot.SILENT
        case = replace(case, measured=NoReading(why), readings=case.readings + 1)
    if "match" in case.waits:
        case = replace(case, match=Match(case.track, doubt=Doubt.NO_GOOD_FRAME))
    if "turn" in case.waits:
        case = replace(case, liveness=Liveness.STILL)
    return _go_on(replace(state, ask=Ask.NOTHING), replace(case, waits=frozenset()), policy, at)


def _go_on(state: State, case: Case, policy: Policy, at: float) -> Result:
    """Decide as soon as nothing is waited for."""
    if case.waits:
        return replace(state, case=case), ()
    if state.rules.head_turn and Factor.FACE in case.factors and case.liveness is Liveness.NOT_ASKED:
        return _ask_turn(state, case, policy)
    found = decide(entrant(case), case.measured, state.rules, place_of(state, policy), at, max(case.readings, 1))
    if found.outcome is Outcome.RECHECK and case.readings < 2:
        return _again(state, case, policy)
    judged = replace(case, decision=found, liveness=presence(entrant(case), case.measured))
    kept, effects = sign(state, judged, policy, at) if policy.place.attendance else record(state, judged, policy)
    return kept, (StopTimer("reading"), StopTimer("spend"), *effects)


def _ask_turn(state: State, case: Case, policy: Policy) -> Result:
    """To a side that nobody can know before: the key holds this run's random number."""
    left = crc32(case.key.encode()) % 2 == 0
    side, ask = ("left", Ask.TURN_LEFT) if left else ("right", Ask.TURN_RIGHT)
    effects: tuple[Effect, ...] = (
        ev.WatchTurn(state.session, side, policy.timing.turn),
        deadline(state, policy.timing.turn),
        ev.Sound("prompt"),
    )
    return replace(state, case=waiting(replace(case, turn=side), "turn"), ask=ask), effects


def _again(state: State, case: Case, policy: Policy) -> Result:
    first = replace(case, first=case.measured, measured=None)
    second, measure = measuring(state, first, policy, policy.timing.recheck)
    if not measure:
        # the camera went away between the two readings
        return _go_on(state, replace(second, readings=2), policy, case.began)
    timer = StartTimer("reading", state.session, policy.timing.recheck + 1)
    return replace(state, case=second, phase=Phase.RECHECK), (*measure, timer, ev.Sound("recheck"))


def _digits(state: State, case: Case, intent: Intent, policy: Policy) -> Result:
    match intent:
        case Intent(name="tail", payload=digit) if len(digit) == 1 and digit.isdigit():
            typed = replace(case, tail=(case.tail + digit)[:TAIL])
            if len(typed.tail) < TAIL:
                return replace(state, case=typed), ()
            return searching(state, typed, policy)
        case Intent(name="tail_erase"):
            return replace(state, case=replace(case, tail=case.tail[:-1])), ()
    return state, ()
