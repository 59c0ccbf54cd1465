"""The settings a terminal was started with before, and those that a technician went back to."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

from kiosk.config.keys import Config
from kiosk.config.reading import ConfigError, load
from kiosk.config.writing import toml_of, toml_value

FOLDER, INSTEAD = "settings", "instead.json"
MOST = 12
"""So many are kept; the oldest go."""


def keep(config: Config, at: float) -> None:
    """It starts with these at this moment (Unix seconds); what was kept before is not kept twice. Raises OSError.

    A one-time code is of no use to anybody later, and is left out.
    """
    folder, text = config.paths.state / FOLDER, _text(config)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(path.read_text("utf-8") == text for path in kept(config)):
        return
    path = folder / f"{at:.0f}.toml"
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
    for old in kept(config)[MOST:]:
        old.unlink()


def kept(config: Config) -> list[Path]:
    """Newest first; the name says since when, Unix seconds."""
    found = (config.paths.state / FOLDER).glob("*.toml")
    return sorted((path for path in found if path.stem.isdecimal()), key=lambda path: -int(path.stem))


def same(config: Config, path: Path) -> bool:
    """Whether these are the kept ones. Raises OSError."""
    return path.read_text("utf-8") == _text(config)


def changes(before: Config, after: Config) -> Iterator[tuple[str, str, str]]:
    """(`table.key`, value before, value after) of each key that differs, as TOML writes them; no one-time code."""
    for table in fields(Config):
        old, new = getattr(before, table.name), getattr(after, table.name)
        for each in fields(old):
            name, one, other = f"{table.name}.{each.name}", getattr(old, each.name), getattr(new, each.name)
            if one != other and name != "centre.enrolment_code":
                yield name, toml_value(one), toml_value(other)


def put_back(config: Config, name: str, source: Path) -> None:
    """From the next start on these, in place of the file `source` as it is now. Raises ConfigError, OSError."""
    folder = config.paths.state / FOLDER
    load(folder / f"{name}.toml")
    fresh = folder / f"{INSTEAD}.part"
    fresh.write_text(json.dumps({"use": name, "of": _digest(source)}), "utf-8")
    fresh.replace(folder / INSTEAD)


def effective(source: Path) -> Path:
    """The file that counts: the one that a technician went back to, as long as `source` is still the one they left.

    Whoever writes `source` anew has the last word. Raises ConfigError as `load`.
    """
    folder = load(source).paths.state / FOLDER
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, ConfigError):
        told = json.loads((folder / INSTEAD).read_text("utf-8"))
        chosen = folder / f"{int(told['use'])}.toml"
        if told["of"] == _digest(source):
            load(chosen)
            return chosen
    return source


def _text(config: Config) -> str:
    return toml_of(replace(config, centre=replace(config.centre, enrolment_code="")))


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()
