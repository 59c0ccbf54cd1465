"""A feed in large pages: read in one pass as in two, stored as it came, whole or not at all, whatever cuts it off."""

from __future__ import annotations

import base64
import copy
import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sync import cache as caches
from sync.cache import FORMS, MODELS, Cache
from sync.central import feeds
from sync.central.centre import Centre
from sync.central.database import reading, writing
from sync.client import Client, Failure
from sync.feeds import pull
from sync.lookup import Mirror
from sync.store import reader
from sync.vault import UnreadableError, Vault
from sync.vectors import pack, unpack, unpack_all
from sync.wire import FeedAnswer, FeedRow, PersonRow
from tests.sync.central_kit import Api
from tests.sync.gate_kit import apply, pass_row, person_row, template_row, templates
from tests.sync.helpers import OTHER, PERSON
from tests.sync.peer import Peer

GOOD: dict[str, dict[str, Any]] = {
    "persons": person_row("20230017"),
    "passes": pass_row(windows=[{"begins": 1, "ends": 2.5}], declared="2026-02-27", batch="第一批"),
    "templates": template_row(1),
    "notices": {"zh": "通知\n“一”", "en": "notice", "order": 3},
}


def body(feed: str, *rows: dict[str, Any] | None, **more: Any) -> bytes:
    """An answer as it comes over the wire; the rows are a, b, …"""
    told = [{"id": chr(97 + n), "rev": n + 1, "data": row} for n, row in enumerate(rows)]
    answer = {"epoch": "e1", "feed": feed, "rows": told, "next": len(rows), "more": False, "reset": False}
    return json.dumps({**answer, **more}, ensure_ascii=False).encode()


def opened(tmp_path: Path, vault: Vault, feed: str) -> dict[str, bytes]:
    """What is stored of a feed, unsealed for its place."""
    db = reader(tmp_path / "cache.db")
    found = db.execute("SELECT id, body FROM rows WHERE feed = ?", (feed,)).fetchall()
    db.close()
    return {row_id: vault.open_(f"cache.{feed}", row_id, sealed) for row_id, sealed in found}


@pytest.mark.parametrize("feed", GOOD)
def test_one_pass_stores_what_two_would(cache: Cache, tmp_path: Path, vault: Vault, feed: str) -> None:
    text = body(feed, GOOD[feed], None)
    for answer in (FORMS[feed].model_validate_json(text), FeedAnswer.model_validate_json(text)):
        cache.apply(answer)
        plain = MODELS[feed].model_validate(GOOD[feed]).model_dump_json().encode()
        assert opened(tmp_path, vault, feed) == {"a": plain}
        cache.wipe()


@pytest.mark.parametrize("feed", GOOD)
def test_a_page_is_read_in_one_pass_only_if_each_row_would_be_good_alone(feed: str) -> None:
    """Whatever member is missing, is one too many or of another kind."""
    for name, value in [*GOOD[feed].items(), ("strange", 1)]:
        for wrong in (None, [], {"x": 1}, 1e300, "x" * 20_000):
            row = copy.deepcopy(GOOD[feed]) | {name: wrong if wrong != value else value}
            try:
                MODELS[feed].model_validate(row)
                good = True
            except ValidationError:
                good = False
            try:
                FORMS[feed].model_validate_json(body(feed, GOOD[feed], row))
                assert good, (name, wrong)
            except ValidationError:
                assert not good, (name, wrong)


def test_a_bad_row_stops_none_of_a_page_that_came_over_the_wire(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault
) -> None:
    peer.page = 500
    for n in range(300):
        peer.put_row("passes", f"{n:016x}", {"role": "nobody"} if n == 150 else pass_row())
    assert pull(client, cache, "passes") is True
    assert opened(tmp_path, vault, "passes").keys() == {f"{n:016x}" for n in range(300) if n != 150}


