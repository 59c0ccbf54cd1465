"""A certificate as a sealed PDF: over the wire to the terminal that asked for it, and checked with no network."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.app.paper_files import of_bytes
from kiosk.app.pdf_files import seal_of
from kiosk.app.pdf_seal import Seal
from kiosk.config import CentreConfig
from sync.cache import Cache
from sync.central import devices
from sync.central.pades import Pades
from sync.client import Client
from sync.feeds import pull
from sync.vault import Vault
from tests.sync.central_kit import STAFF, Api
from tests.sync.keys_kit import Key
from tests.sync.test_central_documents import handed_in, said


@pytest.fixture
def central_kind() -> str:
    """What is read is one row by its key: the same in both databases."""
    return "sqlite"


def asked(api: Api, language: str = "zh") -> dict[str, Any]:
    found: dict[str, Any] = api.ask(handed_in(api), "enrolment", language=language).json()
    return found


def fetch(api: Api, serial: str) -> bytes:
    answer = api.get(f"/v1/documents/{serial}/pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content


def refused(api: Api, serial: str) -> tuple[int, str]:
    answer = api.get(f"/v1/documents/{serial}/pdf")
    return answer.status_code, answer.json()["type"]


def seals(api: Api) -> dict[str, bool]:
    rows = api.feed("keys").values()
    return {row["public"]: row["revoked"] for row in rows if row["use"] == "pdf"}


def test_the_file_bears_seal_and_code(central_api: Api) -> None:
    answer = asked(central_api)
    file = fetch(central_api, answer["serial"])
    assert seal_of(file, seals(central_api)) is Seal.SEALED
    assert of_bytes(file).code == answer["code"]
    again = fetch(central_api, answer["serial"])
    assert seal_of(again, seals(central_api)) is Seal.SEALED


def test_only_who_asked_for_it_is_handed_it(central_api: Api) -> None:
    serial = asked(central_api)["serial"]
    first, other = central_api.key, Key(central_api.centre.clock.now)
    code = devices.issue_code(central_api.centre, "A-018")
    assert other.enrol(central_api.url, code, "A-018").status_code == 200
    central_api.key = other
    assert refused(central_api, serial) == refused(central_api, "ZD-2026-0302-9999") == (404, "not_found")
    central_api.key = None
    assert refused(central_api, serial) == (401, "not_enrolled")
    central_api.key = first
    assert fetch(central_api, serial)


def test_what_is_void_is_not_handed_out(central_api: Api) -> None:
    key = handed_in(central_api)
    serial = central_api.ask(key, "enrolment").json()["serial"]
    central_api.send(said(key, "voided", serial, reason="spoiled"))
    assert refused(central_api, serial) == (409, "voided")


def test_every_certificate_can_become_a_file(central_api: Api) -> None:
    values = {"period": "months_12", "income_for": "visa"}
    income = handed_in(central_api, STAFF, "income", values=values, factors=["code", "pin"])
    serial = central_api.ask(income, "income").json()["serial"]
    for each in (serial, asked(central_api, "en")["serial"]):
        assert seal_of(fetch(central_api, each), seals(central_api)) is Seal.SEALED


def test_a_seal_service_that_is_away_is_come_back_to(central_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sealer in the seam; nothing of the file goes out without its seal."""
    serial = asked(central_api)["serial"]

    class Away(Pades):
        def seal(self, pdf: bytes, reason: str) -> bytes:
            raise ConnectionRefusedError(reason)

    monkeypatch.setattr("sync.central.pdfseal.Pades", Away)
    assert refused(central_api, serial) == (503, "busy")


@dataclass
class Terminal:
    """A state folder with what the feeds brought, and the tool over it."""

    folder: Path

    def follow(self, api: Api) -> None:
        assert api.key is not None
        signer = api.key.signer
        self.folder.mkdir(exist_ok=True)
        cache = Cache(self.folder / "cache.db", Vault.open(self.folder), api.centre.clock.now)
        with contextlib.closing(Client(CentreConfig(url=api.url), lambda: signer)) as client, contextlib.closing(cache):
            for feed in ("keys", "revocations"):
                assert isinstance(pull(client, cache, feed), bool)
        offset = f"[demo]\nenabled = true\nclock_offset = {api.centre.clock.offset}\n"
        (self.folder / "kiosk.toml").write_text(offset, "utf-8")

    def verify(self, data: bytes) -> int:
        (self.folder / "given").write_bytes(data)
        return main(["verify", str(self.folder / "given"), "--state", str(self.folder)])


def test_a_paper_ends_also_where_the_network_is_down(
    central_api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the centre's act over the real feed into a terminal's cache; then nobody is asked any more."""
    terminal, key = Terminal(tmp_path / "terminal"), handed_in(central_api)
    first = central_api.ask(key, "enrolment").json()
    file = fetch(central_api, first["serial"])
    terminal.follow(central_api)
    assert terminal.verify(file) == terminal.verify(first["code"].encode()) == 0
    assert "张*" in capsys.readouterr().out
    central_api.send(said(key, "voided", first["serial"], reason="spoiled"))
    second = central_api.ask(key, "enrolment", 2, replaces=first["serial"]).json()
    assert terminal.verify(first["code"].encode()) == 0, "it has not heard of it"
    terminal.follow(central_api)
    central_api.session.close()
    assert terminal.verify(file) == terminal.verify(first["code"].encode()) == 4
    assert terminal.verify(second["code"].encode()) == 0
