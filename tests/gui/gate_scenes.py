"""Every screen of a lane and of a classroom once, as a State: what the tests render and the gallery shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from kiosk.config import Config, GateConfig, ScreenConfig
from kiosk.domain.admission import (
    Check,
    Decision,
    Finding,
    Hardness,
    Lesson,
    Outcome,
    Pass,
    Result,
    Rule,
    Rules,
    Visit,
    Way,
)
from kiosk.domain.faces import Box, Quality, Sight
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.screening.reading import Basis, Cannot, Fever, NoReading, Reading
from kiosk.flows.core import Event
from kiosk.flows.gate.state import Ask, Attendance, Case, Devices, Guard, Line, Phase, State
from kiosk.flows.technician.state import Bench
from kiosk.flows.technician.state import Phase as Step
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup.state import Link
from tests.gui import technician_scenes
from tests.gui.scenes import NOW
from ui.gate import GateShell, gate_shell

GOOD, NOTED, BAD = Result.GOOD, Result.NOTED, Result.BAD
ALL = frozenset({"camera", "face", "thermal", "relay", "scanner", "sensor"})
READY = Devices(ALL, ALL)
SIGHT = Sight(7, Box(0.36, 0.2, 0.26, 0.5), Quality.GOOD, 0.0, 1.0, 100)
DAILY = Rules(
    checks=dict.fromkeys(Check, Rule()), head_turn=True, issued=NOW - 3600, no_reading=Hardness.DENY, limit=37.3
)
ZHANG = Pass("00000000000000a1", "张伟", Role.STUDENT, NOW - 600, enrolled=True)
LI = Pass("00000000000000b2", "李娜", Role.STUDENT, NOW - 600, enrolled=True)
VISITOR = Pass("v-1", "司徒文静", None, visit=Visit("v-1", "司徒文静", "刘敏", ("north",), NOW - 3600, NOW + 3600))
GUARD = Person("00000000000000d4", "T20001", "欧阳建国", "Ouyang Jianguo", Role.STAFF, {"duty": "gate"})


def reading(corrected: float, u: float = 0.3, basis: Basis = Basis.AMBIENT) -> Reading:
    """A reading of this temperature."""
    return Reading(corrected - 1.6, 24.0, 1.6, corrected, u, basis, 4)


NORMAL, HIGH = reading(36.4), reading(37.8)
CODE_FACE = Finding(Check.IDENTITY, GOOD, "code_face")
BELOW = Finding(Check.TEMPERATURE, GOOD, "below", {"value": "36.4 ± 0.3 ℃"})
ABOVE = Finding(Check.TEMPERATURE, BAD, "above_twice", {"value": "37.8 ± 0.3 ℃"})
IN_TODAY = Finding(Check.CHECK_IN, GOOD, "checked_in")
NOT_TODAY = Finding(Check.CHECK_IN, NOTED, "not_checked_in")
BATCH = Finding(Check.BATCH, GOOD, "batch_good", {"batch": "第三批", "begins": "08:00", "ends": "10:00"})
WRONG_BATCH = Finding(Check.BATCH, BAD, "batch_wrong_time", {"batch": "第三批", "begins": "14:00", "ends": "16:00"})
LIVE = Finding(Check.LIVENESS, GOOD, "live")
LESSON = Lesson(
    "l-1", "园林植物基础", "一教 203", NOW - 300, NOW + 5400, frozenset({ZHANG.person, *(f"p{n}" for n in range(29))})
)
SIGNED = frozenset(f"p{n}" for n in range(22))
CASE = Case("g:1:7", NOW, code="K", factors=frozenset({Factor.CODE}), allowed=ZHANG, track=7)


def _lane(**fields: Any) -> State:
    values: dict[str, Any] = {"session": 7, "devices": READY, "link": Link.ONLINE, "rules": DAILY, **fields}
    return State(**values)


def _showing(outcome: Outcome, *findings: Finding, said: str = "", **fields: Any) -> State:
    values: dict[str, Any] = {
        "measured": NORMAL,
        "noted": True,
        "receipt": "G2-20261124-084213-07",
        "factors": frozenset({Factor.CODE, Factor.FACE}),
        "decision": Decision(outcome, findings, Fever.UNKNOWN),
        **fields,
    }
    return _lane(phase=Phase.SHOWING, case=replace(CASE, **values), sight=SIGHT, said=said)


def _lines() -> tuple[Line, ...]:
    high = ("above_twice", "not_checked_in")
    kinds = (
        ("张*", Outcome.ALLOW, (), NORMAL, True, ""),
        ("李*", Outcome.REFER, high, HIGH, None, ""),
        ("", Outcome.REFUSE, ("unknown",), NoReading(Cannot.NO_FACE), None, ""),
        ("李*", Outcome.ALLOW, high, HIGH, True, "remeasured"),
        ("司***", Outcome.REFUSE, ("visit_wrong_gate",), None, None, ""),
        ("王*", Outcome.ALLOW, ("cannot_silent",), NoReading(Cannot.SILENT), False, ""),
    )
    return tuple(
        Line(f"k{n}", f"G2-{n}", NOW - 40 * n, who, outcome, why, heat, passed, hand)
        for n, (who, outcome, why, heat, passed, hand) in enumerate((kinds * 4)[:20])
    )


def _guarded(pane: str, **fields: Any) -> Guard:
    return replace(Guard(GUARD, pane, until=NOW + 28800), **fields)


def _class(**fields: Any) -> State:
    lines = tuple(
        Line(f"a{n}", "", NOW - 60 * n, name, Outcome.ALLOW, ())
        for n, name in enumerate(("王*", "李*", "欧***", "陈*", "赵**", "孙*", "周*", "吴**"))
    )
    return _lane(attendance=Attendance(LESSON, SIGNED), lines=lines, **fields)


def _signing(outcome: Outcome, *findings: Finding, **fields: Any) -> State:
    shown = _showing(outcome, *findings, measured=None, **fields)
    return replace(shown, attendance=Attendance(LESSON, SIGNED), lines=_class().lines)


def watching() -> dict[str, State]:
    """Nobody yet, or somebody who is asked for something."""
    asked = {f"ask_{ask.value}": _lane(sight=SIGHT, ask=ask) for ask in Ask if ask not in (Ask.NOTHING, Ask.DIGITS)}
    digits = replace(DAILY, way=Way.FACE_DIGITS)
    ways = {f"watching_{way.value}": _lane(rules=replace(DAILY, way=way)) for way in Way if way is not Way.CODE_FACE}
    return {
        "watching": _lane(),
        **ways,
        **asked,
        "ask_digits": _lane(
            phase=Phase.READING, rules=digits, sight=SIGHT, ask=Ask.DIGITS, case=Case("g", NOW, tail="00", track=7)
        ),
        "watching_far": _lane(sight=replace(SIGHT, box=Box(0.45, 0.3, 0.08, 0.16), quality=Quality.FAR)),
        "watching_others": _lane(sight=replace(SIGHT, others=2)),
        "watching_told": _lane(said="several_codes"),
        "watching_scanner": _lane(
            devices=Devices(frozenset({"scanner"}), frozenset({"scanner"})), rules=replace(DAILY, checks={})
        ),
        "watching_full": _lane(keeps=False, link=Link.OFFLINE),
        "watching_odd_word": _lane(said="a word of tomorrow"),
    }


def degraded() -> dict[str, State]:
    """Parts are away; the lane works by the rules."""
    away = {f"away_{part}": _lane(devices=Devices(ALL, ALL - {part})) for part in sorted(ALL - {"sensor"})}
    worst = Devices(ALL, frozenset({"scanner"}), {"thermal": "F-THM-01", "relay": "F-REL-01"})
    soft = replace(DAILY, no_reading=Hardness.LOG, no_face=Hardness.LOG)
    return {
        **away,
        "away_thermal_log": _lane(devices=Devices(ALL, ALL - {"thermal"}), rules=soft),
        "away_network": _lane(link=Link.OFFLINE, queued=12),
        "away_rules": _lane(rules=replace(DAILY, issued=NOW - 30 * 86400, max_age_s=86400)),
        "away_all": _lane(devices=worst, link=Link.OFFLINE, rules=replace(DAILY, issued=1.0)),
    }


def judging() -> dict[str, State]:
    """Somebody is being looked at."""
    waits = frozenset({"match", "measure"})
    case = replace(CASE, waits=waits)
    return {
        "reading_code": _lane(phase=Phase.READING, case=replace(CASE, allowed=None, waits=frozenset({"person"}))),
        "reading": _lane(phase=Phase.READING, case=case, sight=SIGHT),
        "reading_turn": _lane(
            phase=Phase.READING,
            case=replace(CASE, waits=frozenset({"turn"}), turn="left", measured=NORMAL),
            sight=SIGHT,
            ask=Ask.TURN_LEFT,
        ),
        "recheck": _lane(
            phase=Phase.RECHECK,
            case=replace(CASE, first=HIGH, match=Match(7, ZHANG.person), waits=frozenset({"measure"})),
            sight=SIGHT,
        ),
        "recording": _lane(phase=Phase.RECORDING, case=CASE, sight=SIGHT),
    }


def outcomes() -> dict[str, State]:
    """Every way in which it can end."""
    ten = [CODE_FACE, ABOVE, LIVE, Finding(Check.ROLE, GOOD, "role_good")]
    ten += [Finding(Check.DECLARATION, GOOD, "declared", {"date": "2026-03-01"}), NOT_TODAY, WRONG_BATCH]
    ten += [Finding(Check.DIRECTION, BAD, "already_inside"), Finding(Check.REVOKED, GOOD, "valid")]
    wrong_gate = Finding(Check.VISIT, BAD, "visit_wrong_gate", {"gates": "north、main"})
    unknown = Finding(Check.IDENTITY, BAD, "unsure_two_alike")
    silent = NoReading(Cannot.SILENT)
    raw = reading(33.1, 2.0, Basis.NONE)
    uncalibrated = Finding(Check.TEMPERATURE, NOTED, "cannot_uncalibrated")
    good = (CODE_FACE, BELOW, LIVE, IN_TODAY, BATCH)
    return {
        "allow": _showing(Outcome.ALLOW, *good),
        "allow_noted": _showing(
            Outcome.ALLOW, CODE_FACE, Finding(Check.TEMPERATURE, NOTED, "cannot_silent"), NOT_TODAY, measured=silent
        ),
        "allow_uncalibrated": _showing(Outcome.ALLOW, CODE_FACE, uncalibrated, measured=raw),
        "allow_old_data": _showing(
            Outcome.ALLOW, CODE_FACE, BELOW, Finding(Check.BATCH, NOTED, "data_old", {"date": "2026-02-26"})
        ),
        "allow_by_hand": _showing(Outcome.ALLOW, CODE_FACE, ABOVE, measured=HIGH, by_hand="remeasured", allowed=LI),
        "allow_stranger_by_hand": _showing(Outcome.ALLOW, allowed=None, measured=None, by_hand="escorted"),
        "allow_failed": _showing(Outcome.ALLOW, *good, said="gate_failed"),
        "allow_followed": _showing(Outcome.ALLOW, *good, said="followed"),
        "refer": _showing(Outcome.REFER, CODE_FACE, ABOVE, NOT_TODAY, BATCH, allowed=LI, measured=HIGH),
        "refer_face": _showing(Outcome.REFER, Finding(Check.IDENTITY, BAD, "unsure_too_far"), BELOW),
        "refer_cold": _showing(Outcome.REFER, CODE_FACE, BELOW, Finding(Check.LIVENESS, BAD, "cold")),
        "refuse": _showing(Outcome.REFUSE, CODE_FACE, WRONG_BATCH, measured=None),
        "refuse_many": _showing(Outcome.REFUSE, *ten, measured=HIGH),
        "refuse_visitor": _showing(
            Outcome.REFUSE, Finding(Check.IDENTITY, GOOD, "visitor"), wrong_gate, allowed=VISITOR, measured=None
        ),
        "unsure": _showing(Outcome.REFUSE, unknown, BELOW, allowed=None, match=Match(7, doubt=Doubt.TWO_ALIKE)),
        "unrecorded": _showing(Outcome.ALLOW, *good, said="not_recorded", noted=False, receipt=""),
    }


def guarding() -> dict[str, State]:
    """The guard's side, and help."""
    refer = outcomes()["refer"]
    return {
        "guard_pin": _lane(guard=Guard(pane="pin", number="T2000")),
        "guard_pin_wrong": _lane(guard=Guard(pane="pin", number="T20001", field="pin", problem="wrong")),
        "guard_pin_busy": _lane(guard=Guard(pane="pin", number="T20001", field="pin", busy=True)),
        "guard_list": replace(refer, guard=_guarded("list"), lines=_lines()),
        "guard_list_allow": replace(outcomes()["allow"], guard=_guarded("list"), lines=_lines()[:3]),
        "guard_list_empty": _lane(guard=_guarded("list")),
        "guard_list_faults": replace(degraded()["away_all"], guard=_guarded("list"), lines=_lines(), queued=12),
        "guard_reasons": replace(refer, guard=_guarded("reasons"), lines=_lines()),
        "help": _lane(help=True),
        "help_faults": replace(degraded()["away_all"], help=True),
    }


