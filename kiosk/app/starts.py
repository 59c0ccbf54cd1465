"""How often the program has ended quickly in a row: counted in the state folder, by no clock, until one run holds."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from kiosk import log

HEALTHY_S = 300.0
"""Whoever has run for so long did not end quickly."""
BARE_AFTER = 2
"""So many further quick ends out of service, and the next start does without journal and vault as well."""


class Starts:
    """`begin` at the start; then `healthy` once, `ended` when it ends as asked, or nothing, which is a quick end."""

    def __init__(self, folder: Path, most: int) -> None:
        self._path, self._most = folder / "starts", most
        self.before = 0

    def begin(self) -> int:
        """Count this start; how many before it ended quickly, one after the other."""
        self.before = self._read()
        self._write(self.before + 1)
        return self.before

    @property
    def too_many(self) -> bool:
        """Whether to start out of service."""
        return self.before >= self._most

    @property
    def hopeless(self) -> bool:
        """Whether that, too, has not held."""
        return self.before >= self._most + BARE_AFTER

    def healthy(self) -> None:
        """It holds: what was before counts no more. Never out of service, where little is tried."""
        if not self.too_many:
            self._write(0)

    def ended(self) -> None:
        """Somebody asked for it: the next start is like any other."""
        self._write(0)

    def once_more(self) -> None:
        """The next start tries everything, and one quick end is one too many."""
        self._write(self._most - 1)

    def _read(self) -> int:
        try:
            text = self._path.read_text("ascii").strip()
        except (OSError, ValueError):
            return 0
        return int(text) if text.isdecimal() and len(text) < 6 else 0

    def _write(self, count: int) -> None:
        """A disk that takes nothing is another fault's matter; the count then starts anew."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = self._path.with_suffix(".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, str(count).encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            new.replace(self._path)
            return
        log.event("starts_not_counted")
