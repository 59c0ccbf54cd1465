"""What a heartbeat says: each who knows a part of it is asked, at each beat."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from kiosk import __version__
from kiosk.clock import Clock
from sync import listing
from sync.tables import CACHE, JOURNAL
from sync.wire import Heartbeat, Message

GAP_S = 3.0
"""Two beats are at least so far apart, whatever changes."""
_WAITING = """
    SELECT count(DISTINCT a.sha256) FROM attachments a JOIN outbox o USING (seq) WHERE o.state = 'queued'"""

Part = Callable[[sqlite3.Connection], Mapping[str, Any]]
"""Some fields of `Heartbeat`, out of the journal or out of its own knowledge. Raises sqlite3.Error."""
Word = Annotated[str, Field(max_length=40)]


class Said(Message):
    """The order `status`: what only the terminal's own process knows. Words and limits as in `Heartbeat`."""

    printer: Word = ""
    faults: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    sensors: Annotated[dict[str, Word], Field(max_length=40)] = Field(default_factory=dict)
    versions: Annotated[dict[str, Annotated[str, Field(max_length=80)]], Field(max_length=10)] = Field(
        default_factory=dict
    )


class Beats:
    """Makes heartbeats. `add` a part for what others know; `hear` what the terminal says, from any thread."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self._state, self._clock = state, clock
        self._began, self._last = clock.mono(), -GAP_S
        self._lock = threading.Lock()
        self._said = Said()
        self._boot = uuid.uuid4().hex
        self._versions = _versions()
        self._parts: list[Part] = [self._this_run, self._queue, self._disk]

    def add(self, part: Part) -> None:
        """Ask this one as well; before the first beat."""
        self._parts.append(part)

    def hear(self, said: Said) -> bool:
        """The terminal says how it is; whether that is news."""
        with self._lock:
            news, self._said = said != self._said, said
        return news

    def beat(self, db: sqlite3.Connection) -> Heartbeat:
        """How everything is now. Raises sqlite3.Error."""
        with self._lock:
            said = self._said
        told: dict[str, Any] = said.model_dump(exclude={"versions"})
        for part in self._parts:
            # what cannot be looked at stays unknown: the beat goes all the same
            with contextlib.suppress(OSError):
                told |= part(db)
        told["versions"] = {**said.versions, **self._versions}
        return Heartbeat(at=self._clock.now(), version=__version__, **told)

    def arrived(self) -> None:
        """The centre has one."""
        self._last = self._clock.mono()

    def too_early(self) -> float:
        """Seconds until the next may go."""
        return max(0.0, self._last + GAP_S - self._clock.mono())

    def _this_run(self, _db: sqlite3.Connection) -> Mapping[str, Any]:
        return {"boot": self._boot, "uptime_s": self._clock.mono() - self._began}

    def _queue(self, db: sqlite3.Connection) -> Mapping[str, Any]:
        """Photographs that waiting events name: to look at the photographs themselves would read through them."""
        found = listing.backlog(db, self._clock.now())
        blobs = db.execute(_WAITING).fetchone()[0]
        return {"queued": found.queued, "dead": found.dead, "oldest_s": found.oldest_s, "blobs": blobs}

    def _disk(self, _db: sqlite3.Connection) -> Mapping[str, Any]:
        """What cannot be looked up is 0, not known: the beat goes all the same."""
        told: dict[str, Any] = {"journal_bytes": sum(_size(self._state / f"journal.db{end}") for end in ("", "-wal"))}
        with contextlib.suppress(OSError):
            disk = os.statvfs(self._state)
            told |= {"disk_free": disk.f_bavail * disk.f_frsize, "disk_total": disk.f_blocks * disk.f_frsize}
        return told


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _versions() -> dict[str, str]:
    """Of what this program runs on; it is asked for once."""
    return {
        "program": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "journal": str(len(JOURNAL)),
        "cache": str(len(CACHE)),
        "os": _system()[:80],
    }


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()
