"""Packages as an operator signs them; small ones, which begin as a Debian package does."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CONTEXT = b"campus-terminal update 1\n"
OPERATOR, SOMEBODY_ELSE = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


def public(key: Ed25519PrivateKey = OPERATOR) -> bytes:
    """PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def package(size: int = 1000, seed: str = "1") -> bytes:
    """So many bytes."""
    return (b"!<arch>\ndebian-binary   " + random.Random(seed).randbytes(size))[:size]


def signed(data: bytes, version: str = "9.0.0", key: Ed25519PrivateKey = OPERATOR, **other: Any) -> bytes:
    """The `.signed` file; `other` members instead of the true ones."""
    name = f"campus-terminal_{version}_amd64.deb"
    told = {"file": name, "version": version, "architecture": "amd64", "journal": 9, "size": len(data)}
    line = json.dumps({**told, "sha256": hashlib.sha256(data).hexdigest(), **other}, sort_keys=True).encode()
    return line + b"\n" + base64.b64encode(key.sign(CONTEXT + line)) + b"\n"


def laid(folder: Path, data: bytes, proof: bytes, version: str = "9.0.0") -> Path:
    """Both files."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"campus-terminal_{version}_amd64.deb"
    path.write_bytes(data)
    Path(f"{path}.signed").write_bytes(proof)
    return path
