"""Reads the log as it lies on the disk, newest files first; whatever may not stand there is redacted once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk import log
from kiosk.domain.logbook import LogLine

MOST_BYTES = 600_000
"""Of each program's log, some five thousand lines: a screen that shows ten of them looks again every two seconds."""
HEAD = ("at", "component", "event")
LONGEST = 160


def components(folder: Path) -> tuple[str, ...]:
    """The programs that write here."""
    return tuple(sorted(path.stem for path in folder.glob("*.jsonl")))


def lines(folder: Path) -> Iterator[LogLine]:
    """The newest lines of every program, in no order. Raises OSError."""
    for path in folder.glob("*.jsonl"):
        older = path.with_name(f"{path.name}.1")
        data = _tail(path, MOST_BYTES)
        if len(data) < MOST_BYTES and older.exists():
            data = _tail(older, MOST_BYTES - len(data)) + b"\n" + data
        for line in filter(None, data.splitlines()):
            yield line_of(path.stem, line)


def line_of(component: str, line: bytes) -> LogLine:
    """One line; of one that is not ours only that it is there."""
    try:
        found = json.loads(line)
        at = datetime.fromisoformat(found["at"]).timestamp()
        told = {key: value for key, value in found.items() if key not in HEAD}
        code, device = str(told.get("code", "")), str(told.get("device", ""))
        return LogLine(at, str(found["component"]), str(found["event"]), _detail(told), code, device)
    except (ValueError, KeyError, TypeError, AttributeError):
        return LogLine(0.0, component, "unreadable")


def _detail(told: dict[str, Any]) -> str:
    """key=value, only of fields that may be read; what an older or odd program wrote keeps its name alone."""
    allowed = log.allowed_fields()
    shown = {key: str(value) if key in allowed else log.REDACTED for key, value in told.items()}
    text = "  ".join(f"{key}={value}" for key, value in shown.items())
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _tail(path: Path, most: int) -> bytes:
    """Whole lines from the end, at most so many bytes."""
    with path.open("rb") as source:
        size = source.seek(0, 2)
        source.seek(max(0, size - most))
        data = source.read(most)
    return data if size <= most else data.partition(b"\n")[2]
