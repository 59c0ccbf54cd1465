"""What is around every screen of the lane: the slim bar, the live picture with its marks, what does not work today."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.admission import Check, Hardness, Way, too_old
from kiosk.domain.faces import Sight
from kiosk.flows.gate.state import Phase, State
from kiosk.flows.walkup.state import Link
from ui.present.gate.kinds import GOOD, kind
from ui.present.gate.scene import GateScene
from ui.present.scene import View, button, clipped

MOST_TROUBLES = 3
TO_THE_GUARD = frozenset({"records", "face_deny", "camera_only", "scanner_only"})
NO_BOX: View = {"shown": False, "x": 0.0, "y": 0.0, "w": 0.0, "h": 0.0, "tone": ""}


def bar(scene: GateScene) -> View:
    """Which lane (or class), which way, the time; language, help and the guard's corner."""
    other = "en" if scene.language == "zh" else "zh"
    unix = scene.world.now.timestamp()
    day = text.weekday(scene.language, unix)
    buttons = [
        button("language", scene.t("bar.language"), payload=other),
        button("help", scene.t("bar.help"), live=not scene.state.help),
        button("guard", scene.t("gate.duty"), live=not scene.state.help),
    ]
    return {
        "title": clipped(_title(scene), 40),
        "line": scene.t("gate.clock", time=f"{scene.world.now:%H:%M}", day=day),
        "buttons": buttons[:2] if scene.state.guard.pane and not scene.state.help else buttons,
    }


def place(scene: GateScene) -> str:
    """The lane's name in the language of the screen, or the room's."""
    gate, lesson = scene.world.gate, scene.state.attendance.lesson
    if scene.attends:
        return (lesson.room if lesson else "") or gate.room
    return gate.lane_zh if scene.language == "zh" else gate.lane_en


def _title(scene: GateScene) -> str:
    lesson = scene.state.attendance.lesson
    if lesson:
        return scene.t("gate.attend.title", room=place(scene), title=lesson.title)
    if scene.attends:
        return place(scene)
    return scene.t("gate.lane", lane=place(scene), way=scene.t(f"gate.way.{scene.world.gate.direction}"))


def picture(scene: GateScene, share: float, across: float) -> View:
    """The live picture, the frame around the face, the thermal inset.

    `share`: of an upright screen's height, `across`: of a wide one's width.

    The frame is in shares of the camera's picture; the screen shows that picture as a mirror does.
    """
    devices = scene.state.devices
    live = devices.works("camera")
    missing = scene.t("gate.no_camera" if devices.away("camera") else "gate.use_scanner")
    return {
        "live": live,
        "missing": "" if live else missing,
        "icon": "camera" if devices.away("camera") else "code",
        "thermal": live and devices.works("thermal") and not scene.attends,
        "box": _box(scene.state, scene.state.sight) if live else NO_BOX,
        "share": share,
        "across": across,
    }


def _box(state: State, sight: Sight | None) -> View:
    if sight is None:
        return NO_BOX
    sides = {name: round(getattr(sight.box, name), 3) for name in ("x", "y", "w", "h")}
    return {"shown": True, **sides, "tone": _tone(state, sight)}


def _tone(state: State, sight: Sight) -> str:
    """Green and solid only for the one who may pass; amber and dashed while somebody is looked at, or stopped."""
    case = state.case
    if state.phase is Phase.WATCHING or (case is not None and case.track and case.track != sight.track):
        return ""
    return "go" if state.phase is Phase.SHOWING and kind(state) in GOOD else "wait"


def troubles(scene: GateScene) -> list[str]:
    """What is away, and how the lane works without it: by the campus's rules."""
    kept = [] if scene.state.keeps else [("records", dict[str, str]())]
    found = [*kept, *_of_devices(scene.state), *_of_data(scene)]
    return [scene.t(f"gate.strip.{_here(scene, name)}", **values) for name, values in found[:MOST_TROUBLES]]


def _here(scene: GateScene, name: str) -> str:
    """Nobody stands guard in a classroom: the teacher is asked."""
    return f"{name}_class" if scene.attends and name in TO_THE_GUARD else name


def _of_devices(state: State) -> list[tuple[str, dict[str, str]]]:
    devices, rules = state.devices, state.rules
    found = ["relay"] if devices.away("relay") else []
    if devices.away("camera"):
        found.append("camera" if devices.works("scanner") else "camera_only")
    elif devices.away("face") and rules.way is not Way.CODE:
        found.append("face_log" if rules.no_face is Hardness.LOG else "face_deny")
    if devices.away("thermal") and Check.TEMPERATURE in rules.checks:
        found.append("thermal_log" if rules.no_reading is Hardness.LOG else "thermal_deny")
    if devices.away("scanner"):
        found.extend(["scanner"] if devices.works("camera") else [] if devices.away("camera") else ["scanner_only"])
    return [(name, {}) for name in found]


def _of_data(scene: GateScene) -> list[tuple[str, dict[str, str]]]:
    state = scene.state
    found: list[tuple[str, dict[str, str]]] = []
    if state.keeps and state.link not in (Link.ONLINE, Link.UNKNOWN):
        found.append(("network", {}))
    if too_old(state.rules, scene.world.now.timestamp()) and not scene.attends:
        found.append(("rules", {"date": text.date(scene.language, state.rules.issued)}))
    return found
