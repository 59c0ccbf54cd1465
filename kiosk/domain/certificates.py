"""The code on a certificate: a COSE_Sign1 in base45 that public keys and a list of what ended are enough to check.

Claims (CBOR map): 1 issuer, 4 expires, 6 issued, `sn` serial, `dt` document, `nm` masked name, `h` the first 16
bytes of SHA-256 over the canonical content. EdDSA (-8) and the key's number stand in the protected header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import base45
import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE, COSEHeaders, COSEKey
from cwt.exceptions import CWTError

MOST_CHARACTERS = 400
ISSUER, EXPIRES, ISSUED = 1, 4, 6
LAG_S = 600.0
"""A key may sign this long before its row of the feed is everywhere."""
_SIGN1 = 18
_WRONG = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    cbor2.CBORError,
    CWTError,
)


class Outcome(StrEnum):
    """What a certificate is worth."""

    VALID = "valid"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    FORGED = "forged"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """What is behind FORGED (the first three) and UNKNOWN."""

    SIGNATURE = "signature"
    NO_SUCH_KEY = "no_such_key"
    KEY_REVOKED = "key_revoked"
    NO_KEYS = "no_keys"
    NEW_KEY = "new_key"
    OTHER_CAMPUS = "other_campus"
    NO_REVOCATIONS = "no_revocations"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a seal says. Times are Unix seconds, `content` is the hash of the canonical content."""

    issuer: str
    issued: int
    expires: int
    serial: str
    document: str
    masked_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The raw 32 bytes of an Ed25519 key, and whether anybody may still believe it."""

    raw: bytes
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A serial that counts no more: REVOKED or SUPERSEDED, since when (Unix seconds)."""

    outcome: Outcome
    at: float


@dataclass(frozen=True, slots=True)
class Register:
    """What whoever checks knows. `keys_at`, `ended_at`: Unix seconds up to which each is complete, 0 = never was.

    `keys` by their number; `ended(serial)` is None for a serial that still counts.
    """

    campus: int
    keys: Mapping[int, PublicKey]
    keys_at: float
    ended: Callable[[str], Ended | None]
    ended_at: float


@dataclass(frozen=True, slots=True)
class Finding:
    """`claims` only when the signature is right; `since`: of REVOKED and SUPERSEDED, Unix seconds."""

    outcome: Outcome
    why: Why | None = None
    claims: Claims | None = None
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class _Packed:
    """A code that has the form of one; nothing in it is believed yet."""

    signed: bytes
    kid: int
    claims: Claims


def judge(text: str, register: Register, now: float) -> Finding:
    """What the certificate with this code is worth at `now` (Unix seconds). Never raises, whatever the text."""
    packed = _unpacked(text)
    if packed is None:
        return Finding(Outcome.UNREADABLE)
    doubt = _doubt(packed, register)
    if doubt:
        return doubt
    claims = packed.claims
    if claims.issuer != f"campus:{register.campus}":
        return Finding(Outcome.UNKNOWN, Why.OTHER_CAMPUS, claims)
    if ended := register.ended(claims.serial):
        return Finding(ended.outcome, None, claims, ended.at)
    if now > claims.expires:
        return Finding(Outcome.EXPIRED, None, claims)
    if not register.ended_at:
        return Finding(Outcome.UNKNOWN, Why.NO_REVOCATIONS, claims)
    return Finding(Outcome.VALID, None, claims)


def kid_of(text: str) -> int | None:
    """The number of the key that a code says it was sealed with; None for what is no code."""
    packed = _unpacked(text)
    return packed.kid if packed else None


def _doubt(packed: _Packed, register: Register) -> Finding | None:
    """What speaks against the seal itself. A number nobody knew when it was made up is a forger's."""
    if not register.keys:
        return Finding(Outcome.UNKNOWN, Why.NO_KEYS)
    key = register.keys.get(packed.kid)
    if key is None:
        known = packed.claims.issued + LAG_S < register.keys_at
        return Finding(Outcome.FORGED, Why.NO_SUCH_KEY) if known else Finding(Outcome.UNKNOWN, Why.NEW_KEY)
    if not _signed(packed, key.raw):
        return Finding(Outcome.FORGED, Why.SIGNATURE)
    return Finding(Outcome.FORGED, Why.KEY_REVOKED, packed.claims) if key.revoked else None


def _unpacked(text: str) -> _Packed | None:
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        signed = base45.b45decode(text)
        tagged = cbor2.loads(signed)
        protected, _unprotected, payload, _signature = tagged.value
        (kid,) = cbor2.loads(protected)[COSEHeaders.KID]
        return _Packed(signed, kid, _claims(cbor2.loads(payload))) if tagged.tag == _SIGN1 else None
    except _WRONG:
        return None


def _signed(packed: _Packed, public: bytes) -> bool:
    try:
        COSE.new().decode(packed.signed, COSEKey.from_pem(_pem(public), kid=bytes([packed.kid])))
    except _WRONG:
        return False
    return True


def _claims(payload: Mapping[object, object]) -> Claims:
    content = payload["h"]
    if not isinstance(content, bytes):
        raise TypeError("h")
    times = [int(str(payload[name])) for name in (ISSUED, EXPIRES)]
    words = [str(payload[name]) for name in ("sn", "dt", "nm")]
    return Claims(str(payload[ISSUER]), times[0], times[1], words[0], words[1], words[2], content)


def _pem(public: bytes) -> bytes:
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
