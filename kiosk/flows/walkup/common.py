"""Small moves that every part of the visit makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.catalogue import Item
from kiosk.domain.requests import Mark, Request, handed_out
from kiosk.flows.core import Effect, StartTimer, StopTimer
from kiosk.flows.technician.state import Phase
from kiosk.flows.walkup.events import LoadAhead, LoadDrafts, LoadRequests, WatchCodes
from kiosk.flows.walkup.face_events import DropPortraits, LoadFace, WatchFaces
from kiosk.flows.walkup.state import Message, Paper, Policy, Screen, State, Visit

Result = tuple[State, tuple[Effect, ...]]

READS_CODES = frozenset({Screen.ATTRACT, Screen.PIN, Screen.FACTOR, Screen.DIGITS})
LOOKS_AT_FACES = frozenset({Screen.SHOTS, Screen.LOOK})
HOLDS_PORTRAITS = frozenset({Screen.SHOTS, Screen.SAVING})
TIMERS = ("idle", "still", "record", "seal", "rate", "message", "print", "look", "technician")


def day_of(at: float) -> date:
    """The campus day of a Unix time."""
    return datetime.fromtimestamp(at, CAMPUS_ZONE).date()


def show(state: State, screen: Screen) -> State:
    """Go on to a screen, keeping the way back."""
    return replace(state, screen=screen, back=(*state.back, state.screen))


def go_home(state: State) -> Result:
    """Home, with fresh requests and drafts."""
    assert state.visit is not None
    home = replace(state, screen=Screen.HOME, back=(), filling=None, job=None, rating=None, errand=None)
    return home, (*reload(state), StopTimer("rate"))


def reload(state: State) -> tuple[Effect, ...]:
    """Ask anew for what belongs to the person."""
    if state.visit is None:
        return ()
    here = (state.session, state.visit.person.id)
    return LoadRequests(*here), LoadAhead(*here), *load_drafts(state), *load_face(state)


def load_drafts(state: State) -> tuple[Effect, ...]:
    """Ask anew for the person's half-filled forms."""
    return (LoadDrafts(state.session, state.visit.person.id),) if state.visit else ()


def load_face(state: State) -> tuple[Effect, ...]:
    """Ask anew whether the person's face is on record; recogniser or not, it can be withdrawn everywhere."""
    kept = "face_records" in state.station.fitted
    return (LoadFace(state.session, state.visit.person.id),) if state.visit and kept else ()


def say(state: State, policy: Policy, key: str, tone: str = "info", **values: str) -> Result:
    """Show one passing sentence."""
    timer = StartTimer("message", state.session, policy.timing.message)
    return replace(state, message=Message(key, values, tone)), (timer,)


def item_of(state: State, policy: Policy) -> Item | None:
    """The item that is open."""
    return policy.catalogue.items.get(state.item)


def reads_codes(state: State) -> bool:
    """Whether a code that is shown now is for this screen."""
    technician = state.technician
    if state.screen is Screen.ATTRACT and not state.station.mode.serves:
        return False
    return state.screen in READS_CODES or (technician is not None and technician.phase is Phase.CODE)


def watch_codes(before: State, after: State) -> tuple[Effect, ...]:
    """Codes are looked for only where one may be shown."""
    was, now = reads_codes(before), reads_codes(after)
    return () if was == now else (WatchCodes(now),)


def watch_faces(before: State, after: State) -> tuple[Effect, ...]:
    """Faces are looked for only where the screen says so; photographs are forgotten as soon as they are not needed."""
    was, now = before.screen in LOOKS_AT_FACES, after.screen in LOOKS_AT_FACES
    watch = () if was == now else (WatchFaces(now),)
    held, holds = before.screen in HOLDS_PORTRAITS, after.screen in HOLDS_PORTRAITS
    return (*watch, DropPortraits(after.session)) if held and not holds else watch


def told(visit: Visit) -> Visit:
    """What was fetched, with what this visit did since: nothing is offered twice."""
    drafts = tuple(draft for draft in visit.drafts if draft.key not in visit.handed_in)
    requests = tuple(_marked(one, visit.papers.get(one.key)) for one in visit.requests)
    return replace(visit, drafts=drafts, requests=requests)


def _marked(request: Request, paper: Paper | None) -> Request:
    if paper is None:
        return request
    spoiled = paper.attempt - 1 if paper.out else paper.attempt
    known = sum(mark.what == "voided" for mark in request.marks)
    request = replace(request, marks=(*request.marks, *(Mark("voided", paper.at),) * (spoiled - known)))
    if paper.out and not handed_out(request):
        return replace(request, marks=(*request.marks, Mark("issued", paper.at)))
    return request
