"""The guard's side: sign in, the last twenty with their reasons, and opening by hand with a reason on record."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.admission import Outcome
from kiosk.flows.gate.state import Guard, Line, Phase
from ui.present.frame import masked
from ui.present.gate import result, watch
from ui.present.gate.kinds import icon, kind, tone
from ui.present.gate.lane import place
from ui.present.gate.scene import GateScene
from ui.present.scene import NO_NOTICE, View, button, clipped, notice

NOTHING: View = {"screen": "", "key": "", "body": {}, "whole": False}
REASONS = ("remeasured", "papers", "escorted", "device", "emergency")
PHASES = {phase: f"G{number:02d}" for number, phase in enumerate(Phase, 1)}
MOST_LINES = 20
ROWS = ("123", "456", "789")
TONES = {Outcome.ALLOW: "go", Outcome.RECHECK: "wait", Outcome.REFER: "stop", Outcome.REFUSE: "stop"}


def overlay(scene: GateScene) -> View:
    """What lies over the decision: help, or the guard's pane."""
    pane = scene.state.guard.pane
    if scene.state.help:
        return {"screen": "Help", "key": "help", "body": help_page(scene), "whole": False}
    if not pane:
        return NOTHING
    screen, make = {
        "pin": ("GateGuardPin", pin),
        "list": ("GateGuardList", listed),
        "reasons": ("GateGuardReasons", reasons),
    }[pane]
    return {"screen": screen, "key": f"guard.{pane}", "body": make(scene), "whole": False}


def now(scene: GateScene) -> View:
    """How it stands at the lane meanwhile, in one line over the pane."""
    if scene.state.phase is Phase.SHOWING:
        shown = result.body(scene)
        detail = " · ".join(part for part in (shown["person"], shown["temperature"]) if part) or shown["sub"]
        name = kind(scene.state)
        return {"tone": tone(name), "icon": icon(name), "title": shown["title"], "line": detail}
    shown = watch.body(scene)
    return {"tone": "brand", "icon": shown["icon"], "title": " ".join(shown["title"].split("\n")), "line": ""}


def pin(scene: GateScene) -> View:
    """Number and PIN on the digit pad."""
    guard = scene.state.guard
    ready = bool(guard.number and guard.pin)
    word = "pin.checking" if guard.busy else "pin.confirm" if ready or guard.field == "pin" else "pin.to_pin"
    live = not guard.busy and bool(guard.number) and (ready or guard.field == "number")
    problem = scene.word("gate.problem", guard.problem, "unknown") if guard.problem else ""
    return {
        "now": now(scene),
        "title": scene.t("gate.guard.title"),
        "hint": scene.t("gate.guard.hint"),
        "boxes": [
            _box(scene, "number", guard.number, guard),
            _box(scene, "pin", "●" * len(guard.pin), guard),
        ],
        "keys": _keys(scene, guard),
        "notice": notice(problem, "stop", "alert") if problem else NO_NOTICE,
        "acts": [
            button("confirm", scene.t(word), tone="primary", live=live),
            button("guard_close", scene.t("gate.guard.close")),
        ],
    }


def listed(scene: GateScene) -> View:
    """The last twenty, newest first."""
    lines = scene.state.lines[:MOST_LINES]
    return {
        "now": now(scene),
        "title": _who(scene),
        "hint": " · ".join(part for part in _about(scene, lines) if part),
        "rows": [_line(scene, line) for line in lines],
        "state": _state(scene),
        "out": button("guard_out", scene.t("gate.guard.out")),
        "acts": [
            *([] if scene.attends else [button("by_hand", scene.t("gate.guard.by_hand"), tone="primary")]),
            button("guard_close", scene.t("gate.guard.close")),
        ],
    }


def reasons(scene: GateScene) -> View:
    """Five reasons; one press opens."""
    return {
        "now": now(scene),
        "title": scene.t("gate.guard.reasons"),
        "hint": scene.t("gate.guard.reasons_hint"),
        "rows": [button("open_by_hand", scene.t(f"gate.by_hand.{name}"), payload=name) for name in REASONS],
        "acts": [
            button("guard", scene.t("gate.guard.back")),
            button("guard_close", scene.t("gate.guard.close")),
        ],
    }


