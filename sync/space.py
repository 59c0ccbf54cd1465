"""How much room is left for new records: by rows, by bytes, by the disk; who is refused first when it runs out."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kiosk.config import QueueConfig
from sync import ballast
from sync.kinds import Priority

MEGABYTE = 1_000_000
ROW_BYTES = 450
"""What a row takes in the file beside its body: columns, keys, indices."""
FULL, LOW, EASY = 1.0, 0.8, 0.75
MIDDLE = 0.9
AGAIN = 0.03
"""So far below a limit the room must be before it counts as there again."""
HELD = ("queued", "dead", "photos")


class Space(StrEnum):
    """PLENTY: everything is kept. LOW: what matters less is refused. FULL: nothing new is kept."""

    PLENTY = "plenty"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Level:
    """`share` of the narrowest limit that is used, 1 = nothing new; `why`: rows, megabytes or disk."""

    share: float
    why: str

    def space(self, before: Space = Space.PLENTY) -> Space:
        """Coming down it must have got a little better than it was going up."""
        if self.share >= FULL - (AGAIN if before is Space.FULL else 0.0):
            return Space.FULL
        return Space.LOW if self.share >= LOW - (AGAIN if before is not Space.PLENTY else 0.0) else Space.PLENTY


def level(db: sqlite3.Connection, folder: Path, limits: QueueConfig) -> Level:
    """Of what waits, was refused, or is a photograph that waits; what was sent makes room. Raises sqlite3.Error."""
    rows, size = _kept(db, HELD)
    return _narrowest(rows, size, db, folder, limits)


def word(db: sqlite3.Connection, folder: Path, limits: QueueConfig) -> Space:
    """The state of now, for whoever has not looked before. Raises sqlite3.Error."""
    return level(db, folder, limits).space()


def crowded(db: sqlite3.Connection, folder: Path, limits: QueueConfig) -> bool:
    """Whether what was sent should make room for what comes. Raises sqlite3.Error."""
    rows, size = _kept(db, (*HELD, "sent", "photos_sent"))
    return _narrowest(rows, size, db, folder, limits).share >= EASY


def refuses(level: Level, now: Space, priority: Priority) -> bool:
    """Whether something new of this priority is not kept."""
    match priority:
        case Priority.LOW:
            return now is not Space.PLENTY
        case Priority.MIDDLE:
            return now is Space.FULL or level.share >= MIDDLE
        case Priority.HIGH:
            return now is Space.FULL
    return False


def _kept(db: sqlite3.Connection, states: tuple[str, ...]) -> tuple[int, int]:
    """Rows of the outbox, and bytes of all. Photographs are no rows."""
    tally = {state: (count, size) for state, count, size in db.execute("SELECT state, count, bytes FROM tally")}
    rows = sum(tally[state][0] for state in states if not state.startswith("photos"))
    return rows, sum(tally[state][1] for state in states) + rows * ROW_BYTES


def _narrowest(rows: int, size: int, db: sqlite3.Connection, folder: Path, limits: QueueConfig) -> Level:
    found = (
        Level(rows / limits.rows, "rows"),
        Level(size / (limits.megabytes * MEGABYTE), "megabytes"),
        Level(_disk(db, folder, limits), "disk"),
    )
    return max(found, key=lambda each: each.share)


def _disk(db: sqlite3.Connection, folder: Path, limits: QueueConfig) -> float:
    """1 = only what must stay free is left, 0.8 = twice that. Pages that the file itself has free count as room."""
    size = limits.ballast_megabytes * MEGABYTE
    need = limits.free_megabytes * MEGABYTE + (0 if ballast.present(folder, size) else size)
    if need == 0:
        return 0.0
    pages, page = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("freelist_count", "page_size"))
    room = ballast.free_bytes(folder) + pages * page
    return max(0.0, FULL + (FULL - LOW) * (1 - room / need))
