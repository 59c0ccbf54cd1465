"""Number and PIN of a technician, then their code: the screens that visitors know, with other words."""

from __future__ import annotations

from kiosk.flows.technician.state import State
from ui.present import identify
from ui.present.scene import NO_NOTICE, Scene, View, notice


def pin(scene: Scene, technician: State) -> View:
    """Two boxes and a digit pad."""
    word = "number" if technician.entry.field == "number" else "pin"
    return {
        **identify.typing(scene, technician.entry),
        "title": scene.t("technician.title"),
        "hint": scene.t(f"technician.hint_{word}"),
        "notice": NO_NOTICE,
    }


def code(scene: Scene, _technician: State) -> View:
    """The code of the same person."""
    station = scene.state.station
    readable = station.camera or station.scanner
    return {
        "title": scene.t("factor.title_code"),
        "hint": scene.t("technician.hint_code"),
        "boxes": [],
        "keys": [],
        "acts": [],
        "notice": NO_NOTICE if readable else notice(scene.t("technician.no_reader")),
        "live": station.camera,
        "icon": "code",
    }
