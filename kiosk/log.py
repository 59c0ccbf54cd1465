"""The log: one JSON object a line, and nothing in it but what assets/log/events.toml allows."""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import sys
import tomllib
import traceback
from datetime import datetime
from functools import cache
from pathlib import Path

from kiosk.assets import ROOT
from kiosk.clock import CAMPUS_ZONE, Clock

EVENTS = ROOT / "log" / "events.toml"
REDACTED = "(redacted)"
MOST_CHARACTERS = 400
FILE_BYTES = 4_000_000
OLD_FILES = 4

_logger = logging.getLogger("campus")
_logger.propagate = False
_logger.setLevel(logging.INFO)


class _Place:
    """Whose log this is, and what time it is there."""

    component = "none"
    clock = Clock()


class _Files(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk must not stop what is being logged about."""


def setup(component: str, folder: Path | None, clock: Clock) -> None:
    """Write to `folder/<component>.jsonl`, at most 20 MB with the older files; to standard error without a folder.

    Raises OSError when the folder cannot be made.
    """
    close()
    _Place.component, _Place.clock = component, clock
    if folder is not None:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        path = folder / f"{component}.jsonl"
        _logger.addHandler(_Files(path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8"))


def close() -> None:
    """Close the file; what comes later goes to standard error."""
    for handler in list(_logger.handlers):
        _logger.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()


def event(name: str, /, **fields: object) -> None:
    """One line: time, component, event, and the fields that are allowed; the others keep their name alone."""
    line: dict[str, object] = {
        "at": datetime.fromtimestamp(_Place.clock.now(), CAMPUS_ZONE).isoformat(timespec="milliseconds"),
        "component": _Place.component,
        "event": name,
    }
    allowed = allowed_fields()
    line |= {key: _plain(value) if key in allowed else REDACTED for key, value in fields.items() if key not in line}
    _write(json.dumps(line, ensure_ascii=False))


def bug(error: BaseException) -> None:
    """An unexpected exception: its class and the lines it came through, not its message, which may name a person."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    where = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    event("bug", error=type(error).__name__, where=where)


@cache
def allowed_fields() -> frozenset[str]:
    """Names of fields whose values may be written."""
    return frozenset(tomllib.loads(EVENTS.read_text("utf-8"))["fields"])


def _write(line: str) -> None:
    if _logger.handlers:
        _logger.info("%s", line)
    else:
        print(line, file=sys.stderr)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else f"<{type(value).__name__}>"
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + "…"
