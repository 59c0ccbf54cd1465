"""Attendance (教学考勤): the lane's flow with a class roster in place of a door."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Outcome
from kiosk.flows.gate.common import Result
from kiosk.flows.gate.record import wait
from kiosk.flows.gate.showing import show
from kiosk.flows.gate.state import Case, Policy, State
from kiosk.flows.walkup.events import Record

MINUTE_S = 60


def sign(state: State, case: Case, policy: Policy, at: float) -> Result:
    """Record who signed in, once a lesson and person; everybody else is only told why not."""
    lesson, allowed, decision = state.attendance.lesson, case.allowed, case.decision
    assert decision is not None
    if lesson is None or allowed is None or decision.outcome is not Outcome.ALLOW or _twice(case):
        return show(state, case, policy)
    case = replace(case, key=f"att:{lesson.id}:{allowed.person}")
    late = max(0, int(at - lesson.begins) // MINUTE_S)
    how = sorted(factor.value for factor in case.factors)
    body: dict[str, object] = {"lesson": lesson.id, "person": allowed.person, "factors": how, "late_minutes": late}
    return wait(state, case, policy, Record(case.key, case.key, "attendance.signed", body))


def _twice(case: Case) -> bool:
    assert case.decision is not None
    return any(finding.word == "already_signed" for finding in case.decision.findings)
