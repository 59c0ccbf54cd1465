"""Protection at rest: each field is sealed for the one place it belongs to, so swapped rows cannot be read."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk import log

KEY_FILE = "vault.key"
_KEY_SIZE, _NONCE_SIZE, _KID_SIZE = 32, 12, 4


class UnreadableError(Exception):
    """Sealed under another key, for another row, or changed since."""


class Vault:
    """AES-256-GCM with table, row and key id as associated data. Safe for every thread."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_SIZE:
            raise UnreadableError(f"the vault's key has {len(key)} bytes instead of {_KEY_SIZE}")
        self._aead = AESGCM(_derive(key, b"seal"))
        self._tag_key = _derive(key, b"tag")
        self._kid = _derive(key, b"kid")[:_KID_SIZE]

    @classmethod
    def open(cls, folder: Path) -> Vault:
        """The vault of this state folder; its key is made at the first use, mode 0600, with a warning in the log.

        Raises OSError, and UnreadableError for a key file of the wrong size.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / KEY_FILE
        if not path.exists():
            _make_key(path)
            log.event("vault_key_in_a_file", file=str(path))
        if path.stat().st_mode & 0o077:
            log.event("vault_key_was_open_to_others", file=str(path))
            path.chmod(0o600)
        return cls(path.read_bytes())

    def seal(self, table: str, row: str, plain: bytes) -> bytes:
        """Key id ‖ nonce ‖ ciphertext and tag."""
        nonce = os.urandom(_NONCE_SIZE)
        return self._kid + nonce + self._aead.encrypt(nonce, plain, self._place(table, row))

    def open_(self, table: str, row: str, sealed: bytes) -> bytes:
        """What `seal` was given for the same table and row. Raises UnreadableError."""
        kid, nonce, rest = sealed[:_KID_SIZE], sealed[_KID_SIZE:][:_NONCE_SIZE], sealed[_KID_SIZE + _NONCE_SIZE :]
        if kid != self._kid or len(nonce) != _NONCE_SIZE:
            raise UnreadableError(f"{table}: sealed under another key")
        try:
            return self._aead.decrypt(nonce, rest, self._place(table, row))
        except InvalidTag:
            raise UnreadableError(f"{table}: changed, or moved from another row") from None

    def tag(self, kind: str, text: str) -> bytes:
        """16 bytes to look `text` up by, from which nobody without the key learns it."""
        return hmac.digest(self._tag_key, _joined(kind, text), "sha256")[:16]

    def _place(self, table: str, row: str) -> bytes:
        return self._kid + _joined(table, row)


def _joined(first: str, second: str) -> bytes:
    """Unambiguous: ("ab", "c") and ("a", "bc") differ."""
    head = first.encode()
    return len(head).to_bytes(4, "big") + head + second.encode()


def _derive(key: bytes, use: bytes) -> bytes:
    return hmac.digest(key, b"campus-terminal-vault-v1:" + use, hashlib.sha256)


def _make_key(path: Path) -> None:
    """Two processes may come here at once: the first link wins, the other's key is dropped."""
    mine = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, os.urandom(_KEY_SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
