"""The centre asks each terminal to confirm that somebody is gone, and knows who has not."""

from __future__ import annotations

from typing import Any

import pytest

from sync.central import demodata, devices, erasures, people
from sync.central.centre import Work
from sync.central.database import reading, writing
from tests.sync.central_kit import MORNING, STUDENT, Api, event
from tests.sync.keys_kit import Key

DAY = 86400.0


def leave(api: Api, number: str = STUDENT) -> str:
    """Somebody leaves the campus; their id."""
    person = api.person(number)
    with writing(api.centre.engine) as connection:
        people.forget(Work(api.centre, connection, api.centre.clock.now()), person)
    return person


def come_back(api: Api, number: str = STUDENT) -> None:
    (member,) = [each for each in demodata.everybody(api.centre.today()) if each.number == number]
    with writing(api.centre.engine) as connection:
        people.keep(Work(api.centre, connection, api.centre.clock.now()), member)


def waiting(api: Api, later: float = 0.0) -> list[tuple[str, str, str]]:
    with reading(api.centre.engine) as connection:
        found = erasures.unconfirmed(Work(api.centre, connection, api.centre.clock.now() + later))
    return [(one.terminal, one.feed, one.row) for one in found]


def receipt(person: str, rev: int, feed: str = "persons", key: str = "", **more: Any) -> dict[str, Any]:
    body = {"feed": feed, "row": person, "rev": rev, "rows": {"persons": 1, "drafts": 2}, "kept": 0, "kept_until": 0.0}
    return event(key or f"erase:A-017:{feed}:{rev}:1", "erasure.done", {**body, **more}, stream="erase:A-017")


def rev_of(api: Api, person: str, feed: str = "persons") -> int:
    return int(api.sql("select rev from feed_row where feed = ? and id = ?", feed, person)[0][0])


def test_who_leaves_is_asked_for_until_the_terminal_confirms(central_api: Api) -> None:
    assert waiting(central_api) == []
    person = leave(central_api)
    assert waiting(central_api) == [("A-017", "persons", person)]
    rev = rev_of(central_api, person)
    assert central_api.send(receipt(person, rev)) == ["created"]
    assert central_api.send(receipt(person, rev)) == ["duplicate"]
    assert waiting(central_api) == []
    ((terminal, kept, rows),) = central_api.sql("select terminal, kept, rows from erasure")
    assert (terminal, kept, rows) == ("A-017", 0, '{"persons":1,"drafts":2}')


def test_an_older_receipt_does_not_confirm_a_newer_tombstone(central_api: Api) -> None:
    person = leave(central_api)
    first = rev_of(central_api, person)
    come_back(central_api)
    assert waiting(central_api) == []
    leave(central_api)
    assert central_api.send(receipt(person, first)) == ["created"]
    assert waiting(central_api) == [("A-017", "persons", person)]
    assert central_api.send(receipt(person, rev_of(central_api, person))) == ["created"]
    assert central_api.send(receipt(person, first, key="erase:A-017:persons:late")) == ["created"]
    assert waiting(central_api) == []


def test_only_who_was_enrolled_then_and_still_is_has_to_confirm(central_api: Api) -> None:
    person = leave(central_api)
    code = devices.issue_code(central_api.centre, "B-002")
    key = Key(central_api.centre.clock.now)
    assert key.enrol(central_api.url, code, "B-002").status_code == 200
    assert waiting(central_api) == [("A-017", "persons", person)]
    assert waiting(central_api, 31 * DAY) == []
    devices.revoke(central_api.centre, "A-017")
    assert waiting(central_api) == []


def test_who_leaves_is_gone_from_every_feed(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    assert any(row and row["person"] == person for row in central_api.feed("requests").values())
    leave(central_api)
    assert not any(row and row["person"] == person for row in central_api.feed("requests").values())
    for feed in ("persons", "templates", "passes"):
        assert not central_api.feed(feed).get(person)
    assert person not in repr(central_api.feed("lessons"))


@pytest.mark.parametrize("harm", [{"rows": {"persons": "x"}}, {"kept": -1 * 2**70}, {"row": "x" * 81}, {"more": 1}])
def test_a_receipt_of_another_form_is_refused(central_api: Api, harm: dict[str, Any]) -> None:
    person = leave(central_api)
    assert central_api.send(receipt(person, 5, **harm)) == ["rejected"]
    assert waiting(central_api) == [("A-017", "persons", person)]


def test_the_command_lists_receipts_and_who_is_missing(central_api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    person = leave(central_api)
    assert central_api.operate("erasures", "--open") == 1
    assert "A-017" in (out := capsys.readouterr().out)
    assert "not confirmed" in out
    until = MORNING.timestamp() + 30 * DAY
    central_api.send(receipt(person, rev_of(central_api, person), kept=2, kept_until=until))
    assert central_api.operate("erasures", "--open") == 0
    assert capsys.readouterr().out == ""
    assert central_api.operate("erasures") == 0
    out = capsys.readouterr().out
    assert f"{person}" in out
    assert "drafts 2, persons 1; 2 kept in the queue until 2026-04-01T08:42:00+08:00" in out
