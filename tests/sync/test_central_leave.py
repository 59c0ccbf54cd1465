"""Somebody leaves the campus and comes back: terminals hear of both, and what waited meanwhile is refused."""

from __future__ import annotations

import pytest

from kiosk.domain.people import Role
from sync.central import demodata
from tests.sync.central_kit import MORNING, OTHER, STUDENT, Api


def test_who_left_is_refused_and_gone_from_the_feed_until_they_are_back(central_api: Api) -> None:
    identity = central_api.person(STUDENT)
    request = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    before = central_api.feed("persons")[identity]
    assert central_api.operate("leave", "--number", STUDENT) == 0
    assert central_api.feed("persons")[identity] is None
    assert central_api.reason(request).startswith("查无此人，或已离校 / ")
    assert central_api.operate("leave", "--number", STUDENT, "--restore") == 0
    assert central_api.feed("persons")[identity] == before
    assert central_api.send(request) == ["created"]


def test_nobody_leaves_twice_or_comes_back_unasked(central_api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    assert central_api.operate("leave", "--number", OTHER, "--restore") == 1
    assert central_api.operate("leave", "--number", OTHER) == 0
    assert central_api.operate("leave", "--number", OTHER) == 1
    assert central_api.operate("leave", "--number", "20999999") == 1
    assert OTHER in capsys.readouterr().err
    assert central_api.feed("persons")[central_api.person(OTHER)] is None


def test_one_of_the_demonstrations_people_looks_after_the_terminals() -> None:
    found = [each for each in demodata.everybody(MORNING.date()) if each.known.get("duty") == "technician"]
    assert [(each.number, each.role) for each in found] == [("T2019004", Role.STAFF)]