def attending() -> dict[str, State]:
    """A classroom's terminal."""
    on = Finding(Check.ROSTER, GOOD, "on_roster", {"title": LESSON.title})
    late = Finding(Check.ROSTER, NOTED, "late", {"minutes": "12"})
    return {
        "attend": _class(),
        "attend_nobody": replace(_class(), attendance=Attendance(LESSON, frozenset()), lines=()),
        "attend_full": replace(_class(), attendance=Attendance(LESSON, LESSON.members)),
        "attend_reading": _class(phase=Phase.READING, case=replace(CASE, waits=frozenset({"match"})), sight=SIGHT),
        "attend_away": _class(devices=Devices(ALL, ALL - {"camera"}), link=Link.OFFLINE),
        "attend_signed": _signing(Outcome.ALLOW, CODE_FACE, on),
        "attend_late": _signing(Outcome.ALLOW, CODE_FACE, late),
        "attend_already": _signing(Outcome.ALLOW, CODE_FACE, Finding(Check.ROSTER, NOTED, "already_signed")),
        "attend_stranger": _signing(
            Outcome.REFUSE, CODE_FACE, Finding(Check.ROSTER, BAD, "not_on_roster"), noted=False, allowed=LI
        ),
        "attend_no_lesson": replace(
            _showing(Outcome.REFUSE, CODE_FACE, Finding(Check.ROSTER, BAD, "no_lesson"), measured=None, noted=False)
        ),
        "attend_idle": _lane(),
        "attend_help": replace(_class(), help=True),
    }


