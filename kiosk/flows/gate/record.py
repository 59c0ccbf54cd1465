"""What goes into the journal before anything opens."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.admission import Decision
from kiosk.domain.matching.match import Match
from kiosk.domain.people import mask_name
from kiosk.domain.screening.reading import Measured, NoReading
from kiosk.flows.core import StartTimer
from kiosk.flows.gate.common import Result, place_of
from kiosk.flows.gate.state import Ask, Case, Line, Phase, Policy, State
from kiosk.flows.walkup.events import Record

MOST_LINES = 20
Body = dict[str, object]


def record(state: State, case: Case, policy: Policy) -> Result:
    """Ask for the commit and wait for it."""
    body = _opened(case, state, policy) if case.by_hand else _decided(case, state, policy)
    kind = "gate.opened" if case.by_hand else "gate.decided"
    return wait(state, case, policy, Record(case.key, case.key, kind, body, receipt=True))


def passed(case: Case, went: bool, at: float) -> Record:
    """Whether the person went through, behind the record that opened the lane."""
    body: Body = {"decision": case.key, "passed": went, "at": at}
    return Record(f"{case.key}:passed", case.key, "gate.passed", body)


def line_of(case: Case) -> Line:
    """The case as the guard's list has it, masked."""
    assert case.decision is not None
    name = mask_name(case.allowed.name) if case.allowed else ""
    decision, reading = case.decision, case.measured
    return Line(
        case.key, case.receipt, case.began, name, decision.outcome, decision.reasons, reading, None, case.by_hand
    )


def listed(state: State, case: Case) -> tuple[Line, ...]:
    """Newest first, at most MOST_LINES."""
    return (line_of(case), *(line for line in state.lines if line.key != case.key))[:MOST_LINES]


def went(state: State, case: Case, through: bool) -> tuple[Line, ...]:
    """The list with the word on whether this person went through."""
    return tuple(replace(line, passed=through) if line.key == case.key else line for line in state.lines)


def wait(state: State, case: Case, policy: Policy, effect: Record) -> Result:
    """Nothing more happens until the journal has answered."""
    waiting = replace(state, case=case, phase=Phase.RECORDING, ask=Ask.NOTHING)
    return waiting, (effect, StartTimer("commit", state.session, policy.timing.commit))


def _decided(case: Case, state: State, policy: Policy) -> Body:
    assert case.decision is not None
    place = place_of(state, policy)
    return {
        "gate": place.gate,
        "direction": place.direction.value,
        "person": case.allowed.person if case.allowed and not case.allowed.visit else "",
        "visit": case.allowed.visit.id if case.allowed and case.allowed.visit else "",
        "factors": sorted(factor.value for factor in case.factors),
        "outcome": case.decision.outcome.value,
        "findings": _findings(case.decision),
        "readings": [_reading(each) for each in (case.first, case.measured) if each is not None],
        "match": _match(case.match),
        "liveness": case.liveness.value,
        "rules_rev": state.rules.rev,
        "nonce": case.nonce,
    }


def _opened(case: Case, state: State, policy: Policy) -> Body:
    guard = state.guard.person
    assert guard is not None
    place = place_of(state, policy)
    rest = {"decision": case.of, "guard": guard.id, "reason": case.by_hand}
    return {"gate": place.gate, "direction": place.direction.value, **rest}


def _findings(decision: Decision) -> list[dict[str, str]]:
    return [{"check": each.check.value, "result": each.result.value, "word": each.word} for each in decision.findings]


def _reading(measured: Measured) -> Body:
    """Raw, ambient, offset and corrected apart, or the reason why there is none."""
    if isinstance(measured, NoReading):
        return {"why": measured.why.value}
    numbers = {name: round(getattr(measured, name), 3) for name in ("raw", "ambient", "offset", "corrected", "u")}
    return {**numbers, "basis": measured.basis.value, "frames": measured.frames}


def _match(match: Match | None) -> Body | None:
    """Distances only: no template and no picture leaves the terminal here."""
    if match is None:
        return None
    far = 99.0
    score, second = min(match.score, far), min(match.second, far)
    numbers = {"score": round(score, 4), "limit": round(match.limit, 4), "second": round(second, 4)}
    counts = {"frames": match.frames, "gallery": match.gallery, "adapted": match.adapted}
    return {**numbers, **counts, "doubt": match.doubt.value}
