"""The centre's keys: made at first start, kept in the state folder, readable by nobody else."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519

USES = ("code", "certificate")
EXPORT = "export"
"""Use of the key to which terminals seal their queue on a USB stick: an age identity."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`use` is code or certificate; `kid` the number by which verifiers pick the public key."""

    use: str
    kid: int
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The raw 32 bytes."""
        return self.private.public_key().public_bytes_raw()


def load(folder: Path) -> Mapping[str, SigningKey]:
    """The key of each use; a missing one is made. Files `<use>-<kid>.pem`, mode 0600, the highest kid signs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {use: _newest(folder, use) for use in USES}


def identities(folder: Path) -> Mapping[int, x25519.Identity]:
    """The age identities by number, one made when there is none. Files `export-<kid>.age`, mode 0600.

    Terminals seal to the highest; all of them open.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder.glob(f"{EXPORT}-*.age")):
        _write(folder / f"{EXPORT}-1.age", f"{x25519.Identity.generate()}\n".encode())
    found = {int(path.stem.removeprefix(f"{EXPORT}-")): path for path in folder.glob(f"{EXPORT}-*.age")}
    return {kid: x25519.Identity.from_str(path.read_text("ascii").strip()) for kid, path in found.items()}


def _newest(folder: Path, use: str) -> SigningKey:
    kids = [int(path.stem.removeprefix(f"{use}-")) for path in folder.glob(f"{use}-*.pem")]
    if not kids:
        _make(folder / f"{use}-1.pem")
        kids = [1]
    pem = (folder / f"{use}-{max(kids)}.pem").read_bytes()
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError(f"{use}-{max(kids)}.pem holds no Ed25519 key")
    return SigningKey(use, max(kids), private)


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(path, pem)


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        # two that start at once: the first one's key is everybody's
        os.link(part, path)
    part.unlink()
