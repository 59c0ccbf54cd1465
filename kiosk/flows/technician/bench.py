"""The device board and the tests: one test after the other, each result recorded, all of them reported on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.domain import proving
from kiosk.domain.proving import Finding, Outcome, Result
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer
from kiosk.flows.technician import events as te
from kiosk.flows.technician import reporting
from kiosk.flows.technician.state import Bench, Page, State
from kiosk.flows.walkup.events import Record

Outcomes = tuple[State, tuple[Effect, ...]]

LOOK_S = 1.0
TIMER = "technician"


def enter(state: State) -> Outcomes:
    """The board as it was, looked at anew; it looks again every `LOOK_S` as long as it is open."""
    return _look(replace(_with(state, part=""), told=None))


def page(state: State, event: Event) -> Outcomes:
    """One event on board or tests; answers of another session, look or test change nothing."""
    n, bench = state.session, state.bench
    match event:
        case Elapsed(timer="technician", session=s) if s == n:
            return _look(state)
        case te.BoardLooked(session=s, ask=ask) if s == n and ask == bench.asked:
            return _with(state, parts=event.parts), ()
        case te.ProofAsks(session=s, run=run) if s == n and run == bench.run and bench.running:
            return _with(state, ask=event.ask), ()
        case te.ProofDone(session=s, run=run) if s == n and run == bench.run and bench.running:
            return _done(state, event.finding, event.at)
        case Intent() if bench.running:
            return _during(state, event)
        case Intent():
            return _touched(state, event)
    return reporting.heard(state, event)


def _touched(state: State, intent: Intent) -> Outcomes:
    bench = state.bench
    match intent:
        case Intent(name="tech_part", payload=name) if name in bench.fitted:
            return replace(_with(state, part=name), page=Page.BOARD), ()
        case Intent(name="tech_parts"):
            return _with(state, part=""), ()
        case Intent(name="tech_all") if bench.parts:
            return _begin(state, proving.at_once(bench.fitted), intent.fresh)
        case Intent(name="tech_test", payload=name) if any(name == one.name for one in proving.proofs_of(bench.fitted)):
            return _begin(state, (name,), intent.fresh)
        case Intent(name="tech_report") if bench.parts:
            return reporting.begin(state, intent)
    return state, ()


def _during(state: State, intent: Intent) -> Outcomes:
    """While a test runs it can be answered, or given up together with those behind it."""
    n, bench = state.session, state.bench
    match intent:
        case Intent(name="tech_stop"):
            after, effects = _done(_with(state, waiting=()), Finding(Outcome.NOT_DONE, why="given_up"), intent.at)
            return after, (te.DropProof(n, bench.run), *effects)
        case Intent(name="tech_say", payload=word) if bench.ask and word in bench.ask.answers:
            return state, (te.ProofTold(n, bench.run, word),)
        case Intent(name="tech_cell", payload=cell) if bench.ask and cell in map(str, bench.ask.cells):
            return state, (te.ProofTold(n, bench.run, cell),)
    return state, ()


def _begin(state: State, names: tuple[str, ...], fresh: str) -> Outcomes:
    if not names:
        return state, ()
    first, *rest = names
    run = state.bench.run + 1
    begun = _with(state, run=run, running=first, waiting=tuple(rest), fresh=fresh, ask=None)
    if not begun.bench.part:
        # what is found is read there
        begun = replace(begun, page=Page.TESTS)
    return replace(begun, told=None), (te.RunProof(state.session, run, first),)


def _done(state: State, finding: Finding, at: float) -> Outcomes:
    """The result stands on the screen and goes on record; then the next one."""
    bench = state.bench
    result = Result(bench.running, finding, at)
    results = {**bench.results, bench.running: result}
    after = _with(state, results=results, last=bench.running, running="", ask=None)
    key = f"test:{bench.fresh}:{bench.running}"
    record = Record(key, f"test:{bench.fresh}", "test.done", reporting.body(result, state.who))
    onward, effects = _begin(after, bench.waiting, bench.fresh)
    return onward, (record, *effects)


def _look(state: State) -> Outcomes:
    asked = state.bench.asked + 1
    look = te.LookAtBoard(state.session, asked)
    return _with(state, asked=asked), (look, StartTimer(TIMER, state.session, LOOK_S))


def _with(state: State, **changes: Any) -> State:
    bench: Bench = replace(state.bench, **changes)
    return replace(state, bench=bench)
