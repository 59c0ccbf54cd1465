"""The log: what went wrong or all of it, of one program or of all, newest first."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.logbook import TROUBLE, LogLine
from kiosk.flows.technician.logs import PER_PAGE
from kiosk.flows.technician.state import Log, State
from ui.present.scene import NO_BUTTON, Scene, View, button
from ui.present.technician import queue, words


def body(scene: Scene, technician: State) -> View:
    """Filters, one page of lines, the way to older ones."""
    shown = technician.log
    empty = scene.t("technician.log.nothing" if shown.answered else "technician.queue.looking")
    return {
        "title": scene.t("technician.log.title"),
        "hint": queue.closes(scene),
        "notice": words.told(scene, technician.told),
        "choices": _filters(scene, shown),
        "subtitle": "" if shown.lines else empty,
        "rows": [row(scene, line) for line in shown.lines],
        "pager": _pager(scene, shown),
        "acts": [],
    }


def row(scene: Scene, line: LogLine) -> View:
    """When and which program; what; its fields, and of a fault its sentence."""
    when = text.day_time(scene.language, line.at) if line.at else "—"
    known = f"fault.{line.code}.text" in scene.world.texts.keys(scene.language)
    said = scene.t(f"fault.{line.code}.text") if known else ""
    return {
        "title": line.event,
        "sub": f"{when} · {line.component}",
        "text": " · ".join(part for part in (said, line.detail) if part),
        "tone": "stop" if line.trouble else "ink",
    }


def _filters(scene: Scene, shown: Log) -> list[View]:
    named = [("", scene.t("technician.log.all")), (TROUBLE, scene.t("technician.log.trouble"))]
    named += [(name, name) for name in shown.components]
    return [button("tech_log", word, payload=only, chosen=only == shown.only) for only, word in named]


def _pager(scene: Scene, shown: Log) -> View:
    buttons = [
        button("tech_rows", scene.t("technician.log.newer"), payload="previous", live=shown.first > 0),
        button("tech_rows", scene.t("technician.log.older"), payload="next", live=shown.more),
    ]
    many = shown.more or shown.first > 0
    span = scene.t("technician.log.span", first=shown.first + 1, last=shown.first + len(shown.lines) or PER_PAGE)
    return {"shown": many, "text": span, "buttons": buttons if many else [NO_BUTTON] * 2}
