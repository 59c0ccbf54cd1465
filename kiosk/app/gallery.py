"""Brings the faces on record from the desk to the recogniser, whenever they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk import log
from kiosk.domain.matching import Gallery
from sync.gatedesk import GateDesk

FEEDS = frozenset({"templates", "persons", "passes"})
"""Whoever left or was revoked leaves the gallery, not only whoever withdrew."""


class Searching(Protocol):
    """Whoever compares faces with everybody's."""

    def load(self, gallery: Gallery) -> None:
        """From now on with these; returns at once."""


class GalleryKeeper:
    """`on_people(n)` hears how many people can be recognised, on the desk's thread.

    `owes`: the faces could not be read the last time; those that were read before stay.
    """

    def __init__(self, desk: GateDesk, recogniser: Searching, model: str, on_people: Callable[[int], None]) -> None:
        self._desk, self._recogniser, self._model, self._on_people = desk, recogniser, model, on_people
        self.owes = False

    def reload(self) -> None:
        """Ask for all templates of the model in use; returns at once."""
        self._desk.gallery(self._model, self._load)

    def coming(self) -> None:
        """Some of a feed is here, the rest is on its way."""
        self._desk.look_ahead()

    def _load(self, ids: tuple[str, ...] | None, vectors: NDArray[np.float32]) -> None:
        self.owes = ids is None
        if ids is None:
            return
        self._recogniser.load(Gallery(ids, vectors, self._model))
        people = len(set(ids))
        log.event("gallery_loaded", count=people)
        self._on_people(people)


def heard(keeper: GalleryKeeper | None, message: Any) -> None:
    """One line of the sync process: a feed with people in it means another gallery; any, that an owed one is due."""
    if keeper is not None and message.get("ev") == "coming" and message.get("name") == "templates":
        keeper.coming()
    people = message.get("ev") == "feed" and message.get("name") in FEEDS
    if keeper is not None and (people or keeper.owes):
        keeper.reload()
