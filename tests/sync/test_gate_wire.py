"""The gate's messages: what a lane writes is taken, and nothing that only looks like it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from kiosk.config import GateConfig
from kiosk.domain.admission import Check, Decision, Finding, Outcome, Pass, Place, Result, Visit
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.screening.reading import Basis, Cannot, NoReading, Reading
from kiosk.flows.gate import record as records
from kiosk.flows.gate.state import Case, Guard, Policy, State
from kiosk.flows.walkup.events import Record
from sync import vectors
from sync.wire import BODIES, NEWEST, CodeAsk
from sync.wire_gate import Decided, FaceEnrolled, ReadingBody, TemplateRow
from tests.sync.gate_kit import START, template_row, templates
from tests.sync.helpers import PERSON

POLICY = Policy(Place("east"), GateConfig(), "b00t")
FINDINGS = (Finding(Check.IDENTITY, Result.GOOD, "code_face"), Finding(Check.BATCH, Result.BAD, "batch_wrong_time"))
DECISION = Decision(Outcome.REFUSE, FINDINGS)
COOL = Reading(35.1, 22.0, 1.3, 36.4, 0.3, Basis.REFERENCE, 4)
MATCH = Match(1, PERSON, Doubt.NONE, 0.42, 0.9, float("inf"), 3, 176, True)
CASE = Case("g:b00t:1", START, frozenset({Factor.CODE, Factor.FACE}), decision=DECISION, match=MATCH, measured=COOL)
WEI = Pass(PERSON, "张伟", Role.STUDENT)
VISITOR = Pass("00000000000000f9", "孙访客", None, visit=Visit("00000000000000f9", "孙访客", "张", ("east",), 1.0, 2.0))


def written(case: Case, state: State = State()) -> Record:
    """The record that the lane asks for."""
    _, effects = records.record(state, case, POLICY)
    return next(effect for effect in effects if isinstance(effect, Record))


@pytest.mark.parametrize(
    "case",
    [
        replace(CASE, allowed=WEI),
        replace(CASE, allowed=WEI, first=replace(COOL, corrected=37.4), readings=2),
        replace(CASE, allowed=WEI, first=NoReading(Cannot.TOO_FAR), measured=NoReading(Cannot.UNSTEADY, True)),
        replace(CASE, allowed=VISITOR, match=None, measured=None),
        replace(CASE, factors=frozenset()),
    ],
)
def test_every_decision_of_a_lane_is_taken(case: Case) -> None:
    made = written(case)
    body = BODIES[made.kind, NEWEST[made.kind]].model_validate({**made.body, "receipt": "ZD-1"})
    assert isinstance(body, Decided)
    assert [each["word"] for each in body.findings] == ["code_face", "batch_wrong_time"]


def test_an_opening_by_hand_and_a_passage_are_taken() -> None:
    guard = Guard(Person("00000000000000c3", "T2", "郑", "Zheng", Role.STAFF, {}))
    made = written(replace(CASE, by_hand="confirmed", of="g:b00t:0"), State(guard=guard))
    assert made.kind == "gate.opened"
    BODIES[made.kind, NEWEST[made.kind]].model_validate(made.body)
    went = records.passed(CASE, True, START)
    BODIES[went.kind, 1].model_validate(went.body)


@pytest.mark.parametrize(
    "reading",
    [
        {},
        {"why": "too_far", "raw": 36.0},
        {"raw": 36.0, "corrected": 36.4},
        {"why": "made_up"},
        {"raw": float("nan"), "offset": 0, "corrected": 36.4, "u": 0.3, "basis": "ambient", "frames": 4},
    ],
)
def test_half_a_reading_is_none(reading: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReadingBody.model_validate(reading)


def test_pictures_and_templates_have_no_place_in_a_decision() -> None:
    body = written(CASE).body
    for stowaway in ({"picture": "…"}, {"vectors": "…"}, {"name": "张伟"}):
        with pytest.raises(ValidationError):
            Decided.model_validate({**body, **stowaway})


def test_templates_survive_the_wire_within_half_precision() -> None:
    made = templates(1, 5)
    assert np.abs(vectors.unpack(vectors.pack(made), 5) - made).max() < 0.0003
    apart = np.linalg.norm(made[0] - made[1])
    small = vectors.unpack(vectors.pack(made), 5)
    assert abs(np.linalg.norm(small[0] - small[1]) - apart) < 0.0002


@pytest.mark.parametrize(
    "made",
    [
        np.ones((6, 128)),
        np.ones((0, 128)),
        np.ones(128),
        np.ones((1, 8)),
        np.zeros((1, 128)),
        np.full((1, 128), 1e9),
        np.full((2, 128), np.nan),
    ],
)
def test_what_is_no_template_is_not_packed(made: Any) -> None:
    with pytest.raises(ValueError, match=r"template|bytes"):
        vectors.pack(np.asarray(made, np.float32))


@pytest.mark.parametrize("text", ["", "????", "AAAA", "=" * 8, "A" * 343])
def test_what_is_no_base64_of_templates_is_not_unpacked(text: str) -> None:
    with pytest.raises(ValueError, match=r"templates|bytes"):
        vectors.unpack(text, 1)


def test_an_enrolment_says_how_many_rows_it_has() -> None:
    row = template_row(1)
    TemplateRow.model_validate(row)
    good = {"person": PERSON, "model": "m", "rows": 3, "vectors": row["vectors"], "consent": {"version": "1", "at": 1}}
    FaceEnrolled.model_validate(good)
    for bad in ({"rows": 5}, {"rows": 0}, {"vectors": "AAAA"}, {"person": "x"}, {"consent": {"at": 1}}):
        with pytest.raises(ValidationError):
            FaceEnrolled.model_validate({**good, **bad})


@pytest.mark.parametrize(
    "ask",
    [{}, {"number": "1"}, {"pin": "1"}, {"number": "1", "pin": "2", "visit": "t"}, {"number": "1", "visit": "t"}],
)
def test_a_code_is_asked_for_in_one_way(ask: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CodeAsk.model_validate(ask)
