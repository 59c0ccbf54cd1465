"""What the centre hears of a terminal: everything its sync process knows and was told, soon after it changed."""

from __future__ import annotations

import itertools
import os
import queue
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import __version__
from kiosk import config as configs
from sync import beats
from sync.beats import Said
from sync.journal import BlobStored, Journal, Refused
from sync.loops import Engine
from sync.tables import CACHE, JOURNAL
from sync.wire import Heartbeat
from tests.sync.helpers import committed, submitted
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until


@pytest.fixture
def engine(tmp_path: Path, peer: Peer, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The loops in this process, with beats a fifth of a second apart."""
    monkeypatch.setattr(beats, "GAP_S", 0.2)
    made = Engine(configs.load(write_config(tmp_path, peer.url)), lambda ev, **fields: None)
    made.start()
    yield made
    made.stop()


def newest(peer: Peer) -> dict[str, Any]:
    return peer.beats[-1] if peer.beats else {}


def test_a_beat_says_what_the_process_knows_by_itself(peer: Peer, tmp_path: Path, journal: Journal) -> None:
    peer.fault("/v1/blobs", "broken", 100)
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    journal.put_blob(b"\xff\xd8 a photograph", answers.put)
    photo = answers.get(timeout=10)
    assert isinstance(photo, BlobStored)
    committed(journal, submitted("request-1", attachments={"slip": photo.sha256}))
    boots = []
    for _ in range(2):
        process = Running(write_config(tmp_path, peer.url))
        until(lambda: peer.beats)
        assert process.end() == 0
        beat = Heartbeat.model_validate(peer.beats.pop())
        boots.append(beat.boot)
        peer.beats.clear()
    assert len(set(boots)) == 2
    assert min(map(len, boots)) == 32
    disk = os.statvfs(tmp_path)
    assert beat.disk_total == disk.f_blocks * disk.f_frsize
    assert 0 < beat.disk_free <= beat.disk_total
    assert beat.journal_bytes >= (tmp_path / "journal.db").stat().st_size > 0
    assert (beat.queued, beat.blobs, beat.dead) == (1, 1, 0)
    assert 0 <= beat.uptime_s < 60
    schemas = {"program": __version__, "journal": str(len(JOURNAL)), "cache": str(len(CACHE))}
    assert schemas.items() <= beat.versions.items()
    assert {"python", "sqlite", "openssl", "os"} <= beat.versions.keys()
    assert all(beat.versions.values())


def test_a_change_is_told_soon_and_many_are_told_at_a_measured_pace(engine: Engine, peer: Peer) -> None:
    until(lambda: peer.beats)
    engine.status(Said(printer="no_paper", faults=["F-PRN-02"], sensors={"camera": "online"}, versions={"board": "7"}))
    until(lambda: newest(peer).get("printer") == "no_paper")
    assert (newest(peer)["faults"], newest(peer)["sensors"]) == (["F-PRN-02"], {"camera": "online"})
    assert newest(peer)["versions"]["board"] == "7"
    assert newest(peer)["versions"]["program"] == __version__
    before, began, changes = len(peer.beats), time.monotonic(), itertools.count()

    def restless() -> bool:
        engine.status(Said(printer=f"state {next(changes)}"))
        return time.monotonic() - began > 1

    until(restless)
    engine.status(Said(printer="calm"))
    until(lambda: newest(peer).get("printer") == "calm")
    assert len(peer.beats) - before <= 1 + (time.monotonic() - began) / 0.2
    assert not engine._beats.hear(Said(printer="calm")), "the same again is no news"


def test_who_knows_more_adds_it(engine: Engine, peer: Peer) -> None:
    """Room, clock and audit chain come from their own parts."""
    engine._beats.add(lambda _db: {"space": "low", "clock": "good"})
    engine.beat_soon()
    until(lambda: newest(peer).get("space") == "low")
    assert newest(peer)["clock"] == "good"


def test_the_order_reaches_the_centre_and_nonsense_changes_nothing(
    peer: Peer, tmp_path: Path, journal: Journal
) -> None:
    process = Running(write_config(tmp_path, peer.url))
    process.order({"op": "status", "printer": "paper_low", "faults": [], "sensors": {}, "versions": {}})
    process.order({"op": "status", "printer": ["no"]})
    process.order({"op": "status", "faults": ["x" * 41]})
    until(lambda: newest(peer).get("printer") == "paper_low")
    assert process.end() == 0


def test_a_state_folder_that_cannot_be_looked_at_holds_up_no_beat(
    engine: Engine, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_path: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(beats.os, "statvfs", gone)
    engine.status(Said(printer="idle"))
    until(lambda: newest(peer).get("printer") == "idle")
    assert (newest(peer)["disk_free"], newest(peer)["disk_total"]) == (0, 0)
