"""The screens about faces, each once, as a State."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.consent import CURRENT
from kiosk.domain.faces import Box, Quality, Sight
from kiosk.domain.people import Factor
from kiosk.domain.portraits import POSES
from kiosk.flows.walkup.state import (
    Entry,
    Errand,
    FaceRecord,
    Link,
    Message,
    Outcome,
    Saving,
    Screen,
    Shot,
    State,
    Station,
    Visit,
)

Make = Callable[..., State]
BOX = Box(0.42, 0.22, 0.2, 0.4)
MOVING = {"shots_nobody", "shots", "shots_turn", "shots_all", "shots_away", "look", "factor_face_code"}
"""Scenes with a live picture."""


def sight(turn: float = 0.0, quality: Quality = Quality.GOOD, others: int = 0) -> Sight:
    """One face in view."""
    return Sight(7, BOX, quality, turn, 10.0, 100, others)


def screens(make: Make, station: Station, visit: Visit, now: float) -> dict[str, State]:
    """Name → state; `make` fills in what stands around."""
    seeing = replace(station, face=True, gallery=1200, fitted=frozenset({"scanner", "camera", "face"}))
    known = replace(visit, face_known=True)
    listed = replace(known, face=FaceRecord(CURRENT, now - 4e6))

    def state(screen: Screen, **fields: object) -> State:
        return make(screen, **{"station": seeing, "visit": known, **fields})

    def shots(taken: int, **fields: object) -> State:
        done = tuple(Shot(pose, 0.0, n) for n, pose in enumerate(POSES[:taken], 1))
        return state(Screen.SHOTS, errand=Errand("k-face", CURRENT, shots=done, track=7), **fields)

    def ended(outcome: Outcome, saving: Saving = Saving.ENROLLING, **fields: object) -> State:
        return state(Screen.FACE_DONE, errand=Errand("k-face", saving=saving, outcome=outcome), **fields)

    offline = replace(seeing, link=Link.OFFLINE)
    nobody = {"visit": None}
    return {
        "attract_face": state(Screen.ATTRACT, **nobody),
        "digits": state(Screen.DIGITS, entry=Entry("001"), **nobody),
        "look": state(Screen.LOOK, sight=sight(), looking=1, **nobody),
        "look_doubt": state(Screen.ATTRACT, message=Message("face.not_confirmed", {}, "stop"), **nobody),
        "home_face": state(Screen.HOME),
        "home_enrolled": state(Screen.HOME, visit=listed),
        "factor_face": state(Screen.FACTOR, item="enrolment", visit=listed, entry=Entry("20230017", "13", "pin")),
        "factor_face_code": state(
            Screen.FACTOR,
            item="enrolment",
            visit=replace(listed, factors=frozenset({Factor.NUMBER, Factor.PIN})),
        ),
        "factor_enrol": state(Screen.FACTOR, back=(Screen.CONSENT,), entry=Entry("20230017", "", "pin")),
        "consent": state(Screen.CONSENT),
        "consent_away": state(Screen.CONSENT, station=station),
        "shots_nobody": shots(0),
        "shots": shots(0, sight=sight()),
        "shots_turn": shots(1, sight=sight(0.05)),
        "shots_away": shots(1, station=station),
        "shots_all": shots(3, sight=sight()),
        "saving": state(Screen.SAVING, errand=Errand("k-face", saving=Saving.ENROLLING)),
        "saving_withdraw": state(Screen.SAVING, errand=Errand("k-face", saving=Saving.WITHDRAWING)),
        "face": state(Screen.FACE, visit=listed),
        "face_older": state(Screen.FACE, visit=replace(known, face=FaceRecord("2025-01", now - 4e7))),
        "withdraw": state(Screen.WITHDRAW, visit=listed),
        "face_done": ended(Outcome.ENROLLED),
        "face_done_offline": ended(Outcome.ENROLLED, station=offline),
        "face_doubled": ended(Outcome.DOUBLED, Saving.CHECKING),
        "face_not_checked": ended(Outcome.NOT_CHECKED, Saving.CHECKING),
        "face_not_saved": ended(Outcome.NOT_SAVED),
        "face_unsure": ended(Outcome.UNSURE),
        "face_withdrawn": ended(Outcome.WITHDRAWN, Saving.WITHDRAWING, station=offline),
        "face_not_withdrawn": ended(Outcome.NOT_SAVED, Saving.WITHDRAWING),
    }
