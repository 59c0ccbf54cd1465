"""The centre's keys: made at first start, kept in the state folder, readable by nobody else.

Files `<use>-<kid>.pem`, of PDFs `.p12` (see `sealcert`), mode 0600; the highest number that is not revoked signs.
`<use>-<kid>.revoked` beside one says that nothing it ever signed is to be believed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519

from kiosk.domain.certificates import PublicKey
from sync.central import sealcert
from sync.central.sealcert import UnusableError

USES = ("code", "certificate")
PDF = "pdf"
ALL = (*USES, PDF)
MOST = 255
"""A key's number is one byte."""
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


class Ring(Mapping[str, SigningKey]):
    """The key of each use that signs now; a missing one is made. What a command changes in the folder counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = frozenset[str]()
        self._keys: dict[str, SigningKey] = {}
        self._public: dict[str, dict[int, PublicKey]] = {}

    def __getitem__(self, use: str) -> SigningKey:
        return self._now()[use]

    def __iter__(self) -> Iterator[str]:
        return iter(USES)

    def __len__(self) -> int:
        return len(USES)

    def verifying(self, use: str) -> Mapping[int, PublicKey]:
        """Every key that ever signed, by its number, as those who check know it; of PDF a certificate's SHA-256."""
        self._now()
        return self._public[use]

    def _now(self) -> dict[str, SigningKey]:
        names = frozenset(path.name for path in self._folder.iterdir())
        if names != self._names:
            self._keys = {use: _read(self._folder, use, _newest(self._folder, use)) for use in USES}
            self._public = {use: _known(self._folder, use) for use in ALL}
            self._names = names
        return self._keys


def load(folder: Path) -> Ring:
    """The keys in this folder, which is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for use in ALL:
        _newest(folder, use)
    return Ring(folder)


def seal_file(folder: Path) -> Path:
    """The PKCS#12 file that PDFs are sealed with now. Raises UnusableError when all are revoked."""
    files = (path for kid, path in _files(folder, PDF).items() if not _revoked(folder, PDF, kid))
    own = [path for path in files if path.suffix == sealcert.KEY]
    if not own:
        raise UnusableError(f"{folder}: no {PDF}-<kid>{sealcert.KEY} that is not revoked")
    return max(own, key=lambda path: _kid(path, PDF))


def add(folder: Path, use: str) -> int | None:
    """One more key, which signs from now on; its number. None: the numbers are used up."""
    kid = max(_files(folder, use), default=0) + 1
    if kid > MOST:
        return None
    if use == PDF:
        _write(folder / f"{use}-{kid}{sealcert.KEY}", sealcert.made())
    else:
        _write(folder / f"{use}-{kid}.pem", _made())
    return kid


def revoke(folder: Path, use: str, kid: int) -> bool:
    """Nothing that this key signed counts any more; False: there is no such key."""
    if kid not in _files(folder, use):
        return False
    if not _revoked(folder, use, kid):
        _write(folder / f"{use}-{kid}.revoked", b"")
    return True


def identities(folder: Path) -> Mapping[int, x25519.Identity]:
    """The age identities by number, one made when there is none. Files `export-<kid>.age`, mode 0600.

    Terminals seal to the highest; all of them open.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder.glob(f"{EXPORT}-*.age")):
        _write(folder / f"{EXPORT}-1.age", f"{x25519.Identity.generate()}\n".encode())
    found = {int(path.stem.removeprefix(f"{EXPORT}-")): path for path in folder.glob(f"{EXPORT}-*.age")}
    return {kid: x25519.Identity.from_str(path.read_text("ascii").strip()) for kid, path in found.items()}


def _newest(folder: Path, use: str) -> int:
    good = [kid for kid in _files(folder, use) if not _revoked(folder, use, kid)]
    kid = max(good, default=0) or add(folder, use)
    if kid is None:
        raise UnusableError(f"{folder}: all {MOST} keys of {use} are revoked")
    return kid


def _files(folder: Path, use: str) -> dict[int, Path]:
    kinds = (sealcert.KEY, sealcert.ALONE) if use == PDF else (".pem",)
    return {_kid(path, use): path for kind in kinds for path in folder.glob(f"{use}-*{kind}")}


def _kid(path: Path, use: str) -> int:
    return int(path.stem.removeprefix(f"{use}-"))


def _known(folder: Path, use: str) -> dict[int, PublicKey]:
    def public(kid: int, path: Path) -> bytes:
        return sealcert.fingerprint(path) if use == PDF else _read(folder, use, kid).public

    files = sorted(_files(folder, use).items())
    return {kid: PublicKey(public(kid, path), _revoked(folder, use, kid)) for kid, path in files}


def _revoked(folder: Path, use: str, kid: int) -> bool:
    return (folder / f"{use}-{kid}.revoked").exists()


def _read(folder: Path, use: str, kid: int) -> SigningKey:
    path = folder / f"{use}-{kid}.pem"
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise UnusableError(f"{path} holds no Ed25519 key")
    return SigningKey(use, kid, private)


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


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
