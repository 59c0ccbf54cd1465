"""The seal on paper: a certificate's claims signed by the centre, as the text of a QR code; see `certificates`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import base45
import cbor2
from cryptography.hazmat.primitives import serialization
from cwt import COSE, COSEHeaders, COSEKey

from kiosk.domain.certificates import EXPIRES, ISSUED, ISSUER, Claims
from sync.central.keys import SigningKey
from sync.plain import canonical

_EDDSA = -8


def content_hash(fields: Mapping[str, str]) -> bytes:
    """16 bytes over the canonical content: JSON, members sorted, no spaces, UTF-8."""
    return hashlib.sha256(canonical(dict(fields)).encode()).digest()[:16]


def seal(claims: Claims, key: SigningKey) -> str:
    """The text of the QR code, some 240 characters."""
    payload = {
        ISSUER: claims.issuer,
        EXPIRES: claims.expires,
        ISSUED: claims.issued,
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
