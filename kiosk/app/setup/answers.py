"""From what was answered to a configuration: `table.key` → text, over a file to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from kiosk import config as configs
from kiosk.config import Config, ConfigError, Problem, toml_of
from kiosk.config.reading import refusal
from kiosk.config.writing import allowed_values

NOTHING: Mapping[str, str] = {
    "scanner.kind": "none",
    "camera.source": "",
    "printer.address": "",
    "a4.address": "",
    "thermal.kind": "none",
    "relay.kind": "none",
    "centre.enrolment_code": "",
    "centre.ca_file": "",
}
"""A machine is given the devices that are answered, and none that stand in the file to begin with."""


def settings(base: Config, answers: Mapping[str, str]) -> Config:
    """`base` with these answers. Raises ConfigError for a key there is none of, or a word that is no number."""
    changed: dict[str, dict[str, Any]] = {}
    for name, text in answers.items():
        table, _, key = name.partition(".")
        changed.setdefault(table, {})[key] = _value(name, text)
    return replace(base, **{table: replace(getattr(base, table), **values) for table, values in changed.items()})


def written(config: Config, path: Path) -> None:
    """Write the file with a note above each key, checked as the program will check it. Raises ConfigError, OSError."""
    path.write_text(toml_of(config, notes=True), "utf-8")
    configs.load(path)


def shown(base: Config, name: str) -> str:
    """The value of `table.key` as somebody would type it."""
    table, _, key = name.partition(".")
    value = getattr(getattr(base, table), key)
    return str(value).lower() if isinstance(value, bool) else str(value)


def words(name: str) -> tuple[str, ...]:
    """The words that a key of few may have."""
    table, _, key = name.partition(".")
    rules = next(each for each in fields(get_type_hints(Config)[table]) if each.name == key)
    return tuple(rules.metadata["allowed"])


def _value(name: str, text: str) -> Any:
    table, _, key = name.partition(".")
    cls = get_type_hints(Config).get(table)
    rules = {each.name: each for each in fields(cls)}.get(key) if cls else None
    if cls is None or rules is None:
        raise ConfigError(Problem("kiosk-setup", name, text, "a key of docs/config.md"))
    kind = get_type_hints(cls)[key]
    value = _read(text, kind)
    allowed = allowed_values(kind, rules) if value is None else refusal(text if kind is Path else value, kind, rules)
    if allowed:
        raise ConfigError(Problem("kiosk-setup", name, text, allowed))
    return value


def _read(text: str, kind: type) -> Any:
    """As TOML has it; None for what is none of this kind."""
    try:
        return {"true": True, "false": False}[text] if kind is bool else kind(text)
    except (ValueError, KeyError):
        return None
