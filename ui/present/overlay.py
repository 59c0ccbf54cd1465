"""What lies over a page: still there?, help, camera, calendar, keyboard. One at a time, the most urgent first."""

from __future__ import annotations

from kiosk.domain.catalogue import Field, FieldType
from kiosk.flows.walkup.state import Photo, Screen
from ui.present import away
from ui.present.calendar import calendar
from ui.present.keyboard import keyboard
from ui.present.scene import Scene, View, button

NUMBERS = {screen: f"S{number:02d}" for number, screen in enumerate(Screen, 1)}
NOTHING: View = {"screen": "", "key": "", "body": {}, "whole": False}


def overlay(scene: Scene) -> View:
    """The overlay's QML file, a key that changes with it, its body, and whether it covers the bar as well."""
    state = scene.state
    if state.still is not None:
        return _over("Still", "still", still(scene))
    if state.help:
        return _over("Help", "help", help_page(scene))
    filling, rating = state.filling, state.rating
    if state.screen is Screen.DONE and rating and rating.pad:
        title, hint = scene.t("done.remark_title"), scene.t("done.remark_hint")
        return _over("PadKeyboard", "pad.remark", keyboard(scene, rating.pad, None, title, hint))
    if filling and filling.photo and state.screen is Screen.FORM:
        return _over("PhotoFrame", "photo", photo(scene, filling.photo))
    if filling and filling.pad and state.screen is Screen.FORM:
        return _editor(scene)
    return NOTHING


def _editor(scene: Scene) -> View:
    filling = scene.state.filling
    assert filling is not None
    assert filling.pad is not None
    field = _field(scene, filling.pad.target)
    if field and field.type in (FieldType.DATE, FieldType.DATETIME):
        return _over("Calendar", f"calendar.{field.name}", calendar(scene, filling, filling.pad, field))
    title = field.label.of(scene.language) if field else ""
    hint = field.hint.of(scene.language) if field and field.hint else ""
    return _over("PadKeyboard", f"pad.{filling.pad.target}", keyboard(scene, filling.pad, field, title, hint))


def still(scene: Scene) -> View:
    """Are you still there? The countdown, one touch to stay, one to leave."""
    seconds = scene.state.still or 0
    return {
        "title": scene.t("still.title"),
        "text": scene.t("still.text"),
        "seconds": str(seconds),
        "share": seconds / max(scene.world.timing.still, 1.0),
        "acts": [
            button("stay", scene.t("still.stay"), tone="primary"),
            button("out", scene.t("still.out")),
        ],
    }


def help_page(scene: Scene) -> View:
    """Whom to call, and the numbers to tell them."""
    terminal, state = scene.world.terminal, scene.state
    place = terminal.place_zh if scene.language == "zh" else terminal.place_en
    return {
        "title": scene.t("help.title"),
        "text": scene.t("away.help" if away.shown(state) else f"help.{state.screen}"),
        "call": scene.t("help.call"),
        "phone": terminal.help_phone,
        "rows": [
            {"label": scene.t("help.number"), "text": f"{terminal.id}-{NUMBERS[state.screen]}"},
            {"label": scene.t("help.place"), "text": place},
            *_what(scene),
        ],
        "acts": [button("help_close", scene.t("help.close"), tone="primary")],
    }


def _what(scene: Scene) -> list[View]:
    job, faults = scene.state.job, scene.state.station.faults
    rows = [{"label": scene.t("help.receipt"), "text": job.receipt}] if job and job.receipt else []
    if faults:
        rows.append({"label": scene.t("help.faults"), "text": " · ".join(fault.code.value for fault in faults[:4])})
    return rows


def photo(scene: Scene, shown: Photo) -> View:
    """The live picture in a frame, then the shot; one decision each."""
    field = _field(scene, shown.field)
    framing = shown.phase == "framing"
    cancel = button("photo_cancel", scene.t("photo.cancel"))
    camera = scene.state.station.camera
    if framing:
        acts = [button("photo_take", scene.t("photo.take"), tone="primary", live=camera, icon="camera"), cancel]
    else:
        live = shown.phase == "looking"
        keep = button("photo_keep", scene.t("photo.keep" if live else "photo.storing"), tone="primary", live=live)
        acts = [keep, button("photo_again", scene.t("photo.again"), live=live), cancel]
    return {
        "title": field.label.of(scene.language) if field else "",
        "hint": field.hint.of(scene.language) if field and field.hint else scene.t("photo.hint"),
        "live": framing and camera,
        "picture": "" if framing else scene.world.pictures.get("photo", ""),
        "missing": "" if camera or not framing else scene.t("photo.no_camera"),
        "acts": acts,
    }


def _field(scene: Scene, name: str) -> Field | None:
    item = scene.item
    return next((field for field in item.fields if field.name == name), None) if item else None


def _over(screen: str, key: str, body: View) -> View:
    return {"screen": screen, "key": key, "body": body, "whole": screen == "Still"}
