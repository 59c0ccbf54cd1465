"""What the sync process says becomes an event, and trouble a fault, once each."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.app.reports import Reports
from kiosk.domain.faults import Code, Fault
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link

NONCE = "0a" * 6


def told(*messages: dict[str, Any]) -> list[Event]:
    events: list[Event] = []
    reports = Reports(events.append, lambda: 7.0)
    for message in messages:
        reports.sync(message)
    return events


@pytest.mark.parametrize("first", [True, False])
def test_the_centres_word_on_a_code(first: bool, caplog: pytest.LogCaptureFixture) -> None:
    message = {"ev": "spent", "nonce": NONCE, "first": first, "terminal": "" if first else "A-018"}
    assert told(message) == [ev.CodeSpent(NONCE, first, 7.0)]
    assert ("code_taken_elsewhere" in caplog.text) is not first
    assert NONCE not in caplog.text


def test_a_doubtful_clock_is_a_fault_until_it_is_good_again() -> None:
    events = told({"ev": "clock", "doubt": "off_centre"}, {"ev": "clock", "doubt": ""})
    assert events == [ev.FaultRaised(Fault(Code.CLOCK_DOUBTFUL, "clock", "off_centre")), ev.FaultCleared("clock")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("offline", Code.CENTRE_UNREACHABLE),
        ("login", Code.CENTRE_ODD_ANSWER),
        ("untrusted", Code.CENTRE_UNPROVEN),
        ("refused", Code.CENTRE_REFUSES),
        ("update", Code.CENTRE_REFUSES),
    ],
)
def test_every_bad_state_of_the_line_has_its_fault(state: str, code: Code) -> None:
    link, raised = told({"ev": "link", "state": state})
    assert link == ev.LinkChanged(Link(state))
    assert raised == ev.FaultRaised(Fault(code, "centre"))
    assert told({"ev": "link", "state": "online"})[1] == ev.FaultCleared("centre")
