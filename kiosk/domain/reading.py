"""Reads data files that people write by hand: whatever is wrong is noted with its place, and reading goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in `zh` or `en`."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item file was refused: file, key, what stands there, what is allowed."""

    file: str
    key: str
    found: str
    allowed: str


def shown(value: object) -> str:
    """A value as a problem quotes it: short, `nothing` for an absent one."""
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


class Reader:
    """One table of a file. Every `get` notes a Problem for what is missing or wrong and answers a stand-in.

    Keys that were never asked for are unknown keys: `close()` notes them, after everything has been read.
    """

    def __init__(self, file: str, data: Mapping[str, Any], path: str = "", problems: list[Problem] | None = None):
        self.file = file
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems
        self._data = data
        self._asked: list[str] = []

    def note(self, key: str, found: object, allowed: str) -> None:
        """Something is wrong at `key` of this table."""
        self.problems.append(Problem(self.file, self.path + key, shown(found), allowed))

    def raw(self, key: str) -> Any:
        """Whatever stands there, None if nothing."""
        self._asked.append(key)
        return self._data.get(key)

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not blank; `default` when the key is absent (None = must be there)."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.note(key, value, "a text that is not empty")
            return default or ""
        return value.strip()

    def name(self, key: str, default: str | None = None) -> str:
        """A short name for programs: small letters, digits, underscores."""
        text = self.text(key, default)
        if text and not NAME.fullmatch(text):
            self.note(key, text, "small letters, digits and underscores, a letter first, at most 40")
        return text

    def words(self, key: str, required: bool = True) -> Words | None:
        """`{ zh = "…", en = "…" }`, both there."""
        value = self.raw(key)
        if value is None and not required:
            return None
        if not isinstance(value, Mapping):
            self.note(key, value, '{ zh = "…", en = "…" }')
            return Words("", "")
        inner = self.inner(key, value)
        words = Words(inner.text("zh"), inner.text("en"))
        inner.close()
        return words

    def need_words(self, key: str) -> Words:
        """As `words`, but it must be there."""
        return self.words(key) or Words("", "")

    def number(self, key: str, default: float | None = None) -> float | None:
        """A number, whole or not; `default` when absent."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.note(key, value, "a number")
            return default
        return value

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds; `default` when absent (None = must be there)."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.note(key, value, f"a whole number from {least} to {most}")
            return least
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(key, value, "true or false")
            return default
        return value

    def one_of(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the allowed names; `default` when absent (None = must be there)."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or value not in allowed:
            self.note(key, value, "one of " + listed(allowed))
            return default or ""
        return value

    def some_of(self, key: str, allowed: Collection[str], default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of allowed names, none twice; without a default at least one must be there."""
        value = self.raw(key)
        if value is None and default:
            return default
        if not isinstance(value, list) or not value:
            self.note(key, value, "a list of " + listed(allowed))
            return default
        for entry in value:
            if not isinstance(entry, str) or entry not in allowed:
                self.note(key, entry, "one of " + listed(allowed))
            elif value.count(entry) > 1:
                self.note(key, entry, "each name once")
                break
        return tuple(entry for entry in value if isinstance(entry, str) and entry in allowed)

    def names(self, key: str, least: int, most: int) -> tuple[str, ...]:
        """A list of texts, from `least` to `most` of them."""
        value = self.raw(key)
        good = isinstance(value, list) and least <= len(value) <= most and all(isinstance(e, str) for e in value)
        if not good:
            self.note(key, value, f"a list of {least} to {most} names")
            return ()
        return tuple(value)

    def table(self, key: str) -> Reader | None:
        """The table under this key, None when absent or not a table."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.note(key, value, "a table")
            return None
        return self.inner(key, value)

    def tables(self, key: str, label: str = "") -> list[Reader]:
        """The list of tables under this key; each is called by its entry `label` where it has one."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            self.note(key, value, f"a list of tables [[{key}]]")
            return []
        return [self.inner(_called(key, i, entry, label), entry) for i, entry in enumerate(value, 1)]

    def every(self) -> Iterable[str]:
        """All keys of this table, for tables whose keys are free names."""
        return self._data.keys()

    def inner(self, key: str, data: Mapping[str, Any]) -> Reader:
        return Reader(self.file, data, f"{self.path}{key}.", self.problems)

    def close(self) -> None:
        """Note every key that nothing asked for."""
        for key in self._data:
            if key not in self._asked:
                self.note(key, self._data[key], "no such key; known here: " + listed(dict.fromkeys(self._asked)))


def listed(names: Iterable[str]) -> str:
    """a, b, c."""
    return ", ".join(str(name) for name in names)


def repeated(names: Iterable[str]) -> list[str]:
    """The names that stand there more than once, in order."""
    all_names = list(names)
    return [name for name in dict.fromkeys(all_names) if all_names.count(name) > 1]


def _called(key: str, number: int, entry: Mapping[str, Any], label: str) -> str:
    name = entry.get(label)
    return f"{key}.{name}" if isinstance(name, str) and NAME.fullmatch(name) else f"{key}[{number}]"
