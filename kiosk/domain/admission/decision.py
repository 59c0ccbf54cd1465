"""The decision itself: every check looks at one thing and says what it found; the worst finding counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.admission.terms import (
    Check,
    Decision,
    Direction,
    Entrant,
    Finding,
    Hardness,
    Order,
    Outcome,
    Pass,
    Place,
    Result,
    Rules,
)
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt
from kiosk.domain.people import Factor, Role
from kiosk.domain.screening.reading import Basis, Cannot, Fever, Measured, NoReading, Reading, judge

PERSON_CAN_HELP = frozenset({Cannot.TOO_FAR, Cannot.OUTSIDE_VIEW, Cannot.UNSTEADY, Cannot.NO_FACE})
"""Troubles that a second look may mend, because the person stood badly."""
OF_THE_DAY = frozenset({Check.DECLARATION, Check.CHECK_IN, Check.BATCH})
"""Checks that rest on the centre's newest data."""
OF_A_CLASS = frozenset({Check.IDENTITY, Check.LIVENESS, Check.ROSTER, Check.REVOKED})
SEVERITY = tuple(Outcome)


@dataclass(frozen=True, slots=True)
class _Case:
    entrant: Entrant
    measured: Measured | None
    rules: Rules
    place: Place
    now: float
    readings: int
    early: bool = False

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.now, CAMPUS_ZONE).date()


@dataclass(frozen=True, slots=True)
class _Word:
    """What one check found; `outcome` other than ALLOW is bad, `noted` is good enough and still worth a line.

    `firm`: no rule softens it.
    """

    word: str
    outcome: Outcome = Outcome.ALLOW
    values: Mapping[str, str] | None = None
    noted: bool = False
    firm: bool = False


def decide(
    entrant: Entrant, measured: Measured | None, rules: Rules, place: Place, now: float, readings: int = 1
) -> Decision:
    """All findings and the worst of their outcomes. `now`: Unix seconds; `readings`: how many were taken by now.

    RECHECK is answered only to the first reading. What a rule merely logs, and everything beside an ONLY check, is
    noted and stops nobody.
    """
    case = _Case(entrant, measured, rules, place, now, readings)
    return _decided(case, tuple(Check))


def decide_before(entrant: Entrant, rules: Rules, place: Place, now: float) -> Decision:
    """The checks that count before the temperature is taken; anything but ALLOW ends it there."""
    case = _Case(entrant, None, rules, place, now, 0, early=True)
    early = tuple(check for check in Check if check in rules.checks and rules.checks[check].order is Order.BEFORE)
    return _decided(case, early)


def stale(allowed: Pass | None, rules: Rules, now: float) -> bool:
    """The centre has been silent for too long to hold people up on what it may have learnt since."""
    old = allowed is not None and allowed.as_of > 0 and now - allowed.as_of > rules.data_age_s
    return old or too_old(rules, now)


def too_old(rules: Rules, now: float) -> bool:
    """The rules themselves are past their age; built-in ones never are."""
    return rules.issued > 0 and now - rules.issued > rules.max_age_s


def _decided(case: _Case, checks: tuple[Check, ...]) -> Decision:
    wanted = [check for check in checks if _made(case, check)]
    found = [(check, word) for check in wanted if (word := _CHECKS[check](case)) is not None]
    judged = [_weigh(case, check, word) for check, word in found]
    worst = max((outcome for _, outcome in judged), key=SEVERITY.index, default=Outcome.ALLOW)
    fever = judge(case.measured, case.rules.limit) if case.measured else Fever.UNKNOWN
    return Decision(worst, tuple(finding for finding, _ in judged), fever)


def _made(case: _Case, check: Check) -> bool:
    if case.entrant.allowed is None and check not in (Check.IDENTITY, Check.TEMPERATURE):
        return False
    if case.place.attendance:
        return check in OF_A_CLASS
    # a visitor is nobody but for the errand: its gates and hours hold whatever the rules look at
    errand = check is Check.VISIT and case.entrant.allowed is not None and case.entrant.allowed.visit is not None
    return check in case.rules.checks or check is Check.IDENTITY or errand


