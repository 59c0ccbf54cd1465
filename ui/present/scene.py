"""What a view is made from, and the small parts that all views share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kiosk.clock import CAMPUS_ZONE
from kiosk.config import TerminalConfig, Timing
from kiosk.domain import search
from kiosk.domain.catalogue import Catalogue, Item
from kiosk.domain.hours import Hours
from kiosk.flows.walkup.state import State
from kiosk.text import Texts

View = dict[str, Any]

LONGEST = 160


@dataclass(frozen=True, slots=True)
class World:
    """What stands around the visit: the terminal, the words, the catalogue, the time, its shape (wide or upright).

    `left` holds the seconds left of running timers, by name; `pictures` the address of each picture that is there.
    `hours`: when it is open.
    """

    terminal: TerminalConfig
    timing: Timing
    texts: Texts
    catalogue: Catalogue
    index: Callable[[], search.Index]
    now: datetime
    wide: bool = False
    left: Mapping[str, float] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)


@dataclass(frozen=True, slots=True)
class Scene:
    """One state in its world: what every presenting function is handed."""

    state: State
    world: World

    @property
    def language(self) -> str:
        return self.state.look.language

    @property
    def today(self) -> date:
        return self.world.now.date()

    @property
    def item(self) -> Item | None:
        """The item of the job, or the one that is open."""
        job = self.state.job
        return self.world.catalogue.items.get(job.item if job else self.state.item)

    def t(self, key: str, **values: object) -> str:
        """A sentence in the language of the screen."""
        return self.world.texts.get(self.language, key, **values)

    def local(self, unix: float) -> datetime:
        """Campus time of Unix seconds."""
        return datetime.fromtimestamp(unix, CAMPUS_ZONE)


def button(
    act: str,
    text: str,
    payload: str = "",
    tone: str = "outline",
    live: bool = True,
    chosen: bool = False,
    icon: str = "",
) -> View:
    """Something to press. `tone`: primary, outline, stop."""
    return {
        "act": act,
        "payload": payload,
        "text": text,
        "tone": tone,
        "live": live,
        "chosen": chosen,
        "icon": icon,
    }


NO_BUTTON = button("none", "", live=False)


def chip(text: str, tone: str = "brand") -> View:
    """A badge. `tone`: brand, go, wait, stop."""
    return {"text": text, "tone": tone}


def notice(text: str, tone: str = "wait", icon: str = "info") -> View:
    """A sentence that matters, with its sign; empty text = none."""
    return {"text": text, "tone": tone, "icon": icon, "shown": bool(text)}


NO_NOTICE = notice("")


def full(scene: Scene) -> View:
    """That nothing new can be handed in here, and where else; none while it can."""
    if scene.state.station.keeps:
        return NO_NOTICE
    return notice(scene.t("item.full", phone=scene.world.terminal.help_phone), "stop", "alert")


def clipped(text: str, most: int = LONGEST) -> str:
    """The text on one line, cut to `most` characters: nobody reads more, and nothing chokes on 10,000."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else line[: most - 1] + "…"


def breadth(text: str) -> float:
    """Width in ems, near enough to choose a layout: Chinese characters count 1, others 0.56."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)
