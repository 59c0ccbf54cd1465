"""What is done to the queue at a technician's touch, as far as the terminal can do it by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from devices.sticks import sticks
from kiosk import log
from kiosk.app.queue import Acts, NotSealed, QueueDesk, Sealed
from kiosk.config import Config
from kiosk.flows.core import Event
from sync.journal import Journal
from sync.link import SyncProcess
from sync.store import transaction
from sync.vault import Vault

_AGAIN = "UPDATE outbox SET state = 'queued', tries = 0, next_at = 0, verdict = '' WHERE state = 'dead'"


def desk(
    config: Config, vault: Vault, journal: Journal, sync: SyncProcess, deliver: Callable[[Event], None]
) -> QueueDesk:
    """The technician's desk over this terminal's journal."""
    acts = Acts(send_again, export, note, partial(sticks, config.paths.sticks), sync.nudge)
    return QueueDesk(config.paths.state, vault, journal, acts, deliver)


def send_again(db: sqlite3.Connection, seqs: Sequence[int] | None, now: float, by: str) -> int:
    """As `queue.SendAgain` says."""
    with transaction(db):
        if seqs is None:
            return db.execute(_AGAIN).rowcount
        return sum(db.execute(f"{_AGAIN} AND seq = ?", (seq,)).rowcount for seq in seqs)


def export(folder: Path, by: str) -> Sealed | NotSealed:
    """As `queue.Export` says: the centre has not told its key yet."""
    return NotSealed("no_recipient")


def note(kind: str, /, **detail: str) -> None:
    """As `queue.Note` says."""
    log.event("technician", kind=kind, reason=detail.get("reason", ""), count=detail.get("count", ""))
