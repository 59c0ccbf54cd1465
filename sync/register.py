"""What this terminal knows of certificates, as the feeds brought it: keys that sealed them, serials that ended."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kiosk.domain.certificates import Ended, Outcome, PublicKey, Register
from sync import cache
from sync.store import reader
from sync.vault import Vault
from sync.wire import KeyRow, RevocationRow


def empty(campus: int) -> Register:
    """Of a machine that no feed has ever reached."""
    return Register(campus, {}, 0.0, lambda _: None, 0.0)


@contextlib.contextmanager
def opened(state: Path, campus: int) -> Iterator[Register]:
    """The register in this terminal's state folder, beside the running terminal or without it.

    Raises sqlite3.Error, OSError, UnreadableError.
    """
    with contextlib.closing(reader(state / "cache.db")) as db:
        yield _register(db, Vault.open(state), campus)


def _register(db: sqlite3.Connection, vault: Vault, campus: int) -> Register:
    def ended(serial: str) -> Ended | None:
        row = cache.row_of(db, vault, "revocations", serial, RevocationRow)
        return Ended(Outcome(row.state), row.at) if row else None

    rows = [row for row in cache.rows(db, vault, "keys", KeyRow) if row.use == "certificate"]
    keys = {row.kid: PublicKey(bytes.fromhex(row.public), row.revoked) for row in rows}
    return Register(campus, keys, cache.confirmed(db, "keys"), ended, cache.confirmed(db, "revocations"))
