"""Whether the journal can keep something new: measured before each record, said once per change, tried again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from kiosk import log
from kiosk.config import QueueConfig
from kiosk.domain.faults import Code, Fault
from sync import ballast, damage, room, space
from sync.kinds import Priority
from sync.space import MEGABYTE, Level, Space
from sync.store import NewerError, transaction, truncate_log

PROBE_BYTES = 16_000
_ROOMY = Level(0.0, "disk")


class Keeper:
    """Of the writer's thread. `limits` None: only the disk says no."""

    def __init__(
        self,
        path: Path,
        limits: QueueConfig | None,
        on_fault: Callable[[Fault], None],
        on_space: Callable[[Space], None],
        on_damage: Callable[[], None],
    ) -> None:
        self._path, self._folder, self._limits = path, path.parent, limits
        self._on_fault, self._on_space, self._on_damage = on_fault, on_space, on_damage
        self._space, self._level = Space.PLENTY, _ROOMY
        self._trouble: Code | None = None
        self._ended = False

    def refuses(self, db: sqlite3.Connection, priority: Priority) -> Fault | None:
        """Why nothing of this priority is kept now; None = it is. Raises sqlite3.Error."""
        if self._limits is None or priority is Priority.LAST:
            return None
        self._measure(db)
        if space.refuses(self._level, self._space, priority) and self._level.why == "disk":
            room.trim(db, self._folder, self._limits)
            self._measure(db)
        return self._full() if space.refuses(self._level, self._space, priority) else None

    def roomy(self, db: sqlite3.Connection) -> bool:
        """Whether there is room for dozens of anything: who comes together need not be measured one by one."""
        self._measure(db)
        return self._trouble is None and self._space is Space.PLENTY

    def worked(self) -> None:
        """Something was written."""
        if self._trouble is not None:
            self._trouble = None
            self._say(self._level.space())

    def failed(self, error: sqlite3.Error) -> Fault:
        """What went wrong as a fault, told once until something can be written again."""
        name = str(getattr(error, "sqlite_errorname", type(error).__name__))
        code = self._code(error)
        fault = Fault(code, "disk" if code is Code.JOURNAL_FULL else "journal", name)
        if self._trouble is not code:
            self._trouble = code
            log.event("journal_refused", detail=name)
            self._on_fault(fault)
            self._say(Space.FULL)
        self._end_if_damaged()
        return fault

    def rescues(self, error: sqlite3.Error, db: sqlite3.Connection | None) -> bool:
        """Whether trying again is worth it: it was room that lacked, and there is some more now."""
        if not room.is_full(error, self._folder):
            return False
        if db is None:
            return ballast.free(self._folder)
        room.rescue(db, self._folder)
        return True

    def look(self, db: sqlite3.Connection) -> None:
        """Now and then: is there room again, may what was sent go, is the ballast there. Raises sqlite3.Error."""
        self._end_if_damaged()
        if self._trouble is Code.JOURNAL_FULL:
            room.insist(db, lambda most: room.drop_sent(db, most))
        if self._trouble is not None:
            self._probe(db)
            self.worked()
        if self._limits is None:
            return
        room.trim(db, self._folder, self._limits)
        ballast.make(self._folder, self._limits.ballast_megabytes * MEGABYTE)
        self._measure(db)

    def _measure(self, db: sqlite3.Connection) -> None:
        if self._limits is None:
            return
        self._level = space.level(db, self._folder, self._limits)
        narrow = self._level.why == "disk" and self._level.space(self._space) is not Space.PLENTY
        # what lies in the log takes its room twice
        if narrow and truncate_log(db):
            self._level = space.level(db, self._folder, self._limits)
        if self._trouble is not None:
            return
        now = self._level.space(self._space)
        if now is not self._space and now is not Space.PLENTY:
            self._on_fault(self._full(now))
        self._say(now)

    def _full(self, now: Space | None = None) -> Fault:
        level = self._level
        return Fault(Code.JOURNAL_FULL, "disk", f"{now or self._space}: {level.why} {100 * level.share:.0f} %")

    def _say(self, now: Space) -> None:
        if now is not self._space:
            self._space = now
            log.event("space", state=now.value, reason=self._level.why)
            self._on_space(now)

    def _probe(self, db: sqlite3.Connection) -> None:
        """Really write something, and take it away again."""
        with transaction(db):
            db.execute("INSERT OR REPLACE INTO meta VALUES ('probe', ?)", ("x" * PROBE_BYTES,))
        with transaction(db):
            db.execute("DELETE FROM meta WHERE name = 'probe'")

    def _code(self, error: sqlite3.Error) -> Code:
        if isinstance(error, NewerError):
            return Code.JOURNAL_NEWER
        if damage.note(self._path, error):
            return Code.JOURNAL_DAMAGED
        return Code.JOURNAL_FULL if room.is_full(error, self._folder) else Code.JOURNAL_REFUSED

    def _end_if_damaged(self) -> None:
        if not self._ended and damage.noted(self._path):
            self._ended = True
            self._on_damage()
