"""Number and PIN, and the second factor."""

from __future__ import annotations

from kiosk.domain.people import Factor
from kiosk.flows.walkup.state import Screen
from ui.present import enrol
from ui.present.scene import NO_NOTICE, Scene, View, button, notice

ROWS = ("123", "456", "789")
FEWEST_NUMBER, FEWEST_PIN = 4, 4


def pin(scene: Scene) -> View:
    """Two boxes and a digit pad; one box is active."""
    entry = scene.state.entry
    title = scene.t("pin.title_number" if entry.field == "number" else "pin.title_pin")
    boxes = [
        _box(scene, "number", entry.number, entry.field == "number"),
        _box(scene, "pin", "●" * len(entry.pin), entry.field == "pin"),
    ]
    hint = scene.t("pin.hint") if not _code(scene) else scene.t("pin.hint_code")
    return {
        "title": title,
        "hint": hint,
        "boxes": boxes,
        "keys": keys(scene, letters=entry.field == "number"),
        "acts": [confirm(scene)],
        "notice": NO_NOTICE,
        "live": False,
        "icon": "card",
    }


def factor(scene: Scene) -> View:
    """The way the person has not shown yet: the PIN, or the code."""
    visit = scene.state.visit
    assert visit is not None
    way = "code" if Factor.PIN in visit.factors else "pin"
    typed = way == "pin"
    return {
        "title": scene.t(f"factor.title_{way}"),
        "hint": _why(scene),
        "boxes": [_box(scene, "pin", "●" * len(scene.state.entry.pin), True, live=False)] if typed else [],
        "keys": keys(scene, letters=False) if typed else [],
        "acts": [*([confirm(scene)] if typed else []), *enrol.instead(scene)],
        "notice": NO_NOTICE if typed or _code(scene) else notice(scene.t("factor.no_reader"), "wait"),
        "live": not typed and scene.state.station.camera,
        "icon": "lock" if typed else "code",
    }


def confirm(scene: Scene) -> View:
    """The way on; to the PIN box while only the number stands."""
    entry = scene.state.entry
    if entry.checking:
        return button("confirm", scene.t("pin.checking"), tone="primary", live=False)
    if entry.field == "number" and not entry.pin:
        live = len(entry.number) >= FEWEST_NUMBER
        return button("confirm", scene.t("pin.to_pin"), tone="primary", live=live)
    live = len(entry.number) >= FEWEST_NUMBER and len(entry.pin) >= FEWEST_PIN
    return button("confirm", scene.t("pin.confirm"), tone="primary", live=live)


def keys(scene: Scene, letters: bool) -> list[View]:
    """1–9, then T (staff numbers) or clear, 0, erase."""
    live = not scene.state.entry.checking
    digits = [button("digit", digit, payload=digit, live=live) for row in ROWS for digit in row]
    left = button("digit", "T", payload="T", live=live) if letters else button("clear", scene.t("pad.clear"), live=live)
    return [
        *digits,
        left,
        button("digit", "0", payload="0", live=live),
        button("erase", scene.t("pad.erase"), live=live, icon="erase"),
    ]


def _box(scene: Scene, field: str, shown: str, active: bool, live: bool = True) -> View:
    return {
        "act": "entry_field",
        "payload": field,
        "label": scene.t(f"pin.{field}"),
        "text": shown,
        "empty": scene.t(f"pin.{field}_empty"),
        "active": active,
        "live": live and not scene.state.entry.checking,
        "secret": field == "pin",
    }


def _why(scene: Scene) -> str:
    behind = scene.state.back[-1:]
    if behind in ((Screen.CONSENT,), (Screen.FACE,)):
        return scene.t(f"face.why_{behind[0]}")
    item = scene.item
    return scene.t("factor.why", item=item.title.of(scene.language) if item else "")


def _code(scene: Scene) -> bool:
    return scene.state.station.camera or scene.state.station.scanner
