"""Nobody is there yet, or somebody is being looked at: one sentence, one sign, no drama."""

from __future__ import annotations

from kiosk.domain.admission import Check, Way
from kiosk.domain.faces import Quality
from kiosk.domain.people import Factor
from kiosk.flows.gate.state import Ask, Case, Phase, State
from ui.present.gate.scene import GateScene
from ui.present.scene import View, button

TAIL = 4
ROWS = ("123", "456", "789")
WAYS = {Way.CODE_FACE: "code", Way.FACE: "face", Way.FACE_DIGITS: "face", Way.CODE: "code"}
ASKS = {
    Ask.CODE: "code",
    Ask.FACE: "face",
    Ask.DIGITS: "face",
    Ask.TURN_LEFT: "turn_left",
    Ask.TURN_RIGHT: "turn_right",
    Ask.HOLD_STILL: "face",
}
STANDING = frozenset({Ask.NOTHING, Ask.FACE, Ask.HOLD_STILL})
"""What is asked while a better picture of the face would help."""


def body(scene: GateScene) -> View:
    """Sign, sentence, hint, and how far the reading is."""
    icon, title, hint, tone = _said(scene)
    return {
        "icon": icon,
        "title": title,
        "hint": _quality(scene) or hint,
        "tone": tone,
        "steps": steps(scene),
    }


def digits(scene: GateScene) -> View:
    """The last digits of the number: boxes and a pad."""
    case = scene.state.case
    tail = case.tail if case else ""
    return {
        "title": scene.t("gate.ask.digits"),
        "hint": scene.t("gate.ask.digits_hint"),
        "boxes": [{"text": tail[n : n + 1], "active": n == len(tail)} for n in range(TAIL)],
        "keys": _keys(scene, tail),
    }


def way(scene: GateScene) -> str:
    """How people are recognised here today: without a camera nobody's face is."""
    devices = scene.state.devices
    faces = devices.works("camera") and devices.works("face")
    return scene.state.rules.way.value if faces else Way.CODE.value


def steps(scene: GateScene) -> list[View]:
    """What is known, what is being looked at, what is still to come; empty while nobody is there."""
    state, case = scene.state, scene.state.case
    if case is None or state.phase not in (Phase.READING, Phase.RECHECK):
        return []
    parts = ["code"] if case.code or Factor.CODE in case.factors else []
    parts += ["face"] if _face(state, case) else []
    parts += ["temperature"] if Check.TEMPERATURE in state.rules.checks and not scene.attends else []
    return [{"text": scene.t(f"gate.step.{name}"), "state": _stage(name, case)} for name in parts]


def _face(state: State, case: Case) -> bool:
    return state.rules.way is not Way.CODE and (case.allowed is None or case.allowed.enrolled or bool(case.match))


def _stage(name: str, case: Case) -> str:
    """done | now | next. A face or a temperature that could not be had counts as looked at, not as good."""
    if name == "code":
        return "now" if "person" in case.waits and Factor.CODE not in case.factors else "done"
    if name == "face":
        return "now" if case.waits & {"match", "turn"} else "done" if case.match else "next"
    return "now" if "measure" in case.waits else "done" if case.measured else "next"


def _said(scene: GateScene) -> tuple[str, str, str, str]:
    """Sign, sentence, hint, tone."""
    state = scene.state
    if state.phase is Phase.WATCHING and state.said:
        return "alert", scene.word("gate.said", state.said, "cannot_confirm"), "", "wait"
    if state.ask is not Ask.NOTHING and state.phase is not Phase.RECORDING:
        return ASKS[state.ask], scene.t(f"gate.ask.{state.ask}"), _hint(scene, "ask", state.ask), "brand"
    if state.phase is not Phase.WATCHING:
        icon = "clock" if state.phase is Phase.RECORDING else "face"
        return icon, scene.t(f"gate.phase.{state.phase}"), scene.t(f"gate.phase.{state.phase}_hint"), "brand"
    if scene.attends and state.attendance.lesson is None:
        return "clock", scene.t("gate.attend.no_lesson"), scene.t("gate.attend.no_lesson_hint"), "muted"
    name = way(scene)
    return WAYS[Way(name)], scene.t(f"gate.watch.{name}"), _hint(scene, "watch", name), "brand"


def _hint(scene: GateScene, table: str, name: str) -> str:
    """Without a camera the code goes before the scanner's window."""
    if name == Ask.CODE and not scene.state.devices.works("camera"):
        return scene.t("gate.use_scanner")
    return scene.t(f"gate.{table}.{name}_hint")


def _quality(scene: GateScene) -> str:
    """What the person can do for a better picture."""
    state, sight = scene.state, scene.state.sight
    looking = state.phase in (Phase.WATCHING, Phase.READING, Phase.RECHECK) and state.ask in STANDING
    if sight is None or not looking or state.said or way(scene) == Way.CODE:
        return ""
    if sight.others:
        return scene.t("gate.quality.others")
    return "" if sight.quality is Quality.GOOD else scene.t(f"gate.quality.{sight.quality}")


def _keys(scene: GateScene, tail: str) -> list[View]:
    shown = [button("tail", digit, payload=digit) for row in ROWS for digit in row]
    erase = button("tail_erase", scene.t("pad.erase"), icon="erase", live=bool(tail))
    return [*shown, button("none", "", live=False), button("tail", "0", payload="0"), erase]
