"""The screen that waits for somebody."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.printer import PrinterState
from ui.present import enrol
from ui.present.scene import Scene, View, button, clipped

MOST_NOTICES = 2


def body(scene: Scene) -> View:
    """Time, place, what to do, in both languages; never a way that this terminal does not have."""
    now, world = scene.world.now, scene.world
    place = world.terminal.place_zh if scene.language == "zh" else world.terminal.place_en
    unix = now.timestamp()
    day = text.date(scene.language, unix)
    return {
        "clock": f"{now:%H:%M}",
        "day": scene.t("attract.day", date=day, weekday=text.weekday(scene.language, unix), place=place),
        "icon": "code" if _reads(scene) else "card",
        "title": scene.t(f"attract.{_way(scene)}"),
        "subtitle": world.texts.get("en" if scene.language == "zh" else "zh", f"attract.{_way(scene)}"),
        "notices": _notices(scene)[: 1 if scene.state.look.large else MOST_NOTICES],
        "device": _device(scene),
        "acts": [button("open_pin", scene.t("attract.open_pin")), *enrol.login(scene)],
    }


def _reads(scene: Scene) -> bool:
    station = scene.state.station
    return station.camera or station.scanner


def _way(scene: Scene) -> str:
    station = scene.state.station
    if station.camera:
        return "show_code"
    return "scan_code" if station.scanner else "use_number"


def _notices(scene: Scene) -> list[str]:
    """First of all that nothing new can be handed in here, when it is so."""
    station = scene.state.station
    full = [] if station.keeps else [scene.t("attract.full")]
    return [*full, *(_notice(scene, each.zh, each.en) for each in station.notices)]


def _notice(scene: Scene, zh: str, en: str) -> str:
    return clipped(zh if scene.language == "zh" else en or zh, 90)


def _device(scene: Scene) -> str:
    printer = scene.state.station.printer
    if printer in (PrinterState.IDLE, PrinterState.BUSY):
        return ""
    return scene.t(f"printer.{printer}")
