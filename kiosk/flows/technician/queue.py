"""The page of the queue: how it stands, the dead letters by pages, send again, export. Acts follow touches alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer
from kiosk.flows.technician import events as te
from kiosk.flows.technician.state import Doing, Queue, State, Told

Result = tuple[State, tuple[Effect, ...]]

PER_PAGE = 6
"""However many letters are dead, the screen holds so many of them."""
LOOK_S = 2.0
TIMER = "technician"


def enter(state: State) -> Result:
    """The page with nothing on it yet; it looks again every `LOOK_S` as long as it is open."""
    return _look(replace(state, queue=Queue(asked=state.queue.asked), told=None))


def page(state: State, event: Event) -> Result:
    """One event on this page; answers of another session or an older look change nothing."""
    n, shown = state.session, state.queue
    match event:
        case te.QueueLooked(session=s, ask=ask) if s == n and ask == shown.asked:
            return _looked(state, event)
        case te.QueueTrouble(session=s, reason=reason) if s == n:
            return _told(state, "technician.queue.unreadable", "stop", reason=reason), ()
        case Elapsed(timer="technician", session=s) if s == n:
            return _look(state)
        case te.SentAgain(session=s, count=count) if s == n:
            return _sent_again(state, count)
        case te.SticksFound(session=s, sticks=sticks) if s == n and shown.doing is Doing.STICKS:
            return _with(state, doing=None, sticks=sticks), ()
        case te.Exported(session=s) if s == n:
            return _exported(state, event), ()
        case te.NotExported(session=s, reason=reason) if s == n:
            return _told(state, f"technician.export.{reason}", "stop"), ()
        case Intent() if shown.doing is None:
            return _touched(state, event)
    return state, ()


def _touched(state: State, intent: Intent) -> Result:
    shown = state.queue
    match intent:
        case Intent(name="tech_cancel"):
            return _with(state, sticks=None), ()
        case Intent(name="tech_sticks"):
            return _begin(state, Doing.STICKS, te.LookForSticks(state.session))
        case Intent(name="tech_stick", payload=folder) if any(folder == one.path for one in shown.sticks or ()):
            return _begin(_with(state, sticks=None), Doing.EXPORT, te.ExportQueue(state.session, folder, state.who))
    return _browsed(state, intent) if shown.sticks is None else (state, ())


def _browsed(state: State, intent: Intent) -> Result:
    shown = state.queue
    dead = shown.standing.dead if shown.standing else 0
    match intent:
        case Intent(name="tech_rows", payload="next") if shown.wanted + PER_PAGE < dead:
            return _look(_with(state, wanted=shown.wanted + PER_PAGE))
        case Intent(name="tech_rows", payload="previous") if shown.wanted:
            return _look(_with(state, wanted=shown.wanted - PER_PAGE))
        case Intent(name="tech_retry_all") if dead:
            return _begin(state, Doing.RETRY, te.SendAgain(state.session, None, state.who))
        case Intent(name="tech_retry", payload=seq) if any(seq == str(row.seq) for row in shown.rows):
            return _begin(state, Doing.RETRY, te.SendAgain(state.session, (int(seq),), state.who))
    return state, ()


def _begin(state: State, doing: Doing, effect: Effect) -> Result:
    return replace(_with(state, doing=doing), told=None), (effect,)


def _look(state: State) -> Result:
    asked = state.queue.asked + 1
    ask = te.LookAtQueue(state.session, asked, state.queue.wanted, PER_PAGE)
    return _with(state, asked=asked), (ask, StartTimer(TIMER, state.session, LOOK_S))


def _looked(state: State, event: te.QueueLooked) -> Result:
    """A page that is past the end, because letters went meanwhile, gives way to the last one there is."""
    wanted, dead = state.queue.wanted, event.standing.dead
    if wanted and wanted >= dead:
        return _look(_with(state, wanted=max(0, dead - 1) // PER_PAGE * PER_PAGE))
    return _with(state, standing=event.standing, rows=event.rows, first=wanted), ()


def _sent_again(state: State, count: int) -> Result:
    return _look(_told(state, "technician.queue.sent_again", "good" if count else "info", count=str(count)))


def _exported(state: State, done: te.Exported) -> State:
    values = {"file": done.file, "count": str(done.count)}
    if done.left_out:
        return _told(state, "technician.export.done_without", "stop", **values, left_out=str(done.left_out))
    return _told(state, "technician.export.done", "good", **values)


def _told(state: State, key: str, tone: str, **values: str) -> State:
    return replace(_with(state, doing=None), told=Told(key, values, tone))


def _with(state: State, **changes: Any) -> State:
    return replace(state, queue=replace(state.queue, **changes))
