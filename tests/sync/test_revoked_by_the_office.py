"""An operator takes a certificate back: feed, check pages, terminals without a network and the archive all say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.central.voiding import MOST
from tests.sync.central_kit import Api
from tests.sync.test_central_documents import handed_in, said
from tests.sync.test_central_pdf import Terminal
from tests.sync.test_check_page import entered, heading, issued

WHY = "信息有误，姓名写错"


def revoke(api: Api, serial: str, *more: str) -> int:
    return api.operate("revoke-certificate", serial, "--reason", WHY, "--by", "registrar", *more)


def printed(api: Api) -> tuple[str, dict[str, Any]]:
    """A certificate that somebody holds in their hands."""
    key = handed_in(api)
    answer = issued(api, key)
    assert api.send(said(key, "printed", answer["serial"], copies=1)) == ["created"]
    return key, answer


def test_a_paper_that_was_printed_counts_no_more_and_everybody_says_so(
    central_api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, answer = printed(central_api)
    serial, terminal = answer["serial"], Terminal(tmp_path / "terminal")
    terminal.follow(central_api)
    assert terminal.verify(answer["code"].encode()) == 0
    assert revoke(central_api, serial) == 0
    assert central_api.feed("revocations")[serial]["state"] == "revoked"
    assert heading(entered(central_api, answer["code"])) == "证明已作废"
    terminal.follow(central_api)
    assert terminal.verify(answer["code"].encode()) == 3
    assert central_api.get(f"/v1/documents/{serial}/pdf").json()["type"] == "voided"
    told = central_api.feed("requests")[key]
    assert told["status"] == "refused"
    assert WHY in told["marks"][-1]["note"]
    assert "Made void by the college" in told["marks"][-1]["note"]
    assert central_api.ask(key, "enrolment", 2).json()["type"] == "refused", "nothing is printed in its place"
    (body,) = (json.loads(row[0]) for row in central_api.sql("select body from event where kind = 'document.revoked'"))
    assert body == {"request": key, "serial": serial, "reason": WHY, "by": "registrar", "again": False}


def test_a_second_time_and_an_unknown_serial_are_said_in_words(
    central_api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    _, answer = printed(central_api)
    serial = answer["serial"]
    assert revoke(central_api, "ZD-2026-0302-9999") == 1
    assert "no certificate has the serial ZD-2026-0302-9999" in capsys.readouterr().err
    assert revoke(central_api, serial) == 0
    before = central_api.feed("revocations")
    assert revoke(central_api, serial, "--reissue") == 3
    assert f"{serial} counts no more since 2026-03-02T" in capsys.readouterr().err
    assert central_api.feed("revocations") == before
    assert central_api.sql("select count(*) from event where kind = 'document.revoked'") == [(1,)]


def test_a_corrected_one_stands_in_the_place_of_what_was_taken_back(
    central_api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    key, answer = printed(central_api)
    assert revoke(central_api, answer["serial"], "--reissue") == 0
    assert central_api.feed("requests")[key]["status"] == "approved"
    corrected = issued(central_api, key, 2)
    assert heading(entered(central_api, answer["code"])) == "证明已被替换"
    assert heading(entered(central_api, corrected["code"])) == "证明有效"
    assert central_api.feed("revocations")[answer["serial"]]["state"] == "superseded"
    assert revoke(central_api, answer["serial"]) == 3
    assert f"{corrected['serial']} stands in its place" in capsys.readouterr().err


def test_a_terminal_that_still_prints_it_changes_nothing(central_api: Api) -> None:
    key = handed_in(central_api)
    serial = issued(central_api, key)["serial"]
    assert revoke(central_api, serial) == 0
    assert central_api.send(said(key, "printed", serial, copies=1)) == ["created"]
    assert central_api.feed("requests")[key]["status"] == "refused"
    assert central_api.feed("revocations")[serial]["state"] == "revoked"


def test_no_terminal_can_say_that_the_office_took_something_back(central_api: Api) -> None:
    key = handed_in(central_api)
    serial = issued(central_api, key)["serial"]
    assert "document.revoked" in central_api.reason(said(key, "revoked", serial, reason=WHY))
    assert central_api.feed("revocations") == {}


@pytest.mark.parametrize("reason", ["", " \n ", "x" * (MOST + 1)])
def test_a_reason_is_one_line_of_words(central_door: Api, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        central_door.operate("revoke-certificate", "ZD-2026-0302-0001", "--reason", reason)
    assert ended.value.code == 2