def _weigh(case: _Case, check: Check, word: _Word) -> tuple[Finding, Outcome]:
    rule = case.rules.checks.get(check)
    values = dict(word.values or {})
    if word.outcome is Outcome.ALLOW:
        return Finding(check, Result.NOTED if word.noted else Result.GOOD, word.word, values), Outcome.ALLOW
    if check in OF_THE_DAY and stale(case.entrant.allowed, case.rules, case.now):
        return Finding(check, Result.NOTED, "data_old", {"date": _day(_as_of(case))}), Outcome.ALLOW
    beside = any(each.order is Order.ONLY for each in case.rules.checks.values())
    logged = rule is not None and (rule.hardness is Hardness.LOG or (beside and rule.order is not Order.ONLY))
    if logged and not word.firm and not (check is Check.IDENTITY and case.entrant.allowed is None):
        return Finding(check, Result.NOTED, word.word, values), Outcome.ALLOW
    return Finding(check, Result.BAD, word.word, values), word.outcome


def _as_of(case: _Case) -> float:
    known = case.entrant.allowed
    return known.as_of if known and known.as_of else case.rules.issued


# --- the checks: None = does not concern this person -------------------------------------------------------------


def _identity(case: _Case) -> _Word:
    entrant, match = case.entrant, case.entrant.match
    doubt = match.doubt if match else Doubt.NONE
    if entrant.allowed is None:
        return _Word(f"unsure_{doubt}" if doubt else "unknown", Outcome.REFUSE)
    factors, differs = entrant.factors, doubt in (Doubt.TOO_FAR, Doubt.TWO_ALIKE)
    if entrant.doubtful and Factor.FACE not in factors and not (case.early or differs):
        # good for a minute, by a clock that may be years off: alone it shows nothing
        return _Word("code_doubtful", Outcome.REFER, firm=True)
    if entrant.allowed.visit:
        return _Word("visitor")
    if Factor.FACE in factors:
        if Factor.CODE in factors:
            return _Word("code_face")
        return _Word("face_digits" if Factor.NUMBER in factors else "face_only")
    if differs:
        return _Word(f"unsure_{doubt}", Outcome.REFER)
    missing = doubt in (Doubt.NO_TEMPLATE, Doubt.NOT_ENROLLED) and entrant.allowed.enrolled
    if missing or doubt in (Doubt.NO_GOOD_FRAME, Doubt.ENGINE_AWAY):
        soft = case.rules.no_face is Hardness.LOG
        return _Word(f"unsure_{doubt}", Outcome.ALLOW if soft else Outcome.REFER, noted=True)
    return _Word("number_pin" if Factor.PIN in factors else "code_only")


def _temperature(case: _Case) -> _Word:
    measured = case.measured
    if measured is None:
        return _Word("not_taken", noted=True)
    if isinstance(measured, NoReading):
        return _cannot(case, measured.why)
    if measured.basis is Basis.NONE:
        return _cannot(case, Cannot.UNCALIBRATED)
    again, value = "_twice" if case.readings > 1 else "", {"value": degrees(measured)}
    match judge(measured, case.rules.limit):
        case Fever.BELOW:
            return _Word("below", values=value)
        case Fever.ABOVE:
            return _Word(f"above{again}", Outcome.REFER, value)
    return _Word(f"between{again}", case.rules.between if again else Outcome.RECHECK, value, noted=True)


def _cannot(case: _Case, why: Cannot) -> _Word:
    if why in PERSON_CAN_HELP and case.readings < 2:
        return _Word(f"cannot_{why}", Outcome.RECHECK)
    soft = case.rules.no_reading is Hardness.LOG
    return _Word(f"cannot_{why}", Outcome.ALLOW if soft else Outcome.REFER, noted=True)


def degrees(reading: Reading) -> str:
    """36.4 ± 0.3 ℃: never a temperature without its uncertainty."""
    return f"{reading.corrected:.1f} ± {reading.u:.1f} ℃"


def presence(entrant: Entrant, measured: Measured | None) -> Liveness:
    """The verdict on whether a living face stands there, the thermal camera's word included."""
    if entrant.liveness in (Liveness.SWAPPED, Liveness.STILL):
        return entrant.liveness
    warm = measured.warm if measured else None
    if warm is None:
        return entrant.liveness if entrant.liveness is not Liveness.NOT_ASKED else Liveness.UNKNOWN
    return Liveness.LIVE if warm else Liveness.COLD


