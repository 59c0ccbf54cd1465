"""Photographs on a line that is cut: each goes on where it was, and none holds up anything but its own event."""

from __future__ import annotations

import hashlib
import queue
import time
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from sync.client import Client, Failure, Held, Trouble
from sync.journal import BlobStored, Journal, Refused
from sync.store import connect
from sync.tables import JOURNAL
from sync.uploads import PIECE, upload_due
from sync.vault import Vault
from tests.sync.helpers import committed, submitted
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until

LONG = bytes(range(256)) * 4096 + b"the last bytes"
"""Four pieces and a little more."""


def attach(journal: Journal, key: str, data: bytes) -> str:
    """An event that names this photograph; its hash."""
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    journal.put_blob(data, answers.put)
    stored = answers.get(timeout=10)
    assert isinstance(stored, BlobStored)
    committed(journal, submitted(key, attachments={"slip": stored.sha256}))
    return stored.sha256


class Uploader:
    """The loop's hands, turn by turn."""

    def __init__(self, folder: Path, vault: Vault, client: Client) -> None:
        self._path, self._vault, self._client = folder / "journal.db", vault, client

    def turn(self) -> bool | Failure:
        with closing(connect(self._path, JOURNAL)) as db:
            return upload_due(db, self._vault, self._client, Clock())

    def states(self) -> dict[str, int]:
        with closing(connect(self._path, JOURNAL)) as db:
            return dict(db.execute("SELECT sha256, sent FROM blobs").fetchall())


@pytest.fixture
def uploader(tmp_path: Path, vault: Vault, client: Client) -> Uploader:
    return Uploader(tmp_path, vault, client)


def test_a_photograph_cut_at_ninety_nine_percent_goes_on_there(
    uploader: Uploader, peer: Peer, journal: Journal
) -> None:
    sha = attach(journal, "request-1", LONG)
    peer.cut_at = len(LONG) - 100
    failed = uploader.turn()
    assert isinstance(failed, Failure)
    assert failed.trouble is Trouble.UNREACHABLE
    assert len(peer.parts[sha]) == 4 * PIECE > 0.98 * len(LONG)
    before = len(peer.requests)
    assert uploader.turn() is True
    assert peer.requests[before:] == [f"HEAD /v1/blobs/{sha}", f"PATCH /v1/blobs/{sha}"]
    assert (peer.blobs[sha], uploader.states()[sha]) == (LONG, 1)
    assert uploader.turn() is False


def test_an_answer_that_was_lost_doubles_no_piece(uploader: Uploader, peer: Peer, journal: Journal) -> None:
    sha = attach(journal, "request-1", LONG)
    for fault in ("lost", "portal", "html502", "truncated", "busy=3"):
        peer.fault("/v1/blobs", "")
        peer.fault("/v1/blobs", fault)
        assert isinstance(uploader.turn(), Failure), fault
    assert uploader.turn() is True
    assert peer.blobs == {sha: LONG}
    assert peer.requests.count(f"PATCH /v1/blobs/{sha}") == 5 + 3, "two of the five arrived all the same"


def test_a_centre_that_means_another_place_is_asked_where(uploader: Uploader, peer: Peer, journal: Journal) -> None:
    """What it had is gone under us, and later it has more than we know."""
    sha = attach(journal, "request-1", LONG)
    peer.cut_at = 2 * PIECE
    uploader.turn()
    kept = peer.parts.pop(sha)
    peer.parts[sha] = kept[: PIECE + 5]
    assert uploader.turn() is True
    assert peer.blobs == {sha: LONG}


def test_one_that_is_stuck_lets_the_next_go_first(uploader: Uploader, peer: Peer, journal: Journal) -> None:
    stuck, others = attach(journal, "request-1", LONG), [attach(journal, f"request-{n}", b"p%d" % n) for n in (2, 3)]
    peer.fault(f"/v1/blobs/{stuck}", "broken", 1000)
    turns = [uploader.turn() for _ in range(4)]
    assert [turn for turn in turns if turn is True] == [True, True]
    assert sorted(peer.blobs) == sorted(others)
    peer.mend()
    assert uploader.turn() is True
    assert set(uploader.states().values()) == {1}


def test_what_the_centre_has_is_told_by_the_centre_alone(client: Client, peer: Peer) -> None:
    sha = hashlib.sha256(b"x").hexdigest()
    assert client.held(f"/v1/blobs/{sha}") == Held(whole=False, size=0)
    peer.parts[sha] = b"12345"
    assert client.held(f"/v1/blobs/{sha}") == Held(whole=False, size=5)
    peer.blobs[sha] = b"123456789"
    assert client.held(f"/v1/blobs/{sha}") == Held(whole=True, size=9)
    for fault, trouble in (("portal", Trouble.LOGIN), ("html403", Trouble.LOGIN), ("html502", Trouble.SERVER)):
        peer.fault("/v1/blobs", fault)
        failed = client.held(f"/v1/blobs/{sha}")
        assert isinstance(failed, Failure)
        assert failed.trouble is trouble
    peer.now = lambda: time.time() - 86_400
    assert client.held(f"/v1/blobs/{sha}") == Held(whole=True, size=9), "a clock that is off is met on the way"
    peer.keys.clear()
    failed = client.held(f"/v1/blobs/{sha}")
    assert isinstance(failed, Failure)
    assert failed.trouble is Trouble.REFUSED


def test_a_stuck_photograph_holds_up_no_event_and_no_feed(peer: Peer, tmp_path: Path, journal: Journal) -> None:
    peer.put_row("notices", "n1", {"zh": "一", "en": "one"})
    peer.fault("/v1/blobs", "broken", 100_000)
    attach(journal, "request-1", LONG)
    committed(journal, submitted("request-2"))
    process = Running(write_config(tmp_path, peer.url))
    process.wait_for("feed", name="notices")
    until(lambda: "request-2" in peer.ledger)
    assert "request-1" not in peer.ledger
    peer.mend()
    process.order({"op": "nudge"})
    until(lambda: "request-1" in peer.ledger)
    assert process.end() == 0
