"""Protection at rest: each field is sealed for the one place it belongs to, so swapped rows cannot be read."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from sync import custody
from sync.custody import KEY_FILE as KEY_FILE
from sync.custody import KEY_SIZE, RING_FILE, Where
from sync.custody import UnreadableError as UnreadableError

_NONCE_SIZE, _KID_SIZE = 12, 4


class Vault:
    """AES-256-GCM with table, row and key id as associated data. Safe for every thread.

    It seals under `key` and opens what was sealed under `older` as well. `tag_key`: of the tags, when not `key`'s own.
    """

    def __init__(
        self, key: bytes, older: bytes | None = None, tag_key: bytes | None = None, where: Where = Where.FILE
    ) -> None:
        self._kid = _kid(key)
        self._aeads = {_kid(each): AESGCM(_derive(each, b"seal")) for each in (key, older) if each is not None}
        self._tags = HMAC(tag_key or _derive(key, b"tag"), SHA256())
        self.where = where

    @classmethod
    def open(cls, folder: Path, environ: Mapping[str, str] = os.environ) -> Vault:
        """The vault of this state folder: under the credential in `environ`, else under a key in a file.

        Tags stay those of the first key, so that a new one loses nobody. Raises OSError, and UnreadableError for a
        key of the wrong size, another one than the folder was sealed under, and one that is missing.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys = custody.find(folder, environ)
        if keys.where is Where.FILE:
            return cls(keys.current)
        return cls(keys.current, keys.older, _ring(folder / RING_FILE, keys), keys.where)

    def reads(self, sealed: bytes) -> bool:
        """Whether it was sealed under a key that is here."""
        return sealed[:_KID_SIZE] in self._aeads

    def seal(self, table: str, row: str, plain: bytes) -> bytes:
        """Key id ‖ nonce ‖ ciphertext and tag."""
        nonce = os.urandom(_NONCE_SIZE)
        return self._kid + nonce + self._aeads[self._kid].encrypt(nonce, plain, self._kid + _joined(table, row))

    def seal_all(self, table: str, rows: Sequence[tuple[str, bytes]]) -> list[bytes]:
        """As `seal` for each (row, plain), in order; what they have in common is made once."""
        kid, encrypt, place = self._kid, self._aeads[self._kid].encrypt, self._kid + _joined(table, "")
        drawn = os.urandom(_NONCE_SIZE * len(rows))
        nonces = (drawn[start : start + _NONCE_SIZE] for start in range(0, len(drawn), _NONCE_SIZE))
        return [
            kid + nonce + encrypt(nonce, plain, place + row.encode())
            for nonce, (row, plain) in zip(nonces, rows, strict=True)
        ]

    def open_(self, table: str, row: str, sealed: bytes) -> bytes:
        """What `seal` was given for the same table and row. Raises UnreadableError."""
        kid, nonce, rest = sealed[:_KID_SIZE], sealed[_KID_SIZE:][:_NONCE_SIZE], sealed[_KID_SIZE + _NONCE_SIZE :]
        if kid not in self._aeads or len(nonce) != _NONCE_SIZE:
            raise UnreadableError(f"{table}: sealed under another key")
        try:
            return self._aeads[kid].decrypt(nonce, rest, kid + _joined(table, row))
        except InvalidTag:
            raise UnreadableError(f"{table}: changed, or moved from another row") from None

    def tag(self, kind: str, text: str) -> bytes:
        """16 bytes to look `text` up by, from which nobody without the key learns it."""
        made = self._tags.copy()
        made.update(_joined(kind, text))
        return made.finalize()[:16]

    @property
    def custody(self) -> str:
        """Who keeps the key, and the id of the key, which tells nothing of it."""
        return f"{self.where}:{self._kid.hex()}"

    @property
    def older(self) -> bytes | None:
        """The first bytes of everything that is still sealed under the older key; None = there is none."""
        return next((kid for kid in self._aeads if kid != self._kid), None)

    def stale(self, sealed: bytes) -> bool:
        """Whether it is sealed under the older key."""
        return sealed[:_KID_SIZE] != self._kid and sealed[:_KID_SIZE] in self._aeads


def _ring(path: Path, keys: custody.Keys) -> bytes:
    """The key of the tags; written before anything is sealed under a new credential."""
    plain = Vault(keys.current)
    if path.exists():
        return plain.open_("vault", RING_FILE, path.read_bytes())
    tag_key = _derive(keys.older or keys.current, b"tag")
    custody.keep(path, plain.seal("vault", RING_FILE, tag_key))
    return tag_key


def _joined(first: str, second: str) -> bytes:
    """Unambiguous: ("ab", "c") and ("a", "bc") differ."""
    head = first.encode()
    return len(head).to_bytes(4, "big") + head + second.encode()


def _kid(key: bytes) -> bytes:
    if len(key) != KEY_SIZE:
        raise UnreadableError(f"the vault's key has {len(key)} bytes instead of {KEY_SIZE}")
    return _derive(key, b"kid")[:_KID_SIZE]


def _derive(key: bytes, use: bytes) -> bytes:
    return hmac.digest(key, b"campus-terminal-vault-v1:" + use, hashlib.sha256)
