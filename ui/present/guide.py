"""The guide of one item: what it is, who may ask, what to bring, how long, and honestly whether it works now."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.catalogue import Item
from kiosk.domain.printer import Outlet
from kiosk.flows.walkup import ahead
from kiosk.flows.walkup.state import Draft, Link
from ui.present import flow
from ui.present.scene import NO_NOTICE, Scene, View, button, chip, clipped, full, notice


def body(scene: Scene) -> View:
    """One decision: to start, or to have it prepared."""
    item = scene.item
    if item is None:
        return {"chips": [], "title": "", "summary": "", "parts": [], "chart": flow.chart(scene, []), "acts": []}
    return {
        "chips": _chips(scene, item),
        "title": clipped(item.title.of(scene.language), 80),
        "summary": clipped(item.summary.of(scene.language), 400),
        "how_title": scene.t("item.how"),
        "chart": flow.guide(scene, item),
        "parts": _parts(scene, item),
        "notice": _notice(scene, item),
        "acts": _acts(scene, item),
    }


def _chips(scene: Scene, item: Item) -> list[View]:
    promised = text.duration(scene.language, item.minutes)
    if item.printable:
        chips = [chip(scene.t("item.at_once"), "go"), chip(scene.t("item.takes", time=promised))]
    else:
        chips = [chip(scene.t("item.no_visit"), "go"), chip(scene.t("item.promised", time=promised))]
        chips.append(chip(scene.t("item.most_steps", steps=len(item.steps))))
    return [*chips, *([chip(scene.t("item.two_factors"))] if item.factors > 1 else [])]


def _parts(scene: Scene, item: Item) -> list[View]:
    bring = [clipped(words.of(scene.language), 120) for words in item.bring] or [scene.t("item.nothing_to_bring")]
    return [
        {"title": scene.t("item.bring"), "lines": bring},
        {"title": scene.t("item.who"), "lines": [clipped(item.who_words.of(scene.language), 200)]},
    ]


def works_now(scene: Scene, item: Item) -> bool:
    """A certificate needs the printer, and the centre or its seal in advance; the rest can always be handed in."""
    station = scene.state.station
    sealable = station.online or station.link is Link.UNKNOWN or ahead.offered(scene.state, item)
    return not item.printable or (sealable and station.prints_on(item.outlets))


def _notice(scene: Scene, item: Item) -> View:
    station = scene.state.station
    if not station.keeps:
        return full(scene)
    draft = _draft(scene)
    if draft:
        return notice(scene.t("item.draft", at=text.day_time(scene.language, draft.saved)), "brand", "draft")
    if ahead.offered(scene.state, item) and station.prints_on(item.outlets):
        return notice(scene.t("item.ahead"), "go", "tick")
    if not station.online and station.link is not Link.UNKNOWN:
        return notice(scene.t("item.offline_certificate" if item.printable else "item.offline"))
    return _paper(scene, item)


def _paper(scene: Scene, item: Item) -> View:
    """What is wrong with the printer that it takes, and what there is instead."""
    station = scene.state.station
    if not item.printable:
        why = scene.t(station.says(Outlet.RECEIPT))
        return NO_NOTICE if station.prints else notice(scene.t("item.no_printer", why=why))
    if not station.prints_on(item.outlets):
        why = scene.t(station.says(station.outlet(item.outlets)))
        return notice(scene.t("item.no_printer_certificate", why=why))
    if station.detour(item.outlets):
        return notice(scene.t("item.no_a4", why=scene.t(station.says(item.outlets[0]))))
    return NO_NOTICE


def _draft(scene: Scene) -> Draft | None:
    visit, filling = scene.state.visit, scene.state.filling
    if visit is None or (filling and filling.item == scene.state.item):
        return None
    return next((draft for draft in visit.drafts if draft.item == scene.state.item), None)


def _acts(scene: Scene, item: Item) -> list[View]:
    filling, keeps = scene.state.filling, scene.state.station.keeps
    if _draft(scene):
        discard = button("discard", scene.t("item.discard"))
        return [button("resume", scene.t("item.resume"), tone="primary", live=keeps), discard]
    if not works_now(scene, item):
        return [button("prepare", scene.t("item.prepare"), tone="primary", live=keeps)]
    going_on = filling is not None and filling.item == item.id
    start = button("start", scene.t("item.continue" if going_on else "item.start"), tone="primary", live=keeps)
    if item.printable and (scene.state.station.detour(item.outlets) or ahead.offered(scene.state, item)):
        return [start, button("prepare", scene.t("item.prepare"), live=keeps)]
    return [start]
