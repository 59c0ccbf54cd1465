"""The personal code: packed, signed with Ed25519, written in base45; checked with public keys alone, offline.

`K1:` + base45(payload 23 bytes ‖ signature 64 bytes), signed over `campus-code-v1` ‖ payload. Payload, big-endian:
version u8 = 1 · kid u8 · campus u16 · person 8 bytes · issued u32 (Unix s) · life u8 (10-s units) · nonce 6 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import base45
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "K1:"
SKEW_S = 90.0
MOST_CHARACTERS = 200

_VERSION = 1
_LIFE_UNIT_S = 10
_CONTEXT = b"campus-code-v1"
_PAYLOAD = struct.Struct(">BBH8sIB6s")
_SIZE = _PAYLOAD.size + 64
_ALPHABET = frozenset(base45.BASE45_CHARSET)


class Reason(StrEnum):
    """Why a code was refused: counted for the technician, never shown to anybody."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    ENCODING = "encoding"
    SIZE = "size"
    VERSION = "version"
    KEY = "key"
    SIGNATURE = "signature"
    CAMPUS = "campus"
    FUTURE = "future"
    EXPIRED = "expired"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class CodeAccepted:
    """`person` is 16 hex digits; keep `nonce` until `until` (Unix seconds: expiry and skew), the code dies then."""

    person: str
    nonce: bytes
    until: float


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """Nothing of the code but the reason leaves here."""

    reason: Reason


def issue(
    person_id: str,
    campus: int,
    kid: int,
    private_key: Ed25519PrivateKey,
    now: float,
    nonce: bytes,
    life_s: int = 60,
) -> str:
    """The code of a person (16 hex digits) from `now` (Unix seconds) for `life_s`, a multiple of 10 up to 2550.

    `nonce`: 6 random bytes, never used before. Raises ValueError for anything that does not fit the format.
    """
    person, (life, rest) = bytes.fromhex(person_id), divmod(life_s, _LIFE_UNIT_S)
    if len(person) != 8 or len(nonce) != 6 or rest or not 0 < life < 256:
        raise ValueError("person 16 hex digits, nonce 6 bytes, life a multiple of 10 s")
    try:
        payload = _PAYLOAD.pack(_VERSION, kid, campus, person, int(now), life, nonce)
    except struct.error as error:
        raise ValueError(f"kid, campus or time out of range: {error}") from None
    return PREFIX + str(base45.b45encode(payload + private_key.sign(_CONTEXT + payload)), "ascii")


def check(
    text: str, keys: Mapping[int, bytes], campus: int, now: float, seen: Callable[[bytes], bool]
) -> CodeAccepted | CodeRefused:
    """Whose code it is, or why it is none. Never raises, whatever the text.

    `keys`: kid → raw public key, 32 bytes; an absent kid is unknown or revoked. `now`: Unix seconds.
    `seen(nonce)`: whether that nonce was accepted before; asked last, and only for a code good in all else.
    """
    packed = _unpack(text)
    if isinstance(packed, Reason):
        return CodeRefused(packed)
    payload, signature = packed[: _PAYLOAD.size], packed[_PAYLOAD.size :]
    version, kid, place, person, issued, life, nonce = _PAYLOAD.unpack(payload)
    if version != _VERSION:
        return CodeRefused(Reason.VERSION)
    if kid not in keys:
        return CodeRefused(Reason.KEY)
    if not _signed(keys[kid], payload, signature):
        return CodeRefused(Reason.SIGNATURE)
    if place != campus:
        return CodeRefused(Reason.CAMPUS)
    until = issued + life * _LIFE_UNIT_S + SKEW_S
    if now < issued - SKEW_S:
        return CodeRefused(Reason.FUTURE)
    if now > until:
        return CodeRefused(Reason.EXPIRED)
    if seen(nonce):
        return CodeRefused(Reason.REPLAYED)
    return CodeAccepted(person.hex(), nonce, until)


def _unpack(text: str) -> bytes | Reason:
    """The 87 bytes; nothing longer than 200 characters is looked at at all."""
    if not len(PREFIX) < len(text) <= MOST_CHARACTERS:
        return Reason.LENGTH
    if not _ALPHABET.issuperset(text) or not text.startswith(PREFIX):
        return Reason.ALPHABET
    try:
        packed = base45.b45decode(text[len(PREFIX) :])
    except ValueError:
        return Reason.ENCODING
    return packed if len(packed) == _SIZE else Reason.SIZE


def _signed(public_key: bytes, payload: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _CONTEXT + payload)
    except InvalidSignature:
        return False
    return True
