"""The settings: which there were, what is otherwise now, and the way back."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.logbook import Change, Kept
from kiosk.flows.technician.state import Settings, State
from ui.present.scene import NO_BUTTON, Scene, View, button
from ui.present.technician import queue, words

LONGEST = 90
MOST_SHOWN = 6


def body(scene: Scene, technician: State) -> View:
    """The kept ones to choose from, the differences of the chosen one, and the button that goes back to it."""
    shown = technician.settings
    return {
        "title": scene.t("technician.settings.title"),
        "hint": queue.closes(scene),
        "notice": words.told(scene, technician.told),
        "choices": _choices(scene, shown),
        "subtitle": _subtitle(scene, shown),
        "rows": [row(change) for change in shown.changes],
        "pager": {"shown": False, "text": "", "buttons": [NO_BUTTON] * 2},
        "acts": _acts(scene, shown),
    }


def row(change: Change) -> View:
    """The key, what it was, what it is."""
    return {
        "title": change.key,
        "sub": "",
        "text": f"{_short(change.before)} → {_short(change.after)}",
        "tone": "ink",
    }


def name(scene: Scene, one: Kept) -> str:
    """Since when they were used."""
    since = text.day_time(scene.language, one.at)
    return scene.t("technician.settings.now", since=since) if one.now else since


def _choices(scene: Scene, shown: Settings) -> list[View]:
    return [
        button("tech_settings", name(scene, one), payload=one.name, chosen=one.name == shown.against, live=not one.now)
        for one in shown.kept[:MOST_SHOWN]
    ]


def _subtitle(scene: Scene, shown: Settings) -> str:
    if not shown.answered:
        return scene.t("technician.queue.looking")
    if not shown.against:
        return scene.t("technician.settings.only")
    since = next((text.day_time(scene.language, one.at) for one in shown.kept if one.name == shown.against), "")
    return scene.t("technician.settings.since", since=since, count=len(shown.changes))


def _acts(scene: Scene, shown: Settings) -> list[View]:
    word = "sure" if shown.sure else "back"
    live = bool(shown.changes) and not shown.doing
    return [button("tech_put_back", scene.t(f"technician.settings.{word}"), tone="primary", live=live)]


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else value[:LONGEST] + "…"
