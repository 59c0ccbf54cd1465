"""Who is it: a personal code, or number and PIN; and the second factor where an item takes two."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import factors_missing
from kiosk.domain.people import Factor
from kiosk.flows import entry
from kiosk.flows.core import Event, Intent, StopTimer
from kiosk.flows.entry import Entry
from kiosk.flows.walkup import ahead
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.common import Result, go_home, item_of, say, show
from kiosk.flows.walkup.state import Policy, Screen, State, Visit

OF_CODES = ("unknown_code", "two_codes")
ONWARD = {Screen.CONSENT: Screen.SHOTS, Screen.FACE: Screen.WITHDRAW}
OF_FACES = 2
"""Ways of identification that withdrawing a face takes."""


def attract(state: State, event: Event, policy: Policy) -> Result:
    """Waiting for somebody."""
    match event:
        case Intent(name="open_pin"):
            return replace(show(state, Screen.PIN), entry=Entry()), ()
        case ev.CodeRead() | ev.SeveralCodes() | ev.Admitted() | ev.NotAdmitted():
            return claim(state, event, policy)
    return state, ()


def pin(state: State, event: Event, policy: Policy) -> Result:
    """Number and PIN; a code works here as well."""
    match event:
        case Intent():
            return typed(state, event)
        case ev.CodeRead() | ev.SeveralCodes() | ev.Admitted() | ev.NotAdmitted():
            return claim(state, event, policy)
    return state, ()


def factor(state: State, event: Event, policy: Policy) -> Result:
    """The second factor: whatever the person has not shown yet."""
    assert state.visit is not None
    match event:
        case Intent():
            return typed(state, event)
        case ev.Admitted(session=n, person=person, factor=shown, nonce=nonce) if n == state.session:
            if person.id != state.visit.person.id:
                return say(replace(state, entry=entry.again(state.entry)), policy, "identify.other_person", "stop")
            visit = replace(state.visit, nonce=nonce or state.visit.nonce)
            return another(replace(state, visit=visit), shown, policy)
        case ev.CodeRead() | ev.SeveralCodes() | ev.NotAdmitted():
            return claim(state, event, policy)
    return state, ()


def another(state: State, shown: Factor, policy: Policy) -> Result:
    """The person was identified in one more way: on to what takes it, or the next way."""
    assert state.visit is not None
    visit = replace(state.visit, factors=state.visit.factors | {shown})
    known = replace(state, visit=visit)
    if missing(state, visit.factors, policy):
        way = "code" if Factor.PIN in visit.factors else "pin"
        return say(replace(known, entry=entry.again(state.entry)), policy, f"factor.title_{way}", "stop")
    opens = replace(known, entry=Entry(), message=None, still=None)
    behind = state.back[-1] if state.back else Screen.HOME
    if behind is Screen.REQUEST:
        return replace(opens, screen=behind, back=state.back[:-1]), (StopTimer("still"),)
    return replace(opens, screen=ONWARD.get(behind, Screen.ITEM)), (StopTimer("still"),)


def missing(state: State, shown: frozenset[Factor], policy: Policy) -> bool:
    """Whether what the second factor was asked for takes one more. To enrol a face, a face does not count."""
    match state.back[-1:]:
        case (Screen.CONSENT,):
            return not {Factor.CODE, Factor.PIN} <= shown
        case (Screen.FACE,):
            return len(shown - {Factor.NUMBER}) < OF_FACES
    opened = item_of(state, policy)
    return opened is None or factors_missing(opened, shown)


def ask_factor(state: State) -> State:
    """Open the second-factor screen for what stands on this one."""
    assert state.visit is not None
    filled = Entry(number=state.visit.person.number, field="pin")
    return replace(show(state, Screen.FACTOR), entry=filled)


def claim(state: State, event: Event, policy: Policy) -> Result:
    """Somebody shows who they are, on a screen where nobody is known yet."""
    match event:
        case ev.CodeRead(text=text):
            return state, (ev.CheckCode(state.session, text),)
        case ev.SeveralCodes():
            return say(state, policy, "identify.several_codes", "stop")
        case ev.NotAdmitted(session=n, reason=reason, tries_left=left, until=until) if n == state.session:
            kept = state.entry if reason in OF_CODES else entry.again(state.entry)
            values = {"left": str(left), "until": f"{until:.0f}"}
            return say(replace(state, entry=kept), policy, f"identify.{reason}", "stop", **values)
        case ev.Admitted(session=n, factor=Factor.CODE, doubtful=True) if n == state.session:
            return _pin_too(state, event, policy)
        case ev.Admitted(session=n) if n == state.session:
            return _welcome(state, event)
    return state, ()


def _welcome(state: State, event: ev.Admitted) -> Result:
    shown = {event.factor} if event.factor is not Factor.PIN else {Factor.NUMBER, Factor.PIN}
    nonce = event.nonce
    if state.entry.shown == event.person.id:
        shown, nonce = shown | {Factor.CODE}, nonce or state.entry.nonce
    visit = Visit(event.person, frozenset(shown), began=event.at, nonce=nonce)
    home, effects = go_home(replace(state, visit=visit, entry=Entry(), message=None))
    return home, (*effects, *ahead.provide(home), StopTimer("message"))


def _pin_too(state: State, event: ev.Admitted, policy: Policy) -> Result:
    """By a clock that cannot be trusted the code may be an old one: nothing of its owner is shown before their PIN."""
    asked = state if state.screen is Screen.PIN else show(state, Screen.PIN)
    filled = Entry(shown=event.person.id, nonce=event.nonce)
    return say(replace(asked, entry=filled), policy, "identify.pin_too")


def typed(state: State, intent: Intent) -> Result:
    """A key of the digit pad."""
    filled = state.entry
    if filled.checking:
        return state, ()
    match intent:
        case Intent(name="entry_field", payload="number" | "pin" as field) if state.screen is Screen.PIN:
            return replace(state, entry=replace(filled, field=field)), ()
        case Intent(name="confirm"):
            return _confirm(state)
    return replace(state, entry=entry.typed(filled, intent)), ()


def _confirm(state: State) -> Result:
    filled = state.entry
    waits = entry.unfinished(filled)
    if waits:
        return replace(state, entry=waits), ()
    check = ev.CheckPin(state.session, filled.number, filled.pin)
    return replace(state, entry=replace(filled, checking=True)), (check,)
