"""What this terminal knows of certificates, as the feeds brought it: keys that sealed them, serials that ended."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.certificates import Ended, Outcome, PublicKey, Register
from sync import cache
from sync.store import reader
from sync.vault import Vault
from sync.wire import KeyRow, RevocationRow


@dataclass(frozen=True, slots=True)
class Known:
    """`seals`: certificates that PDFs are sealed with, by their SHA-256 in hex; whether each is revoked."""

    register: Register
    seals: Mapping[str, bool]


def nothing(campus: int) -> Known:
    """Of a machine that no feed has ever reached."""
    return Known(Register(campus, {}, 0.0, lambda _: None, 0.0), {})


@contextlib.contextmanager
def opened(state: Path, campus: int) -> Iterator[Known]:
    """What stands in this terminal's state folder, beside the running terminal or without it.

    Raises sqlite3.Error, OSError, UnreadableError.
    """
    with contextlib.closing(reader(state / "cache.db")) as db:
        yield known(db, Vault.open(state), campus)


def known(db: sqlite3.Connection, vault: Vault, campus: int) -> Known:
    """As `opened`, over a connection to cache.db that is open. Raises sqlite3.Error."""

    def ended(serial: str) -> Ended | None:
        row = cache.row_of(db, vault, "revocations", serial, RevocationRow)
        return Ended(Outcome(row.state), row.at) if row else None

    rows = list(cache.rows(db, vault, "keys", KeyRow))
    keys = {row.kid: PublicKey(bytes.fromhex(row.public), row.revoked) for row in rows if row.use == "certificate"}
    seals = {row.public: row.revoked for row in rows if row.use == "pdf"}
    register = Register(campus, keys, cache.confirmed(db, "keys"), ended, cache.confirmed(db, "revocations"))
    return Known(register, seals)
