"""A seal over a whole PDF: PAdES B-B by the centre's own certificate, certifying that nothing may change."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sync.central import keys, sealcert

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

FIELD = "Seal"
PEM, DER, PKCS8 = Encoding.PEM, Encoding.DER, PrivateFormat.PKCS8


class Pades:
    """Seals with the newest `pdf-<kid>.p12` of the centre's keys that is not revoked, whoever put it there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seal(self, pdf: bytes, reason: str) -> bytes:
        """The file with an invisible signature field: the page has its own seal. Raises UnusableError, OSError."""
        # a second's work, which only whoever seals a PDF waits for
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers

        told = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=reason,
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        out = io.BytesIO()
        signers.PdfSigner(told, self._signer()).sign_pdf(writer, output=out)
        return out.getvalue()

    def _signer(self) -> SimpleSigner:
        from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
        from pyhanko.sign.signers import SimpleSigner
        from pyhanko_certvalidator.registry import CertificateRegistry

        held = sealcert.opened(keys.seal_file(self._folder))
        own, *others = load_certs_from_pemder_data(b"".join(each.public_bytes(PEM) for each in held.chain))
        key = load_private_key_from_pemder_data(held.key.private_bytes(DER, PKCS8, NoEncryption()), passphrase=None)
        return SimpleSigner(own, key, CertificateRegistry.build(others), embed_roots=False)
