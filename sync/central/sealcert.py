"""The certificate that PDFs are sealed with: made at first start, or put in place by whoever was issued one.

`pdf-<kid>.p12`: key and certificate, with a passphrase in `pdf-<kid>.pass` where it has one. `pdf-<kid>.crt`: only the
certificate, of a sealer that keeps its key elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

KEY, ALONE = ".p12", ".crt"
YEARS = 10


class UnusableError(OSError):
    """A file of a key that is not what its name says; the text names it."""


@dataclass(frozen=True, slots=True)
class Held:
    """`chain`: the certificate of the key, then those above it."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]


def made() -> bytes:
    """A PKCS#12 file: an authority for nothing but this one certificate, whose own key is forgotten at once."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Campus certificates: authority of the demonstration", authority, authority)
    leaf = _certificate("Campus certificates", own, authority, root.subject)
    return pkcs12.serialize_key_and_certificates(
        b"Campus certificates", own, leaf, [root], serialization.NoEncryption()
    )


def fingerprint(path: Path) -> bytes:
    """SHA-256 of the certificate in this file: 32 bytes. Raises UnusableError, OSError."""
    if path.suffix != ALONE:
        return opened(path).chain[0].fingerprint(hashes.SHA256())
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256())
    except ValueError as error:
        raise UnusableError(f"{path}: {error}") from None


def opened(path: Path) -> Held:
    """What is in a PKCS#12 file. Raises UnusableError, OSError."""
    beside = path.with_suffix(".pass")
    passphrase = beside.read_bytes().strip() if beside.exists() else None
    try:
        key, own, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase)
    except ValueError as error:
        raise UnusableError(f"{path}: {error}") from None
    if own is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UnusableError(f"{path}: no certificate with an EC or RSA key in it")
    return Held(key, (own, *others))


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, issuer: x509.Name | None = None
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, authority = datetime.now(UTC), issuer is None
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )


def _usage(authority: bool) -> x509.KeyUsage:
    """One signs certificates, the other documents."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
