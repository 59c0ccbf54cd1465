"""The whole view of one state: bar, page, foot, overlay, message."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.flows.walkup.state import Screen, State
from ui.present import (
    attract,
    away,
    done,
    enrol,
    form,
    frame,
    glance,
    guide,
    home,
    identify,
    overlay,
    requests,
    review,
    submit,
    technician,
)
from ui.present.scene import Scene, View, World

BODIES: dict[Screen, Callable[[Scene], View]] = {
    Screen.ATTRACT: attract.body,
    Screen.PIN: identify.pin,
    Screen.FACTOR: identify.factor,
    Screen.HOME: home.home,
    Screen.CATEGORY: home.category,
    Screen.SEARCH: home.search_page,
    Screen.ITEM: guide.body,
    Screen.FORM: form.body,
    Screen.REVIEW: review.body,
    Screen.WORKING: submit.working,
    Screen.TROUBLE: submit.trouble,
    Screen.DONE: done.body,
    Screen.REQUESTS: requests.listed,
    Screen.REQUEST: requests.one,
    Screen.FACE: enrol.face,
    Screen.CONSENT: enrol.consent,
    Screen.SHOTS: enrol.shots,
    Screen.SAVING: enrol.saving,
    Screen.WITHDRAW: enrol.withdraw,
    Screen.FACE_DONE: enrol.done,
    Screen.DIGITS: glance.digits,
    Screen.LOOK: glance.look,
    Screen.TECHNICIAN: technician.body,
}


FILES = {
    Screen.ITEM: "Guide",
    Screen.FACE: "FaceNote",
    Screen.CONSENT: "EnrolConsent",
    Screen.SHOTS: "FaceCamera",
    Screen.SAVING: "Working",
    Screen.WITHDRAW: "FaceNote",
    Screen.FACE_DONE: "FaceNote",
    Screen.DIGITS: "Pin",
    Screen.LOOK: "FaceCamera",
}
"""Screens that share a QML file, or cannot have their own name: Item is a type of Qt."""


def present(state: State, world: World) -> View:
    """One screen. `key` changes when the page is another one, `depth` tells forward from back."""
    scene = Scene(state, world)
    return {
        "screen": _file(state),
        "key": _key(state),
        "depth": _depth(state),
        "look": {
            "language": state.look.language,
            "large": state.look.large,
            "contrast": state.look.contrast,
            "low_reach": state.look.low_reach,
        },
        "bar": frame.bar(scene),
        "foot": frame.foot(scene),
        "body": away.body(scene) if away.shown(state) else BODIES[state.screen](scene),
        "overlay": overlay.overlay(scene),
        "corner": state.screen is Screen.ATTRACT,
        "message": frame.message(scene),
        "dark": state.station.service.dark if state.quiet else 0.0,
    }


def _file(state: State) -> str:
    if state.screen is Screen.TECHNICIAN:
        return technician.file(state)
    if away.shown(state):
        return "FaceNote"
    return FILES.get(state.screen, state.screen.value.capitalize())


def _key(state: State) -> str:
    match state.screen:
        case Screen.TECHNICIAN:
            return technician.key(state)
        case Screen.ATTRACT if away.shown(state):
            return f"away.{state.station.mode}"
        case Screen.CATEGORY:
            return f"category.{state.category}"
        case Screen.ITEM | Screen.FACTOR:
            return f"{state.screen}.{state.item}"
        case Screen.FORM:
            return f"form.{state.item}.{state.filling.page if state.filling else 0}"
        case Screen.REQUEST:
            return f"request.{state.request}"
        case Screen.TROUBLE:
            return f"trouble.{state.job.trouble if state.job else ''}"
    return f"{state.screen}.{state.session}"


DEPTHS = {
    Screen.ATTRACT: 0,
    Screen.PIN: 1,
    Screen.HOME: 2,
    Screen.CATEGORY: 3,
    Screen.SEARCH: 3,
    Screen.REQUESTS: 3,
    Screen.REQUEST: 4,
    Screen.DIGITS: 1,
    Screen.FACE: 3,
    Screen.CONSENT: 4,
    Screen.FACTOR: 4,
    Screen.ITEM: 5,
    Screen.LOOK: 5,
    Screen.SHOTS: 6,
    Screen.WITHDRAW: 6,
    Screen.SAVING: 101,
    Screen.FACE_DONE: 103,
    Screen.FORM: 6,
    Screen.REVIEW: 100,
    Screen.WORKING: 101,
    Screen.TROUBLE: 102,
    Screen.DONE: 103,
}


def _depth(state: State) -> int:
    if state.screen is Screen.TECHNICIAN:
        return technician.depth(state)
    page = state.filling.page if state.filling and state.screen is Screen.FORM else 0
    return DEPTHS[state.screen] + page
