"""A break in the audit chain, looked at by somebody and taken on record: entry and the centre's copy in one commit."""

from __future__ import annotations

import sqlite3

from sync import audit, outbox
from sync.audit import Accepted
from sync.records import NewEvent, Stamp
from sync.store import transaction
from sync.vault import Vault


def accept(db: sqlite3.Connection, vault: Vault, stamp: Stamp, by: str, reason: str) -> Accepted | None:
    """`by`: the account that says so; None = the chain is whole. Raises sqlite3.Error."""
    with transaction(db):
        done = audit.accept(db, stamp.at, by, reason)
        if done is None:
            return None
        broken, key = done.broken, f"audit:{stamp.terminal}:{done.head.seq}:{done.head.hash[:8]}"
        told = {"seq": broken.seq, "what": broken.what.value, "by": by, "reason": reason}
        event = NewEvent(key, f"audit:{stamp.terminal}", audit.ACCEPTED, 1, {**told, "head": done.head.model_dump()})
        outbox.add(db, vault, event, stamp)
    return done
