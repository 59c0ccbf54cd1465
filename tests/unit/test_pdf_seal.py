"""The seal over a PDF: whole or not, ours or not, and what its code says is another matter."""

from __future__ import annotations

import io
import random
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from pyhanko.pdf_utils.generic import NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter

from kiosk.app.pdf_files import seal_of, strange
from kiosk.app.pdf_seal import Seal
from sync.central import keys, sealcert, sealer
from sync.central.pades import Pades
from sync.central.sealcert import UnusableError
from tests.pdf_kit import pdf_of
from tests.unit.test_verify_tool import CLAIMS, CODE, NEW, NOW, Kit, key_rows, kit

__all__ = ["kit"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The centre's keys, as its first start leaves them."""
    made = tmp_path_factory.mktemp("centre") / "keys"
    keys.load(made)
    return made


@pytest.fixture(scope="module")
def sealed(folder: Path) -> bytes:
    return Pades(folder).seal(pdf_of(CODE), CLAIMS.serial)


def seals(folder: Path) -> dict[str, bool]:
    """As the feed tells them."""
    return {key.raw.hex(): key.revoked for key in keys.load(folder).verifying(keys.PDF).values()}


def test_a_sealed_file_is_whole_and_ours(folder: Path, sealed: bytes) -> None:
    assert seal_of(sealed, seals(folder)) is Seal.SEALED
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
    assert signature.sig_object["/SubFilter"] == SigSeedSubFilter.PADES.value
    assert signature.sig_object["/Reason"] == CLAIMS.serial
    assert seal_of(pdf_of(CODE), seals(folder)) is Seal.NONE


def test_no_bit_can_be_flipped(folder: Path, sealed: bytes) -> None:
    """Of the pages, of the seal, of the room around the seal, which it cannot cover."""
    known, draw = seals(folder), random.Random(1)
    start, end = sealed.index(b"/Contents <"), sealed.index(b">", sealed.index(b"/Contents <"))
    places = [*draw.sample(range(start), 40), *draw.sample(range(start, end + 1), 40), *range(end, len(sealed), 60)]
    for place in places:
        broken = bytearray(sealed)
        broken[place] ^= 1 << draw.randrange(8)
        assert seal_of(bytes(broken), known) in (Seal.CHANGED, Seal.NONE, Seal.FOREIGN), place
    for place in range(end - 400, end, 80):
        assert seal_of(sealed[:place] + b"1" + sealed[place + 1 :], known) is Seal.CHANGED
    assert seal_of(sealed[:-20], known) is not Seal.SEALED
    assert seal_of(sealed + b"\n% more\n", known) is Seal.CHANGED


def test_what_is_added_later_is_a_change(folder: Path, sealed: bytes, tmp_path: Path) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    writer.root[pdf_name("/Added")] = NumberObject(1)
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert seal_of(out.getvalue(), seals(folder)) is Seal.CHANGED


def test_another_centres_seal_is_foreign(folder: Path, tmp_path: Path) -> None:
    """Also one whose certificate bears the same names."""
    keys.load(tmp_path / "keys")
    theirs = Pades(tmp_path / "keys").seal(pdf_of(CODE), "x")
    assert seal_of(theirs, seals(folder)) is Seal.FOREIGN
    assert seal_of(theirs, {}) is Seal.UNKNOWN


def test_a_key_of_another_kind_is_for_somebody_else_to_check(folder: Path) -> None:
    """SM2, in a certificate that the centre named: a seal by it is called neither good nor changed."""
    own = sealcert.opened(folder / "pdf-1.p12").chain[0].public_bytes(Encoding.DER)
    p256, sm2 = (bytes.fromhex(each) for each in ("06082a8648ce3d030107", "06082a811ccf5501822d"))
    assert strange(Certificate.load(own.replace(p256, sm2)))
    assert not strange(Certificate.load(own))


def test_certificates_rotate_and_are_revoked(tmp_path: Path) -> None:
    centre = tmp_path / "keys"
    ring = keys.load(centre)
    old = Pades(centre).seal(pdf_of(CODE), "old")
    assert keys.add(centre, keys.PDF) == 2
    new = Pades(centre).seal(pdf_of(CODE), "new")
    assert [seal_of(each, seals(centre)) for each in (old, new)] == [Seal.SEALED, Seal.SEALED]
    keys.revoke(centre, keys.PDF, 1)
    assert [seal_of(each, seals(centre)) for each in (old, new)] == [Seal.REVOKED, Seal.SEALED]
    assert ring.verifying(keys.PDF)[1].revoked
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in centre.iterdir())


