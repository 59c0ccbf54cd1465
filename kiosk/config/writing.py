"""Writes the configuration file and its documentation, both made from the keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, get_type_hints

from kiosk.config.keys import Config

_NAMES: Mapping[type, str] = {str: "text", Path: "text", int: "whole number", float: "number", bool: "true or false"}


def allowed_values(kind: type, rules: Field[Any]) -> str:
    """What a key may hold, in words: `one of "zh", "en"`, `whole number from 1 to 65535`, `text`."""
    limits = rules.metadata
    if limits["allowed"]:
        return "one of " + ", ".join(toml_value(value) for value in limits["allowed"])
    words = _NAMES[kind]
    if limits["least"] is not None:
        words += f" from {limits['least']:.12g} to {limits['most']:.12g}"
    if limits["form"]:
        words += f": {limits['form'][1]}"
    return words


def toml_value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)


def toml_of(config: Config, notes: bool = False) -> str:
    """The file that `load` reads back as the same configuration; with `notes`, each key explained above it."""
    return "\n".join(_lines(config, notes)) + "\n"


def _lines(config: Config, notes: bool) -> Iterator[str]:
    for table in fields(config):
        part = getattr(config, table.name)
        if table.name != fields(config)[0].name:
            yield ""
        yield f"[{table.name}]"
        for each in fields(part):
            if notes:
                yield f"# {each.metadata['doc']}"
            yield f"{each.name} = {toml_value(getattr(part, each.name))}"


def document() -> str:
    """docs/config.md: every table and key with its default, what is allowed and what it means."""
    parts = [_INTRODUCTION]
    for name, cls in get_type_hints(Config).items():
        purpose = cls.__doc__.partition("] ")[2]
        parts += [f"\n## [{name}]\n\n{purpose}\n", "| key | default | allowed | meaning |", "|---|---|---|---|"]
        types = get_type_hints(cls)
        for each in fields(cls):
            allowed = allowed_values(types[each.name], each).replace("|", "\\|")
            meaning = each.metadata["doc"].replace("|", "\\|")
            parts.append(f"| `{each.name}` | `{toml_value(each.default)}` | {allowed} | {meaning} |")
    return "\n".join(parts) + "\n"


_INTRODUCTION = """# The configuration file

Made from `kiosk/config/keys.py` by `make docs`; change it there.

One TOML file, `kiosk.toml` in the working folder unless `--config` names another. A key that is left out has its
default. An unknown table or key, a wrong type or a value out of bounds is refused, with everything that is wrong at
once: `python -m kiosk check-config FILE`. Relative paths are meant from the folder of the file, never from the
folder the program was started in. `[demo]` is refused unless `enabled = true` stands in it.
`packaging/kiosk.toml` is a complete example."""
