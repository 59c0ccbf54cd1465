"""Somebody leaves the campus and comes back: terminals hear of both, and what waited meanwhile is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.domain.people import Role
from sync.central import demodata
from sync.central.__main__ import main
from tests.sync.central_kit import MORNING, OTHER, STUDENT, Api


def run(state: Path, *words: str) -> int:
    return main(["leave", *words, "--state", str(state)])


def test_who_left_is_refused_and_gone_from_the_feed_until_they_are_back(central_api: Api, central_state: Path) -> None:
    identity = central_api.person(STUDENT)
    request = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    before = central_api.feed("persons")[identity]
    assert run(central_state, "--number", STUDENT) == 0
    assert central_api.feed("persons")[identity] is None
    assert central_api.reason(request).startswith("查无此人，或已离校 / ")
    assert run(central_state, "--number", STUDENT, "--restore") == 0
    assert central_api.feed("persons")[identity] == before
    assert central_api.send(request) == ["created"]


def test_nobody_leaves_twice_or_comes_back_unasked(
    central_api: Api, central_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(central_state, "--number", OTHER, "--restore") == 1
    assert run(central_state, "--number", OTHER) == 0
    assert run(central_state, "--number", OTHER) == 1
    assert run(central_state, "--number", "20999999") == 1
    assert OTHER in capsys.readouterr().err
    assert central_api.feed("persons")[central_api.person(OTHER)] is None


def test_one_of_the_demonstrations_people_looks_after_the_terminals() -> None:
    found = [each for each in demodata.everybody(MORNING.date()) if each.known.get("duty") == "technician"]
    assert [(each.number, each.role) for each in found] == [("T2019004", Role.STAFF)]
