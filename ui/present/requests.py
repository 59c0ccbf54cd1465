"""What became of earlier requests."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.catalogue import Item
from kiosk.domain.printer import Outlet
from kiosk.domain.requests import Mark, Request, Status, collectable, finished, handed_out
from ui.present import flow
from ui.present.scene import NO_NOTICE, Scene, View, button, chip, clipped, notice

TONES = {
    Status.WAITING_TO_SEND: "wait",
    Status.IN_APPROVAL: "wait",
    Status.APPROVED: "go",
    Status.ISSUED: "go",
    Status.REFUSED: "stop",
    Status.REJECTED: "stop",
}
MOST_LISTED = 40


def card(scene: Scene, request: Request) -> View:
    """One request as a card to press."""
    item = scene.world.catalogue.items.get(request.item)
    return {
        "shown": True,
        "act": "open_request",
        "payload": request.key,
        "title": _title(scene, item, request),
        "chip": status(scene, request, item),
        "sub": promise(scene, request),
        "chart": flow.progress(scene, request, item) if item else flow.chart(scene, []),
        "empty": "",
    }


def no_card(scene: Scene) -> View:
    """Nothing handed in yet."""
    return {
        "shown": False,
        "act": "open_requests",
        "payload": "",
        "title": "",
        "chip": chip(""),
        "sub": "",
        "chart": {"nodes": [], "upright": False},
        "empty": scene.t("requests.none"),
    }


def listed(scene: Scene) -> View:
    """All of them, newest first."""
    visit = scene.state.visit
    found = visit.requests if visit else ()
    return {
        "title": scene.t("requests.title"),
        "hint": scene.t("requests.hint") if found else scene.t("requests.none"),
        "cards": [card(scene, request) for request in found[:MOST_LISTED]],
    }


def one(scene: Scene) -> View:
    """One request: its number, where it stands, its timeline, what can be printed."""
    request = _open(scene)
    if request is None:
        return _nothing(scene)
    item = scene.world.catalogue.items.get(request.item)
    return {
        "title": _title(scene, item, request),
        "chip": status(scene, request, item),
        "number_title": scene.t("requests.receipt"),
        "number": request.receipt or request.serial,
        "sub": promise(scene, request),
        "timeline_title": scene.t("requests.timeline"),
        "chart": {"nodes": timeline(scene, request, item), "upright": True},
        "notice": _notice(scene, request, item),
        "acts": _acts(scene, request, item),
    }


def _nothing(scene: Scene) -> View:
    chart = {"nodes": [], "upright": True}
    words = dict.fromkeys(("title", "number_title", "number", "sub", "timeline_title"), "")
    return {**words, "chip": chip(""), "chart": chart, "notice": NO_NOTICE, "acts": []}


def status(scene: Scene, request: Request, item: Item | None) -> View:
    """Where it stands, as a badge."""
    word = scene.t(f"status.{request.status}")
    if request.status is Status.IN_APPROVAL and item:
        word = scene.t("status.step", word=word, step=request.step + 1, steps=max(len(item.steps), request.step + 1))
    if request.status is Status.ISSUED and handed_out(request):
        word = scene.t("status.handed_out")
    return chip(word, TONES[request.status])


def promise(scene: Scene, request: Request) -> str:
    """When it will be done, or was handed in; a late step is called late."""
    if request.status is Status.IN_APPROVAL and request.due:
        key = "requests.late" if request.due < scene.world.now.timestamp() else "requests.due"
        return scene.t(key, at=text.day_time(scene.language, request.due))
    return scene.t("requests.handed_in", at=text.day_time(scene.language, request.submitted))


def timeline(scene: Scene, request: Request, item: Item | None) -> list[View]:
    """What happened, in order, and what comes next."""
    rows = [_mark(scene, mark, item) for mark in request.marks] or [_submitted(scene, request)]
    if request.status is Status.WAITING_TO_SEND:
        return [*rows, _next(scene.t("requests.will_be_sent"), "")]
    if request.status is Status.IN_APPROVAL:
        due = text.day_time(scene.language, request.due) if request.due else ""
        name = _step_name(scene, item, request.step)
        return [*rows, _next(scene.t("requests.waiting_for", step=name), scene.t("requests.by", at=due) if due else "")]
    return rows


def _mark(scene: Scene, mark: Mark, item: Item | None) -> View:
    bad = mark.what in ("step_refused", "voided")
    label = scene.t(f"mark.{mark.what}", step=_step_name(scene, item, mark.step))
    when = text.day_time(scene.language, mark.at)
    sub = " · ".join(part for part in (when, clipped(mark.note, 80)) if part)
    return {
        "mark": "",
        "icon": "cross" if bad else "tick",
        "label": label,
        "sub": sub,
        "state": "bad" if bad else "done",
    }


def _submitted(scene: Scene, request: Request) -> View:
    when = text.day_time(scene.language, request.submitted)
    return {"mark": "", "icon": "tick", "label": scene.t("mark.submitted", step=""), "sub": when, "state": "done"}


def _next(label: str, sub: str) -> View:
    return {"mark": "", "icon": "clock", "label": label, "sub": sub, "state": "now"}


def _step_name(scene: Scene, item: Item | None, index: int) -> str:
    if item is None or not 0 <= index < len(item.steps):
        return ""
    return item.steps[index].name.of(scene.language)


def _title(scene: Scene, item: Item | None, request: Request) -> str:
    return clipped(item.title.of(scene.language), 60) if item else request.item


def _open(scene: Scene) -> Request | None:
    visit = scene.state.visit
    found = visit.requests if visit else ()
    return next((request for request in found if request.key == scene.state.request), None)


def _notice(scene: Scene, request: Request, item: Item | None) -> View:
    station = scene.state.station
    if request.status is Status.WAITING_TO_SEND:
        return notice(scene.t("requests.kept"))
    if _printable(request, item) and not station.online:
        return notice(scene.t("request.needs_centre"))
    if _printable(request, item) and item and not station.prints_on(item.outlets):
        return notice(scene.t(station.says(station.outlet(item.outlets))))
    if finished(request) and not station.prints:
        return notice(scene.t(station.says(Outlet.RECEIPT)))
    return NO_NOTICE


def _printable(request: Request, item: Item | None) -> bool:
    return collectable(request) and item is not None and bool(item.document or item.result)


def _acts(scene: Scene, request: Request, item: Item | None) -> list[View]:
    station = scene.state.station
    acts = []
    if item and _printable(request, item):
        live = station.prints_on(item.outlets) and station.online
        acts.append(button("print_result", scene.t("requests.print_result"), tone="primary", live=live))
    if finished(request) and item:
        tone = "outline" if acts else "primary"
        acts.append(button("print_list", scene.t("requests.print_list"), tone=tone, live=station.prints))
    return acts
