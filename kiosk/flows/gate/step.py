"""One event at a time: (state, event, policy) → (state', effects). Unknown pairs leave the state alone."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.flows.core import Event
from kiosk.flows.gate import service, station
from kiosk.flows.gate.common import Result
from kiosk.flows.gate.guard import guard
from kiosk.flows.gate.reading import reading
from kiosk.flows.gate.showing import recording, showing
from kiosk.flows.gate.state import Phase, Policy, State
from kiosk.flows.gate.watching import watching

PHASES: dict[Phase, Callable[[State, Event, Policy], Result]] = {
    Phase.WATCHING: watching,
    Phase.READING: reading,
    Phase.RECHECK: reading,
    Phase.RECORDING: recording,
    Phase.SHOWING: showing,
}


def step(state: State, event: Event, policy: Policy) -> Result:
    """Advance the lane by one event; answers of another session change nothing."""
    state = station.sighted(station.count(state, event), event)
    reported = station.report(state, event)
    if reported is not None:
        return reported
    looked = station.look(state, event)
    if looked is not None:
        return looked, ()
    served = service.pages(state, event, policy)
    if served is not None:
        return served
    at_guard = guard(state, event, policy)
    return at_guard if at_guard is not None else PHASES[state.phase](state, event, policy)
