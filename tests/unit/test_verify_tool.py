"""`kiosk verify`: every outcome in both languages, with its exit code, by what the feeds left on the disk."""

from __future__ import annotations

import io
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from kiosk.__main__ import main
from kiosk.domain.certificates import Claims
from printers import raster
from sync.cache import Cache
from sync.central import sealer
from sync.central.keys import SigningKey
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow

NOW = int(time.time())
CLAIMS = Claims("campus:1", NOW - 86400, NOW + 86400, "ZD-2026-0302-0042", "enrolment", "张*", bytes(16))
OLD, NEW = (SigningKey("certificate", kid, Ed25519PrivateKey.from_private_bytes(bytes([kid]) * 32)) for kid in (1, 2))
CODE = sealer.seal(CLAIMS, NEW)
Rows = dict[str, dict[str, Any]]


def key_rows(**revoked: bool) -> Rows:
    rows = {
        f"certificate-{key.kid}": {"use": "certificate", "kid": key.kid, "public": key.public.hex()}
        for key in (OLD, NEW)
    }
    return {name: {**row, "revoked": revoked.get(f"k{row['kid']}", False)} for name, row in rows.items()}


class Kit:
    """A terminal's state folder as the feeds left it; nothing listens anywhere."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.state, self._capsys = folder / "state", capsys
        self.cache = Cache(self.state / "cache.db", Vault.open(self.state))

    def told(self, feed: str, rows: Rows) -> None:
        told = [FeedRow(id=name, rev=n, data=row) for n, (name, row) in enumerate(rows.items(), 1)]
        self.cache.apply(FeedAnswer(epoch="e1", feed=feed, rows=told, next=len(told), more=False))

    def verify(self, what: object, *more: str) -> tuple[int, str]:
        code = main(["verify", str(what), "--state", str(self.state), *more])
        out = self._capsys.readouterr()
        assert out.err == ""
        return code, out.out


@pytest.fixture
def kit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    made = Kit(tmp_path, capsys)
    made.told("keys", key_rows())
    made.told("revocations", {})
    yield made
    made.cache.close()


def test_a_good_one_is_told_in_both_languages_with_all_that_it_says(kit: Kit) -> None:
    code, out = kit.verify(CODE)
    assert code == 0
    zh, en = out.split("\n\n")
    for words in (
        "证明有效",
        "证明：在读证明",
        "编号：ZD-2026-0302-0042",
        "姓名：张*",
        "开具日期：2",
        "作废名单截至：2",
    ):
        assert words in zh
    for words in ("Valid\n", "Certificate of Enrolment", "Number: ZD-2026-0302-0042", "Revocations as of: "):
        assert words in en


def test_each_outcome_has_its_exit_code(kit: Kit) -> None:
    gone = {"ZD-2026-0302-0001": "revoked", "ZD-2026-0302-0002": "superseded"}
    kit.told("revocations", {serial: {"state": state, "at": NOW - 3600} for serial, state in gone.items()})
    ends = {serial: sealer.seal(replace(CLAIMS, serial=serial), NEW) for serial in gone}
    changed = CODE[:-5] + ("0" if CODE[-5] != "0" else "1") + CODE[-4:]
    expected = [
        (CODE, 0, "证明有效", "Valid"),
        (sealer.seal(CLAIMS, OLD), 0, "证明有效", "Valid"),
        (ends["ZD-2026-0302-0001"], 3, "已作废", "was made void on"),
        (ends["ZD-2026-0302-0002"], 4, "已被替换", "was replaced"),
        (sealer.seal(replace(CLAIMS, expires=NOW - 1), NEW), 5, "已过期", "Expired"),
        (changed, 6, "证明不可信", "Not genuine"),
        ("https://v.example.com/v/abc", 7, "无法识别", "Cannot be read"),
        (sealer.seal(replace(CLAIMS, issuer="campus:2"), NEW), 8, "另一校区", "another campus"),
    ]
    for code, exit_code, zh, en in expected:
        told, out = kit.verify(code)
        assert (told, zh in out, en in out) == (exit_code, True, True), out


def test_a_forged_one_tells_nothing_of_what_it_claims(kit: Kit) -> None:
    forged = sealer.seal(replace(CLAIMS, masked_name="\x1b[2J王*"), SigningKey("certificate", 2, OLD.private))
    code, out = kit.verify(forged)
    assert code == 6
    assert "王" not in out
    assert "\x1b" not in out


def test_a_revoked_key_takes_its_papers_along_and_leaves_the_others(kit: Kit) -> None:
    kit.told("keys", key_rows(k2=True))
    code, out = kit.verify(CODE)
    assert code == 6
    assert "密钥已被撤销" in out
    assert "was revoked" in out
    assert kit.verify(sealer.seal(CLAIMS, OLD))[0] == 0


def test_without_the_feeds_nothing_is_called_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kit = Kit(tmp_path, capsys)
    assert kit.verify(CODE)[0] == 8
    kit.told("keys", key_rows())
    code, out = kit.verify(CODE)
    assert code == 8
    assert "尚未取得作废名单" in out
    assert "作废名单截至：本机尚未取得" in out
    kit.cache.close()


def test_a_picture_a_pdf_and_standard_input_are_read(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = raster.qr_matrix(CODE).convert("L")
    page = Image.new("L", (1240, 1754), 255)
    page.paste(modules.resize((4 * modules.width,) * 2, Image.Resampling.NEAREST), (200, 900))
    for name, expected in (("page.png", 0), ("page.jpg", 0), ("page.pdf", 8)):
        page.save(tmp_path / name)
        code, out = kit.verify(tmp_path / name)
        assert (code, "ZD-2026-0302-0042" in out) == (expected, True), name
    Image.new("L", (1240, 1754), 255).save(tmp_path / "empty.pdf")
    assert kit.verify(tmp_path / "empty.pdf")[0] == 7
    (tmp_path / "text").write_text(CODE[:120] + "\r\n" + CODE[120:] + "\n", "ascii")
    assert kit.verify(tmp_path / "text")[0] == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / "page.png").read_bytes())))
    assert kit.verify("-")[0] == 0


def test_files_that_are_none_do_no_harm(kit: Kit, tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.new("L", (300, 300), 255).save(whole, "PDF")
    data = whole.getvalue()
    loop = b"%PDF-1.4\n1 0 obj<</Type/Pages/Kids[1 0 R]/Count 9>>endobj\ntrailer<</Root<</Pages 1 0 R>>>>"
    for broken in (
        data[: len(data) // 2],
        b"%PDF-1.7",
        loop,
        data.replace(b"/Kids", b"/Kxds"),
        b"\x89PNG\r\n",
        b"\0" * 99,
    ):
        (tmp_path / "broken").write_bytes(broken)
        assert kit.verify(tmp_path / "broken")[0] == 7


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "nothing.pdf", "--state", str(tmp_path)]) == 1
    assert "没有这个文件 / there is no such file" in capsys.readouterr().err
    assert main(["verify", CODE, "--state", str(tmp_path)]) == 1
    assert "no terminal's data" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
