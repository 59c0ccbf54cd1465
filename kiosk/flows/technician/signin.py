"""The way in: number and PIN of somebody with the duty, then their own code. One neutral refusal for everybody else."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.people import Factor, mask_name
from kiosk.flows import entry
from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.technician import bench
from kiosk.flows.technician.events import Note
from kiosk.flows.technician.state import DUTY, Phase, Reader, State, Told
from kiosk.flows.walkup import events as ev

Result = tuple[State, tuple[Effect, ...]]

REFUSED = Told("technician.refused", tone="stop")
"""For a wrong PIN, an unknown number and a person without the duty alike: nobody learns which."""


def pin(state: State, event: Event, reader: Reader) -> Result:
    """Number and PIN. Only the PIN that is being checked counts: a code shown just before opens nothing."""
    n, checking = state.session, state.entry.checking
    match event:
        case Intent() if not checking:
            return _typed(state, event)
        case ev.Admitted(session=s, factor=Factor.PIN) if s == n and checking:
            return _known(state, event, reader)
        case ev.NotAdmitted(session=s) if s == n and checking:
            return _not_admitted(state, event)
    return state, ()


def code(state: State, event: Event, reader: Reader) -> Result:
    """The second factor: the code of the same person."""
    n = state.session
    match event:
        case ev.CodeRead(text=text):
            return state, (ev.CheckCode(n, text),)
        case ev.SeveralCodes():
            return replace(state, told=Told("identify.several_codes", tone="stop")), ()
        case ev.NotAdmitted(session=s, reason=reason) if s == n:
            return _refuse(state, reason, Told("identify.unknown_code", tone="stop"))
        case ev.Admitted(session=s, person=person, factor=Factor.CODE) if s == n:
            if person.id != state.who:
                return _refuse(state, "other_person", REFUSED)
            return _enter(replace(state, nonce=event.nonce), "pin code", reader)
    return state, ()


def _typed(state: State, intent: Intent) -> Result:
    filled = state.entry
    match intent:
        case Intent(name="entry_field", payload="number" | "pin" as field):
            return replace(state, entry=replace(filled, field=field)), ()
        case Intent(name="confirm"):
            waits = entry.unfinished(filled)
            if waits:
                return replace(state, entry=waits), ()
            check = ev.CheckPin(state.session, filled.number, filled.pin)
            return replace(state, entry=replace(filled, checking=True), told=None), (check,)
        case Intent(name="digit" | "erase" | "clear"):
            return replace(state, entry=entry.typed(filled, intent), told=None), ()
    return state, ()


def _known(state: State, event: ev.Admitted, reader: Reader) -> Result:
    if DUTY not in event.person.known.get("duty", "").split():
        return _refuse(state, "no_duty", REFUSED)
    person = event.person
    who = replace(state, who=person.id, operator=mask_name(person.name), entry=entry.Entry(), told=None)
    if reader in (Reader.WORKS, Reader.SHELL):
        return replace(who, phase=Phase.CODE), ()
    return _enter(who, "pin", reader)


def _not_admitted(state: State, event: ev.NotAdmitted) -> Result:
    match event.reason:
        case "locked":
            told = Told("technician.locked", {"until": f"{event.until:.0f}"}, "stop")
        case "no_data":
            told = Told("identify.no_data", tone="stop")
        case _:
            told = REFUSED
    return _refuse(state, event.reason, told)


def _refuse(state: State, reason: str, told: Told) -> Result:
    again = replace(state, entry=entry.again(state.entry), told=told)
    return again, (Note("technician.refused", {"reason": reason}),)


def _enter(state: State, factors: str, reader: Reader) -> Result:
    inside = replace(state, phase=Phase.INSIDE, entry=entry.Entry(), told=None)
    note = Note("technician.in", {"who": state.who, "factors": factors, "reader": reader.value})
    after, effects = bench.enter(inside)
    return after, (note, *effects)
