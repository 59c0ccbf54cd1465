"""Reads a card: anything missing, unknown or out of range is said by file and key."""

from __future__ import annotations

import importlib.util
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from devices.face.card import Card, ModelError, Pair, Triple
from kiosk.domain.matching.limits import Limits

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_FILE = re.compile(r"(?!.*\.\.)[^/\\\0][^\\\0]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORMS = {"embedder": ("dlib", "onnx"), "detector": ("hog", "yunet")}
_TABLES_OF = {"embedder": ("input", "alignment", "output", "limits"), "detector": ("detection",)}
_KEYS = {
    "": ("name", "kind", "form", "package", "file", "sha256", "licence", "source"),
    "input": ("size", "channels", "mean", "std"),
    "alignment": ("points",),
    "output": ("length", "unit", "mirror"),
    "detection": ("score",),
    "limits": tuple(each.name for each in fields(Limits)),
}


def read(path: Path) -> Card:
    """The card in a TOML file. Raises ModelError for the first thing wrong in it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(path.name, "", str(error.strerror)) from error
    except ValueError as error:
        raise ModelError(path.name, "", str(error)) from error
    return _Reading(path, data).card()


class _Reading:
    def __init__(self, path: Path, data: Mapping[str, Any]) -> None:
        self._path, self._data = path, data

    def card(self) -> Card:
        kind = self._text("kind", re.compile("detector|embedder"), "detector or embedder")
        self._known(_TABLES_OF[kind])
        form = self._text("form", re.compile("|".join(_FORMS[kind])), " or ".join(_FORMS[kind]))
        common: dict[str, Any] = {
            "name": self._text("name", _NAME, "a-z, 0-9 and -"),
            "kind": kind,
            "form": form,
            "path": self._model(),
            "card": self._path.name,
            "sha256": self._text("sha256", _SHA256, "64 hex digits in lower case"),
            "licence": self._text("licence", re.compile(".+"), "a text"),
            "source": self._text("source", re.compile(".+"), "a text"),
        }
        return Card(**common, **(self._embedder() if kind == "embedder" else self._detector()))

    def _known(self, tables: tuple[str, ...]) -> None:
        for key, value in self._data.items():
            if key not in tables and key not in _KEYS[""]:
                raise self._wrong(key, f"{', '.join((*_KEYS[''], *tables))} and nothing else")
            if key in tables and not isinstance(value, dict):
                raise self._wrong(key, "a table")
            for name in value if key in tables else ():
                if name not in _KEYS[key]:
                    raise self._wrong(f"{key}.{name}", f"{', '.join(_KEYS[key])} and nothing else")

    def _embedder(self) -> dict[str, Any]:
        channels = self._get("input.channels", "rgb")
        if channels not in ("rgb", "bgr"):
            raise self._wrong("input.channels", "rgb or bgr")
        std = self._triple("input.std", (1.0, 1.0, 1.0))
        if min(std) <= 0:
            raise self._wrong("input.std", "three numbers above 0")
        return {
            "size": self._whole("input.size", 16, 1024),
            "channels": channels,
            "mean": self._triple("input.mean", (0.0, 0.0, 0.0)),
            "std": std,
            "points": self._points(),
            "length": self._whole("output.length", 2, 4096),
            "unit": self._flag("output.unit"),
            "mirror": self._flag("output.mirror"),
            "limits": self._limits(),
        }

    def _detector(self) -> dict[str, Any]:
        return {"score": self._number("detection.score", self._get("detection.score", 0.0))}

    def _model(self) -> Path:
        file = self._text("file", _FILE, "a file's name")
        package = self._data.get("package", "")
        if not package:
            if "/" in file:
                raise self._wrong("file", "the name of a file beside the card")
            return self._path.parent / file
        spec = importlib.util.find_spec(package) if isinstance(package, str) and package.isidentifier() else None
        if spec is None or spec.origin is None:
            raise self._wrong("package", f"{package} is not installed")
        return Path(spec.origin).parent / file

    def _limits(self) -> Limits:
        given = self._data.get("limits", {})
        steps = {name: self._steps(name, value) for name, value in given.items() if name in ("adapted", "raw")}
        numbers = {name: self._number(f"limits.{name}", value) for name, value in given.items() if name not in steps}
        if "least" in numbers:
            numbers["least"] = self._whole("limits.least", 2, 1_000_000)
        try:
            return Limits(**steps, **numbers)  # type: ignore[arg-type]  # names and types are those just checked
        except ValueError as error:
            raise self._wrong("limits", str(error)) from error

    def _steps(self, name: str, value: Any) -> tuple[tuple[int, float], ...]:
        rows = value if isinstance(value, list) else []
        good = [row for row in rows if isinstance(row, list) and len(row) == 2 and type(row[0]) is int]
        if not rows or len(good) != len(rows):
            raise self._wrong(f"limits.{name}", "rows of [people searched, distance]")
        return tuple((row[0], self._number(f"limits.{name}", row[1])) for row in rows)

    def _points(self) -> tuple[Pair, ...]:
        rows = self._get("alignment.points", None)
        if not isinstance(rows, list) or len(rows) != 5 or any(not isinstance(r, list) or len(r) != 2 for r in rows):
            raise self._wrong("alignment.points", "five of [x, y]: eyes, nose, corners of the mouth")
        flat = [self._number("alignment.points", value) for row in rows for value in row]
        return tuple(zip(flat[::2], flat[1::2], strict=True))

    def _triple(self, key: str, default: Triple) -> Triple:
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or len(value) != 3:
            raise self._wrong(key, "three numbers")
        one, two, three = (self._number(key, each) for each in value)
        return one, two, three

    def _get(self, key: str, default: Any) -> Any:
        table, _, name = key.rpartition(".")
        return (self._data.get(table, {}) if table else self._data).get(name, default)

    def _text(self, key: str, form: re.Pattern[str], allowed: str) -> str:
        value = self._get(key, None)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise self._wrong(key, allowed)
        return value

    def _whole(self, key: str, least: int, most: int) -> int:
        value = self._get(key, None)
        if type(value) is not int or not least <= value <= most:
            raise self._wrong(key, f"a whole number from {least} to {most}")
        return value

    def _number(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(key, "numbers")
        return float(value)

    def _flag(self, key: str) -> bool:
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def _wrong(self, key: str, allowed: str) -> ModelError:
        found = self._get(key, None)
        shown = "nothing" if found is None else repr(found)[:80]
        return ModelError(self._path.name, key, f"found {shown}; allowed: {allowed}")
