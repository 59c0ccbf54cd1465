"""The seal: a COSE_Sign1 over a certificate's claims, written in base45, that anybody can check with the public key.

Claims (CBOR map): 1 issuer, 4 expires, 6 issued, `sn` serial, `dt` document, `nm` masked name, `h` the first 16
bytes of SHA-256 over the canonical content. EdDSA (-8) and the key's number stand in the protected header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import base45
import cbor2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt import COSE, COSEHeaders, COSEKey
from cwt.exceptions import CWTError

from sync.central.keys import SigningKey
from sync.plain import canonical

MOST_CHARACTERS = 400
_EDDSA = -8
_ISSUER, _EXPIRES, _ISSUED = 1, 4, 6


@dataclass(frozen=True, slots=True)
class Claims:
    """What a seal says. Times are Unix seconds, `content` is `content_hash` of the fields."""

    issuer: str
    issued: int
    expires: int
    serial: str
    document: str
    masked_name: str
    content: bytes


def content_hash(fields: Mapping[str, str]) -> bytes:
    """16 bytes over the canonical content: JSON, members sorted, no spaces, UTF-8."""
    return hashlib.sha256(canonical(dict(fields)).encode()).digest()[:16]


def seal(claims: Claims, key: SigningKey) -> str:
    """The text of the QR code, some 240 characters."""
    payload = {
        _ISSUER: claims.issuer,
        _EXPIRES: claims.expires,
        _ISSUED: claims.issued,
        "sn": claims.serial,
        "dt": claims.document,
        "nm": claims.masked_name,
        "h": claims.content,
    }
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = bytes([key.kid])
    header = {COSEHeaders.ALG: _EDDSA, COSEHeaders.KID: kid}
    signed = COSE.new().encode_and_sign(cbor2.dumps(payload), COSEKey.from_pem(pem, kid=kid), protected=header)
    return str(base45.b45encode(signed), "ascii")


def check(code: str, keys: Mapping[int, bytes]) -> Claims | None:
    """The claims of a sealed text, or None when it is not ours: `keys` is kid → raw public key. Never raises."""
    if len(code) > MOST_CHARACTERS:
        return None
    try:
        signed = base45.b45decode(code)
        protected, *_rest = cbor2.loads(signed).value
        kid: bytes = cbor2.loads(protected)[COSEHeaders.KID]
        payload = COSE.new().decode(signed, COSEKey.from_pem(_pem(keys[kid[0]]), kid=kid))
        return _claims(cbor2.loads(payload))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, cbor2.CBORError, CWTError):
        return None


def _claims(payload: Mapping[object, object]) -> Claims:
    content = payload["h"]
    if not isinstance(content, bytes):
        raise TypeError("h")
    times = [int(str(payload[name])) for name in (_ISSUED, _EXPIRES)]
    words = [str(payload[name]) for name in ("sn", "dt", "nm")]
    return Claims(str(payload[_ISSUER]), times[0], times[1], words[0], words[1], words[2], content)


def _pem(public: bytes) -> bytes:
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
