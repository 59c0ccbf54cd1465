"""The technician in place of a visitor: the way in from attract, and the way out, which leaves nothing."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows.core import Event, Intent
from kiosk.flows.technician import step as technician
from kiosk.flows.technician.state import Phase, Reader
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup import glance
from kiosk.flows.walkup.common import Result
from kiosk.flows.walkup.state import Policy, Screen, State, Station


def attract(state: State, event: Event, policy: Policy) -> Result:
    """Waiting for somebody; a corner that nothing points to leads to the technician's pages, out of service too."""
    match event:
        case Intent(name="technician") if not state.help:
            opened = replace(state, screen=Screen.TECHNICIAN, technician=Technician(state.session), message=None)
            return opened, ()
    return glance.attract(state, event, policy) if state.station.mode.serves else (state, ())


def pages(state: State, event: Event, _policy: Policy) -> Result:
    """Whatever the technician's own flow makes of it."""
    assert state.technician is not None
    after, effects = technician.step(state.technician, event, _reader(state.station))
    return replace(state, technician=after), effects


def went_on(before: State, after: State) -> bool:
    """Whether they are one step further in: the wait for a touch begins anew."""
    return _phase(before) is not _phase(after)


def _phase(state: State) -> Phase | None:
    return state.technician.phase if state.technician else None


def _reader(station: Station) -> Reader:
    if station.camera or station.scanner:
        return Reader.WORKS
    return Reader.AWAY if station.fitted & {"camera", "scanner"} else Reader.NONE
