"""Which of the outcomes the screen shows, and each one's tone and sign: colour, shape and words always together."""

from __future__ import annotations

from kiosk.domain.admission import Check, Outcome, Result
from kiosk.flows.gate.state import State

TOLD = {"not_recorded": "unrecorded", "gate_failed": "failed", "followed": "followed"}
GOOD = frozenset({"allow"})
TONES = {"allow": "go", "refer": "stop", "refuse": "stop", "unrecorded": "stop"}
ICONS = {"allow": "tick", "unsure": "question"}


def kind(state: State) -> str:
    """allow | refer | refuse | unsure (nobody known) | unrecorded | failed (no answer of the door) | followed."""
    case = state.case
    if state.said in TOLD:
        return TOLD[state.said]
    if case is None or case.decision is None:
        return "unsure"
    outcome, findings = case.decision.outcome, case.decision.findings
    if outcome is Outcome.ALLOW:
        return "allow"
    nobody = any(found.check is Check.IDENTITY and found.result is Result.BAD for found in findings)
    if case.allowed is None and nobody:
        return "unsure"
    return "refuse" if outcome is Outcome.REFUSE else "refer"


def tone(name: str) -> str:
    """go | stop | wait."""
    return TONES.get(name, "wait")


def icon(name: str) -> str:
    """A tick, a question, or the filled octagon."""
    return ICONS.get(name, "halt")
