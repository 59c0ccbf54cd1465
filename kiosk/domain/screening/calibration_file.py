"""Reads and writes the calibration file: everything that is wrong in it is said at once (docs/thermal.md)."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable
from pathlib import Path

from kiosk.config import ConfigError, Problem
from kiosk.domain.faces import Box
from kiosk.domain.reading import Reader
from kiosk.domain.screening.calibration import AmbientModel, Calibration, ReferenceSource
from kiosk.domain.screening.reading import Basis
from kiosk.domain.screening.registration import Registration

LONGEST_WARM_UP_S = 3600.0
LARGEST_OFFSET = 20.0
LEAST_AREA = 0.01


def load_calibration(path: Path) -> Calibration:
    """The checked content of a calibration file. Raises ConfigError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise ConfigError(Problem(str(path), "(file)", str(reason), "a readable text file in UTF-8")) from error
    return parse_calibration(str(path), text)


def parse_calibration(file: str, text: str) -> Calibration:
    """The checked content of `text`; `file` is named in what is wrong. Raises ConfigError."""
    try:
        top = Reader(file, tomllib.loads(text))
    except ValueError as error:
        raise ConfigError(Problem(file, "(syntax)", str(error), "TOML, see docs/thermal.md")) from error
    found = _calibration(top)
    if top.problems:
        raise ConfigError(*(Problem(each.file, each.key, each.found, each.allowed) for each in top.problems))
    return found


def _calibration(top: Reader) -> Calibration:
    basis = Basis(top.one_of("basis", [each.value for each in Basis]) or Basis.NONE)
    site = _within(top, "site", 0.0, -5.0, 5.0)
    warm_up = _within(top, "warm_up", 120.0, 0.0, LONGEST_WARM_UP_S)
    registration = _registration(top.table("registration"))
    ambient, reference = _ambient(top.table("ambient")), _reference(top.table("reference"))
    for kind, part in ((Basis.AMBIENT, ambient), (Basis.REFERENCE, reference)):
        if basis is kind and part is None:
            top.note(kind.value, None, f'a table [{kind.value}], for basis = "{kind.value}"')
    top.close()
    return Calibration(basis, registration, ambient, reference, site, warm_up)


def _registration(table: Reader | None) -> Registration:
    if table is None:
        return Registration()
    x, y = _numbers(table, "x", 3), _numbers(table, "y", 3)
    residual = _within(table, "residual", 0.0, 0.0, 1.0)
    table.close()
    if x is None or y is None:
        return Registration()
    made = Registration((x[0], x[1], x[2]), (y[0], y[1], y[2]), residual)
    if abs(made.area) < LEAST_AREA:
        table.note("y", y, "a map that does not fold the picture into a line")
    return made


def _ambient(table: Reader | None) -> AmbientModel | None:
    if table is None:
        return None
    pairs = _table(table) if table.has("table") else ()
    coefficients = _numbers(table, "coefficients", 1, 4) if table.has("coefficients") else None
    if bool(pairs) == bool(coefficients) and not table.problems:
        table.note("table", None, "either table or coefficients")
    first, last = (pairs[0][0], pairs[-1][0]) if pairs else (15.0, 35.0)
    least, most = _within(table, "least", first, -20.0, 60.0), _within(table, "most", last, -20.0, 60.0)
    if least >= most:
        table.note("most", most, "more than least")
    residual = _within(table, "residual", None, 0.0, LARGEST_OFFSET)
    table.close()
    return AmbientModel(pairs, coefficients or (), least, most, residual)


def _table(table: Reader) -> tuple[tuple[float, float], ...]:
    value = table.raw("table")
    rows = value if isinstance(value, list) else []
    if len(rows) < 2 or not all(isinstance(row, list) and len(row) == 2 and all(map(_number, row)) for row in rows):
        table.note("table", value, "at least two pairs [ambient, offset] in °C")
        return ()
    pairs = tuple((float(at), float(offset)) for at, offset in rows)
    if any(later[0] <= earlier[0] for earlier, later in itertools.pairwise(pairs)):
        table.note("table", value, "rising ambient temperatures")
        return ()
    return pairs


def _reference(table: Reader | None) -> ReferenceSource | None:
    if table is None:
        return None
    box = _numbers(table, "box", 4) or (0.0, 0.0, 1.0, 1.0)
    if not (min(box) >= 0 and box[2] > 0 and box[3] > 0 and box[0] + box[2] <= 1 and box[1] + box[3] <= 1):
        table.note("box", box, "left, top, width, height inside the thermal picture, as shares from 0 to 1")
    celsius = _within(table, "celsius", None, 25.0, 45.0)
    u = _within(table, "u", None, 0.0, 2.0)
    offset = _within(table, "offset", None, -LARGEST_OFFSET, LARGEST_OFFSET)
    drift = _within(table, "drift", 2.0, 0.1, LARGEST_OFFSET)
    table.close()
    return ReferenceSource(Box(*box), celsius, u, offset, drift)


def _within(table: Reader, key: str, default: float | None, least: float, most: float) -> float:
    """A number within bounds; without a default it must be there."""
    value = table.raw(key)
    if value is None and default is not None:
        return default
    if not _number(value) or not least <= value <= most:
        table.note(key, value, f"a number from {least:g} to {most:g}")
        return least
    return float(value)


def _numbers(table: Reader, key: str, least: int, most: int | None = None) -> tuple[float, ...] | None:
    value, most = table.raw(key), most or least
    if not isinstance(value, list) or not least <= len(value) <= most or not all(map(_number, value)):
        table.note(key, value, f"a list of {least if least == most else f'{least} to {most}'} numbers")
        return None
    return tuple(float(each) for each in value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def calibration_text(calibration: Calibration) -> str:
    """The file that `parse_calibration` reads back as the same calibration."""
    return "\n".join(_lines(calibration)) + "\n"


def _lines(made: Calibration) -> Iterable[str]:
    yield from (f'basis = "{made.basis.value}"', f"site = {made.site!r}", f"warm_up = {made.warm_up!r}", "")
    place, model, source = made.registration, made.ambient, made.reference
    yield from ("[registration]", f"x = {list(place.x)}", f"y = {list(place.y)}", f"residual = {place.residual!r}")
    if model:
        yield from ("", "[ambient]", f"least = {model.least!r}", f"most = {model.most!r}")
        given = f"table = {[list(row) for row in model.table]}"
        yield given if model.table else f"coefficients = {list(model.coefficients)}"
        yield f"residual = {model.residual!r}"
    if source:
        box = source.box
        yield from ("", "[reference]", f"box = {[box.x, box.y, box.w, box.h]}", f"celsius = {source.celsius!r}")
        yield from (f"u = {source.u!r}", f"offset = {source.offset!r}", f"drift = {source.drift!r}")
