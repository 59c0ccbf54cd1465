"""The bench, put together from the terminal's own parts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.app.bench.desk import BenchDesk
from kiosk.app.bench.fittings import Fittings
from kiosk.app.reports import Reports
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event
from kiosk.text import Texts
from sync.clockwatch import ClockWatch, built_of
from sync.journal import Journal
from sync.store import reader


def desk(
    config: Config,
    clock: Clock,
    texts: Texts,
    reports: Reports,
    journal: Journal,
    deliver: Callable[[Event], None],
    show: Callable[[bytes | None], None],
    **parts: Any,
) -> BenchDesk:
    """`parts`: the devices of `Fittings`, by name; what is not named is not fitted."""
    path = config.paths.state / "journal.db"
    fittings = Fittings(config, clock, texts, reports.health, lambda: doubt(path, clock, config), **parts)
    return BenchDesk(fittings, journal, deliver, show, reports.ready)


def doubt(path: Path, clock: Clock, config: Config) -> str:
    """Why the clock cannot be trusted, "" = it can. Raises sqlite3.Error."""
    with contextlib.closing(reader(path)) as db:
        return ClockWatch(lambda: db, clock, built_of(config)).doubt().value
