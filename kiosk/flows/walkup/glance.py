"""A look into the camera as a way of identification: with the last digits of the number, or as the second factor.

Never a guess: whatever is not confirmed is a sentence that names the other ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.matching.match import Match
from kiosk.domain.people import Factor
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.entry import Entry
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup import identify, leaving
from kiosk.flows.walkup.common import Result, say, show
from kiosk.flows.walkup.state import Policy, Screen, State

DIGITS = 4
LOOK_SECONDS = 6.0
GRACE_SECONDS = 2.0
MOST_DOUBTS = 3
"""Looks that confirm nobody, of one visit or in a row, before only code and PIN are left."""
REST_SECONDS = 60.0
"""Nobody tries number after number with a face that is like somebody's."""


def may_enter(state: State) -> bool:
    """Whether somebody can sign in by face and digits here and now."""
    station = state.station
    return station.face and station.gallery > 0 and station.doubts < MOST_DOUBTS


def may_verify(state: State) -> bool:
    """Whether a look can be the way that is missing: enrolled, not looked yet, and not to enrol a face by a face."""
    visit = state.visit
    if visit is None or visit.face is None or state.back[-1:] == (Screen.CONSENT,):
        return False
    return state.station.face and Factor.FACE not in visit.factors and visit.doubts < MOST_DOUBTS


def attract(state: State, event: Event, policy: Policy) -> Result:
    """Waiting for somebody, with one more way in."""
    match event:
        case Intent(name="face_login") if may_enter(state):
            return replace(show(state, Screen.DIGITS), entry=Entry(), message=None), ()
    return identify.attract(state, event, policy)


def digits(state: State, event: Event, policy: Policy) -> Result:
    """The last digits of the number; a code works here as well."""
    match event:
        case Intent(name="confirm") if len(state.entry.number) == DIGITS:
            return _ask(state, lambda asked: fe.IdentifyFace(state.session, asked, state.entry.number, LOOK_SECONDS))
        case Intent(name="digit", payload=digit) if not _fits(state.entry, digit):
            return state, ()
        case Intent(name="digit" | "erase" | "clear"):
            return identify.typed(state, event)
        case ev.CodeRead() | ev.SeveralCodes() | ev.Admitted() | ev.NotAdmitted():
            return identify.claim(state, event, policy)
    return state, ()


def factor(state: State, event: Event, policy: Policy) -> Result:
    """The second factor, with one more way."""
    match event:
        case Intent(name="face_look") if state.visit and may_verify(state) and not state.entry.checking:
            person = state.visit.person.id
            return _ask(state, lambda asked: fe.VerifyFace(state.session, asked, person, LOOK_SECONDS))
    return identify.factor(state, event, policy)


def look(state: State, event: Event, policy: Policy) -> Result:
    """The person looks into the camera; the last answer counts, no other."""
    n = state.session
    match event:
        case fe.FaceSeen(sight=sight):
            return replace(state, sight=sight), ()
        case fe.FaceGone(track=track) if state.sight and state.sight.track == track:
            return replace(state, sight=None), ()
        case fe.FaceMatched(session=s, ask=asked, match=found) if s == n and asked == state.looking:
            return _matched(state, found, policy)
        case Elapsed(timer="look", session=s) if s == n and state.looking:
            return _doubt(state, policy)
        case ev.Admitted(session=s) if s == n:
            return _admitted(state, event, policy)
        case ev.NotAdmitted(session=s) if s == n and state.visit is None:
            return _doubt(state, policy)
    return state, ()


def give_up(state: State, policy: Policy) -> Result:
    """Back to the other ways."""
    return leaving.end(state, policy) if state.visit is None else (_to_factor(state), (StopTimer("look"),))


def _ask(state: State, effect: Callable[[int], Effect]) -> Result:
    asked = state.asks + 1
    after = replace(show(state, Screen.LOOK), asks=asked, looking=asked, sight=None, message=None)
    return after, (effect(asked), StartTimer("look", state.session, LOOK_SECONDS + GRACE_SECONDS))


def _matched(state: State, found: Match, policy: Policy) -> Result:
    """Confirmed is who was asked for, or anybody of those few; a face that changed meanwhile is nobody's."""
    swapped = state.sight is not None and state.sight.track != found.track
    if not found.person or swapped:
        return _doubt(state, policy)
    if state.visit is None:
        return state, (fe.LoadPerson(state.session, found.person),)
    if found.person != state.visit.person.id:
        return _doubt(state, policy)
    after, effects = identify.another(_to_factor(state), Factor.FACE, policy)
    return after, (*effects, StopTimer("look"))


def _admitted(state: State, event: ev.Admitted, policy: Policy) -> Result:
    """Who was recognised, or a code that was shown just before."""
    if state.visit is None:
        after, effects = identify.claim(replace(state, looking=0), event, policy)
    else:
        after, effects = identify.factor(_to_factor(state), event, policy)
    return after, (*effects, StopTimer("look"))


def _doubt(state: State, policy: Policy) -> Result:
    if state.visit is None:
        over, effects = leaving.end(state, policy)
        over = replace(over, station=replace(over.station, doubts=over.station.doubts + 1))
        told, timer = say(over, policy, "face.not_confirmed", "stop")
        return told, (StartTimer("face_rest", 0, REST_SECONDS), *effects, *timer)
    visit = replace(state.visit, doubts=state.visit.doubts + 1)
    told, timer = say(replace(_to_factor(state), visit=visit), policy, "face.not_confirmed", "stop")
    return told, (*timer, StopTimer("look"))


def _to_factor(state: State) -> State:
    return replace(state, screen=Screen.FACTOR, back=state.back[:-1], looking=0, sight=None)


def _fits(entry: Entry, digit: str) -> bool:
    return len(entry.number) < DIGITS and digit in "0123456789" and len(digit) == 1
