"""Faces and visitors through the sync process: delivered, forgotten at once, never brought back."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from sync import listing, retention
from sync.faces import FaceStore
from sync.journal import Journal
from sync.link import SyncProcess
from sync.store import reader
from sync.vault import Vault
from tests.sync.gate_kit import answer, enrol, person_row, raw_bytes, template_row
from tests.sync.helpers import OTHER, PERSON
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until

LONG_AGO = 1_000_000.0


@pytest.fixture
def store(tmp_path: Path, vault: Vault, journal: Journal) -> Callable[..., FaceStore]:
    """Over this folder, with whatever forgets."""
    return lambda forget=lambda _: None: FaceStore(journal, tmp_path / "cache.db", vault, Clock(), forget)


@pytest.fixture
def start(tmp_path: Path, peer: Peer) -> Iterator[Callable[[], Running]]:
    running: list[Running] = []

    def make() -> Running:
        running.append(Running(write_config(tmp_path, peer.url)))
        return running[-1]

    yield make
    for each in running:
        each.end() if each.process.poll() is None else each.kill()


def copies(tmp_path: Path) -> dict[str, bytes]:
    """Person → the sealed template in cache.db."""
    with contextlib.closing(reader(tmp_path / "cache.db")) as db:
        return dict(db.execute("SELECT id, body FROM rows WHERE feed = 'templates'").fetchall())


def bodies(tmp_path: Path, vault: Vault) -> dict[str, dict[str, Any] | None]:
    return {row.key: row.body for row in listing.rows(tmp_path / "journal.db", vault)}


def filled(peer: Peer) -> None:
    for number, person in enumerate((PERSON, OTHER)):
        peer.put_row("persons", person, person_row(f"2023000{number}"))
        peer.put_row("templates", person, template_row(number, at=LONG_AGO))


def test_an_enrolment_is_delivered_and_leaves_the_queue(
    start: Callable[[], Running], store: Callable[..., FaceStore], peer: Peer, tmp_path: Path, vault: Vault
) -> None:
    enrol(store(), "face-0001", 1)
    engine = start()
    engine.wait_for("sent", n=1)
    assert peer.ledger["face-0001"]["body"]["vectors"]
    assert "vectors" not in (bodies(tmp_path, vault)["face-0001"] or {"vectors": 0})


def test_it_says_what_came_while_more_comes(start: Callable[[], Running], peer: Peer) -> None:
    filled(peer)
    peer.page = 1
    engine = start()
    engine.wait_for("feed", name="templates")
    assert len(engine.said("coming", name="templates")) == 1


def test_who_withdraws_is_gone_from_the_cache_at_once(
    start: Callable[[], Running], store: Callable[..., FaceStore], peer: Peer, tmp_path: Path
) -> None:
    filled(peer)
    engine = start()
    engine.wait_for("feed", name="templates")
    before = copies(tmp_path)
    peer.gate.clear()
    told = len(engine.said("feed", name="templates"))
    for odd in ({"op": "forget"}, {"op": "forget", "person": 7}, {"op": "forget", "person": OTHER}):
        engine.order(odd)
    answer(store(lambda person: engine.order({"op": "forget", "person": person})).withdraw, PERSON, "face-gone-1")
    until(lambda: len(engine.said("feed", name="templates")) > told, "the gallery is told")
    assert set(copies(tmp_path)) == {OTHER}
    assert before[PERSON] not in raw_bytes(tmp_path)
    assert before[OTHER][-40:] in raw_bytes(tmp_path)


def test_a_withdrawal_that_the_process_slept_through_holds_from_its_start(
    start: Callable[[], Running], store: Callable[..., FaceStore], peer: Peer, tmp_path: Path
) -> None:
    filled(peer)
    engine = start()
    engine.wait_for("feed", name="templates")
    engine.end()
    before = copies(tmp_path)[PERSON]
    answer(store().withdraw, PERSON, "face-gone-1")
    peer.gate.clear()
    start()
    until(lambda: PERSON not in copies(tmp_path))
    until(lambda: before not in raw_bytes(tmp_path))


def test_a_reset_feed_that_has_not_heard_of_it_brings_nothing_back(
    start: Callable[[], Running], store: Callable[..., FaceStore], peer: Peer, tmp_path: Path
) -> None:
    filled(peer)
    engine = start()
    engine.wait_for("feed", name="templates")
    first = len(engine.said("feed", name="templates"))
    answer(store(lambda person: engine.order({"op": "forget", "person": person})).withdraw, PERSON, "face-gone-1")
    until(lambda: len(engine.said("feed", name="templates")) > first)
    assert PERSON not in copies(tmp_path)
    told = len(engine.said("feed", name="templates"))
    peer.reset.add("templates")
    until(lambda: len(engine.said("feed", name="templates")) > told)
    assert set(copies(tmp_path)) == {OTHER}


def test_the_terminals_end_passes_the_order_on(tmp_path: Path) -> None:
    heard, said = threading.Event(), tmp_path / "said"
    script = f"import sys\nline = sys.stdin.readline()\nopen({str(said)!r}, 'w').write(line)\n"
    script += 'print(\'{"ev": "heard"}\', flush=True)\nsys.stdin.read()\n'
    ready = 'print(\'{"ev": "alive"}\', flush=True)\n'
    command = [sys.executable, "-c", ready + script]
    process = SyncProcess(tmp_path / "none", lambda _: heard.set(), lambda _: None, command)
    process.start()

    def passed_on() -> bool:
        process.forget(PERSON)
        return heard.wait(0.05)

    until(passed_on)
    process.stop()
    assert said.read_text().strip() == f'{{"op": "forget", "person": "{PERSON}"}}'


def test_a_purge_takes_templates_whose_event_is_gone(
    store: Callable[..., FaceStore], tmp_path: Path, vault: Vault
) -> None:
    enrol(store(), "face-0001", 1)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as db:
        db.execute("UPDATE outbox SET state = 'sent', sent_at = 0")
        retention.purge(db, 40 * 86400.0)
        assert db.execute("SELECT count(*) FROM own_templates").fetchone() == (0,)
