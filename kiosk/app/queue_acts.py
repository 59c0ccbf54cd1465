"""What is done to the queue at a technician's touch, put together from the terminal's own parts."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from devices.sticks import sticks
from kiosk import log
from kiosk.app.queue import Acts, NotSealed, QueueDesk, Sealed
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event
from sync import retention
from sync.export import Exported, WhyNot, export
from sync.journal import Journal
from sync.link import SyncProcess
from sync.vault import Vault

SAME = {WhyNot.NO_RECIPIENT: "no_recipient", WhyNot.NOT_ENROLLED: "not_enrolled", WhyNot.FULL: "full"}


def desk(
    config: Config, clock: Clock, vault: Vault, journal: Journal, sync: SyncProcess, deliver: Callable[[Event], None]
) -> QueueDesk:
    """The technician's desk over this terminal's journal."""
    seal = partial(sealed, config, clock, vault)
    acts = Acts(retention.retry, seal, journal.note, partial(sticks, config.paths.sticks), sync.nudge)
    return QueueDesk(config.paths.state, vault, journal, acts, deliver)


def sealed(config: Config, clock: Clock, vault: Vault, folder: Path, by: str) -> Sealed | NotSealed:
    """As `queue.Export` says: what waits and what is dead, for the information centre alone."""
    state = config.paths.state
    journal, cache = state / "journal.db", state / "cache.db"
    done = export(journal, vault, cache, folder, clock.now(), terminal=config.terminal, by=by)
    if isinstance(done, Exported):
        return Sealed(done.path.name, done.rows, done.left_out)
    log.event("export_failed", reason=done.why.value, detail=done.detail)
    return NotSealed(reason(done.why, folder))


def reason(why: WhyNot, folder: Path) -> str:
    """What the technician is told; of a stick that could not be written the most likely cause."""
    if why is WhyNot.NOT_READ:
        return "unreadable"
    if why is not WhyNot.NOT_WRITTEN:
        return SAME[why]
    try:
        shut = bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or not os.access(folder, os.W_OK)
    except OSError:
        return "gone"
    return "read_only" if shut else "failed"
