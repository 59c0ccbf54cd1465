"""Reads and checks the configuration file: everything that is wrong in it is said at once."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from kiosk.config.keys import Config, DemoConfig
from kiosk.config.writing import allowed_values, toml_value


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file: the key as table.name, what stands there, what is allowed."""

    file: str
    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: found {self.found}; allowed: {self.allowed}"


class ConfigError(Exception):
    """A file that cannot be used, with everything that is wrong in it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load(path: Path) -> Config:
    """The checked content of a TOML file. Keys left out have their defaults. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise ConfigError(Problem(str(path), "(file)", str(reason), "a readable text file in UTF-8")) from error
    except ValueError as error:
        raise ConfigError(Problem(str(path), "(syntax)", str(error), "TOML, see docs/config.md")) from error
    reading = _Reading(str(path), path.absolute().parent)
    config = reading.config(data)
    if reading.problems:
        raise ConfigError(*reading.problems)
    return config


class _Reading:
    def __init__(self, file: str, folder: Path) -> None:
        self.file, self.folder = file, folder
        self.problems: list[Problem] = []

    def config(self, data: Mapping[str, Any]) -> Config:
        known = get_type_hints(Config)
        for name in data.keys() - known:
            what = "unknown table" if isinstance(data[name], Mapping) else "a key outside every table"
            self.wrong(name, what, _suggestion(name, known))
        tables: dict[str, Any] = {}
        for name, cls in known.items():
            given = data.get(name, {})
            if isinstance(given, Mapping):
                tables[name] = self.table(name, cls, given)
            else:
                self.wrong(name, _shown(given), f"a table: [{name}]")
        config = Config(**tables)
        self.demo_only(config.demo)
        return config

    def table(self, table: str, cls: Any, given: Mapping[str, Any]) -> Any:
        known = {each.name: each for each in fields(cls)}
        types = get_type_hints(cls)
        for name in given.keys() - known:
            self.wrong(f"{table}.{name}", "unknown key", _suggestion(name, known, table))
        values = {}
        for name, rules in known.items():
            value = given.get(name, rules.default)
            if name in given and (allowed := refusal(value, types[name], rules)):
                self.wrong(f"{table}.{name}", _shown(value), allowed)
                value = rules.default
            values[name] = self.ready(value, types[name], rules)
        return cls(**values)

    def ready(self, value: Any, kind: type, rules: Field[Any]) -> Any:
        if rules.metadata["path"] and str(value) and "://" not in str(value):
            value = self.folder / value
        return kind(str(value) if kind is str else value)

    def demo_only(self, demo: DemoConfig) -> None:
        for each in fields(demo):
            value = getattr(demo, each.name)
            if not demo.enabled and value != each.default:
                self.wrong(f"demo.{each.name}", _shown(value), "nothing, unless demo.enabled = true")

    def wrong(self, key: str, found: str, allowed: str) -> None:
        self.problems.append(Problem(self.file, key, found, allowed))


_CONTROL = re.compile("[\\x00-\\x1f\\x7f]")


def refusal(value: Any, kind: type, rules: Field[Any]) -> str:
    """What would be allowed, or "" when a value as TOML has it is."""
    accepted = {float: (int, float), Path: (str,)}.get(kind, (kind,))
    right = isinstance(value, accepted) and isinstance(value, bool) == (kind is bool)
    if right and rules.metadata["least"] is not None:
        right = rules.metadata["least"] <= value <= rules.metadata["most"]
    if right and isinstance(value, str):
        form = rules.metadata["form"]
        right = not _CONTROL.search(value) and (not form or re.fullmatch(form[0], value) is not None)
    if right and rules.metadata["allowed"]:
        right = value in rules.metadata["allowed"]
    return "" if right else allowed_values(kind, rules)


def _suggestion(name: str, known: Mapping[str, Any], table: str = "") -> str:
    tables = get_type_hints(Config)
    elsewhere = [f"{other}.{each.name}" for other, cls in tables.items() for each in fields(cls) if each.name == name]
    hint = [*difflib.get_close_matches(name, known, 1), *elsewhere]
    meant = f"did you mean {hint[0]}? " if hint else ""
    return f"{meant}known{f' in [{table}]' if table else ' tables'}: {', '.join(known)}"


def _shown(value: Any) -> str:
    text = toml_value(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
