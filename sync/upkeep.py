"""What the sync process does for the two files beside sending: age, room, damage; times are believed once confirmed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kiosk.clock import Clock
from kiosk.config import QueueConfig
from sync import aging, damage, retention, room
from sync.room import insist

EVERY_S = 3600.0


class Upkeep:
    """`clock`: "good" or "doubtful" by the centre's last word in this run, "" before it. Each method is one loop's."""

    def __init__(self, journal: Path, cache: Path, limits: QueueConfig, clock: Clock) -> None:
        self._journal, self._cache, self._limits, self._clock = journal, cache, limits, clock
        self._tidied_at = -EVERY_S
        self.clock = ""

    def met(self, db: sqlite3.Connection, told: float) -> None:
        """The centre said what time it is (Unix seconds). Raises sqlite3.Error."""
        now = self._clock.now()
        word = "good" if abs(now - told) < aging.TRUSTED_S else "doubtful"
        if word != self.clock:
            self._tidied_at = -EVERY_S
        if word == "good":
            aging.note_clock(db, now)
            self._tidy(db, now)
        self.clock = word

    def holds_back(self, db: sqlite3.Connection) -> bool:
        """Whether something that waits may be too old and nobody has confirmed the time yet. Raises sqlite3.Error."""
        return self.clock == "" and aging.looks_old(db, self._clock.now())

    def make_room(self, db: sqlite3.Connection) -> None:
        """What was sent goes early where room is scarce. Raises sqlite3.Error."""
        insist(db, lambda most: room.trim(db, self._journal.parent, self._limits, most))

    def noticed(self, error: Exception) -> None:
        """A loop met this. The terminal mends a damaged journal when it starts again, this process the cache."""
        damage.note(self._journal, error)
        damage.note(self._cache, error)

    @property
    def spoiled(self) -> bool:
        """Whether the cache must be begun anew."""
        return damage.noted(self._cache)

    def _tidy(self, db: sqlite3.Connection, now: float) -> None:
        """Once an hour; never by a clock that may be wrong."""
        if self._clock.mono() - self._tidied_at < EVERY_S:
            return
        self._tidied_at = self._clock.mono()
        insist(db, lambda most: aging.bury_old(db, now, most))
        insist(db, lambda most: retention.purge(db, now, most))