def test_the_next_page_is_on_its_way_while_one_is_stored(
    peer: Peer, client: Client, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        peer.put_row("notices", f"n{n}", GOOD["notices"])
    seen, real = [], Cache.apply
    asked = threading.Event()
    answer = peer._feed
    monkeypatch.setattr(peer, "_feed", lambda feed, after: (after == 3 and asked.set()) or answer(feed, after))

    def slow(self: Cache, page: FeedAnswer, at: float | None = None) -> bool:
        seen.append(page.next != 3 or asked.wait(10))
        return real(self, page, at)

    monkeypatch.setattr(Cache, "apply", slow)
    assert pull(client, cache, "notices") is True
    assert seen == [True] * 3


def test_a_cache_that_was_wiped_meanwhile_takes_no_page_from_the_middle(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(9):
        peer.put_row("notices", f"n{n}", GOOD["notices"])
    real, wiped = Cache.apply, []

    def wipe_once(self: Cache, page: FeedAnswer, at: float | None = None) -> bool:
        done = real(self, page, at)
        if not wiped:
            wiped.append(True)
            self.wipe()
            self.restart("e1")
        return done

    monkeypatch.setattr(Cache, "apply", wipe_once)
    assert pull(client, cache, "notices") is True
    assert len(opened(tmp_path, vault, "notices")) == 9


def test_an_epoch_that_changes_between_pages_starts_again(
    peer: Peer, client: Client, cache: Cache, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        peer.put_row("notices", f"n{n}", GOOD["notices"])
    real = Cache.apply

    def restored(self: Cache, page: FeedAnswer, at: float | None = None) -> bool:
        if page.epoch == "e1" and page.next == 3:
            with peer.lock:
                peer.epoch, peer.feeds["notices"] = "e2", []
                for n in (2, 20, 21, 22):
                    peer.put_row("notices", f"n{n}", GOOD["notices"])
        return real(self, page, at)

    monkeypatch.setattr(Cache, "apply", restored)
    assert pull(client, cache, "notices") is True
    assert opened(tmp_path, vault, "notices").keys() == {"n2", "n20", "n21", "n22"}
    assert cache.epoch() == "e2"


def test_a_process_that_dies_between_pages_goes_on_from_whole_ones(
    peer: Peer, cache: Cache, client: Client, tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second page is on its way, or half written, when the process is gone."""
    for n in range(10):
        peer.put_row("notices", f"n{n}", GOOD["notices"])
    cache.close()
    child = os.fork()
    if child == 0:
        try:
            _die_in_the_second(monkeypatch)
            pull(client, Cache(tmp_path / "cache.db", vault), "notices")
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    again = Cache(tmp_path / "cache.db", vault)
    assert (again.cursor("notices"), len(opened(tmp_path, vault, "notices"))) == (3, 3)
    assert pull(client, again, "notices") is True
    assert len(opened(tmp_path, vault, "notices")) == 10
    again.close()


def _die_in_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    real, pages = Vault.seal_all, []

    def seal_all(self: Vault, table: str, rows: Any) -> list[bytes]:
        pages.append(len(rows))
        return real(self, table, rows) if len(pages) == 1 else os._exit(9)

    monkeypatch.setattr(Vault, "seal_all", seal_all)


def test_sealing_many_is_sealing_each(vault: Vault) -> None:
    rows = [(f"row {n} 行", os.urandom(n)) for n in range(50)]
    sealed = vault.seal_all("cache.persons", rows)
    for (row, plain), each in zip(rows, sealed, strict=True):
        assert vault.open_("cache.persons", row, each) == plain
    assert len({each[4:16] for each in sealed}) == len(rows), "no nonce twice"
    with pytest.raises(UnreadableError):
        vault.open_("cache.persons", rows[0][0], sealed[1])
    with pytest.raises(UnreadableError):
        vault.open_("cache.passes", rows[0][0], sealed[0])


def test_a_feed_in_memory_is_the_feed(cache: Cache, tmp_path: Path, vault: Vault, monkeypatch: Any) -> None:
    """Many rows and few, changed, ended, moved to another place, unreadable, sent again after a reset."""
    db = reader(tmp_path / "cache.db")
    mirror = Mirror(vault, "persons", PersonRow, lambda some: {row_id: row.number for row_id, row in some})
    there = {f"{n:016x}": f"2023{n:04}" for n in range(caches.FEW + 50)}
    apply(cache, "persons", {row_id: person_row(number) for row_id, number in there.items()})
    assert mirror.rows(db) == there
    gone, other = f"{3:016x}", f"{caches.FEW + 49:016x}"
    apply(cache, "persons", {gone: None, other: person_row("T1"), PERSON: person_row("T2")})
    del there[gone]
    there |= {other: "T1", PERSON: "T2"}
    assert mirror.rows(db) == there
    apply(cache, "persons", {PERSON: None, OTHER: person_row("T3")})
    del there[PERSON]
    assert mirror.rows(db) == there | {OTHER: "T3"}, "the place of the last row may be given again"
    rows = [FeedRow(id=other, rev=1, data=person_row("T4"))]
    cache.apply(FeedAnswer(epoch="e1", feed="persons", rows=rows, next=1, more=False, reset=True))
    assert mirror.rows(db) == {other: "T4"}
    spoil = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    spoil.execute("UPDATE rows SET rev = 2, body = x'00'")
    spoil.close()
    assert mirror.rows(db) == {}
    db.close()


def test_templates_unpacked_at_once_are_those_unpacked_alone() -> None:
    broken = pack(templates(9))
    zero = templates(5, 2)
    zero[1] = 0
    packed = [
        (pack(templates(1)), 3),
        (pack(templates(2, 1)), 1),
        (broken[:-4], 3),
        ("no base64", 1),
        (pack(templates(3)), 3),
        (broken, 7),
        (_raw(zero), 2),
        (_raw(templates(6) * float("inf")), 3),
        (pack(templates(4)[:, :64]), 3),
    ]
    for (text, rows), found in zip(packed, unpack_all(packed), strict=True):
        if isinstance(found, ValueError):
            with pytest.raises(ValueError, match=str(found)):
                unpack(text, rows)
        else:
            assert (found == unpack(text, rows)).all()
    assert [isinstance(found, ValueError) for found in unpack_all(packed)] == [n in (2, 3, 5, 6, 7) for n in range(9)]


def _raw(vectors: Any) -> str:
    return base64.b64encode(vectors.astype("<f2").tobytes()).decode()


def test_a_page_goes_out_as_it_is_stored_and_ends_by_its_bytes(central_api: Api, central_centre: Centre) -> None:
    rows: list[dict[str, Any] | None] = [{"t": "“一”\\\n" + "x" * 20_000}, None, {"deep": [{"n": 1.5}, None, True]}]
    with writing(central_centre.engine) as connection:
        for n in range(210):
            feeds.publish(connection, 1, "lessons", f'l"{n}', rows[n % 3])
    after, told, pages = 0, {}, 0
    while True:
        answer = central_api.get(f"/v1/feeds/lessons?after={after}")
        assert answer.headers["content-type"] == "application/json"
        page = FeedAnswer.model_validate_json(answer.content)
        assert len(answer.content) < feeds.PAGE_BYTES + 100_000
        told |= {row.id: row.data for row in page.rows}
        after, pages = page.next, pages + 1
        if not page.more:
            break
    new = {row: data for row, data in told.items() if row.startswith('l"')}
    assert new == {f'l"{n}': rows[n % 3] for n in range(210)}
    assert pages == 2
    with reading(central_centre.engine) as connection:
        assert len(feeds.page(connection, 1, "lessons", 0, 7).rows) == 7


def test_a_row_larger_than_a_page_is_a_page(central_centre: Centre) -> None:
    with writing(central_centre.engine) as connection:
        for n in range(3):
            feeds.publish(connection, 1, "notices", f"large-{n}", {"zh": "x" * (feeds.PAGE_BYTES + n)})
    with reading(central_centre.engine) as connection:
        first = feeds.page(connection, 1, "notices", 0)
        rest = feeds.page(connection, 1, "notices", first.next)
    assert (first.more, rest.more) == (True, True)
    assert rest.rows[0].rev == first.rows[-1].rev + 1


def test_a_page_that_is_cut_off_leaves_no_thread_behind(peer: Peer, client: Client, cache: Cache) -> None:
    for n in range(9):
        peer.put_row("notices", f"n{n}", GOOD["notices"])
    peer.fault("/v1/feeds/notices?after=6", "truncated")
    assert isinstance(pull(client, cache, "notices"), Failure)
    assert cache.cursor("notices") == 6
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("page")]
