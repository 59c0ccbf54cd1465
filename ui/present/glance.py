"""Identification by a look: the last digits, and the camera."""

from __future__ import annotations

from kiosk.domain.portraits import Hint
from kiosk.flows.walkup import enrol
from kiosk.flows.walkup.glance import DIGITS
from ui.present.enrol import box
from ui.present.flow import chart
from ui.present.identify import keys
from ui.present.scene import NO_NOTICE, Scene, View, button


def digits(scene: Scene) -> View:
    """One box for the last digits of the number."""
    typed = scene.state.entry.number
    entry = {
        "act": "entry_field",
        "payload": "number",
        "label": scene.t("digits.label"),
        "text": typed,
        "empty": scene.t("digits.empty", count=DIGITS),
        "active": True,
        "live": False,
        "secret": False,
    }
    go = button("confirm", scene.t("digits.look"), tone="primary", live=len(typed) == DIGITS, icon="face")
    return {
        "title": scene.t("digits.title", count=DIGITS),
        "hint": scene.t("digits.hint"),
        "boxes": [entry],
        "keys": keys(scene, scene.state.entry, letters=False),
        "acts": [go],
        "notice": NO_NOTICE,
        "live": False,
        "icon": "face",
    }


def look(scene: Scene) -> View:
    """The live picture, and what to do for a better one."""
    _, hint = enrol.instruction(scene.state)
    return {
        "title": scene.t("look.good" if hint is Hint.GOOD else f"shots.hint_{hint}"),
        "hint": scene.t("look.hint"),
        "live": True,
        "box": box(scene, hint is Hint.GOOD),
        "arrow": "",
        "chart": chart(scene, []),
        "notice": NO_NOTICE,
        "acts": [button("back", scene.t("look.other"))],
    }
