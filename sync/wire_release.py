"""Releases on the wire: what a package's signature stands for, which one a terminal is offered, what became of it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field, ValidationError

from sync.wire_base import Message, Sha256, Size

CONTEXT = b"campus-terminal update 1\n"
"""What is signed begins with it; the other half is packaging/deb/sign.py."""
MOST_BYTES = 200_000_000
"""Of a package."""
PIECE = 256 * 1024
"""Bytes of a release that one answer carries: a slow line brings them within the time-out."""
MEDIA = "application/vnd.debian.binary-package"
Version = Annotated[str, Field(pattern=r"^[0-9][0-9A-Za-z.+~-]{0,39}$")]
Architecture = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,20}$")]
State = Literal["idle", "waiting", "fetching", "staged", "trial", "installed", "refused", "failed", "returned"]


class NotSignedError(Exception):
    """A text that is no manifest with its signature, or whose signature is not of this key."""


class Manifest(Message):
    """What the operator signs, as `sign.py` writes it. `journal`: newest journal that it reads; `size` in bytes."""

    file: Annotated[str, Field(pattern=r"^campus-terminal_[0-9A-Za-z.+~-]{1,60}_[a-z0-9-]{2,20}\.deb$")]
    version: Version
    architecture: Architecture
    journal: Annotated[int, Field(ge=1, le=100_000)]
    size: Annotated[int, Field(ge=1, le=2**53)]
    sha256: Sha256


class Offer(Message):
    """In the answer to a heartbeat that says `update`. `signed`: the `.signed` file of the release."""

    sha256: Sha256
    signed: Annotated[str, Field(max_length=2000)]


class Update(Message):
    """In a heartbeat: how far the terminal is with the release `version` that it was offered last.

    `waiting`: to be fetched, not now. `trial`: runs, on trial. `failed`: could not be installed, is tried again.
    `returned`: did not start, the version before runs. `here`: bytes that have come of `size`. `reason`: why it was
    refused or failed. `architecture`: of this machine.
    """

    architecture: Architecture
    version: Annotated[str, Field(max_length=40)] = ""
    state: State = "idle"
    reason: Annotated[str, Field(max_length=120)] = ""
    here: Size = 0
    size: Size = 0


def manifest_of(signed: bytes, key: Ed25519PublicKey | None) -> Manifest:
    """Of a `.signed` file; None = whose signature it is is not looked at. Raises NotSignedError."""
    try:
        line, signature, rest = signed.split(b"\n", 2)
        proof = base64.b64decode(signature, validate=True)
        if key:
            key.verify(proof, CONTEXT + line)
        # two members of one name would be read differently by different readers
        found = json.loads(line, object_pairs_hook=_once)
        if rest or len(proof) != 64:
            raise NotSignedError
        return Manifest.model_validate(found)
    except (ValueError, InvalidSignature, binascii.Error, ValidationError):
        raise NotSignedError from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found
