"""A host that shares no code with our driver: receiptio prints on the simulated printer, and reads its states."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from printers.sim.escpos_printer import EscposPrinter
from tests.contract.printer_kit import GS_R, ask

FOLDER = Path(__file__).parents[1] / "receiptio"
COMMAND = FOLDER / "node_modules" / "receiptio" / "bin" / "cli.js"
PORT = 9100
"""receiptio knows no other."""
ADDRESS = f"127.{os.getpid() % 250 + 2}.{{}}.1"
"""Of this process alone, and each test has its own."""
CODE = "https://v.example.com/r/A-017-20260302-0042"
DOCUMENT = f"""^^^校园服务终端 Receipt

商品 | 数量 | 金额
-
苹果 Apple | 2 | 7.00
"牛奶" | 1 | ^3.50
-
合计 | | ^^10.50

{{code:{CODE}; option:qrcode,5,m}}

谢谢 Thank you
"""

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not COMMAND.exists(),
    reason="receiptio is not installed: it takes npm, and `make setup-test`",
)


def node(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["node", *arguments], input=DOCUMENT.encode(), capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("pokes", "code", "word"),
    [
        ((), 0, "success"),
        (("paper_low",), 0, "success"),
        (("cover_open",), 101, "coveropen"),
        (("paper_out",), 102, "paperempty"),
        (("cutter",), 103, "error"),
        (("silent",), 104, "offline"),
    ],
)
def test_a_foreign_host_reads_every_state_as_it_is(
    printer: EscposPrinter, request: pytest.FixtureRequest, pokes: tuple[str, ...], code: int, word: str
) -> None:
    """Beside a silent one it floods the line with NULs; the printer survives that."""
    address = ADDRESS.format(request.node.callspec.indices["code"] + 1)
    printer.start_tcp(PORT, address)
    for poke in pokes:
        printer.poke(poke)
    done = node(str(COMMAND), "-d", address, "-p", "escpos", "-l", "zh-hans")
    assert (done.returncode, done.stderr.decode().strip()) == (code, word)
    assert len(printer.pages) == (code == 0)
    for poke in ("talk", "cover_closed", "refill", "cutter_ok"):
        printer.poke(poke)
    with socket.create_connection((address, PORT), 5) as line:
        line.settimeout(5)
        assert ask(line, b"\x10\x04\x01") == b"\x12"


def without_blanks(text: str) -> str:
    """What stands there, however it is spaced; a rule is a rule."""
    return "".join(text.split()).replace("─", "-")


def test_a_foreign_job_is_drawn_right(printer: EscposPrinter) -> None:
    """Held against the same document as the foreign host writes it in plain letters; its QR code is a picture."""
    data, plain = (node(str(FOLDER / "job.js"), command).stdout for command in ("escpos", "text"))
    with socket.create_connection(("127.0.0.1", printer.start_tcp()), 5) as line:
        line.settimeout(5)
        ask(line, data.removesuffix(b"\x1dr1") + GS_R)
    assert printer.machine.seen.unknown == []
    (sheet,) = printer.tray.sheets
    assert without_blanks(sheet.text) == without_blanks(plain.decode())
    assert "─" * 48 in sheet.text
    with Image.open(sheet.path) as page:
        (found,) = zxingcpp.read_barcodes(np.asarray(page.convert("L")), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == CODE
    assert not sheet.spoiled


def test_the_lock_names_versions_and_hashes_and_no_address() -> None:
    lock = (FOLDER / "package-lock.json").read_text("utf-8")
    packages = {name: package for name, package in json.loads(lock)["packages"].items() if name}
    assert packages["node_modules/receiptio"]["version"] == "2.1.2"
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "://" not in lock
    assert "resolved" not in lock
