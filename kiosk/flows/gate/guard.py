"""The guard's side: sign in, see the last twenty, open by hand with a reason on record."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Decision, Outcome
from kiosk.flows.core import Elapsed, Event, Intent, StartTimer, StopTimer
from kiosk.flows.gate.common import GUARD_SESSION, Result, begin
from kiosk.flows.gate.record import record
from kiosk.flows.gate.showing import allows
from kiosk.flows.gate.state import Guard, Phase, Policy, State
from kiosk.flows.walkup.events import Admitted, CheckPin, NotAdmitted

REASONS = ("remeasured", "papers", "escorted", "device", "emergency")
DUTY = "gate"
LONGEST = {"number": 12, "pin": 8}
PANE_S = 30.0
SLEW_S = 60.0
"""A clock that is put right by less than this signs no guard out."""


def guard(state: State, event: Event, policy: Policy) -> Result | None:
    """Beside the lane's own flow; None = not for the guard."""
    side = state.guard
    match event:
        case Intent(name="guard", at=at):
            fresh = replace(side, pane="list") if _on_duty(side, policy, at) else Guard(pane="pin")
            return _pane(state, fresh)
        case Intent(name="guard_close") | Elapsed(timer="guard", session=0):
            return replace(state, guard=replace(side, pane="", number="", pin="")), (StopTimer("guard"),)
        case Intent(name="guard_out"):
            return replace(state, guard=Guard()), (StopTimer("guard"),)
        case Intent() if side.pane == "pin" and not side.busy:
            return _type(state, event)
        case Admitted(session=n) | NotAdmitted(session=n) if n == GUARD_SESSION and not side.busy:
            # to whoever closed the pane meanwhile; another may have opened it since
            return state, ()
        case Admitted(session=n) if n == GUARD_SESSION:
            return _signed(state, event, policy)
        case NotAdmitted(session=n, reason=reason) if n == GUARD_SESSION:
            again = Guard(pane="pin", number=side.number, field="pin", problem=reason)
            return _pane(state, again)
        case Intent(name="by_hand" | "open_by_hand", at=at) if policy.place.attendance or not _on_duty(
            side, policy, at
        ):
            return state, ()
        case Intent(name="by_hand") if side.pane == "list":
            about = state.case.key if state.case and state.case.noted else ""
            return _pane(state, replace(side, pane="reasons", about=about))
        case Intent(name="open_by_hand", payload=reason, at=at) if side.pane == "reasons":
            return _open(state, reason, policy, at) if reason in REASONS else (state, ())
    return None


def _on_duty(side: Guard, policy: Policy, at: float) -> bool:
    """Signed in, and not for longer than a session is, also when the clock was set back since."""
    return side.person is not None and 0 < side.until - at <= policy.timing.guard + SLEW_S


def _pane(state: State, side: Guard) -> Result:
    return replace(state, guard=side), (StartTimer("guard", 0, PANE_S),)


def _type(state: State, intent: Intent) -> Result | None:
    side = state.guard
    text = side.number if side.field == "number" else side.pin
    match intent:
        case Intent(name="digit", payload=one) if len(one) == 1 and one.isascii() and one.isalnum():
            return _pane(state, _with(side, text + one.upper()))
        case Intent(name="erase"):
            return _pane(state, _with(side, text[:-1]))
        case Intent(name="clear"):
            return _pane(state, _with(side, ""))
        case Intent(name="entry_field", payload="number" | "pin" as field):
            return _pane(state, replace(side, field=field))
        case Intent(name="confirm") if side.number and side.pin:
            check = CheckPin(GUARD_SESSION, side.number, side.pin)
            return replace(state, guard=replace(side, busy=True, pin="")), (check,)
        case Intent(name="confirm"):
            return _pane(state, replace(side, field="pin" if side.number else "number"))
    return None


def _with(side: Guard, text: str) -> Guard:
    text = text[: LONGEST[side.field]]
    return replace(side, number=text, problem="") if side.field == "number" else replace(side, pin=text, problem="")


def _signed(state: State, event: Admitted, policy: Policy) -> Result:
    person = event.person
    if DUTY not in person.known.get("duty", "").split():
        return _pane(state, Guard(pane="pin", problem="not_guard"))
    if not state.guard.pane:
        return state, ()
    return _pane(state, Guard(person=person, pane="list", until=event.at + policy.timing.guard))


def _open(state: State, reason: str, policy: Policy, at: float) -> Result:
    """A case of its own, for whoever stands there; an opened lane is not opened twice.

    Only the case that the guard saw when they asked is overruled: another person may have come since.
    """
    case = state.case
    busy = state.phase is Phase.RECORDING or (case is not None and allows(case) and case.noted and not state.said)
    if busy:
        return state, ()
    begun, hand, effects = begin(state, policy, at)
    overruled = case if case and case.noted and case.key == state.guard.about else None
    findings = overruled.decision.findings if overruled and overruled.decision else ()
    hand = replace(
        hand,
        key=f"hand{hand.key[1:]}",
        by_hand=reason,
        of=state.guard.about,
        allowed=overruled.allowed if overruled else None,
        factors=overruled.factors if overruled else frozenset(),
        measured=overruled.measured if overruled else None,
        decision=Decision(Outcome.ALLOW, findings),
    )
    recorded, more = record(begun, hand, policy)
    closed = replace(recorded, guard=replace(state.guard, pane="", about=""))
    return closed, (*effects, StopTimer("guard"), *more)
