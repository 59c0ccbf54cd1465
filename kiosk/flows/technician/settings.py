"""The page of the settings: those the terminal was started with before, what differs, and the way back to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Settings, State, Told

Result = tuple[State, tuple[Effect, ...]]


def enter(state: State) -> Result:
    """The newest that differ are looked at first."""
    return _look(replace(state, settings=Settings(asked=state.settings.asked), told=None))


def page(state: State, event: Event) -> Result:
    """One event on this page; going back is asked for twice."""
    n, shown = state.session, state.settings
    match event:
        case te.SettingsLooked(session=s, ask=ask) if s == n and ask == shown.asked:
            return _with(state, kept=event.kept, against=event.against, changes=event.changes, answered=event.ask), ()
        case te.PutBackDone(session=s, reason=reason) if s == n:
            told = Told(f"technician.settings.{reason or 'done'}", tone="stop" if reason else "good")
            return replace(_with(state, doing=False, sure=False), told=told), ()
        case Intent(name="tech_settings", payload=name) if _known(shown, name) and not shown.doing:
            return _look(_with(state, against=name, sure=False))
        case Intent(name="tech_put_back") if shown.changes and not shown.doing:
            return _put_back(state)
    return state, ()


def _put_back(state: State) -> Result:
    if not state.settings.sure:
        return _with(state, sure=True), ()
    return _with(state, doing=True), (te.PutBack(state.session, state.settings.against, state.who),)


def _known(shown: Settings, name: str) -> bool:
    return any(one.name == name and not one.now for one in shown.kept)


def _look(state: State) -> Result:
    asked = state.settings.asked + 1
    return _with(state, asked=asked), (te.LookAtSettings(state.session, asked, state.settings.against),)


def _with(state: State, **changes: Any) -> State:
    return replace(state, settings=replace(state.settings, **changes))
