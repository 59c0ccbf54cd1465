"""Number and PIN, and the second factor."""

from __future__ import annotations

from kiosk.domain.people import Factor
from kiosk.flows.entry import Entry
from kiosk.flows.walkup.state import Screen
from ui.present import enrol
from ui.present.scene import NO_NOTICE, Scene, View, button, notice

ROWS = ("123", "456", "789")
FEWEST_NUMBER, FEWEST_PIN = 4, 4


def pin(scene: Scene) -> View:
    """Two boxes and a digit pad; one box is active."""
    entry = scene.state.entry
    return {
        **typing(scene, entry),
        "title": scene.t("pin.title_number" if entry.field == "number" else "pin.title_pin"),
        "hint": scene.t("pin.hint") if not _code(scene) else scene.t("pin.hint_code"),
        "notice": NO_NOTICE,
    }


def typing(scene: Scene, entry: Entry) -> View:
    """What is typed so far, the pad, and the way on."""
    boxes = [
        _box(scene, "number", entry.number, entry.field == "number", not entry.checking),
        _box(scene, "pin", "●" * len(entry.pin), entry.field == "pin", not entry.checking),
    ]
    return {
        "boxes": boxes,
        "keys": keys(scene, entry, letters=entry.field == "number"),
        "acts": [confirm(scene, entry)],
        "live": False,
        "icon": "card",
    }


def factor(scene: Scene) -> View:
    """The way the person has not shown yet: the PIN, or the code."""
    visit = scene.state.visit
    assert visit is not None
    entry = scene.state.entry
    way = "code" if Factor.PIN in visit.factors else "pin"
    typed = way == "pin"
    return {
        "title": scene.t(f"factor.title_{way}"),
        "hint": _why(scene),
        "boxes": [_box(scene, "pin", "●" * len(entry.pin), True, live=False)] if typed else [],
        "keys": keys(scene, entry, letters=False) if typed else [],
        "acts": [*([confirm(scene, entry)] if typed else []), *enrol.instead(scene)],
        "notice": NO_NOTICE if typed or _code(scene) else notice(scene.t("factor.no_reader"), "wait"),
        "live": not typed and scene.state.station.camera,
        "icon": "lock" if typed else "code",
    }


def confirm(scene: Scene, entry: Entry) -> View:
    """The way on; to the PIN box while only the number stands."""
    if entry.checking:
        return button("confirm", scene.t("pin.checking"), tone="primary", live=False)
    if entry.field == "number" and not entry.pin:
        live = len(entry.number) >= FEWEST_NUMBER
        return button("confirm", scene.t("pin.to_pin"), tone="primary", live=live)
    live = len(entry.number) >= FEWEST_NUMBER and len(entry.pin) >= FEWEST_PIN
    return button("confirm", scene.t("pin.confirm"), tone="primary", live=live)


def keys(scene: Scene, entry: Entry, letters: bool) -> list[View]:
    """1–9, then T (staff numbers) or clear, 0, erase."""
    live = not entry.checking
    digits = [button("digit", digit, payload=digit, live=live) for row in ROWS for digit in row]
    left = button("digit", "T", payload="T", live=live) if letters else button("clear", scene.t("pad.clear"), live=live)
    return [
        *digits,
        left,
        button("digit", "0", payload="0", live=live),
        button("erase", scene.t("pad.erase"), live=live, icon="erase"),
    ]


def _box(scene: Scene, field: str, shown: str, active: bool, live: bool) -> View:
    return {
        "act": "entry_field",
        "payload": field,
        "label": scene.t(f"pin.{field}"),
        "text": shown,
        "empty": scene.t(f"pin.{field}_empty"),
        "active": active,
        "live": live,
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
