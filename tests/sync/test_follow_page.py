"""The codes on receipts and readiness reports, read off the paper by a foreign reader, and the pages they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from PIL import Image

from kiosk.app.bench import Fittings
from kiosk.app.bench.paper import report_blocks
from kiosk.app.health import Health
from kiosk.app.papers import Papers
from kiosk.app.terminal import load_catalogue
from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config
from kiosk.domain.proving import Finding, Outcome, Result, Verdict
from kiosk.flows.technician.events import PrintReport
from kiosk.flows.walkup.events import Print
from kiosk.text import shipped_texts
from printers import escpos
from printers.profiles import profile
from printers.spool import Job
from sync.central import flow
from sync.central.followpage import Followed
from tests import drawn
from tests.contract.test_document_pictures import needs_zbar, zbar
from tests.sync.central_kit import MORNING, STUDENT, Api, event
from tests.sync.test_central_flow import LONG, work

FORM, REPORT = "0f3c9a5e71b84d26a5c0e9d47b1f8823", "7b1f88230f3c9a5e71b84d26a5c0e9d4"
PEOPLE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def central_kind() -> str:
    """Two rows by their keys: the same in both databases."""
    return "sqlite"


@dataclass
class Tray:
    """In the place of a spool: what would be printed."""

    jobs: list[Job] = field(default_factory=list)

    def submit(self, job: Job) -> None:
        self.jobs.append(job)


def config(url: str) -> Config:
    return Config(centre=CentreConfig(check_url=f"{url}/"))


def torn(data: bytes) -> Image.Image:
    """The page that these bytes make a printer draw."""
    page = drawn.read(data).paper.tear()
    assert page
    return page


def receipt(url: str, key: str) -> str:
    """What the code on the paper says."""
    tray: Any = Tray()
    values = {"receipt": "A-017-20260302-0001", "key": key, "item": "leave", "at": str(MORNING.timestamp())}
    papers = Papers(config(url), shipped_texts(), load_catalogue(Config()), tray, Clock())
    papers.submit(Print(f"{key}:r", "receipt", "zh", values))
    return zbar(torn(tray.jobs[0].data))


def handed_in(api: Api, key: str = FORM) -> None:
    assert api.send(api.request("leave", STUDENT, LONG, key=key)) == ["created"]


def reported(api: Api) -> dict[str, Any]:
    """A report of two tests, as a terminal sends it."""
    who = api.person(STUDENT)
    test = {
        "test": "disk_write",
        "outcome": "failed",
        "value": "",
        "limit": "",
        "why": "not_kept",
        "at": 5.0,
        "operator": who,
    }
    tests = [test, {**test, "test": "clock_right", "outcome": "passed", "why": ""}]
    body = {
        "report": "R-7B1F8823",
        "verdict": "not_ready",
        "failed": ["disk_write"],
        "tests": tests,
        "at": MORNING.timestamp(),
    }
    return event(f"readiness:{REPORT}", "readiness.reported", {**body, "operator": who})


def page(url: str) -> requests.Response:
    answer = requests.get(url, headers=PEOPLE, timeout=10)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text
    return answer


@needs_zbar
def test_the_code_of_a_receipt_leads_to_how_far_it_is_and_to_no_name(central_api: Api) -> None:
    address = receipt(central_api.url, FORM)
    assert address == f"{central_api.url}/r/{FORM}"
    early = page(address)
    assert (early.status_code, "没有这份记录" in early.text) == (404, True), "before the terminal could send it"
    handed_in(central_api)
    found = page(address)
    assert found.status_code == 200
    for shown in ("审批中", "In approval", "请假", "A-017-20260302-0001", "3月2日"):
        assert shown in found.text
    for kept in ("张伟", "张*", STUDENT, "家里有事", central_api.person(STUDENT)):
        assert kept not in found.text
    with work(central_api.centre, 30) as now:
        assert flow.refuse(now, FORM, "请先补交家长确认")
    refused = page(address).text
    assert "未通过" in refused
    assert "家长" not in refused, "why is told to whoever signs in"


@needs_zbar
def test_the_code_of_a_report_leads_to_its_verdict(central_api: Api) -> None:
    texts, clock = shipped_texts(), Clock()
    fit = Fittings(config(central_api.url), clock, texts, Health(clock.now), lambda: "")
    result = Result("disk_write", Finding(Outcome.FAILED, why="not_kept"), 5.0)
    printed = PrintReport(
        3, "report:R", f"readiness:{REPORT}", "R-7B1F8823", Verdict.NOT_READY, (), (result,), "张*", 5.0
    )
    paper = torn(escpos.encode(report_blocks(fit, printed), profile("generic-80mm")))
    address = zbar(paper)
    assert address == f"{central_api.url}/r/{REPORT}"
    assert central_api.send(reported(central_api)) == ["created"]
    found = page(address)
    for shown in ("终端不得投入使用", "The terminal must not serve", "R-7B1F8823", "通过 1 项，共 2 项"):
        assert shown in found.text
    assert central_api.person(STUDENT) not in found.text


def test_machines_are_told_in_json_and_refused_as_everywhere(central_api: Api) -> None:
    handed_in(central_api)
    told = requests.get(f"{central_api.url}/r/{FORM}", timeout=10).json()
    assert (told["what"], told["state"], told["item"], told["title_en"]) == (
        "request",
        "in_approval",
        "leave",
        "Leave of absence",
    )
    assert set(told) == set(Followed.model_fields)
    for nothing in (FORM[::-1], "A-017-20260302-0001", "0", "%00", "a" * 65, f"test:{FORM}"):
        answer = requests.get(f"{central_api.url}/r/{nothing}", timeout=10)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_it_is_not_asked_as_fast_as_one_likes(central_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from limits import parse

    from sync.central import rates

    monkeypatch.setitem(rates.PUBLIC, "address", parse("2 per minute"))
    codes = [requests.get(f"{central_api.url}/r/{FORM}", timeout=10).status_code for _ in range(3)]
    assert codes == [404, 404, 429]