def test_an_issued_certificate_with_a_passphrase_takes_over(tmp_path: Path) -> None:
    """A PKCS#12 file as an authority hands it out; one that cannot be opened is named."""
    centre = tmp_path / "keys"
    keys.load(centre)
    held = sealcert.opened(centre / "pdf-1.p12")
    own, *above = held.chain
    packed = pkcs12.serialize_key_and_certificates(b"n", held.key, own, above, BestAvailableEncryption(b"secret"))
    (centre / "pdf-2.p12").write_bytes(packed)
    with pytest.raises(UnusableError, match=r"pdf-2\.p12"):
        keys.load(centre).verifying(keys.PDF)
    (centre / "pdf-2.pass").write_text("secret\n", "ascii")
    assert seal_of(Pades(centre).seal(pdf_of(CODE), "x"), seals(centre)) is Seal.SEALED
    (centre / "pdf-3.crt").write_bytes(own.public_bytes(Encoding.PEM))
    ring = keys.load(centre)
    assert ring.verifying(keys.PDF)[3] == ring.verifying(keys.PDF)[1]
    assert keys.seal_file(centre).name == "pdf-2.p12"


def told(kit: Kit, folder: Path) -> None:
    rows = {f"pdf-{n}": {"use": "pdf", "kid": n, "public": each} for n, each in enumerate(seals(folder), 1)}
    kit.told("keys", {**key_rows(), **rows})


def test_verify_tells_the_seal_and_the_code_apart(
    kit: Kit, folder: Path, sealed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(kit, folder)

    def verify(data: bytes) -> tuple[int, str]:
        (tmp_path / "file.pdf").write_bytes(data)
        return kit.verify(tmp_path / "file.pdf")

    code, out = verify(sealed)
    assert (code, "文件的电子签章：有效" in out, "QR code: Valid" in out) == (0, True, True)
    code, out = verify(sealed.replace(b"In proof", b"No proof"))
    assert (code, "证明不可信" in out, "已被改动" in out, "二维码：证明有效" in out) == (6, True, True, True)
    code, out = verify(pdf_of(CODE))
    assert (code, "没有电子签章" in out, "Seal of the file: none" in out, "QR code: Valid" in out) == (
        8,
        True,
        True,
        True,
    )
    keys.load(tmp_path / "other")
    code, out = verify(Pades(tmp_path / "other").seal(pdf_of(CODE), "x"))
    assert (code, "不是本校的签章" in out, "not the college's" in out) == (6, True, True)
    forged = sealer.seal(replace(CLAIMS, expires=NOW - 1), NEW)
    assert verify(Pades(folder).seal(pdf_of(forged), "x"))[0] == 5
    kit.told("revocations", {CLAIMS.serial: {"state": "revoked", "at": NOW}})
    assert verify(sealed)[0] == 3


def test_without_a_certificate_a_sealed_file_is_not_called_valid(
    kit: Kit, folder: Path, sealed: bytes, tmp_path: Path
) -> None:
    """Unless one is named by hand."""
    file, pem = tmp_path / "file.pdf", tmp_path / "college.pem"
    file.write_bytes(sealed)
    assert kit.verify(file)[0] == 8
    pem.write_bytes(sealcert.opened(folder / "pdf-1.p12").chain[0].public_bytes(Encoding.PEM))
    assert kit.verify(file, "--certificate", str(pem))[0] == 0
