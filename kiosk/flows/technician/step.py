"""One event at a time: (state, event, reader) → (state', effects). Unknown pairs leave the state alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.technician import bench, logs, queue, settings, signin
from kiosk.flows.technician.events import DropProof, Note
from kiosk.flows.technician.state import Page, Phase, Reader, State

Result = tuple[State, tuple[Effect, ...]]

PAGES: dict[Page, tuple[Callable[[State], Result], Callable[[State, Event], Result]]] = {
    Page.BOARD: (bench.enter, bench.page),
    Page.TESTS: (bench.enter, bench.page),
    Page.QUEUE: (queue.enter, queue.page),
    Page.LOG: (logs.enter, logs.page),
    Page.SETTINGS: (settings.enter, settings.page),
}
"""What opens a page, and what happens on it. A further page is a module, a line here and one in the view."""


def step(state: State, event: Event, reader: Reader) -> Result:
    """Advance by one event; the way out, help and language are the visit's."""
    if isinstance(event, Intent) and event.name == "dismiss":
        return replace(state, told=None), ()
    match state.phase:
        case Phase.PIN:
            return signin.pin(state, event, reader)
        case Phase.CODE:
            return signin.code(state, event, reader)
    opened = _opened(state, event)
    return opened if opened else PAGES[state.page][1](state, event)


def left(state: State | None) -> tuple[Effect, ...]:
    """They are going, by touch or by silence; a test that runs is given up."""
    if state is None or not state.inside:
        return ()
    drop = (DropProof(state.session, state.bench.run),) if state.bench.running else ()
    return (*drop, Note("technician.out", {"who": state.who}))


def _opened(state: State, event: Event) -> Result | None:
    match event:
        case Intent(name="tech_page", payload=name) if state.bench.running:
            return state, ()
        case Intent(name="tech_page", payload=name) if name in set(Page) and name != state.page:
            return PAGES[Page(name)][0](replace(state, page=Page(name)))
    return None
