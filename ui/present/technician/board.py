"""The device board: state, fault and remedy of every part in one row, a live picture, and the three big tests."""

from __future__ import annotations

from kiosk import text
from kiosk.domain import proving
from kiosk.domain.board import HOURS, Part
from kiosk.domain.proving import BY_NAME
from kiosk.flows.technician.state import State
from ui.present.scene import Scene, View, button
from ui.present.technician import queue, words
from ui.present.technician.results import line

ICONS = {"go": "tick", "wait": "alert", "stop": "cross", "muted": "clock"}
LEAST = frozenset({"F-PRN-05", "F-A4P-05", "F-A4P-07", "F-THM-05", "F-SCAN-02", "F-CLK-01"})
"""Troubles that a part has while it works on."""
LIVE = ("thermal", "camera")
"""Whose picture is shown: the first of these that there is."""
TIME_OF_CHART = (0, 8, 16)
BIG = ("printer_loop", "thermal_picture")
"""The first of these that the terminal has the part for is one of the three big tests."""


def body(scene: Scene, technician: State) -> View:
    """All parts; pressing one opens it."""
    bench = technician.bench
    seen = picture(technician)
    return {
        "title": scene.t("technician.board.title") if bench.parts else scene.t("technician.queue.looking"),
        "hint": queue.closes(scene),
        "notice": words.told(scene, technician.told),
        "parts": [row(scene, part) for part in sorted(bench.parts, key=_urgency)],
        "live": seen == "camera",
        "thermal": seen == "thermal",
        "picture": scene.t(f"technician.board.picture_{seen}") if seen else "",
        "acts": _acts(scene, technician),
    }


def part(scene: Scene, technician: State) -> View:
    """One part: what is wrong and what to do, where it is plugged in, its troubles by the hour, its tests."""
    bench = technician.bench
    found = next(one for one in bench.parts if one.name == bench.part)
    proofs = [proof for proof in proving.proofs_of(bench.fitted) if proof.part == found.name]
    return {
        "title": scene.t(f"technician.part.{found.name}"),
        "hint": queue.closes(scene),
        "notice": words.told(scene, technician.told),
        "row": row(scene, found),
        "facts": _facts(scene, found),
        "chart_title": scene.t("technician.board.chart", count=sum(found.hours)),
        "chart": chart(scene, found),
        "live": found.name == "camera",
        "thermal": found.name == "thermal",
        "picture": scene.t(f"technician.board.picture_{found.name}") if found.name in LIVE else "",
        "tests": [line(scene, technician, proof.name) for proof in proofs],
        "acts": [button("tech_parts", scene.t("technician.board.back"))],
    }


def row(scene: Scene, part: Part) -> View:
    """State, fault and remedy; the button of the whole row says all of it."""
    tone, remedy = _tone(part), ""
    label = scene.t(f"technician.part.{part.name}")
    said = part.says or scene.t(f"technician.board.{'works' if tone == 'go' else 'unknown'}")
    if part.fault is not None:
        code = part.fault.code
        said = scene.t(f"fault.{code}.text")
        remedy = f"{code} {scene.t(f'fault.{code}.remedy')}"
    elif part.online is False:
        said = scene.t("technician.board.away")
    badge = {"text": scene.t(f"technician.state.{tone}"), "tone": tone, "icon": ICONS[tone]}
    return {
        "press": button("tech_part", label, payload=part.name),
        "label": label,
        "text": said,
        "remedy": remedy,
        "chip": badge,
        "chart": _bars(part),
        "says": f"{label} {badge['text']} {said} {remedy}".strip(),
    }


def chart(scene: Scene, part: Part) -> View:
    """Bars of the last hours with a scale of three times below."""
    now = scene.world.now.timestamp()
    marks = [text.clock_time(scene.language, (now // 3600 - HOURS + 1 + hour) * 3600) for hour in TIME_OF_CHART]
    return {"bars": _bars(part), "marks": [*marks, scene.t("technician.age.now")], "most": str(max(part.hours))}


def picture(technician: State) -> str:
    """Whose live picture there is to look at, "" = nobody's."""
    online = {part.name for part in technician.bench.parts if part.online}
    return next((name for name in LIVE if name in online), "")


def _bars(part: Part) -> list[float]:
    """Shares of the tallest, oldest first; one trouble alone does not fill the height."""
    most = max(3, *part.hours)
    return [count / most for count in part.hours]


def _urgency(part: Part) -> int:
    """What is broken stands first; otherwise the order of the board."""
    return ("stop", "wait", "muted", "go").index(_tone(part)) if part.fault or not part.online else 3


def _tone(part: Part) -> str:
    if part.fault is not None:
        return "wait" if part.online and part.fault.code in LEAST else "stop"
    if part.online is None:
        return "muted"
    return "go" if part.online else "stop"


def _facts(scene: Scene, part: Part) -> list[View]:
    """Label and value; what is not told is said to be so."""
    good = words.age(scene, part.good) if part.good else scene.t("technician.board.never")
    untold = scene.t("technician.board.untold")
    values = {"good": good, "port": part.port or untold, "firmware": part.firmware or untold}
    if part.fault is None and part.says:
        values["now"] = part.says
    return [{"label": scene.t(f"technician.board.{name}"), "text": value} for name, value in values.items()]


def _acts(scene: Scene, technician: State) -> list[View]:
    live = bool(technician.bench.parts)
    acts = [button("tech_all", scene.t("technician.board.all"), tone="primary", live=live)]
    fitted = technician.bench.fitted
    loop = next((name for name in BIG if BY_NAME[name].part in fitted), "")
    if loop:
        acts.append(button("tech_test", scene.t(f"technician.board.{loop}"), payload=loop, live=live))
    return [*acts, button("tech_report", scene.t("technician.board.report"), live=live and not technician.bench.report)]
