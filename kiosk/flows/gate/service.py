"""The technician in place of whoever comes to the lane: the way in while nobody is there, and the way out.

As long as somebody serves the lane nobody passes: what cameras and scanners see meanwhile is for their tests.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.people import Factor, Person, Role
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.common import Result
from kiosk.flows.gate.state import Ask, Devices, Phase, Policy, State
from kiosk.flows.technician import step as technician
from kiosk.flows.technician.state import Reader
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup.events import Admitted, CodeSpent

IDLE = "idle"


def pages(state: State, event: Event, policy: Policy) -> Result | None:
    """Everything that happens while a technician is here; None = nobody is, and this opens nothing."""
    if state.technician is None:
        free = state.phase is Phase.WATCHING and not state.guard.pane and not state.help
        return _open(state, policy) if free and event == _way_in(event) else None
    n, here = state.session, state.technician
    match event:
        case Intent(name="out" | "back" | "finish"):
            return _leave(state)
        case Elapsed(timer="idle", session=s) if s == n:
            return _leave(state)
        case CodeSpent(nonce=nonce, first=False) if nonce and nonce == here.nonce:
            return _leave(state)
        case ev.CodeAccepted(session=s, person=person) if s == n:
            event = Admitted(n, Person(person, "", "", "", Role.STAFF, {}), Factor.CODE, 0.0, event.nonce)
    after, effects = technician.step(here, event, _reader(state.devices))
    onward = isinstance(event, Intent) or after.phase is not here.phase
    return replace(state, technician=after), (*effects, *(_wait(after, policy) if onward else ()))


def _way_in(event: Event) -> Event | None:
    return event if isinstance(event, Intent) and event.name == "technician" else None


def _open(state: State, policy: Policy) -> Result:
    """In a session of their own, so that no answer to somebody before them is theirs."""
    session = state.session + 1
    here = Technician(session)
    opened = replace(state, session=session, technician=here, ask=Ask.NOTHING, said="", next_code="")
    return opened, _wait(here, policy)


def _leave(state: State) -> Result:
    effects = technician.left(state.technician)
    over = replace(state, technician=None, session=state.session + 1, help=False)
    return over, (*effects, StopTimer(IDLE), StopTimer("technician"))


def _wait(here: Technician, policy: Policy) -> tuple[Effect, ...]:
    seconds = policy.technician if here.inside else policy.idle
    return (StartTimer(IDLE, here.session, seconds),)


def _reader(devices: Devices) -> Reader:
    readers = {"camera", "scanner"}
    if devices.online & readers:
        return Reader.WORKS
    return Reader.AWAY if devices.fitted & readers else Reader.NONE
