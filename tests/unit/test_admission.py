"""Who may pass: every check, its hardness and order, and all reasons at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk.domain.admission import (
    BUILT_IN,
    Check,
    Decision,
    Direction,
    Entrant,
    Hardness,
    Lesson,
    Order,
    Outcome,
    Pass,
    Place,
    Result,
    Rule,
    Rules,
    Window,
    decide,
    decide_before,
)
from kiosk.domain.faces import Liveness
from kiosk.domain.matching.match import Doubt
from kiosk.domain.people import Factor, Role
from kiosk.domain.screening.reading import Basis, Cannot, Measured, NoReading
from tests.unit.gate_kit import COOL, FEVER, HOUR, MAYBE, NOW, RULES, WEI, a_pass, sure, unsure, visitor

BOTH = frozenset({Factor.CODE, Factor.FACE})
EAST = Place("east")


def judged(
    found: Pass | None = None,
    measured: Measured | None = COOL,
    rules: Rules = RULES,
    place: Place = EAST,
    readings: int = 1,
    now: float = NOW,
    **more: object,
) -> Decision:
    entrant = Entrant(found or a_pass(), BOTH, sure(), Liveness.NOT_ASKED)
    return decide(replace(entrant, **more), measured, rules, place, now, readings)  # type: ignore[arg-type]


def test_somebody_with_everything_in_order_may_pass_and_all_findings_are_told() -> None:
    found = judged()
    assert found.outcome is Outcome.ALLOW
    words = {each.check: each.word for each in found.findings}
    assert words[Check.IDENTITY] == "code_face"
    assert words[Check.TEMPERATURE] == "below"
    assert words[Check.BATCH] == "batch_good"
    assert words[Check.CHECK_IN] == "checked_in"
    assert found.reasons == ()


def test_all_reasons_are_told_not_only_the_first() -> None:
    window = Window("第二批", NOW + HOUR, NOW + 2 * HOUR)
    found = judged(a_pass(window=window, checked_in=None, revoked=True), FEVER)
    assert set(found.reasons) == {"above", "not_checked_in", "batch_wrong_time", "revoked"}
    assert found.outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    ("measured", "readings", "outcome", "word"),
    [
        (COOL, 1, Outcome.ALLOW, "below"),
        (MAYBE, 1, Outcome.RECHECK, "between"),
        (MAYBE, 2, Outcome.REFER, "between_twice"),
        (FEVER, 1, Outcome.REFER, "above"),
        (FEVER, 2, Outcome.REFER, "above_twice"),
        (replace(COOL, basis=Basis.NONE, u=2.0), 1, Outcome.REFER, "cannot_uncalibrated"),
        (NoReading(Cannot.TOO_FAR), 1, Outcome.RECHECK, "cannot_too_far"),
        (NoReading(Cannot.TOO_FAR), 2, Outcome.REFER, "cannot_too_far"),
        (NoReading(Cannot.TOO_COLD), 1, Outcome.REFER, "cannot_too_cold"),
        (NoReading(Cannot.SILENT), 1, Outcome.REFER, "cannot_silent"),
    ],
)
def test_temperature(measured: Measured, readings: int, outcome: Outcome, word: str) -> None:
    found = judged(measured=measured, readings=readings)
    assert (found.outcome, next(f.word for f in found.findings if f.check is Check.TEMPERATURE)) == (outcome, word)


def test_the_limit_counts_with_the_uncertainty_on_its_side() -> None:
    assert judged(measured=replace(COOL, corrected=36.99)).outcome is Outcome.ALLOW
    assert judged(measured=replace(COOL, corrected=37.0)).outcome is Outcome.RECHECK
    assert judged(measured=replace(COOL, corrected=37.6)).outcome is Outcome.RECHECK
    assert judged(measured=replace(COOL, corrected=37.61)).outcome is Outcome.REFER


def test_the_policy_has_the_word_after_two_readings_in_between() -> None:
    kind = replace(RULES, between=Outcome.ALLOW)
    assert judged(measured=MAYBE, rules=kind, readings=2).outcome is Outcome.ALLOW


def test_a_lane_may_be_told_to_work_without_temperatures() -> None:
    assert judged(measured=NoReading(Cannot.NO_CAMERA)).outcome is Outcome.REFER
    soft = judged(measured=NoReading(Cannot.NO_CAMERA), rules=replace(RULES, no_reading=Hardness.LOG))
    assert (soft.outcome, soft.reasons) == (Outcome.ALLOW, ("cannot_no_camera", "liveness_unknown"))


@pytest.mark.parametrize(
    ("doubt", "outcome"),
    [(Doubt.TOO_FAR, Outcome.REFER), (Doubt.TWO_ALIKE, Outcome.REFER), (Doubt.NO_GOOD_FRAME, Outcome.REFER)],
)
def test_a_code_with_somebody_elses_face_is_for_the_guard(doubt: Doubt, outcome: Outcome) -> None:
    found = judged(factors=frozenset({Factor.CODE}), match=unsure(doubt))
    assert (found.outcome, found.findings[0].word) == (outcome, f"unsure_{doubt}")


def test_without_a_recogniser_the_code_may_do_where_the_policy_says_so() -> None:
    away = unsure(Doubt.ENGINE_AWAY)
    soft = replace(RULES, no_face=Hardness.LOG)
    assert judged(factors=frozenset({Factor.CODE}), match=away).outcome is Outcome.REFER
    assert judged(factors=frozenset({Factor.CODE}), match=away, rules=soft).outcome is Outcome.ALLOW


def test_who_is_not_enrolled_passes_by_code_alone() -> None:
    found = judged(a_pass(enrolled=False), factors=frozenset({Factor.CODE}), match=None)
    assert (found.outcome, found.findings[0].word) == (Outcome.ALLOW, "code_only")


def test_nobody_passes_unknown_whatever_the_rules_log() -> None:
    lax = replace(RULES, checks={check: Rule(Order.AFTER, Hardness.LOG) for check in Check})
    found = decide(Entrant(None, match=unsure()), COOL, lax, EAST, NOW)
    assert (found.outcome, found.findings[0].word) == (Outcome.REFUSE, "unsure_too_far")


def test_a_cold_face_is_a_picture() -> None:
    assert judged(measured=replace(COOL, warm=False)).outcome is Outcome.REFER
    assert "cold" in judged(measured=replace(COOL, warm=False)).reasons
    by_code = judged(a_pass(enrolled=False), replace(COOL, warm=False), factors=frozenset({Factor.CODE}), match=None)
    assert by_code.outcome is Outcome.ALLOW


@pytest.mark.parametrize("liveness", [Liveness.SWAPPED, Liveness.STILL])
def test_a_swap_or_a_face_that_does_not_turn_is_for_the_guard(liveness: Liveness) -> None:
    assert judged(liveness=liveness).outcome is Outcome.REFER


@pytest.mark.parametrize(
    ("change", "word", "outcome"),
    [
        ({"gates": ("south",)}, "visit_wrong_gate", Outcome.REFUSE),
        ({"begins": NOW + 60}, "visit_not_yet", Outcome.REFUSE),
        ({"ends": NOW - 60}, "visit_over", Outcome.REFUSE),
        ({}, "visit_good", Outcome.ALLOW),
    ],
)
def test_a_visitors_code_is_bound_to_gate_and_hours(change: dict[str, object], word: str, outcome: Outcome) -> None:
    found = judged(visitor(**change), factors=frozenset({Factor.CODE}), match=None)
    assert (found.outcome, word in {each.word for each in found.findings}) == (outcome, True)


def test_batches_are_for_students() -> None:
    assert judged(a_pass(window=None)).reasons == ("no_batch",)
    assert judged(a_pass(window=None, role=Role.STAFF)).outcome is Outcome.ALLOW


def test_anti_passback_both_ways() -> None:
    out = replace(EAST, direction=Direction.OUT)
    assert judged(a_pass(inside=True)).reasons == ("already_inside",)
    assert judged(a_pass(inside=False)).outcome is Outcome.ALLOW
    assert judged(a_pass(inside=False), place=out).reasons == ("already_outside",)


def test_roles_and_health() -> None:
    rules = replace(RULES, checks={**RULES.checks, Check.ROLE: Rule(), Check.DECLARATION: Rule()})
    staff_gate = replace(EAST, roles=frozenset({Role.STAFF}))
    assert judged(rules=rules, place=staff_gate).outcome is Outcome.REFUSE
    assert judged(a_pass(healthy=False), rules=rules).reasons == ("not_healthy",)
    assert judged(a_pass(declared=None), rules=rules).outcome is Outcome.REFER
    assert judged(a_pass(declared=None)).outcome is Outcome.ALLOW


def test_yesterdays_check_in_is_none_today() -> None:
    assert judged(a_pass(checked_in=date(2026, 3, 1))).reasons == ("not_checked_in",)


def test_old_data_stop_nobody_on_what_the_centre_may_have_learnt_since() -> None:
    old = a_pass(as_of=NOW - 40 * HOUR, window=None, checked_in=None)
    found = judged(old)
    assert (found.outcome, set(found.reasons)) == (Outcome.ALLOW, {"data_old"})
    assert judged(replace(old, revoked=True)).outcome is Outcome.REFUSE
    stale = replace(RULES, issued=NOW - 90 * HOUR)
    assert judged(a_pass(window=None), rules=stale).outcome is Outcome.ALLOW
    assert judged(a_pass(), FEVER, rules=stale).outcome is Outcome.REFER


def test_only_makes_all_other_checks_advice() -> None:
    only = replace(RULES, checks={**RULES.checks, Check.TEMPERATURE: Rule(Order.ONLY)})
    assert judged(a_pass(revoked=True, window=None), rules=only).outcome is Outcome.ALLOW
    assert judged(a_pass(), FEVER, rules=only).outcome is Outcome.REFER


def test_before_ends_it_before_a_temperature_is_taken() -> None:
    entrant = Entrant(a_pass(revoked=True), BOTH, sure())
    assert decide_before(entrant, RULES, EAST, NOW).outcome is Outcome.REFUSE
    late = Entrant(a_pass(window=None), BOTH, sure())
    assert decide_before(late, RULES, EAST, NOW).outcome is Outcome.ALLOW
    early = replace(RULES, checks={**RULES.checks, Check.BATCH: Rule(Order.BEFORE)})
    assert decide_before(late, early, EAST, NOW).outcome is Outcome.REFUSE


def test_built_in_rules_know_identity_fever_and_revocation_alone() -> None:
    bare = a_pass(window=None, checked_in=None, declared=None)
    assert judged(bare, rules=BUILT_IN).outcome is Outcome.ALLOW
    assert judged(bare, FEVER, rules=BUILT_IN).outcome is Outcome.REFER
    assert judged(replace(bare, revoked=True), rules=BUILT_IN).outcome is Outcome.REFUSE


def test_a_class_takes_its_roster_and_no_temperature() -> None:
    lesson = Lesson("l1", "高等数学", "3-201", NOW, NOW + HOUR, frozenset({WEI}))
    room = Place("room", lesson=lesson, attendance=True)
    assert judged(measured=None, place=room).outcome is Outcome.ALLOW
    assert judged(a_pass("00000000000000b2"), None, place=room).reasons == ("not_on_roster",)
    assert judged(measured=None, place=replace(room, lesson=None)).reasons == ("no_lesson",)
    late = judged(measured=None, place=room, now=NOW + 600)
    assert (late.outcome, late.reasons) == (Outcome.ALLOW, ("late",))
    again = judged(measured=None, place=replace(room, signed=frozenset({WEI})))
    assert (again.outcome, again.reasons) == (Outcome.ALLOW, ("already_signed",))


def test_findings_come_in_one_order_and_bad_ones_are_marked() -> None:
    found = judged(a_pass(revoked=True), FEVER).findings
    assert [each.check for each in found] == [check for check in Check if check in {each.check for each in found}]
    assert {each.check for each in found if each.result is Result.BAD} == {Check.TEMPERATURE, Check.REVOKED}