def served() -> dict[str, State]:
    """A technician in place of whoever comes."""
    inside = Technician(9, Step.INSIDE, who=GUARD.id, bench=Bench(technician_scenes.broken_parts(NOW)))
    opened = replace(inside, bench=replace(inside.bench, part="thermal"))
    return {
        "served_pin": _lane(technician=Technician(9)),
        "served_board": _lane(technician=inside),
        "served_part": _lane(technician=opened),
        "served_help": _lane(technician=inside, help=True),
    }


def lanes() -> dict[str, State]:
    """Every state of a gate."""
    return {**watching(), **degraded(), **judging(), **outcomes(), **guarding(), **served()}


def config(landscape: bool = False, room: str = "") -> Config:
    """A lane of 1080 × 1920 or 1920 × 1080, or a classroom."""
    width, height = (1920, 1080) if landscape else (1080, 1920)
    return Config(screen=ScreenConfig(width=width, height=height), gate=GateConfig(room=room))


def shell(landscape: bool = False, post: Callable[[Event], None] = lambda event: None, room: str = "") -> GateShell:
    """A lane's window with both pictures."""
    from tests.gui.fixtures import Stopped, texts

    made = gate_shell(config(landscape, room), texts(), Stopped(), post)
    made.live(lambda: (1, somebody()))
    made.thermal(lambda: (1, warmth()))
    return made


def somebody() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What the lane's camera would see: 1280 × 720, BGR, an oval for a face; red at the picture's left edge."""
    scene = np.full((720, 1280, 3), (92, 84, 70), np.uint8)
    scene[:, :24] = (60, 60, 200)
    cv2.ellipse(scene, (627, 760), (260, 200), 0, 0, 360, (120, 90, 60), -1)
    cv2.ellipse(scene, (627, 324), (150, 172), 0, 0, 360, (170, 190, 220), -1)
    return scene


def warmth() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """What the thermal camera would see: 32 × 24, BGR, one warm spot."""
    y, x = np.mgrid[0:24, 0:32]
    level = np.clip(255 - 16 * np.hypot(x - 16, y - 11), 0, 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(level, cv2.COLORMAP_INFERNO), np.uint8)