def help_page(scene: GateScene) -> View:
    """What to do here, whom to call, and what to tell them."""
    state, terminal = scene.state, scene.world.terminal
    name = "attend" if scene.attends else watch.way(scene)
    rows = [
        {"label": scene.t("help.number"), "text": f"{terminal.id}-{PHASES[state.phase]}"},
        {"label": scene.t("help.place"), "text": place(scene)},
    ]
    faults = _faults(scene)
    return {
        "title": scene.t("help.title"),
        "text": scene.t(f"gate.help.{name}"),
        "call": scene.t("help.call"),
        "phone": terminal.help_phone,
        "rows": [*rows, {"label": scene.t("help.faults"), "text": faults}] if faults else rows,
        "acts": [button("help_close", scene.t("help.close"), tone="primary")],
    }


def _line(scene: GateScene, line: Line) -> View:
    at = text.clock_time(scene.language, line.at)
    hand = scene.t("gate.guard.hand", reason=result.reason(scene, line.by_hand)) if line.by_hand else ""
    words = [scene.word("gate.reason", word, "cannot_confirm") for word in line.reasons]
    outcome = scene.t(f"gate.outcome.{line.outcome}")
    return {
        "time": at,
        "person": clipped(line.person, 24) or scene.t("gate.guard.passed_unknown"),
        "outcome": outcome,
        "tone": TONES[line.outcome],
        "icon": "tick" if line.outcome is Outcome.ALLOW else "halt",
        "reasons": clipped(" · ".join([hand] if hand else words), 80),
        "temperature": result.number(line.temperature) or scene.t("gate.guard.no_reading"),
        "passed": _passed(scene, line.passed),
    }


def _passed(scene: GateScene, passed: bool | None) -> str:
    if passed is None:
        return ""
    return scene.t("gate.guard.passed" if passed else "gate.guard.not_passed")


def _who(scene: GateScene) -> str:
    person = scene.state.guard.person
    if person is None:
        return scene.t("gate.duty")
    name = person.name if scene.language == "zh" else person.name_en or person.name
    return scene.t("gate.guard.who", name=masked(name))


def _about(scene: GateScene, lines: tuple[Line, ...]) -> list[str]:
    """Until when, how many, and what the temperatures are not."""
    told = any(result.number(line.temperature) for line in lines)
    count = scene.t("gate.guard.list", count=len(lines)) if lines else scene.t("gate.guard.none")
    return [_until(scene), count, scene.t("gate.screening_short") if told else ""]


def _until(scene: GateScene) -> str:
    until = scene.state.guard.until
    return scene.t("gate.guard.until", time=text.clock_time(scene.language, until)) if until else ""


def _state(scene: GateScene) -> str:
    """Faults and what waits to be sent, for the one who is asked why."""
    faults, queued = _faults(scene), scene.state.queued
    parts = [scene.t("gate.guard.faults", codes=faults)] if faults else []
    return " · ".join([*parts, scene.t("gate.guard.queued", count=queued)] if queued else parts)


def _faults(scene: GateScene) -> str:
    return " ".join(sorted(set(scene.state.devices.faults.values()))[:4])


def _box(scene: GateScene, field: str, shown: str, guard: Guard) -> View:
    return {
        "act": "entry_field",
        "payload": field,
        "label": scene.t(f"pin.{field}"),
        "text": shown,
        "empty": scene.t(f"pin.{field}_empty"),
        "active": guard.field == field,
        "live": not guard.busy,
        "secret": field == "pin",
    }


def _keys(scene: GateScene, guard: Guard) -> list[View]:
    live = not guard.busy
    digits = [button("digit", digit, payload=digit, live=live) for row in ROWS for digit in row]
    letter = button("digit", "T", payload="T", live=live)
    left = letter if guard.field == "number" else button("clear", scene.t("pad.clear"), live=live)
    zero = button("digit", "0", payload="0", live=live)
    return [*digits, left, zero, button("erase", scene.t("pad.erase"), live=live, icon="erase")]
