"""Where an export can go: the sticks that are plugged in, or what to do when there is none."""

from __future__ import annotations

from kiosk.domain.backlog import Stick
from kiosk.flows.technician.state import Doing, State
from ui.present.scene import NO_NOTICE, Scene, View, button, clipped, notice
from ui.present.technician import queue, words

MOST = 6


def body(scene: Scene, technician: State) -> View:
    """One row a stick; pressing it writes."""
    found, looking = technician.queue.sticks or (), technician.queue.doing is Doing.STICKS
    return {
        "title": scene.t("technician.sticks.title"),
        "hint": scene.t("technician.sticks.hint"),
        "closes": queue.closes(scene),
        "sticks": [_stick(scene, stick, not looking) for stick in found[:MOST]],
        "notice": NO_NOTICE if found else notice(scene.t("technician.sticks.none"), "wait", "alert"),
        "acts": [
            button("tech_sticks", scene.t("technician.sticks.again"), tone="outline", live=not looking),
            button("tech_cancel", scene.t("technician.sticks.cancel")),
        ],
    }


def _stick(scene: Scene, stick: Stick, live: bool) -> View:
    free = scene.t("technician.sticks.free", size=words.size(stick.free))
    return button("tech_stick", f"{clipped(stick.name, 24)} · {free}", payload=stick.path, live=live, icon="forward")
