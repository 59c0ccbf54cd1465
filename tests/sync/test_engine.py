"""The sync process against a real server with the faults real networks have: nothing lost, nothing twice."""

from __future__ import annotations

import errno
import os
import queue
import random
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from kiosk import config as configs
from kiosk.config import CentreConfig
from kiosk.domain.faults import Code
from sync import common, listing, loops, outbox
from sync.client import Client, nobody
from sync.journal import BlobStored, Journal, Refused
from sync.membership import KEY_FILE, Membership
from sync.records import Stamp
from sync.store import connect, reader, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import FEEDS, Enrolled
from tests.sync.helpers import committed, rated, submitted
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.told import Told
from tests.waiting import until

Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path, peer: Peer, journal: Journal) -> Iterator[Start]:
    """Start the engine against the peer, or another address."""
    running: list[Running] = []

    def make(url: str = "", **more: Any) -> Running:
        running.append(Running(write_config(tmp_path, url or peer.url, **more)))
        return running[-1]

    yield make
    for each in running:
        if each.process.poll() is None:
            each.end()
        elif each.process.stdin and not each.process.stdin.closed:
            each.kill()


@pytest.fixture
def states(tmp_path: Path, vault: Vault) -> Callable[[], dict[str, str]]:
    """key → state of every row in the outbox."""
    return lambda: {row.key: row.state for row in listing.rows(tmp_path / "journal.db", vault)}


def test_it_enrols_once_and_keeps_its_key(start: Start, peer: Peer, tmp_path: Path) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    assert engine.end() == 0
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    peer.code = "USED-UP-CODE"
    again = start()
    again.wait_for("link", state="online")
    assert peer.requests.count("POST /v1/enrol") == 1
    assert peer.beats[-1]["queued"] == 0


