"""Codes that were taken here reach the centre: at once, or as soon as there is a line, and over every restart."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync.journal import Journal
from sync.store import connect
from sync.tables import JOURNAL
from sync.wire import SpendAsk
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.sync.test_link import ANSWERER, Make, make, pid_of  # noqa: F401 - a fixture
from tests.waiting import until

ASK = SpendAsk(nonce="0a" * 6, at=5.0, until=155.0)


@pytest.fixture
def db(tmp_path: Path, journal: Journal) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as opened:
        yield opened


@pytest.fixture
def start(tmp_path: Path, peer: Peer, journal: Journal) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def go() -> Running:
        for each in running:
            each.end()
        running[:] = [Running(write_config(tmp_path, peer.url, feed_seconds=3600))]
        return running[0]

    yield go
    for each in running:
        each.end()


def keep(db: sqlite3.Connection, nonce: str, at: float) -> None:
    """As the desk does when a code lets somebody in."""
    db.execute("INSERT INTO nonces (nonce, until, at, told) VALUES (?, ?, ?, 0)", (bytes.fromhex(nonce), at + 150, at))


def order(nonce: str) -> dict[str, Any]:
    return {"op": "spend", "nonce": nonce, "at": 9.0, "until": 159.0}


def untold(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM nonces WHERE told = 0").fetchone()[0])


def test_a_code_is_asked_about_at_once(start: Callable[[], Running], peer: Peer, db: sqlite3.Connection) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.elsewhere["bb" * 6] = "A-018"
    for nonce in ("aa" * 6, "bb" * 6):
        keep(db, nonce, 9.0)
        engine.order(order(nonce))
    engine.wait_for("spent", nonce="aa" * 6, first=True, terminal="")
    engine.wait_for("spent", nonce="bb" * 6, first=False, terminal="A-018")
    until(lambda: untold(db) == 0)
    assert [ask["nonce"] for ask in peer.spent] == ["aa" * 6, "bb" * 6]
    engine.order({"op": "spend", "nonce": "not hex", "at": 0, "until": 0})
    engine.order(order("cc" * 6))
    assert engine.wait_for("spent", nonce="cc" * 6), "one that the disk did not take"


def test_what_was_taken_without_a_line_is_told_later_and_after_a_kill(
    start: Callable[[], Running], peer: Peer, db: sqlite3.Connection
) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.fault("/v1", "lost", 100_000)
    for n, nonce in enumerate(("cc" * 6, "aa" * 6, "bb" * 6)):
        keep(db, nonce, 10.0 + n)
    engine.order(order("bb" * 6))
    engine.wait_for("link", state="offline")
    assert not engine.said("spent")
    engine.process.kill()
    engine.process.wait(10)
    peer.mend()
    peer.spent.clear()
    peer.fault("/v1/codes:spend", "lost")
    start()
    until(lambda: untold(db) == 0)
    assert [ask["nonce"] for ask in peer.spent] == ["cc" * 6, "cc" * 6, "aa" * 6, "bb" * 6], "the oldest first"
    assert peer.spent[-1] == {"nonce": "bb" * 6, "at": 12.0, "until": 162.0}


def test_whoever_stands_there_comes_before_those_who_only_wait_to_be_told(
    start: Callable[[], Running], peer: Peer, db: sqlite3.Connection, tmp_path: Path
) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.gate.clear()
    engine.order(order("aa" * 6))
    until(lambda: len(peer.spent) == 1)
    for n in range(3):
        keep(db, f"{n:012x}", float(n))
    engine.order(order("bb" * 6))
    engine.order({"op": "spend"})
    until(lambda: "order_not_understood" in (tmp_path / "log" / "sync.jsonl").read_text("utf-8"), "both were read")
    peer.gate.set()
    until(lambda: len(peer.spent) == 5)
    assert [ask["nonce"] for ask in peer.spent[:2]] == ["aa" * 6, "bb" * 6]


def test_a_centre_that_never_takes_it_is_not_asked_for_ever(
    start: Callable[[], Running], peer: Peer, db: sqlite3.Connection
) -> None:
    keep(db, "aa" * 6, 1.0)
    peer.fault("/v1/codes:spend", "unknown")
    start()
    until(lambda: peer.faults_left == 0)
    until(lambda: untold(db) == 0)
    assert peer.spent == []


def test_another_process_is_told_of_a_code_that_is_still_fresh(make: Make) -> None:  # noqa: F811
    link, line = make(ANSWERER)
    until(lambda: link._process is not None)
    link.spend(ASK)
    told = {"op": "spend", "nonce": ASK.nonce, "at": 5.0, "until": 155.0}
    until(lambda: [event["order"] for event in line.said("heard")] == [told])
    os.kill(pid_of(link), signal.SIGKILL)
    until(lambda: [event["order"] for event in line.said("heard")] == [told] * 2)
