"""Feeds: none missed, none resurrected, nothing half, nothing left of who is gone."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sync import cache as caches
from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.feeds import pull
from sync.store import reader
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow, NoticeRow, PersonRow, RequestRow
from tests.sync.helpers import PERSON
from tests.sync.peer import Peer


def notice(n: int) -> dict[str, Any]:
    return {"zh": f"通知 {n}", "en": f"notice {n}", "order": n}


def person(number: str) -> dict[str, Any]:
    known = {"college": "信息工程学院"}
    return {
        "number": number,
        "name": "张伟",
        "name_en": "Zhang Wei",
        "role": "student",
        "known": known,
        "verifier": "v",
    }


def notices(tmp_path: Path, vault: Vault) -> list[str]:
    db = reader(tmp_path / "cache.db")
    try:
        return sorted(row.zh for row in caches.rows(db, vault, "notices", NoticeRow))
    finally:
        db.close()


def test_a_feed_comes_in_pages_and_goes_on_from_its_cursor(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault
) -> None:
    for n in range(7):
        peer.put_row("notices", f"n{n}", notice(n))
    assert pull(client, cache, "notices") is True
    assert notices(tmp_path, vault) == [f"通知 {n}" for n in range(7)]
    assert pull(client, cache, "notices") is False
    assert peer.requests[-1] == "GET /v1/feeds/notices?after=7"


def page(rev: int, data: dict[str, Any] | None, *, more: bool) -> FeedAnswer:
    """One row."""
    row = FeedRow(rev=rev, id=f"n{rev % 10}", data=data)
    return FeedAnswer(epoch="e", feed="notices", rows=[row], next=rev, more=more)


def test_only_a_page_with_more_behind_it_that_takes_nothing_away_may_wait_for_the_disk(cache: Cache) -> None:
    said: list[str] = []
    cache._db.set_trace_callback(said.append)

    def waits(answer: FeedAnswer) -> bool:
        said.clear()
        cache.apply(answer)
        assert cache._db.execute("PRAGMA synchronous").fetchone()[0] == 2
        return "PRAGMA synchronous = NORMAL" in said[: said.index("BEGIN IMMEDIATE")]

    assert waits(page(1, notice(1), more=True))
    assert not waits(page(2, notice(2), more=False))
    assert not waits(page(11, None, more=True))
    cache._db.execute("DROP TABLE rows")
    with pytest.raises(sqlite3.Error):
        cache.apply(page(12, notice(2), more=True))
    assert cache._db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_a_tombstone_takes_its_row_and_its_bytes_with_it(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault
) -> None:
    peer.put_row("persons", PERSON, person("20230017"))
    pull(client, cache, "persons")
    db = reader(tmp_path / "cache.db")
    sealed = db.execute("SELECT body FROM rows").fetchone()[0]
    db.close()
    peer.put_row("persons", PERSON, None)
    assert pull(client, cache, "persons") is True
    assert not any(sealed[:64] in path.read_bytes() for path in tmp_path.glob("cache.db*"))


def test_a_reset_forgets_what_was_not_sent_again_and_serves_meanwhile(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault
) -> None:
    for n in range(5):
        peer.put_row("notices", f"n{n}", notice(n))
    pull(client, cache, "notices")
    with peer.lock:
        peer.feeds["notices"] = []
        for n in (1, 8, 9, 10):
            peer.put_row("notices", f"n{n}", notice(n))
        peer.reset.add("notices")
    first = client.call("GET", "/v1/feeds/notices?after=5", FeedAnswer)
    assert isinstance(first, FeedAnswer)
    assert (first.reset, first.more) == (True, True)
    cache.apply(first)
    assert len(notices(tmp_path, vault)) == 7, "nobody stands before an empty cache while the pages come"
    pull(client, cache, "notices")
    assert notices(tmp_path, vault) == sorted(f"通知 {n}" for n in (1, 8, 9, 10))


def test_a_restored_centre_starts_every_feed_again(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault
) -> None:
    for n in range(4):
        peer.put_row("notices", f"n{n}", notice(n))
    pull(client, cache, "notices")
    with peer.lock:
        peer.epoch, peer.feeds["notices"] = "e2", []
        peer.put_row("notices", "n9", notice(9))
    pull(client, cache, "notices")
    assert notices(tmp_path, vault) == ["通知 9"]
    assert cache.epoch() == "e2"


@pytest.mark.parametrize("fault", ["lost", "portal", "redirect", "truncated", "html502"])
def test_a_page_that_does_not_come_whole_changes_nothing(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault, fault: str
) -> None:
    for n in range(5):
        peer.put_row("notices", f"n{n}", notice(n))
    assert pull(client, cache, "keys") is False
    peer.fault("/v1/feeds/notices?after=3", fault)
    assert isinstance(pull(client, cache, "notices"), Failure)
    assert cache.cursor("notices") == 3
    assert len(notices(tmp_path, vault)) == 3
    pull(client, cache, "notices")
    assert len(notices(tmp_path, vault)) == 5


def test_one_bad_row_holds_up_no_other(peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault) -> None:
    peer.put_row("notices", "n1", notice(1))
    peer.put_row("notices", "n2", {"zh": 5})
    peer.put_row("notices", "n3", notice(3))
    pull(client, cache, "notices")
    assert notices(tmp_path, vault) == ["通知 1", "通知 3"]
    assert cache.cursor("notices") == 3


def test_a_feed_that_goes_nowhere_is_odd(
    peer: Peer, client: Client, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(client, cache, "notices")
    endless = {"epoch": "e1", "feed": "notices", "rows": [], "next": 0, "more": True, "reset": False}
    monkeypatch.setattr(peer, "_feed", lambda feed, after: (200, endless))
    assert pull(client, cache, "notices") == Failure(Trouble.ODD, 200)


def test_people_are_found_by_number_and_sealed_on_the_disk(cache: Cache, tmp_path: Path, vault: Vault) -> None:
    rows = [FeedRow(id=f"{n:016x}", rev=n, data=person(f"2023{n:04}")) for n in range(1, 50)]
    cache.apply(FeedAnswer(epoch="e1", feed="persons", rows=rows, next=49, more=False))
    db = reader(tmp_path / "cache.db")
    found = list(caches.rows_by_id(db, vault, "persons", PersonRow, vault.tag("number", "20230017")))
    assert [(row_id, row.number) for row_id, row in found] == [(f"{17:016x}", "20230017")]
    assert caches.row_of(db, vault, "persons", f"{17:016x}", PersonRow) == found[0][1]
    assert caches.row_of(db, vault, "persons", "nobody", PersonRow) is None
    db.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("cache.db*"))
    for secret in ("20230017", "张伟", "信息工程学院"):
        assert secret.encode() not in on_disk


def test_wiping_leaves_nothing(cache: Cache, tmp_path: Path, vault: Vault) -> None:
    row = FeedRow(id="n1", rev=1, data=notice(1))
    cache.restart("e1")
    cache.apply(FeedAnswer(epoch="e1", feed="notices", rows=[row], next=1, more=False))
    cache.wipe()
    assert notices(tmp_path, vault) == []
    assert (cache.cursor("notices"), cache.epoch()) == (0, "")
    assert (tmp_path / "cache.db-wal").stat().st_size == 0


def test_a_cache_that_is_no_database_is_begun_anew(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "cache.db").write_bytes(json.dumps(["not a database"]).encode() * 500)
    cache = Cache(tmp_path / "cache.db", vault)
    assert cache.cursor("notices") == 0
    cache.close()


@pytest.mark.parametrize("wrong", [{"next": 2**70}, {"rows": [{"id": "a", "rev": 2**70, "data": None}]}])
def test_a_number_that_no_database_keeps_is_an_odd_answer(wrong: dict[str, Any]) -> None:
    good = {"epoch": "e1", "feed": "notices", "rows": [], "next": 1, "more": False}
    assert FeedAnswer.model_validate(good)
    with pytest.raises(ValidationError):
        FeedAnswer.model_validate({**good, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"submitted": 1e300}, {"due": 1e12}, {"due": -1e12}, {"copies": 0}, {"marks": [{"what": "issued", "at": 1e18}]}],
)
def test_a_request_that_no_screen_can_show_is_left_out(
    cache: Cache, tmp_path: Path, vault: Vault, wrong: dict[str, Any]
) -> None:
    """Times beyond the calendar, no copies: the row stays away, the others come."""
    good = {"item": "leave", "person": PERSON, "receipt": "A-017-20260302-0001", "status": "approved", "step": 0}
    good |= {"submitted": 1e9, "due": 0.0, "values": {}, "marks": []}
    rows = [FeedRow(id="a" * 32, rev=1, data=good), FeedRow(id="b" * 32, rev=2, data={**good, **wrong})]
    assert cache.apply(FeedAnswer(epoch="e1", feed="requests", rows=rows, next=2, more=False))
    db = reader(tmp_path / "cache.db")
    assert [key for key, _ in caches.rows_by_id(db, vault, "requests", RequestRow)] == ["a" * 32]
    db.close()


def test_a_cache_whose_maker_was_killed_is_finished(tmp_path: Path, vault: Vault) -> None:
    """A file that is not yet in WAL mode has a journal beside it, which a reader may not roll back."""
    made, killed = tmp_path / "made.db", tmp_path / "cache.db"
    with contextlib.closing(sqlite3.connect(made, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 5")
        db.execute("CREATE TABLE other (text)")
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO other VALUES (?)", [("x" * 3000,)] * 200)
        for name in ("", "-journal"):
            shutil.copy(f"{made}{name}", f"{killed}{name}")
    assert Path(f"{killed}-journal").stat().st_size > 0
    cache = Cache(killed, vault)
    assert cache.epoch() == ""
    cache.close()
