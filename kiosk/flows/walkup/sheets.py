"""A certificate on A4 is the centre's own sealed file: fetched within the seal's deadline, or what there is instead."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from kiosk.flows.core import Elapsed, Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.common import Result
from kiosk.flows.walkup.state import Job, Phase, Policy, State

NOT_OURS = ("refused", "forged")
"""The centre does not know the paper, or the file is not what it sealed: nothing is printed on its word."""


class Found(Enum):
    """What there is to print. OWN: the same words and code, laid out here. VOID: this serial counts no more."""

    FILE = auto()
    OWN = auto()
    VOID = auto()
    NOTHING = auto()


def fetch(state: State, job: Job) -> Result:
    """Ask for the file; the seal's timer goes on."""
    assert job.sealed is not None
    return replace(state, job=replace(job, phase=Phase.FETCHING)), (ev.FetchSheets(job.sealed),)


def found(state: State, job: Job, event: Event, policy: Policy) -> Found | None:
    """What has come of it; None while nothing has."""
    assert job.sealed is not None
    match event:
        case ev.SheetsReady(serial=serial) if serial == job.sealed.serial:
            return Found.FILE
        case ev.NoSheets(serial=serial, reason="voided") if serial == job.sealed.serial:
            return Found.VOID
        case ev.NoSheets(serial=serial, reason=reason) if serial == job.sealed.serial:
            return Found.OWN if policy.own_sheets and reason not in NOT_OURS else Found.NOTHING
        case Elapsed(timer="seal", session=n) if n == state.session:
            return Found.OWN if policy.own_sheets else Found.NOTHING
        case _:
            return None


def why(event: Event) -> str:
    """One word for the log."""
    return event.reason if isinstance(event, ev.NoSheets) else "slow"
