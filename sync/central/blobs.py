"""Attachments: photographs and papers, found again by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from sync.central import scan
from sync.central.centre import Centre, Refusal, Work
from sync.central.database import insert_new, reading, writing
from sync.central.tables import blob

MOST_BYTES = 8_000_000


def size_of(centre: Centre, sha256: str) -> int | None:
    """Bytes, None when it is not here."""
    with reading(centre.engine) as connection:
        wanted = (blob.c.campus_id == centre.campus, blob.c.sha256 == sha256)
        found: int | None = connection.execute(sa.select(blob.c.size).where(*wanted)).scalar_one_or_none()
        return found


def keep(centre: Centre, terminal: str, sha256: str, data: bytes) -> Refusal | None:
    """Store it under its own hash; the same again changes nothing. On the disk before it counts."""
    if hashlib.sha256(data).hexdigest() != sha256:
        return Refusal("blob_hash")
    kind = scan.kind_of(data)
    if kind is None:
        return Refusal("blob_type")
    _write(path_of(centre, sha256), data)
    row = {"campus_id": centre.campus, "sha256": sha256, "size": len(data), "type": kind, "terminal": terminal}
    with writing(centre.engine) as connection:
        insert_new(connection, blob, {**row, "received_at": centre.clock.now()})
    return None


def missing(work: Work, hashes: Sequence[str]) -> list[str]:
    """Those of the hashes that are not here."""
    if not hashes:
        return []
    wanted = (blob.c.campus_id == work.campus, blob.c.sha256.in_(hashes))
    here = set(work.connection.execute(sa.select(blob.c.sha256).where(*wanted)).scalars())
    return [each for each in hashes if each not in here]


def path_of(centre: Centre, sha256: str) -> Path:
    """Where its bytes lie."""
    return centre.state / "blobs" / str(centre.campus) / sha256


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
