"""The flow engine: steps in order, each with its deadline, and every change in the feed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sync.central import flow
from sync.central.centre import Centre, Work
from sync.central.database import writing
from sync.central.server import approver
from tests.sync.central_kit import MORNING, STUDENT, Api, event

LEAVE = {"type": "personal", "starts": "2026-03-03T08:00", "reason": "家里有事需要回去", "off_campus": "no"}
SHORT = {**LEAVE, "ends": "2026-03-04T18:00"}
LONG = {**LEAVE, "ends": "2026-03-10T18:00", "family_contact": "13812342046"}


@contextlib.contextmanager
def work(centre: Centre, minutes: float = 0.0) -> Iterator[Work]:
    """A transaction some minutes later than this morning."""
    with writing(centre.engine) as connection:
        yield Work(centre, connection, MORNING.timestamp() + 60 * minutes)


def handed_in(api: Api, values: dict[str, str] = LONG) -> str:
    ask = api.request("leave", STUDENT, values)
    assert api.send(ask) == ["created"]
    return str(ask["key"])


def row(api: Api, key: str) -> dict[str, Any]:
    found: dict[str, Any] = api.feed("requests")[key]
    return found


def test_the_steps_are_those_the_answers_need_each_with_its_deadline(central_api: Api) -> None:
    short, long = handed_in(central_api, SHORT), handed_in(central_api, LONG)
    names = "select name_zh, minutes from route where request = ? order by step"
    assert central_api.sql(names, short) == [("辅导员审批", 120)]
    assert central_api.sql(names, long) == [("辅导员审批", 120), ("学院审批", 120)]
    assert row(central_api, long)["status"] == "in_approval"
    assert row(central_api, long)["due"] - MORNING.timestamp() == pytest.approx(7200, abs=300)


def test_approved_step_by_step_until_it_is_finished(central_api: Api) -> None:
    key = handed_in(central_api)
    with work(central_api.centre, 30) as now:
        assert flow.approve(now, key)
    halfway = row(central_api, key)
    assert (halfway["status"], halfway["step"]) == ("in_approval", 1)
    assert halfway["due"] == MORNING.timestamp() + 150 * 60
    with work(central_api.centre, 90) as now:
        assert flow.approve(now, key)
        assert not flow.approve(now, key), "nothing waits any more"
    done = row(central_api, key)
    assert (done["status"], done["step"], done["due"]) == ("approved", 2, 0.0)
    assert [(mark["what"], mark["step"], mark["by"]) for mark in done["marks"]] == [
        ("submitted", -1, ""),
        ("step_approved", 0, "counsellor"),
        ("step_approved", 1, "college_office"),
        ("finished", -1, ""),
    ]


def test_each_change_bumps_the_feed(central_api: Api) -> None:
    key = handed_in(central_api)
    first = central_api.get("/v1/feeds/requests").json()["next"]
    with work(central_api.centre) as now:
        flow.approve(now, key)
    page = central_api.get(f"/v1/feeds/requests?after={first}").json()
    assert [each["id"] for each in page["rows"]] == [key]


def test_a_refused_step_ends_it_with_the_reason(central_api: Api) -> None:
    key = handed_in(central_api)
    with work(central_api.centre) as now:
        assert flow.refuse(now, key, "请先补交家长确认")
        assert not flow.approve(now, key)
    ended = row(central_api, key)
    assert ended["status"] == "refused"
    assert (ended["marks"][-1]["what"], ended["marks"][-1]["note"]) == ("step_refused", "请先补交家长确认")


def test_the_result_of_an_approved_one_may_be_printed_once(central_api: Api) -> None:
    key = handed_in(central_api, SHORT)
    with work(central_api.centre) as now:
        flow.approve(now, key)
    answer = central_api.ask(key, "leave_slip").json()
    assert answer["serial"] == "QJ-2026-0302-0001"
    assert (answer["fields"]["leave_from"], answer["fields"]["leave_days"]) == ("2026-03-03T08:00", "2")
    said = {"request": key, "serial": answer["serial"], "copies": 1}
    assert central_api.send(event("printed-9", "document.printed", said)) == ["created"]
    assert row(central_api, key)["marks"][-1]["what"] == "issued"


def test_later_catalogues_do_not_change_a_route_under_way(central_api: Api) -> None:
    key = handed_in(central_api)
    emptied = replace(central_api.centre, catalogue=replace(central_api.centre.catalogue, items={}))
    with work(emptied) as now:
        assert flow.approve(now, key)
        assert flow.approve(now, key)
    assert row(central_api, key)["status"] == "approved"


def test_two_who_approve_at_once_approve_two_steps_not_one_twice(central_api: Api) -> None:
    key = handed_in(central_api)

    def approve() -> None:
        with work(central_api.centre) as now:
            flow.approve(now, key)

    hands = [threading.Thread(target=approve) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert central_api.sql("select step from mark where request = ? and step >= 0 order by n", key) == [(0,), (1,)]


def test_the_demonstrations_approver_approves_what_terminals_send_and_leaves_the_rest(central_api: Api) -> None:
    key = handed_in(central_api)
    with work(central_api.centre, 1) as now:
        assert flow.approve_waiting(now, 120) == 0
        assert flow.approve_waiting(now, 30) == 1
    earlier = central_api.sql("select status, step from request where terminal = '' and item = 'repair'")
    assert earlier == [("in_approval", 1)]
    key = handed_in(central_api)
    with approver(central_api.centre, 0.02):
        deadline = time.monotonic() + 10
        while row(central_api, key)["status"] != "approved" and time.monotonic() < deadline:
            pass
    assert row(central_api, key)["status"] == "approved"
