"""`python -m kiosk models list | check`: which face models there are, and whether they work on this machine."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator

from devices.face import detect, engines, selftest
from devices.face.cards import Card, ModelError, Shelf, scan
from devices.face.sample import samples
from kiosk.config import Config, FaceConfig

ROUNDS = 5
_COLUMNS = "{:<16} {:<9} {:<12} {:<20} {:<4}"


def run(verb: str, config: Config) -> int:
    """Print the table; 1 when a model that the configuration asks for is missing or fails, else 0."""
    shelf = scan(config.face.models)
    lines, good = (_list if verb == "list" else _check)(shelf, config)
    for line in lines:
        print(line)
    for problem in shelf.problems:
        print(f"refused: {problem}")
    return 0 if good else 1


def _list(shelf: Shelf, config: Config) -> tuple[list[str], bool]:
    lines = [_COLUMNS.format("name", "kind", "licence", "SHA-256", "used").rstrip()]
    for card in _sorted(shelf):
        used = "yes" if _used(card, config.face) else "no"
        lines.append(_COLUMNS.format(card.name, card.kind, card.licence, _state(card), used).rstrip())
    missing = list(_missing(shelf, config.face))
    return lines + missing, not missing


def _check(shelf: Shelf, config: Config) -> tuple[list[str], bool]:
    lines = list(_missing(shelf, config.face))
    good = not lines
    for card in _sorted(shelf):
        outcomes = {engine: _outcome(card, engine, config) for engine in _engines(card, config.face)}
        lines += [f"{card.name:<16} {engine or card.form:<12} {text}" for engine, (text, _) in outcomes.items()]
        if _used(card, config.face):
            chosen = "" if card.kind == "detector" else config.face.engine
            good &= any(passed for engine, (_, passed) in outcomes.items() if chosen in (engine, "auto"))
    return lines, good


def _engines(card: Card, config: FaceConfig) -> list[str]:
    """Those that are installed, and the configured one in any case: its failure says why."""
    if card.kind == "detector":
        return [""]
    wanted = [config.engine] if _used(card, config) and config.engine != "auto" else []
    return list(dict.fromkeys([*engines.usable(card), *wanted]))


def _outcome(card: Card, engine: str, config: Config) -> tuple[str, bool]:
    """What to say of a model on an engine, and whether it passed."""
    try:
        once = _detector(card) if card.kind == "detector" else _embedder(card, engine, config)
    except ModelError as error:
        return f"FAILED: {error}", False
    return f"{_milliseconds(once):8.1f} ms a face   good", True


def _detector(card: Card) -> Callable[[], object]:
    found, picture = detect.open_card(card), samples()[0].picture
    return lambda: found.find(picture)


def _embedder(card: Card, engine: str, config: Config) -> Callable[[], object]:
    face = dataclasses.replace(config.face, engine=engine)
    embedder, chips = engines.open_card(card, face, config.paths.state / engines.CACHE), selftest.chip(card)[None]
    return lambda: embedder.embed(chips)


def _milliseconds(once: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        once()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _missing(shelf: Shelf, config: FaceConfig) -> Iterator[str]:
    for name, kind in ((config.detector, "detector"), (config.embedder, "embedder")):
        try:
            shelf.card(name, kind)
        except ModelError as error:
            yield f"FAILED: {error}"


def _state(card: Card) -> str:
    try:
        card.content()
    except ModelError as error:
        return "missing" if error.key == "file" else "differs"
    return f"{card.sha256[:12]} good"


def _used(card: Card, config: FaceConfig) -> bool:
    return card.name == (config.embedder if card.kind == "embedder" else config.detector)


def _sorted(shelf: Shelf) -> list[Card]:
    return sorted(shelf.cards.values(), key=lambda card: (card.kind, card.name))
