"""What a printer says it has left of paper and toner: trays and supplies as in PWG 5100.13, markers as of CUPS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from printers.ipp.wire import Attributes
from printers.machine import Levels, tens

ASKED = ("printer-input-tray", "printer-supply", "marker-types", "marker-levels", "marker-low-levels")
"""What is asked of a printer; many tell some of it, some nothing."""
A4_SIDES = {"29700", "21000"}
"""Hundredths of a millimetre."""
LOW = 0.1
"""The share at which something is running low, where the printer names no limit of its own."""
_MARKS = ("toner", "ink", "marker")
Share = tuple[float, float]
"""What is left, and from where on that is low: shares of full."""


def levels(printer: Attributes) -> Levels:
    """Percent, in tens as those of a roll."""
    paper, toner = _sheets(printer), _lowest(printer)
    return Levels(tens(paper) if paper is not None else -1, tens(toner[0]) if toner else -1)


def no_sheets(printer: Attributes) -> bool:
    """Whether every tray that is said to hold A4 is said to be empty."""
    return _sheets(printer) == 0.0


def few_sheets(printer: Attributes) -> bool:
    """Whether what they hold is running low."""
    found = _sheets(printer)
    return found is not None and found <= LOW


def little_toner(printer: Attributes) -> bool:
    """Whether any toner or ink is."""
    found = _lowest(printer)
    return found is not None and found[0] <= found[1]


def _sheets(printer: Attributes) -> float | None:
    """The share of all trays with A4 together; None where that is not known of each."""
    trays = [each for each in _records(printer, "printer-input-tray") if _is_a4(each)]
    counts = [(_number(each, "level"), _number(each, "maxcapacity")) for each in trays]
    if not counts or any(level < 0 or most <= 0 for level, most in counts):
        return None
    return min(1.0, sum(level for level, _ in counts) / sum(most for _, most in counts))


def _is_a4(tray: Mapping[str, str]) -> bool:
    return {tray.get("mediafeed", ""), tray.get("mediaxfeed", "")} == A4_SIDES


def _lowest(printer: Attributes) -> Share | None:
    """The one that will be over first; those of unknown level tell nothing."""
    found = [*_supplies(printer), *_markers(printer)]
    return min(found, key=lambda share: share[0] - share[1], default=None)


def _supplies(printer: Attributes) -> Iterator[Share]:
    for each in _records(printer, "printer-supply"):
        consumed = each.get("class") == "supplyThatIsConsumed" and _marks(each.get("type", ""))
        level, most = _number(each, "level"), _number(each, "maxcapacity")
        if consumed and level >= 0 and most > 0:
            yield min(1.0, level / most), LOW


def _markers(printer: Attributes) -> Iterator[Share]:
    levels, limits = (_integers(printer, name) for name in ("marker-levels", "marker-low-levels"))
    kinds = [str(each) for each in printer.get("marker-types", ())]
    for n, level in enumerate(levels):
        limit = limits[n] if n < len(limits) else -1
        if 0 <= level <= 100 and (n >= len(kinds) or _marks(kinds[n])):
            yield level / 100, limit / 100 if 0 <= limit <= 100 else LOW


def _marks(kind: str) -> bool:
    """Toner and ink of every kind, and no tank for waste, no staples."""
    word = kind.lower()
    return any(each in word for each in _MARKS) and "waste" not in word


def _records(printer: Attributes, name: str) -> Iterator[dict[str, str]]:
    """name=value pairs between semicolons, one record a value."""
    for value in printer.get(name, ()):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        parts = (each.partition("=") for each in text.split(";"))
        yield {key.strip().lower(): found.strip() for key, _, found in parts}


def _number(record: Mapping[str, str], name: str) -> int:
    """-2 = not known, as the printers themselves say it."""
    text = record.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else -2


def _integers(printer: Attributes, name: str) -> list[int]:
    return [value if type(value) is int else -2 for value in printer.get(name, ())]
