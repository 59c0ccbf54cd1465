"""A personal code is good once on the whole campus: two terminals, any order, any number of times."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

from sync.central import database, devices, spending
from sync.central.__main__ import main
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import writing
from sync.wire import SpendAnswer, SpendAsk
from tests.sync.central_kit import MORNING, STUDENT, Api
from tests.sync.keys_kit import Key
from tests.sync.test_gate_central import decided, passed

NOW = MORNING.timestamp()
NONCE = "0a1b2c3d4e5f"


@pytest.fixture
def other(central_api: Api) -> Api:
    """The enrolled terminal A-018 beside A-017."""
    key = Key(central_api.centre.clock.now)
    code = devices.issue_code(central_api.centre, "A-018")
    key.enrol(central_api.url, code, "A-018")
    return Api(central_api.url, central_api.centre, central_api.database, key, central_api.session)


def spend(api: Api, nonce: str = NONCE, at: float = NOW) -> dict[str, Any]:
    answer = api.post("/v1/codes:spend", {"nonce": nonce, "at": at, "until": at + 150})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def decide(api: Api, key: str, nonce: str = NONCE, at: float = NOW, **more: Any) -> str:
    item = {**decided(key, api.person(STUDENT), nonce=nonce, **more), "v": 2, "at": at}
    return api.send(item)[0]


def reuses(api: Api) -> list[Any]:
    return api.sql("select nonce, first_terminal, first_at, terminal, at, event from code_reuse")


def test_the_first_terminal_is_told_so_again_and_again_and_every_other_who_it_was(central_api: Api, other: Api) -> None:
    first = {"epoch": central_api.centre.epoch, "nonce": NONCE, "first": True, "terminal": "", "at": 0.0}
    assert [spend(central_api), spend(central_api)] == [first, first]
    again = {**first, "first": False, "terminal": "A-017", "at": NOW}
    assert [spend(other, at=NOW + 5), spend(other, at=NOW + 6)] == [again, again]
    assert spend(central_api) == first, "who was first stays first"
    assert reuses(central_api) == [(NONCE, "A-017", NOW, "A-018", NOW + 5, "")]


def test_a_body_that_is_none_and_a_stranger_are_refused(central_api: Api, central_door: Api) -> None:
    for bad in ({"nonce": "x"}, {"nonce": NONCE.upper(), "at": 0, "until": 0}, {"nonce": NONCE, "at": -1, "until": 0}):
        assert central_api.post("/v1/codes:spend", bad).status_code == 422
    central_door.key = None
    assert central_door.post("/v1/codes:spend", {"nonce": NONCE, "at": 0, "until": 0}).status_code == 401


def test_a_terminal_that_was_offline_tells_it_by_its_record(central_api: Api, other: Api) -> None:
    assert spend(central_api)["first"]
    assert decide(other, "g:offline:0001", at=NOW - 3) == "created"
    assert reuses(central_api) == [(NONCE, "A-017", NOW, "A-018", NOW - 3, "g:offline:0001")]
    assert spend(other)["first"] is False
    assert len(reuses(central_api)) == 1


def test_whichever_word_comes_first_the_reuse_is_on_record_once(central_api: Api, other: Api) -> None:
    assert decide(other, "g:offline:0001") == "created"
    assert decide(other, "g:offline:0001") == "duplicate"
    assert spend(other)["first"], "its own record is no other terminal"
    assert spend(central_api, at=NOW + 9)["first"] is False
    assert reuses(central_api) == [(NONCE, "A-018", NOW, "A-017", NOW + 9, "")]
    assert decide(central_api, "g:online:00001", outcome="refuse", at=NOW + 9) == "created"
    assert reuses(central_api) == [(NONCE, "A-018", NOW, "A-017", NOW + 9, "g:online:00001")]


def test_two_records_alone_show_it(central_api: Api, other: Api) -> None:
    assert (decide(central_api, "g:a:00000001"), decide(other, "g:b:00000001")) == ("created", "created")
    assert central_api.send(passed("g:a:00000001")) == ["created"]
    assert [row[5] for row in reuses(central_api)] == ["g:b:00000001"]
    assert decide(other, "g:b:00000002", nonce="") == "created"
    assert len(reuses(central_api)) == 1


def test_dead_codes_are_forgotten_after_a_long_holiday_and_not_before(central_centre: Centre) -> None:
    with writing(central_centre.engine) as connection:
        for days, nonce in ((0, "aa" * 6), (89, "bb" * 6), (91, "cc" * 6)):
            work = Work(central_centre, connection, NOW - days * 86400)
            spending.shown(work, nonce, "A-017", NOW - days * 86400)
    spending.spend(central_centre, "A-017", SpendAsk(nonce=NONCE, at=NOW, until=NOW))
    again = [
        spending.spend(central_centre, "A-018", SpendAsk(nonce=nonce, at=NOW, until=NOW)).first
        for nonce in ("aa" * 6, "bb" * 6, "cc" * 6)
    ]
    assert again == [False, False, True]


def test_a_record_of_a_clock_in_1970_is_not_forgotten_at_once(central_api: Api, other: Api) -> None:
    assert decide(other, "g:offline:0001", at=5.0) == "created"
    assert spend(central_api, "dd" * 6)["first"]
    assert spend(central_api)["first"] is False


def test_two_workers_at_once_exactly_one_is_first(
    central_state: Path, central_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each over an engine of its own, and without the lock that threads of one process share."""
    monkeypatch.setattr(database, "_one_writer", contextlib.nullcontext())
    start, first = threading.Barrier(2), dict[str, list[bool]]()

    def work(terminal: str) -> None:
        engine = database.open_engine(central_database)
        centre = open_centre(engine, central_state)
        start.wait(20)
        asks = [SpendAsk(nonce=f"{n:012x}", at=1.0, until=2.0) for n in range(40)]
        first[terminal] = [spending.spend(centre, terminal, ask).first for ask in asks]
        engine.dispose()

    workers = [threading.Thread(target=work, args=(terminal,)) for terminal in ("A-017", "A-018")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [a + b for a, b in zip(first["A-017"], first["A-018"], strict=True)] == [1] * 40


def test_operators_see_the_list(central_api: Api, other: Api, capsys: pytest.CaptureFixture[str]) -> None:
    spend(central_api)
    decide(other, "g:offline:0001", at=NOW + 5)
    where = ["--state", str(central_api.centre.state), "--database", central_api.database]
    assert main(["reused-codes", *where]) == 0
    told = f"{NONCE}  A-017 2026-03-02T08:42:00+08:00  A-018 2026-03-02T08:42:05+08:00  g:offline:0001\n"
    assert capsys.readouterr().out == told


def test_the_answer_is_the_wires(central_api: Api) -> None:
    assert SpendAnswer.model_validate(spend(central_api)).first
