"""Can this terminal's clock be believed? Against the age of the program, the centre's word, and its own even run.

What is known is kept in journal.db: the sync process writes it, the desk reads it at every code.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from kiosk import __built__
from kiosk.clock import CAMPUS_ZONE, Clock
from kiosk.config import Config
from kiosk.domain.codes import SKEW_S
from sync.store import transaction

CENTRE, RUN = "clock_centre", "clock_run"
KEEP_EVERY_S, SAME_S = 600.0, 1.0
LATEST = 4_102_444_800.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Doubt(StrEnum):
    """Why a clock cannot be trusted; "" = it can."""

    NONE = ""
    BEFORE_BUILD = "before_build"
    BEFORE_CENTRE = "before_centre"
    OFF_CENTRE = "off_centre"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True)
class Mark:
    """A time that was known (Unix seconds) at `mono` of the machine's run `boot`."""

    at: float
    mono: float
    boot: str

    def later(self, mono: float) -> float:
        """What time it must be at `mono` of the same run."""
        return self.at + mono - self.mono


def judge(now: float, mono: float, boot: str, built: float, centre: Mark | None, run: Mark | None) -> Doubt:
    """The clock reads `now`. `centre`: the centre's last word; `run`: when the clock was first seen to be good.

    Within a run of the machine either must agree with the clock to SKEW_S; before it, the centre's word is a floor.
    """
    if now < built - SKEW_S:
        return Doubt.BEFORE_BUILD
    if centre is not None and centre.boot == boot:
        return Doubt.OFF_CENTRE if abs(now - centre.later(mono)) > SKEW_S else Doubt.NONE
    if centre is not None and now < centre.at - SKEW_S:
        return Doubt.BEFORE_CENTRE
    if run is not None and run.boot == boot and abs(now - run.later(mono)) > SKEW_S:
        return Doubt.JUMPED
    return Doubt.NONE


class ClockWatch:
    """`db`: a connection to journal.db, asked for at each use. `built`: no right clock shows less, Unix seconds."""

    def __init__(self, db: Callable[[], sqlite3.Connection], clock: Clock, built: float, boot: str = "") -> None:
        self._db, self._clock, self._built, self._boot = db, clock, built, boot or machine_run()

    def doubt(self) -> Doubt:
        """Why the clock cannot be trusted now. Raises sqlite3.Error."""
        now, mono = self._clock.now(), self._clock.mono()
        return judge(now, mono, self._boot, self._built, self._mark(CENTRE), self._mark(RUN))

    def word(self) -> Literal["good", "doubtful"]:
        """For the heartbeat. Raises sqlite3.Error."""
        return "doubtful" if self.doubt() else "good"

    def passed(self) -> float:
        """A time that has certainly passed, whatever the clock says, Unix seconds. Raises sqlite3.Error."""
        centre = self._mark(CENTRE)
        if centre is None:
            return self._built
        return max(self._built, centre.later(self._clock.mono()) if centre.boot == self._boot else centre.at)

    def look(self) -> Doubt:
        """As `doubt`; a good clock's first sight in a run of the machine is kept, to notice jumps by."""
        found, run = self.doubt(), self._mark(RUN)
        if not found and (run is None or run.boot != self._boot):
            self._keep(RUN, Mark(self._clock.now(), self._clock.mono(), self._boot))
        return found

    def told(self, centre_now: float) -> None:
        """The centre said what time it is, Unix seconds. Written when it says something new, or every ten minutes."""
        if not 0 <= centre_now < LATEST:
            return
        said, known = Mark(centre_now, self._clock.mono(), self._boot), self._mark(CENTRE)
        if known is None or known.boot != said.boot or not _says(known, said):
            self._keep(CENTRE, said)

    def _mark(self, name: str) -> Mark | None:
        row = self._db().execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        at, mono, boot = str(row[0]).split(" ")
        return Mark(float(at), float(mono), boot)

    def _keep(self, name: str, mark: Mark) -> None:
        row = (name, f"{mark.at:.3f} {mark.mono:.3f} {mark.boot}")
        with transaction(self._db()) as db:
            db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", row)


def _says(known: Mark, said: Mark) -> bool:
    return said.mono - known.mono < KEEP_EVERY_S and abs(known.later(said.mono) - said.at) < SAME_S


def built_of(config: Config) -> float:
    """The day this version was made, Unix seconds; a demonstration plays on whatever morning it likes: 0."""
    if config.demo.enabled:
        return 0.0
    return datetime.fromisoformat(__built__).replace(tzinfo=CAMPUS_ZONE).timestamp()


@cache
def machine_run() -> str:
    """Names this run of the machine, and so of its monotonic clock; where that is not told, this process alone."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return uuid.uuid4().hex