def _liveness(case: _Case) -> _Word | None:
    if Factor.FACE not in case.entrant.factors:
        return None
    verdict = presence(case.entrant, case.measured)
    if case.rules.head_turn and case.entrant.liveness is Liveness.UNKNOWN:
        # asked for, and nobody could look
        soft = case.rules.no_face is Hardness.LOG
        return _Word("liveness_unknown", Outcome.ALLOW if soft else Outcome.REFER, noted=True)
    if verdict is Liveness.UNKNOWN:
        return None if case.place.attendance else _Word("liveness_unknown", noted=True)
    return _Word(verdict.value, Outcome.ALLOW if verdict is Liveness.LIVE else Outcome.REFER)


def _visit(case: _Case) -> _Word | None:
    visit = _known(case).visit
    if visit is None:
        return None
    if case.place.gate not in visit.gates:
        return _Word("visit_wrong_gate", Outcome.REFUSE, {"gates": "、".join(visit.gates)})
    if case.now < visit.begins:
        return _Word("visit_not_yet", Outcome.REFUSE, {"begins": _clock(visit.begins)})
    if case.now > visit.ends:
        return _Word("visit_over", Outcome.REFUSE, {"ends": _clock(visit.ends)})
    return _Word("visit_good", values={"host": visit.host})


def _roster(case: _Case) -> _Word | None:
    lesson, person = case.place.lesson, _known(case).person
    if not case.place.attendance:
        return None
    if lesson is None:
        return _Word("no_lesson", Outcome.REFUSE)
    if person not in lesson.members:
        return _Word("not_on_roster", Outcome.REFUSE)
    if person in case.place.signed:
        return _Word("already_signed", noted=True)
    late = int((case.now - lesson.begins) // 60)
    if late > 0:
        return _Word("late", values={"minutes": str(late)}, noted=True)
    return _Word("on_roster", values={"title": lesson.title})


def _role(case: _Case) -> _Word | None:
    role = _known(case).role
    if role is None:
        return None
    return _Word("role_good") if role in case.place.roles else _Word("role_not_here", Outcome.REFUSE)


def _declaration(case: _Case) -> _Word | None:
    known = _known(case)
    if known.visit:
        return None
    if not known.healthy:
        return _Word("not_healthy", Outcome.REFER)
    if known.declared is None:
        return _Word("not_declared", Outcome.REFER)
    return _Word("declared", values={"date": known.declared.isoformat()})


def _check_in(case: _Case) -> _Word | None:
    known = _known(case)
    if known.visit:
        return None
    return _Word("checked_in") if known.checked_in == case.today else _Word("not_checked_in", Outcome.REFER)


def _batch(case: _Case) -> _Word | None:
    known = _known(case)
    if known.role is not Role.STUDENT:
        return None
    window = known.window
    if window is None:
        return _Word("no_batch", Outcome.REFUSE)
    values = {"batch": window.batch, "begins": _clock(window.begins), "ends": _clock(window.ends)}
    good = window.begins <= case.now <= window.ends
    return _Word("batch_good", values=values) if good else _Word("batch_wrong_time", Outcome.REFUSE, values)


def _direction(case: _Case) -> _Word | None:
    inside, going_in = _known(case).inside, case.place.direction is Direction.IN
    if inside is None:
        return None
    if inside == going_in:
        return _Word("already_inside" if inside else "already_outside", Outcome.REFER)
    return _Word("way_good")


def _revoked(case: _Case) -> _Word:
    return _Word("revoked", Outcome.REFUSE) if _known(case).revoked else _Word("valid")


def _known(case: _Case) -> Pass:
    assert case.entrant.allowed is not None
    return case.entrant.allowed


def _clock(unix: float) -> str:
    return f"{datetime.fromtimestamp(unix, CAMPUS_ZONE):%H:%M}"


def _day(unix: float) -> str:
    return f"{datetime.fromtimestamp(unix, CAMPUS_ZONE):%Y-%m-%d}"


_CHECKS: Mapping[Check, Callable[[_Case], _Word | None]] = {
    Check.IDENTITY: _identity,
    Check.TEMPERATURE: _temperature,
    Check.LIVENESS: _liveness,
    Check.VISIT: _visit,
    Check.ROSTER: _roster,
    Check.ROLE: _role,
    Check.DECLARATION: _declaration,
    Check.CHECK_IN: _check_in,
    Check.BATCH: _batch,
    Check.DIRECTION: _direction,
    Check.REVOKED: _revoked,
}
