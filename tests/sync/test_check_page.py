"""The public page on which a code is entered: every outcome, and nothing of anybody that the code does not say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from kiosk.clock import Clock
from kiosk.domain.certificates import Claims
from sync.central import sealer
from tests.sync.central_kit import STUDENT, Api, served
from tests.sync.test_central_documents import DAY, handed_in, said

CLAIMS = Claims("campus:1", 1772412120, 1780243199, "ZD-2026-0302-0042", "enrolment", "张*", bytes(16))


@pytest.fixture
def central_kind() -> str:
    """What is read is one row by its key: the same in both databases."""
    return "sqlite"


def entered(api: Api, code: str, url: str = "") -> requests.Response:
    """As a browser sends the form."""
    answer = requests.post(f"{url or api.url}/v", data={"code": code}, timeout=10)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    return answer


def heading(answer: requests.Response) -> str:
    """What the page says in Chinese."""
    return answer.text.partition("<h1>")[2].partition("</h1>")[0]


def issued(api: Api, key: str = "", attempt: int = 1, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.ask(key or handed_in(api), "enrolment", attempt, **more).json()
    return found


def test_an_empty_form_stands_alone_and_loads_nothing(central_door: Api) -> None:
    answer = requests.get(f"{central_door.url}/v", timeout=10)
    assert answer.status_code == 200
    assert "查验一份证明" in answer.text
    assert "Check a certificate" in answer.text
    assert [word for word in ("src=", "href=", "<script", "url(", "@import") if word in answer.text] == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy


def test_a_code_is_worth_what_its_address_says(central_api: Api) -> None:
    key = handed_in(central_api)
    first = issued(central_api, key)
    good = entered(central_api, first["code"])
    assert heading(good) == "证明有效"
    for shown in ("Valid", first["serial"], "张*", "2026年5月31日", "31 May 2026"):
        assert shown in good.text
    for kept in ("张伟", STUDENT):
        assert kept not in good.text
    central_api.send(said(key, "voided", first["serial"], reason="spoiled"))
    assert heading(entered(central_api, first["code"])) == "证明已作废"
    second = issued(central_api, key, 2, replaces=first["serial"])
    assert heading(entered(central_api, first["code"])) == "证明已被替换"
    assert heading(entered(central_api, second["code"])) == "证明有效"
    late = replace(central_api.centre, clock=Clock(central_api.centre.clock.offset + 91 * DAY))
    with served(late) as url:
        assert heading(entered(central_api, second["code"], url)) == "证明已过期"


def test_what_is_not_ours_is_forged_and_shows_nothing(central_api: Api) -> None:
    code = issued(central_api)["code"]
    changed = code[:-5] + ("0" if code[-5] != "0" else "1") + code[-4:]
    answer = entered(central_api, changed)
    assert heading(answer) == "证明不可信"
    assert "<dl>" not in answer.text
    stranger = replace(central_api.centre.keys["certificate"], kid=9)
    assert heading(entered(central_api, sealer.seal(CLAIMS, stranger))) == "证明不可信"


def test_a_genuine_seal_alone_is_not_enough(central_api: Api) -> None:
    """The register lost it, or gave its number to another paper after it was restored."""
    key = central_api.centre.keys["certificate"]
    assert heading(entered(central_api, sealer.seal(CLAIMS, key))) == "无法核实"
    taken = issued(central_api)["serial"]
    answer = entered(central_api, sealer.seal(replace(CLAIMS, serial=taken), key))
    assert (heading(answer), "<dl>" in answer.text) == ("无法核实", False)
    other = sealer.seal(replace(CLAIMS, issuer="campus:2"), key)
    assert heading(entered(central_api, other)) == "由另一校区开具"


def test_a_revoked_key_is_said_at_the_address_and_at_the_code(central_api: Api) -> None:
    paper = issued(central_api)
    central_api.operate("revoke-key", "--use", "certificate", "--kid", "1")
    address = f"{central_api.url}/v/{paper['url'].rsplit('/', 1)[1]}"
    assert heading(requests.get(address, timeout=10)) == heading(entered(central_api, paper["code"])) == "印章已失效"
    assert heading(entered(central_api, issued(central_api)["code"])) == "证明有效"


def test_pasting_may_break_lines_and_add_spaces(central_api: Api) -> None:
    code = issued(central_api)["code"]
    for text in (f"{code[:70]}\r\n{code[70:]}\n", f"  {code} "):
        assert heading(entered(central_api, text)) == "证明有效"


def test_whatever_is_sent_is_answered_and_never_echoed(central_door: Api) -> None:
    script = b"code=%3Cscript%3Ealert%3C/script%3E"
    for body in (b"", b"code=", script, b"\xff\x00", b"&" * 99, b"code=" + b"A" * 90_000):
        answer = requests.post(f"{central_door.url}/v", data=body, timeout=10)
        assert (answer.status_code, heading(answer)) == (200, "无法识别")
        assert "alert" not in answer.text
    assert requests.post(f"{central_door.url}/v", data=b"a" * 2_000_000, timeout=10).status_code == 413
