"""In place of the screen that waits: closed, with the hours; or out of service, with whom to call and the fault."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.hours import DAY_MIN, Span
from kiosk.flows.service import Mode, stopped_by
from kiosk.flows.walkup.state import Screen, State
from ui.present.scene import NO_NOTICE, Scene, View


def shown(state: State) -> bool:
    """Whether nobody can begin a visit now. Whoever is in one goes on."""
    return state.screen is Screen.ATTRACT and not state.station.mode.serves


def body(scene: Scene) -> View:
    """What is the matter, in both languages, and until when or whom to call. Nothing to press."""
    closed = scene.state.station.mode is Mode.CLOSED
    name = "closed" if closed else "out"
    other = "en" if scene.language == "zh" else "zh"
    return {
        "icon": "clock" if closed else "alert",
        "tone": "brand" if closed else "wait",
        "title": scene.t(f"away.{name}"),
        "hint": scene.world.texts.get(other, f"away.{name}"),
        "rows": [*_hours(scene), *_next(scene)] if closed else _call(scene),
        "notice": NO_NOTICE,
        "acts": [],
    }


def _hours(scene: Scene) -> list[View]:
    """A row for each group of days."""
    return [
        {"label": _days(scene, days), "text": scene.t("away.and").join(_span(scene, each) for each in spans)}
        for days, spans in scene.world.hours.lines
    ]


def _next(scene: Scene) -> list[View]:
    opens = scene.state.station.service.opens
    if not opens:
        return []
    language = scene.language
    when = scene.t(
        "away.when",
        date=text.date(language, opens),
        weekday=text.weekday(language, opens),
        time=text.clock_time(language, opens),
    )
    return [{"label": scene.t("away.opens"), "text": when}]


def _call(scene: Scene) -> list[View]:
    """Phone, number of the terminal, and the code that tells a technician what it is."""
    terminal, code = scene.world.terminal, stopped_by(fault.code for fault in scene.state.station.faults)
    return [
        {"label": scene.t("help.call"), "text": terminal.help_phone},
        {"label": scene.t("away.number"), "text": terminal.id},
        {"label": scene.t("help.faults"), "text": code.value if code else ""},
    ]


def _days(scene: Scene, days: tuple[int, ...]) -> str:
    """周一至周五 where they follow each other, else one after the other."""
    names = [scene.t(f"time.weekday.{day}") for day in days]
    if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
        return scene.t("away.from_to", first=names[0], last=names[-1])
    return scene.t("away.and").join(names)


def _span(scene: Scene, span: Span) -> str:
    begin, end = (f"{at // 60:02d}:{at % 60:02d}" for at in (span[0], _on_the_clock(span[1])))
    return scene.t("away.span", begin=begin, end=end)


def _on_the_clock(at: int) -> int:
    """Midnight at the end of a day stays 24:00."""
    return at if at <= DAY_MIN else at - DAY_MIN
