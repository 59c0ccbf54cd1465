"""PDFs as they are handed in by anybody: the seal of one, and the pictures in it, read without trusting it."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from asn1crypto.cms import ContentInfo
from asn1crypto.x509 import Certificate
from PIL import Image, ImageOps
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from kiosk.app.pdf_seal import Seal

MOST_PAGES, MOST_PICTURES, DEEPEST = 20, 50, 8
MOST_SIDE, MOST_PIXELS = 20_000, 50_000_000
BROKEN = (
    *(PdfError, SignatureValidationError, zlib.error, struct.error, Image.DecompressionBombError),
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, OSError, EOFError),
    *(NotImplementedError, RecursionError),
)
"""What a reader of PDFs raises at files that are none: they come from anybody."""


def seal_of(pdf: bytes, seals: Mapping[str, bool]) -> Seal:
    """`seals`: trusted certificates by their SHA-256 in hex; True = revoked. The seal must cover the whole file."""
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        return _judged(pdf, signatures, seals) if signatures else Seal.NONE
    except BROKEN:
        return Seal.CHANGED if b"/ByteRange" in pdf else Seal.NONE


def _judged(pdf: bytes, signatures: list[EmbeddedPdfSignature], seals: Mapping[str, bool]) -> Seal:
    """By the first: a later one would be a change."""
    signature = signatures[0]
    certificate = signature.signer_cert.sha256.hex()
    if not seals:
        return Seal.UNKNOWN
    if certificate not in seals:
        return Seal.FOREIGN
    if seals[certificate]:
        return Seal.REVOKED
    if strange(signature.signer_cert):
        return Seal.UNKNOWN
    # the certificate itself is what is trusted: for how long, the list that named it says
    trusted = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    status = validate_pdf_signature(signature, trusted, skip_diff=True)
    good = status.intact and status.valid and status.trusted
    whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE and len(signatures) == 1
    return Seal.SEALED if good and whole and _tight(pdf, signature) else Seal.CHANGED


def strange(certificate: Certificate) -> bool:
    """Whose key is of a kind that this library has no name for, such as SM2: its seals are somebody else's to check."""
    key = certificate.public_key
    names = (key.algorithm, key.curve[1] if key.algorithm == "ec" else "")
    return any(str(name)[:1].isdigit() for name in names)


def _tight(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether the only place that a seal does not cover, its own, holds nothing but the seal, written in one way."""
    data = bytes(signature.pkcs7_content)
    _, begins, ends, _ = (int(each) for each in signature.byte_range)
    written = pdf[begins:ends]
    plain = written in (f"<{data.hex()}>".encode(), f"<{data.hex().upper()}>".encode())
    return plain and not data[len(ContentInfo.load(data).dump()) :].strip(b"\0")


def pictures(pdf: bytes) -> Iterator[Image.Image]:
    """The pictures that the first pages are made of, in grey; none of a file that cannot be read."""
    try:
        streams = list(itertools.islice(_streams(pdf), MOST_PICTURES))
    except BROKEN:
        return
    for stream in streams:
        picture = _picture(stream)
        if picture is not None:
            yield picture


def _streams(pdf: bytes) -> Iterator[StreamObject]:
    root = PdfFileReader(io.BytesIO(pdf), strict=False).root["/Pages"]
    for resources in itertools.islice(_resources(root, {}, DEEPEST), MOST_PAGES):
        yield from _images(resources, DEEPEST)


def _resources(node: Any, inherited: Any, deep: int) -> Iterator[Any]:
    """Of each page below this node of the tree."""
    own = _held(node, "/Resources") or inherited
    if node.get("/Type") == "/Page":
        yield own
    elif deep:
        for kid in node["/Kids"]:
            yield from _resources(kid.get_object(), own, deep - 1)


def _images(resources: Any, deep: int) -> Iterator[StreamObject]:
    """Those of a page, and of the forms that it draws."""
    for item in (_held(resources, "/XObject") or {}).values():
        found = item.get_object()
        if isinstance(found, StreamObject) and found.get("/Subtype") == "/Image":
            yield found
        elif isinstance(found, StreamObject) and deep:
            yield from _images(_held(found, "/Resources") or {}, deep - 1)


def _held(node: Any, name: str) -> Any:
    """What stands under a name, here or elsewhere in the file; None for nothing."""
    found = node.get(name)
    return None if found is None else found.get_object()


def _picture(stream: StreamObject) -> Image.Image | None:
    """None for a form of picture that no certificate has."""
    try:
        size, bits = (int(stream["/Width"]), int(stream["/Height"])), int(stream.get("/BitsPerComponent", 1))
        if max(size) > MOST_SIDE or size[0] * size[1] > MOST_PIXELS or bits not in (1, 8):
            return None
        packed, predicted = _held(stream, "/Filter"), _held(stream, "/DecodeParms") or {}
        if packed in ("/DCTDecode", ["/DCTDecode"]):
            return _room(Image.open(io.BytesIO(stream.encoded_data)))
        if packed == "/FlateDecode" and predicted.get("/Predictor", 1) >= 10:
            return _room(Image.open(io.BytesIO(_png(stream, size, bits, int(predicted.get("/Colors", 1))))))
        if packed == "/FlateDecode":
            most = 3 * size[0] * size[1] + 1
            return _plain(zlib.decompressobj().decompress(stream.encoded_data, most), size)
        return None if packed else _plain(stream.encoded_data, size)
    except BROKEN:
        return None


def _plain(data: bytes, size: tuple[int, int]) -> Image.Image | None:
    """By how long it is: a bit, a byte or three bytes a pixel."""
    per_row = {"1": (size[0] + 7) // 8, "L": size[0], "RGB": 3 * size[0]}
    mode = next((each for each, row in per_row.items() if row * size[1] == len(data)), "")
    return _room(Image.frombytes(mode, size, data)) if mode else None


def _png(stream: StreamObject, size: tuple[int, int], bits: int, colours: int) -> bytes:
    """What a PDF packs by a PNG's predictors is the inside of a PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", *size, bits, 2 if colours == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", stream.encoded_data) + chunk(b"IEND", b"")


def _room(picture: Image.Image) -> Image.Image:
    """A code is found by the white around it, which the page has and not the picture."""
    return ImageOps.expand(ImageOps.autocontrast(picture.convert("L")), max(picture.size) // 8, 255)