def test_a_key_that_cannot_be_kept_is_not_told(tmp_path: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code would be used up for a key that is nowhere after a restart."""
    centre = CentreConfig(url=peer.url, enrolment_code=peer.code)
    vault = Vault.open(tmp_path)
    member, stranger = Membership(tmp_path, vault, centre, "A-017", time.time), Client(centre, nobody)
    full = OSError(errno.ENOSPC, "no space left")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", Mock(side_effect=full))
        with pytest.raises(OSError, match="no space"):
            member.enrol(stranger)
    assert (member.signer(), member.may_enrol, peer.requests) == (None, True, [])
    assert isinstance(member.enrol(stranger), Enrolled)
    kept = Membership(tmp_path, vault, centre, "A-017", time.time).signer()
    assert kept is not None
    assert [kept.id] == list(peer.keys)
    assert member.signer() is not None
    stranger.close()


def test_what_is_nudged_is_sent_and_its_timeline_comes(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start(feed_seconds=3600)
    engine.wait_for("link", state="online")
    until(lambda: "GET /v1/feeds/notices?after=0" in peer.requests)
    committed(journal, submitted("request-1"))
    peer.put_row("notices", "n1", {"zh": "一", "en": "one"})
    engine.order({"op": "nudge"})
    engine.wait_for("sent", n=1)
    engine.wait_for("feed", name="notices")
    engine.wait_for("backlog", queued=0)
    assert peer.ledger["request-1"]["body"]["values"] == {"reason": "家里有事"}
    assert peer.ledger["request-1"]["boot"] == "boot-1"


def test_the_feeds_are_asked_behind_the_last_of_many_full_batches(
    start: Start, peer: Peer, tmp_path: Path, vault: Vault
) -> None:
    engine = start(feed_seconds=3600)
    until(lambda: any(f"/v1/feeds/{FEEDS[-1]}" in request for request in peer.requests))
    peer.put_row("notices", "n1", {"zh": "一", "en": "one"})
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db, transaction(db):
        for number in range(200):
            outbox.add(db, vault, submitted(f"request-{number}"), Stamp("A-017", "boot-1", 1_772_412_120.0, 5.0))
    engine.order({"op": "nudge"})
    engine.wait_for("feed", name="notices")
    assert [len(batch) for batch in peer.batches] == [100, 100]


def test_it_finds_what_is_queued_without_a_nudge(start: Start, peer: Peer, journal: Journal) -> None:
    for n in range(250):
        committed(journal, submitted(f"request-{n}"))
    start()
    until(lambda: len(peer.ledger) == 250)
    assert max(len(batch) for batch in peer.batches) == 100
    assert peer.arrivals == [f"request-{n}" for n in range(250)]


FAULTS = ("portal", "redirect", "truncated", "short", "html502", "broken", "lost", "busy=1")


def test_nothing_is_marked_before_an_answer_that_counts(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    """A row stays queued when the answer to it does not count, goes again, and is at the centre once."""
    engine = start(feed_seconds=3600)
    engine.wait_for("link", state="online")
    for fault in FAULTS:
        key, tries = f"request-{fault.rstrip('=1')}", peer.requests.count("POST /v1/events:batch")
        peer.fault("/v1/events:batch", fault)
        peer.gate.clear()
        committed(journal, submitted(key))
        engine.order({"op": "nudge"})
        until(lambda n=tries + 2: peer.requests.count("POST /v1/events:batch") == n, fault)  # type: ignore[misc]
        assert states()[key] == "queued", fault
        peer.gate.set()
        until(lambda key=key: states()[key] == "sent", fault)  # type: ignore[misc]
    assert len(peer.ledger) == len(FAULTS)


def test_an_answer_that_leaves_an_item_out_settles_none(start: Start, peer: Peer, journal: Journal) -> None:
    for n in range(3):
        committed(journal, submitted(f"request-{n}"))
    peer.fault("/v1/events:batch", "short")
    engine = start()
    engine.wait_for("sent", n=3)
    assert peer.batches == [["request-0", "request-1", "request-2"]] * 2


def ended_well(code: Code, *engines: Running) -> None:
    """The terminal was told of this alone, and in the end that the centre is there again."""
    told = Told()
    until(lambda: engines[-1].last("link").get("state") == "online", "the line")
    told.heard(*(engine.events for engine in engines))
    assert set(told.said) == {code}
    assert told.well("centre")


@pytest.mark.proves(Code.CENTRE_ODD_ANSWER)
def test_a_login_page_is_said_and_believed_in_nothing(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.fault("/v1", "portal", 100_000)
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    engine.wait_for("link", state="login")
    assert not engine.said("sent")
    peer.mend()
    engine.order({"op": "nudge"})
    engine.wait_for("link", state="online")
    engine.wait_for("sent", n=1)
    ended_well(Code.CENTRE_ODD_ANSWER, engine)


def test_an_answer_lost_after_the_commit_is_a_duplicate(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.fault("/v1/events:batch", "lost")
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    engine.wait_for("sent", n=1)
    assert peer.arrivals == ["request-1", "request-1"]
    assert len(peer.ledger) == 1


def test_one_poison_item_is_dead_and_the_others_are_sent(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    peer.verdicts = {"request-7": "rejected"}
    for n in range(120):
        committed(journal, submitted(f"request-{n}"))
    engine = start()
    engine.wait_for("backlog", queued=0, dead=1)
    assert Counter(states().values()) == {"sent": 119, "dead": 1}
    assert states()["request-7"] == "dead"


def test_later_holds_back_its_own_stream_alone(start: Start, peer: Peer, journal: Journal) -> None:
    peer.verdicts = {"request-1": "later"}
    for event in (submitted("request-1"), submitted("request-2"), rated("request-2")):
        committed(journal, event)
    engine = start()
    until(lambda: "request-2:rating" in peer.ledger)
    committed(journal, rated("request-1"))
    engine.order({"op": "nudge"})
    until(lambda: peer.arrivals.count("request-1") >= 2)
    assert "request-1:rating" not in peer.arrivals
    peer.verdicts = {}
    until(lambda: "request-1:rating" in peer.ledger)


def test_a_batch_that_is_too_large_is_halved(start: Start, peer: Peer, journal: Journal) -> None:
    peer.most_items = 7
    for n in range(40):
        committed(journal, submitted(f"request-{n}"))
    start()
    until(lambda: len(peer.ledger) == 40)
    assert peer.arrivals == [f"request-{n}" for n in range(40)]


def test_a_restored_centre_gets_everything_again(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    engine = start()
    for n in range(5):
        committed(journal, submitted(f"request-{n}"))
    engine.order({"op": "nudge"})
    until(lambda: set(states().values()) == {"sent"})
    with peer.lock:
        peer.epoch, peer.ledger = "e2", {}
    committed(journal, submitted("request-9"))
    engine.order({"op": "nudge"})
    until(lambda: len(peer.ledger) == 6)
    until(lambda: set(states().values()) == {"sent"})


def test_the_heartbeat_notices_a_restored_centre_also_where_the_clocks_disagree(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    peer.now = lambda: time.time() - 3650 * 86400.0
    engine = start()
    for n in range(5):
        committed(journal, submitted(f"request-{n}"))
    engine.order({"op": "nudge"})
    until(lambda: set(states().values()) == {"sent"})
    engine.kill()
    with peer.lock:
        peer.epoch, peer.ledger = "e2", {}
    start()
    until(lambda: len(peer.ledger) == 5)
    until(lambda: set(states().values()) == {"sent"})


def test_an_answer_of_another_epoch_marks_nothing(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    engine = start(feed_seconds=3600)
    engine.wait_for("link", state="online")
    peer.fault("/v1/events:batch", "wrong_epoch")
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    until(lambda: "request-1" in peer.arrivals)
    until(lambda: states()["request-1"] == "sent")
    assert peer.arrivals.count("request-1") >= 2


@pytest.mark.proves(Code.CENTRE_REFUSES)
def test_a_revoked_terminal_keeps_its_queue_and_forgets_people(
    start: Start, peer: Peer, journal: Journal, tmp_path: Path, states: Callable[[], dict[str, str]]
) -> None:
    peer.put_row("notices", "n1", {"zh": "一", "en": "one"})
    engine = start()
    engine.wait_for("feed", name="notices")
    peer.keys.clear()
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    engine.wait_for("link", state="refused")
    engine.wait_for("feed", name="persons")
    assert states() == {"request-1": "queued"}
    cache = reader(tmp_path / "cache.db")
    assert cache.execute("SELECT count(*) FROM rows").fetchone() == (0,)
    cache.close()
    alive = len(engine.said("alive"))
    until(lambda: engine.order({"op": "nudge"}) or len(engine.said("alive")) > alive)
    assert peer.requests.count("POST /v1/events:batch") <= 1, "whatever is nudged, it is not sent again"
    assert engine.end() == 0
    peer.code = "ANOTHER-CODE"
    again = start(code="ANOTHER-CODE")
    again.wait_for("sent", n=1)
    again.wait_for("feed", name="notices")
    ended_well(Code.CENTRE_REFUSES, engine, again)


def test_retry_after_is_kept_to_whatever_is_nudged(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start(feed_seconds=3600)
    engine.wait_for("link", state="online")
    peer.fault("/v1/events:batch", "busy=600")
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    until(lambda: peer.faults_left == 0)
    alive = len(engine.said("alive"))
    until(lambda: engine.order({"op": "nudge"}) or len(engine.said("alive")) > alive)
    assert peer.requests.count("POST /v1/events:batch") == 1


def test_a_certificate_is_sealed_after_its_request_was_sent(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    committed(journal, submitted("request-1"))
    engine.order({"op": "seal", "ask": ask("request-1")})
    engine.wait_for("sealed")
    assert engine.last("sealed")["answer"]["serial"] == "ZD-1"
    assert peer.requests.index("POST /v1/events:batch") < peer.requests.index("POST /v1/documents")
    engine.order({"op": "stop"})
    assert engine.process.wait(10) == 0
    assert len(engine.said("sealed")) == 1


def test_a_seal_whose_answer_was_lost_is_asked_for_again(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start()
    engine.wait_for("link", state="online")
    peer.unknown_asks = 2
    peer.fault("/v1/documents", "lost")
    committed(journal, submitted("request-1"))
    engine.order({"op": "seal", "ask": ask("request-1")})
    engine.wait_for("sealed")
    assert set(peer.asks) == {"request-1:1"}
    assert not engine.said("not_sealed")


@pytest.mark.proves(Code.CENTRE_UNREACHABLE)
def test_no_seal_without_a_network_or_for_a_refused_request(start: Start, peer: Peer, journal: Journal) -> None:
    peer.verdicts = {"request-2": "rejected"}
    engine = start()
    engine.wait_for("link", state="online")
    committed(journal, submitted("request-2"))
    engine.order({"op": "seal", "ask": ask("request-2")})
    assert engine.wait_for("not_sealed", key="request-2:1")["reason"] == "refused"
    committed(journal, submitted("request-1"))
    peer.fault("/v1", "lost", 100_000)
    engine.order({"op": "seal", "ask": ask("request-1")})
    assert engine.wait_for("not_sealed", key="request-1:1")["reason"] == "offline"
    engine.wait_for("link", state="offline")
    peer.mend()
    engine.wait_for("sent", n=1)
    assert len(engine.said("not_sealed")) == 2
    ended_well(Code.CENTRE_UNREACHABLE, engine)


def test_a_photograph_goes_up_before_the_event_that_names_it(start: Start, peer: Peer, journal: Journal) -> None:
    """The peer itself refuses it the other way round."""
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    journal.put_blob(b"\xff\xd8 a photograph", answers.put)
    journal.put_blob(b"\xff\xd8 never handed in", answers.put)
    stored = answers.get(timeout=10)
    assert isinstance(stored, BlobStored)
    committed(journal, submitted("request-1", attachments={"slip": stored.sha256}))
    peer.fault("/v1/blobs", "lost", 2)
    start()
    until(lambda: "request-1" in peer.ledger)
    assert peer.blobs == {stored.sha256: b"\xff\xd8 a photograph"}


def test_a_server_that_trickles_its_headers_is_noticed(
    tmp_path: Path, peer: Peer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time-out ends such a call; the process ends itself then, and is started again."""
    monkeypatch.setattr(common, "HUNG_S", 0.3)
    peer.fault("/v1/heartbeat", "trickle_head")
    engine = loops.Engine(configs.load(write_config(tmp_path, peer.url)), lambda ev, **fields: None)
    engine.start()
    until(lambda: engine.hung)
    engine.stop()


def test_orders_that_make_no_sense_are_left(start: Start, peer: Peer, journal: Journal) -> None:
    engine = start()
    for order in ({"op": "seal", "ask": {"key": 1}}, {"op": "dance"}, {"op": "seal"}):
        engine.order(order)
    assert engine.process.stdin is not None
    engine.process.stdin.write("not json\n[1]\n")
    committed(journal, submitted("request-1"))
    engine.order({"op": "nudge"})
    engine.wait_for("sent", n=1)


def test_killed_again_and_again_everything_arrives_once(
    start: Start, peer: Peer, journal: Journal, states: Callable[[], dict[str, str]]
) -> None:
    """kill −9 during batches, with answers lost in between."""
    dice, written = random.Random(7), 0
    over = threading.Event()
    for round_ in range(5):
        for _ in range(40):
            committed(journal, submitted(f"request-{written}"))
            written += 1
        peer.fault("/v1/events:batch", dice.choice(["lost", "truncated", "short", "wrong_epoch"]))
        engine = start()
        before = len(peer.arrivals)
        until(lambda before=before: len(peer.arrivals) > before)  # type: ignore[misc]
        over.wait(dice.uniform(0, 0.15))
        if round_ < 4:
            engine.kill()
    until(lambda: set(states().values()) == {"sent"})
    assert len(peer.ledger) == written


def ask(request: str) -> dict[str, Any]:
    return {"key": f"{request}:1", "request": request, "document": "enrolment"}
