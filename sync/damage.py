"""A database file that is damaged: noticed by whoever meets it, noted beside the file, mended at the next start."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from kiosk import log

_CORRUPT, _NOTADB = 11, 26


def is_damage(error: Exception) -> bool:
    """Whether the file itself is at fault, not the disk's room or another program."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (_CORRUPT, _NOTADB)


def note(path: Path, error: Exception) -> bool:
    """If it is this file that is damaged, leave a note for whoever can end and begin again; whether it is."""
    if not is_damage(error) or noted(path) or sound(path, thorough=True):
        return noted(path)
    log.event("database_damaged", file=path.name, reason=str(getattr(error, "sqlite_errorname", "")))
    with contextlib.suppress(OSError):
        _note(path).touch(mode=0o600)
    return True


def noted(path: Path) -> bool:
    """Whether somebody found this file damaged since it was last mended."""
    return _note(path).exists()


def mended(path: Path) -> None:
    """The file was looked over, or put in order."""
    with contextlib.suppress(OSError):
        _note(path).unlink(missing_ok=True)


def sound(path: Path, *, thorough: bool = False) -> bool:
    """What SQLite's own check says; what cannot be looked at for another reason counts as sound."""
    check = "integrity_check(1)" if thorough else "quick_check(1)"
    try:
        with contextlib.closing(looking(path)) as db:
            return bool(db.execute(f"PRAGMA {check}").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        return not is_damage(error)


def looking(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, not even when it is closed as the last one. Raises sqlite3.Error."""
    # who was killed while making the file left a journal of it, which nobody may pass over without rolling it back
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=5.0, isolation_level=None)
    db.text_factory = _text
    return db


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")
