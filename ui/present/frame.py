"""Bar, foot and the passing message: what is around every page."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.people import mask_name
from kiosk.domain.printer import PrinterState
from kiosk.flows.walkup.state import BUSY, Link, Screen
from ui.present import away
from ui.present.scene import NO_BUTTON, Scene, View, button, clipped

BACK = frozenset(
    {
        *(Screen.PIN, Screen.CATEGORY, Screen.SEARCH, Screen.ITEM, Screen.FACTOR, Screen.REQUESTS, Screen.REQUEST),
        *(Screen.FACE, Screen.CONSENT, Screen.SHOTS, Screen.WITHDRAW, Screen.DIGITS),
    }
)
FOOT = frozenset({Screen.ATTRACT, Screen.PIN, Screen.DIGITS, Screen.HOME, Screen.CATEGORY, Screen.REQUESTS})
KEPT = frozenset({Screen.FORM, Screen.REVIEW})
QUIET_IDLE = 30.0


def bar(scene: Scene) -> View:
    """Who (masked), how connected, help, language, and the way out."""
    screen = scene.state.screen
    has_back = screen in BACK and not scene.state.help
    back = button("back", scene.t("bar.back"), icon="back") if has_back else NO_BUTTON
    return {"title": title(scene), "back": back, "link": link(scene), "buttons": _buttons(scene)}


def title(scene: Scene) -> str:
    """What the bar says at the left: the terminal, the person, or the errand."""
    state, item = scene.state, scene.item
    if state.screen is Screen.TECHNICIAN:
        return scene.t("technician.bar", terminal=scene.world.terminal.id)
    if state.visit is None:
        return _terminal(scene) if state.screen is Screen.ATTRACT else ""
    if state.screen in (Screen.FORM, Screen.REVIEW, Screen.WORKING, Screen.TROUBLE, Screen.DONE) and item:
        return clipped(item.title.of(scene.language), 60)
    return who(scene) if state.screen in BACK or _crowded(scene) else greeting(scene)


def _terminal(scene: Scene) -> str:
    """江城职业学院 · 自助服务终端, or the name alone."""
    name = campus(scene)
    return name if _crowded(scene) else scene.t("bar.terminal", campus=name)


def _crowded(scene: Scene) -> bool:
    """Large letters, or the longer words of a broken link, leave the bar's title less room."""
    return scene.state.look.large or scene.state.station.link not in (Link.ONLINE, Link.UNKNOWN)


def greeting(scene: Scene) -> str:
    """张* 同学，上午好."""
    visit = scene.state.visit
    if visit is None:
        return ""
    part = text.greeting(scene.language, scene.world.now.timestamp())
    return scene.t("bar.greeting", who=who(scene), part=part)


def who(scene: Scene) -> str:
    """张* 同学."""
    visit = scene.state.visit
    if visit is None:
        return ""
    name = visit.person.name if scene.language == "zh" else visit.person.name_en or visit.person.name
    return scene.t(f"bar.who_{visit.person.role}", name=masked(name))


def masked(name: str) -> str:
    """A name over which strangers may look: the first character and at most three stars."""
    first, _, rest = name.strip().partition(" ")
    if rest and first.isascii():
        return first[:12] + " " + rest[:1] + "."
    return mask_name(name.strip()[:4])


def campus(scene: Scene) -> str:
    """The campus's name in the language of the screen."""
    terminal = scene.world.terminal
    return terminal.campus_zh if scene.language == "zh" else terminal.campus_en


def link(scene: Scene) -> View:
    """The dot and its word. While the state is unknown nothing is claimed."""
    state, keeps = scene.state.station.link, scene.state.station.keeps
    shown = state is not Link.UNKNOWN and scene.state.screen not in KEPT | {Screen.TECHNICIAN}
    word = state if keeps or state is Link.ONLINE else "full"
    return {"shown": shown, "online": state is Link.ONLINE, "text": scene.t(f"link.{word}")}


def _buttons(scene: Scene) -> list[View]:
    state = scene.state
    other = "en" if scene.language == "zh" else "zh"
    shown = [
        button("help", scene.t("bar.help"), live=not state.help),
        button("language", scene.t("bar.language"), payload=other),
    ]
    if state.screen is Screen.ATTRACT or state.still is not None:
        return shown
    word = "bar.save_and_out" if state.screen in KEPT else "bar.out"
    return [*shown, button("out", scene.t(word), live=state.screen not in BUSY)]


def foot(scene: Scene) -> View:
    """Large text, contrast, low reach; and one line: time left, or how the devices are."""
    look = scene.state.look
    toggles = [
        button("large", scene.t("foot.large"), chosen=look.large),
        button("contrast", scene.t("foot.contrast"), chosen=look.contrast),
        button("low_reach", scene.t("foot.low_reach"), chosen=look.low_reach),
    ]
    line, tone = _line(scene)
    return {"shown": scene.state.screen in FOOT, "toggles": toggles, "line": line, "tone": tone}


def _line(scene: Scene) -> tuple[str, str]:
    idle = scene.world.left.get("idle", 0.0)
    if scene.state.visit and 0 < idle <= QUIET_IDLE:
        return scene.t("foot.idle", seconds=round(idle)), "muted"
    station = scene.state.station
    if away.shown(scene.state):
        return "", "muted"
    if station.printer not in (PrinterState.IDLE, PrinterState.BUSY):
        return scene.t(f"foot.printer_{station.printer}"), "wait"
    gone = next((name for name in ("camera", "scanner") if name in station.fitted and not getattr(station, name)), "")
    return (scene.t(f"foot.{gone}_away"), "wait") if gone else (scene.t("foot.ready"), "muted")


def message(scene: Scene) -> View:
    """The passing sentence, empty when there is none; on attract it stands below, over the notices."""
    state = scene.state
    said = state.technician.told if state.technician and not state.technician.inside else state.message
    if said is None:
        return {"text": "", "tone": "brand", "icon": "", "below": False}
    values = {name: str(value) for name, value in said.values.items()}
    if values.get("until", "").isdigit():
        values["until"] = text.clock_time(scene.language, float(values["until"]))
    tone = {"good": "go", "stop": "stop"}.get(said.tone, "brand")
    icon = {"good": "tick", "stop": "alert"}.get(said.tone, "info")
    below = scene.state.screen is Screen.ATTRACT
    return {"text": scene.t(said.key, **values), "tone": tone, "icon": icon, "below": below}
