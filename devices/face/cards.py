"""A model is a file with a card: a TOML file beside it that says what it is, what it takes and how far to trust it.

A card that cannot be used is refused by file and key; the other cards go on working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.face.card import Card, ModelError
from devices.face.card_file import read
from kiosk.assets import ROOT

__all__ = ["BUILT_IN", "Card", "ModelError", "Shelf", "read", "scan"]

BUILT_IN = ROOT / "models"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`cards` by name; `problems`: what was refused."""

    cards: Mapping[str, Card]
    problems: tuple[ModelError, ...]

    def card(self, name: str, kind: str) -> Card:
        """The card of that name and kind. Raises ModelError."""
        card = self.cards.get(name)
        if card is not None and card.kind == kind:
            return card
        known = ", ".join(sorted(each.name for each in self.cards.values() if each.kind == kind))
        refused = "".join(f"; refused: {problem}" for problem in self.problems)
        raise ModelError(f"face.{kind}", name, f"no such card; there are {known}{refused}")


def scan(folder: str = "") -> Shelf:
    """The built-in cards and those of `folder`, where a card takes the place of a built-in one of its name."""
    cards: dict[str, Card] = {}
    problems: list[ModelError] = []
    for place in (BUILT_IN, *([Path(folder)] if folder else [])):
        mine: dict[str, Card] = {}
        if not place.is_dir():
            problems.append(ModelError(str(place), "", "no such folder"))
        for path in sorted(place.glob("*.toml")):
            try:
                card = read(path)
                if card.name in mine:
                    raise ModelError(path.name, "name", f"{card.name} is the name of {mine[card.name].card} too")
                mine[card.name] = card
            except ModelError as error:
                problems.append(error)
        cards |= mine
    return Shelf(cards, tuple(problems))
