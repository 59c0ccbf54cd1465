"""What was issued without the network is taken in: it counts, or it is void, published and listed for the office."""

from __future__ import annotations

import pytest

from kiosk.domain.certificates import Outcome
from tests.sync.ahead_kit import DAY, ahead, change, conflicts, issued, later, of, page, worth
from tests.sync.central_kit import OTHER, STUDENT, Api
from tests.sync.test_central_documents import handed_in, said, status_of


@pytest.fixture
def central_kind() -> str:
    """Rules, not SQL of their own: that is tried on both in test_central_ahead."""
    return "sqlite"


def test_once_it_is_issued_nothing_else_is_sealed_for_that_request(central_api: Api) -> None:
    """The line came back while the paper was on its way: the centre's own certificate does not end it."""
    row = of(ahead(central_api))[0]
    key = handed_in(central_api)
    central_api.send(issued(key, row["serial"]))
    assert central_api.ask(key, "enrolment").json()["type"] == "already_issued"
    assert page(central_api, row) == "valid"


def test_what_the_centre_had_sealed_meanwhile_and_nobody_printed_ends(central_api: Api) -> None:
    row = of(ahead(central_api))[0]
    key = handed_in(central_api)
    sealed = central_api.ask(key, "enrolment").json()
    central_api.send(issued(key, row["serial"]))
    assert (page(central_api, sealed), page(central_api, row)) == ("voided", "valid")
    assert conflicts(central_api) == []


def test_it_is_told_of_late_and_counts_as_long_as_it_was_issued_in_time(central_api: Api) -> None:
    row = of(ahead(central_api))[0]
    with later(central_api, 20) as api:
        assert page(api, row) == "lapsed"
        key = handed_in(api)
        assert api.send(issued(key, row["serial"])) == ["created"]
        assert page(api, row) == "valid"


@pytest.mark.parametrize(
    "reason", ["withdrawn", "twice", "request_unknown", "request_refused", "other_request", "too_late", "second_paper"]
)
def test_what_cannot_count_is_void_published_and_listed_for_the_office(
    central_api: Api, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row, other = of(ahead(central_api))
    key = handed_in(central_api)
    told = issued(key, row["serial"])
    match reason:
        case "withdrawn":
            change(central_api, name="张伟国")
        case "twice":
            assert central_api.send(told) == ["created"]
            told = issued(handed_in(central_api), row["serial"])
        case "request_unknown":
            told = issued("nobody-knows-it", row["serial"])
        case "request_refused":
            key = refused(central_api)
            told = issued(key, row["serial"])
        case "other_request":
            told = issued(handed_in(central_api, OTHER), row["serial"])
        case "too_late":
            told["at"] += 8 * DAY
        case "second_paper":
            central_api.send(issued(key, other["serial"]), said(key, "printed", other["serial"], copies=1))
            told = issued(key, row["serial"], 2)
    assert central_api.send(told) == ["created"], "nothing that happened is refused"
    assert central_api.send(told) == ["duplicate"]
    assert conflicts(central_api) == [(row["serial"], reason)]
    assert page(central_api, row) == "voided"
    assert worth(central_api, row["code"]) is Outcome.REVOKED
    assert central_api.operate("offline-conflicts") == 0
    assert f"{row['serial']}  {reason}" in capsys.readouterr().out
    if reason == "second_paper":
        assert page(central_api, other) == "valid"
        assert status_of(central_api, key) == ("issued", other["serial"])
    if reason != "twice":
        follow = said(told["body"]["request"], "printed", row["serial"], copies=1)
        assert central_api.send(follow) == ["created"], "what follows is taken as well"


def refused(api: Api) -> str:
    """A request that the centre refused when it came."""
    ask = api.request("graduation", STUDENT, {"why_needed": "waiting"})
    assert api.send(ask) == ["created"]
    assert status_of(api, ask["key"])[0] == "refused"
    return str(ask["key"])
