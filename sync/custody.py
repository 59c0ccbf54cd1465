"""Where the vault's key comes from: a systemd credential, else a file of mode 0600, which is for development."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kiosk import log

KEY_FILE = CREDENTIAL = "vault.key"
RING_FILE = "vault.ring"
"""The key of the tags, sealed under the credential; it also says that a credential is in charge here."""
KEY_SIZE = 32


class UnreadableError(Exception):
    """Sealed under another key, for another row, or changed since; or there is no key to read with."""


class Where(StrEnum):
    """Who keeps the key."""

    CREDENTIAL = "credential"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Keys:
    """`older`: the file's key, while rows under it may be left; then `current` is the credential's."""

    current: bytes = field(repr=False)
    older: bytes | None = field(repr=False)
    where: Where


def find(folder: Path, environ: Mapping[str, str]) -> Keys:
    """The keys of this state folder; without a credential a file's, made at the first use with a warning in the log.

    Raises OSError, and UnreadableError where a key is known to be missing: nothing may be sealed under a new one then.
    """
    path = folder / KEY_FILE
    credential = _credential(environ)
    ring = (folder / RING_FILE).exists()
    if credential is None:
        if ring:
            raise UnreadableError("the key of this terminal is a systemd credential, and this program was handed none")
        return Keys(_made(path), None, Where.FILE)
    older = _read(path) if path.exists() else None
    if older is None and not ring and (folder / "journal.db").exists():
        raise UnreadableError(f"{path} is gone, and journal.db was written under it: put it back")
    return Keys(credential, older, Where.CREDENTIAL)


def keep(path: Path, content: bytes) -> None:
    """Mode 0600, whole or not at all, on the disk when this returns. Raises OSError."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    _write(part, content)
    part.replace(path)
    _sync(path.parent)


def retire(folder: Path) -> None:
    """The file's key goes: nothing is sealed under it any more. Raises OSError."""
    (folder / KEY_FILE).unlink(missing_ok=True)
    _sync(folder)


def _credential(environ: Mapping[str, str]) -> bytes | None:
    """None when systemd handed over no such credential."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    try:
        return (Path(directory) / CREDENTIAL).read_bytes() if directory else None
    except FileNotFoundError:
        return None


def _made(path: Path) -> bytes:
    if not path.exists():
        _make(path)
        log.event("vault_key_in_a_file", file=str(path))
    return _read(path)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        log.event("vault_key_was_open_to_others", file=str(path))
        path.chmod(0o600)
    return path.read_bytes()


def _make(path: Path) -> None:
    """Two processes may come here at once: the first link wins, the other's key is dropped."""
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    _write(mine, os.urandom(KEY_SIZE))
    try:
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    _sync(path.parent)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
