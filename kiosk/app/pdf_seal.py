"""The words for a PDF's seal, and certificates that somebody trusts by hand: read without the library for PDFs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes


class Seal(StrEnum):
    """What the seal of a PDF is worth. Texts: `verify.pdf.<seal>`."""

    SEALED = "sealed"
    CHANGED = "changed"
    FOREIGN = "foreign"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NONE = "none"


BAD = (Seal.CHANGED, Seal.FOREIGN, Seal.REVOKED)


def fingerprints(path: Path) -> dict[str, bool]:
    """SHA-256 in hex of each certificate of a PEM file, none revoked. Raises ValueError, OSError."""
    found = x509.load_pem_x509_certificates(path.read_bytes())
    return {each.fingerprint(hashes.SHA256()).hex(): False for each in found}
