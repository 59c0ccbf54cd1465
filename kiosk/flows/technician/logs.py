"""The page of the log: newest first, by pages, through a filter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.domain.logbook import TROUBLE
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Log, State

Result = tuple[State, tuple[Effect, ...]]

PER_PAGE = 10
LOOK_S = 2.0
TIMER = "technician"


def enter(state: State) -> Result:
    """What went wrong, newest first; it looks again every `LOOK_S` as long as it is open."""
    return _look(replace(state, log=Log(asked=state.log.asked, only=TROUBLE), told=None))


def page(state: State, event: Event) -> Result:
    """One event on this page; answers of another session or an older look change nothing."""
    n, shown = state.session, state.log
    match event:
        case te.LogLooked(session=s, ask=ask) if s == n and ask == shown.asked:
            return _with(
                state,
                lines=event.lines,
                more=event.more,
                components=event.components,
                first=shown.wanted,
                answered=event.ask,
            ), ()
        case Elapsed(timer="technician", session=s) if s == n:
            return _look(state)
        case Intent(name="tech_log", payload=only):
            return _look(_with(state, only=only, wanted=0))
        case Intent(name="tech_rows", payload="next") if shown.more:
            return _look(_with(state, wanted=shown.first + PER_PAGE))
        case Intent(name="tech_rows", payload="previous") if shown.first:
            return _look(_with(state, wanted=max(0, shown.first - PER_PAGE)))
    return state, ()


def _look(state: State) -> Result:
    asked = state.log.asked + 1
    look = te.LookAtLog(state.session, asked, state.log.only, state.log.wanted, PER_PAGE)
    return _with(state, asked=asked), (look, StartTimer(TIMER, state.session, LOOK_S))


def _with(state: State, **changes: Any) -> State:
    return replace(state, log=replace(state.log, **changes))
