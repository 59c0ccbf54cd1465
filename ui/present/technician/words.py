"""Ages, sizes, kinds and reasons in words."""

from __future__ import annotations

from kiosk import text
from kiosk.flows.technician.state import Told
from sync.deadletters import why
from ui.present.scene import NO_NOTICE, Scene, View, clipped, notice

NARROW = "\u00a0"
"""Between a number and its unit no line ends."""
UNITS = ("B", "KB", "MB", "GB", "TB")
LONGEST_REASON = 110
FINAL = ("conflict", "unreadable")
"""Verdicts that stay what they are."""
ICONS = {"go": "tick", "stop": "alert", "wait": "info"}


def age(scene: Scene, at: float) -> str:
    """刚刚, 14 分钟前, 3 小时前, 5 天前; a time to come is now."""
    seconds = max(0.0, scene.world.now.timestamp() - at)
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return scene.t(f"technician.age.{unit if count > 1 else unit[:-1]}", count=count)
    return scene.t("technician.age.now")


def size(number: int) -> str:
    """3.4 MB: three figures at most, in steps of 1000."""
    value = float(max(0, number))
    for unit in UNITS:
        if value < 999.5 or unit == UNITS[-1]:
            figures = f"{value:.0f}" if value >= 99.95 or unit == "B" else f"{value:.1f}"
            return f"{figures}{NARROW}{unit}"
        value /= 1000
    return ""


def kind(scene: Scene, name: str) -> str:
    """What sort of record it is; one that this program has no words for by its own name."""
    key = f"technician.kind.{name.replace('.', '_')}"
    known = key in scene.world.texts.keys(scene.language)
    return scene.t(key) if known else clipped(scene.t("technician.kind.other", kind=name), 40)


def reason(scene: Scene, verdict: str) -> str:
    """Why the centre refused it, in the language of the screen, and what to do where sending again does not help."""
    word = verdict.partition(":")[0]
    told = why(verdict, scene.world.texts, scene.language)
    said = clipped(told[:1].upper() + told[1:], LONGEST_REASON)
    return scene.t(f"technician.remedy.{word}", why=said) if word in FINAL else said


def told(scene: Scene, said: Told | None) -> View:
    """What came of the last act, as a sentence on the page."""
    if said is None:
        return NO_NOTICE
    tone = {"good": "go", "stop": "stop"}.get(said.tone, "wait")
    return notice(sentence(scene, said), tone, ICONS[tone])


def sentence(scene: Scene, said: Told) -> str:
    """Its words, with a time of day where it names one."""
    values = dict(said.values)
    if values.get("until", "").isdigit():
        values["until"] = text.clock_time(scene.language, float(values["until"]))
    return scene.t(said.key, **values)
