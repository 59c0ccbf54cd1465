"""Finds service items by name, pinyin, pinyin initials or English words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from kiosk.domain.catalogue import Catalogue, Item, allowed_for
from kiosk.domain.people import Role
from kiosk.domain.pinyin import plain

MOST_LETTERS = 40

_WORD = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[\s'’·-]+")


class Match(IntEnum):
    """How well a query fits; less is better."""

    WHOLE = 0
    BEGINNING = 1
    INSIDE = 2
    MENTIONED = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One item: each character of its title in lower case with its readings, its English words, its summary."""

    item: Item
    title: tuple[tuple[str, tuple[str, ...]], ...]
    words: tuple[str, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Index:
    """All items, in the catalogue's order."""

    entries: tuple[Entry, ...]


def index(catalogue: Catalogue) -> Index:
    """Built once; the first call loads the pinyin dictionaries (a fifth of a second)."""
    return Index(tuple(_entry(item) for item in catalogue.items.values()))


def find(index: Index, query: str, role: Role) -> tuple[Item, ...]:
    """The items this role may ask for that fit, best first, then in the catalogue's order."""
    text = query.lower()[:MOST_LETTERS].strip()
    if not text:
        return ()
    rated = [(match, entry.item) for entry in index.entries if (match := rate(entry, text)) is not None]
    rated.sort(key=lambda pair: pair[0])
    return tuple(item for _, item in rated if allowed_for(item, role))


def rate(entry: Entry, text: str) -> Match | None:
    """How well lower-case text fits one item; None = not at all."""
    joined = _BETWEEN.sub("", text)
    found = [_by_title(entry.title, joined), _by_words(entry.words, _WORD.findall(text))]
    if not joined.isascii() and joined in entry.summary:
        found.append(Match.MENTIONED)
    return min((match for match in found if match is not None), default=None)


def _by_title(title: tuple[tuple[str, tuple[str, ...]], ...], text: str) -> Match | None:
    """Characters, full pinyin, initials, and any mixture of them: 在读zm, zaidzhengm."""
    starts = [(start, end) for start in range(len(title)) if (end := _reach(title, start, text)) >= 0]
    if not starts or not text:
        return None
    start, end = starts[0]
    if start > 0:
        return Match.INSIDE
    return Match.WHOLE if end == len(title) else Match.BEGINNING


def _reach(title: tuple[tuple[str, tuple[str, ...]], ...], at: int, text: str) -> int:
    """The furthest place in the title up to which the whole text can be read from `at`; -1 = cannot."""
    if not text:
        return at
    if at == len(title):
        return -1
    character, readings = title[at]
    heads = {text[:1]} if text[0] == character else set()
    for reading in readings:
        heads |= {reading[:n] for n in range(1, len(reading) + 1) if text.startswith(reading[:n])}
    return max((_reach(title, at + 1, text[len(head) :]) for head in heads), default=-1)


def _by_words(words: tuple[str, ...], wanted: list[str]) -> Match | None:
    """Every English word typed must begin a word of the title."""
    if not wanted or not all(any(word.startswith(w) for word in words) for w in wanted):
        return None
    if len(wanted) == len(words) and set(wanted) == set(words):
        return Match.WHOLE
    return Match.BEGINNING if words[0].startswith(wanted[0]) else Match.INSIDE


def _entry(item: Item) -> Entry:
    # pypinyin reads 3 MB of JSON when imported: not before somebody searches
    from pypinyin import Style, pinyin

    title = item.title.zh.lower()
    spoken = pinyin(list(title), style=Style.TONE, heteronym=True)
    readings = (tuple(dict.fromkeys(filter(None, (plain(s) for s in sounds)))) for sounds in spoken)
    words = tuple(_WORD.findall(item.title.en.lower()))
    return Entry(item, tuple(zip(title, readings, strict=True)), words, item.summary.zh.lower())
