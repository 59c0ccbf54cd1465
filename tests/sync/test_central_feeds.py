"""Feeds: a cursor misses nothing, whoever writes at the same time, and a stranger's cursor starts again."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import threading
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.central import feeds, people
from sync.central.centre import Centre, Work
from sync.central.database import reading, writing
from sync.wire import FEEDS
from tests.sync.central_kit import SOMEBODY, STUDENT, Api


def publish(centre: Centre, feed: str, row: str, n: int) -> None:
    with writing(centre.engine) as connection:
        feeds.publish(connection, centre.campus, feed, row, {"n": n})


def test_a_reader_misses_nothing_while_two_write(central_centre: Centre) -> None:
    rounds = 60
    done = threading.Event()
    seen: dict[str, int] = {}

    def write(name: str) -> None:
        for n in range(rounds):
            publish(central_centre, "requests", f"{name}-{n % 7}", n)

    def read() -> None:
        after = 0
        while True:
            last_round = done.is_set()
            with reading(central_centre.engine) as connection:
                page = feeds.page(connection, 1, "requests", after, 5)
            assert [row.rev for row in page.rows] == sorted({row.rev for row in page.rows})
            seen.update({row.id: row.data["n"] for row in page.rows if row.data and "n" in row.data})
            after = page.next
            if last_round and not page.more:
                return

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    reader = threading.Thread(target=read)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    newest = {f"{name}-{n % 7}": n for name in "ab" for n in range(rounds)}
    assert seen == newest


def test_what_a_copy_holds_is_what_was_published_last(central_centre: Centre) -> None:
    feeds_used = itertools.count()

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 99)), max_size=20), st.integers(1, 4))
    def check(changes: list[tuple[str, int | None]], limit: int) -> None:
        reader = Reader(central_centre, f"feed-{next(feeds_used)}", limit)
        for n, (row, value) in enumerate(changes):
            with writing(central_centre.engine) as connection:
                feeds.publish(connection, 1, reader.feed, row, None if value is None else {"n": value})
            if n % 3 == 0:
                reader.read()
        while reader.read():
            continue
        assert reader.copy == dict(changes)

    check()


@dataclass
class Reader:
    """A terminal's copy of a feed, read page by page."""

    centre: Centre
    feed: str
    limit: int
    after: int = 0
    copy: dict[str, int | None] = field(default_factory=dict)

    def read(self) -> bool:
        """Take one page; whether there is another."""
        with reading(self.centre.engine) as connection:
            page = feeds.page(connection, 1, self.feed, self.after, self.limit)
        self.copy |= {row.id: row.data["n"] if row.data else None for row in page.rows}
        self.after = page.next
        return page.more


def test_who_reads_before_writing_waits_for_another_process_first(central_api: Api) -> None:
    """A transaction that began to read before the other one's commit could not write any more: SQLite's way."""
    place = sa.make_url(central_api.database)
    if place.drivername != "sqlite":
        return
    began, trouble = threading.Event(), []

    def write() -> None:
        try:
            with writing(central_api.centre.engine) as connection:
                feeds.page(connection, 1, "persons", 0)
                began.set()
                feeds.publish(connection, 1, "persons", "late", {})
        except sa.exc.OperationalError as error:
            trouble.append(error)

    with contextlib.closing(sqlite3.connect(str(place.database), isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute("update meta set value = value")
        thread = threading.Thread(target=write)
        thread.start()
        assert not began.wait(0.2)
        other.execute("commit")
    thread.join(20)
    assert (began.is_set(), trouble) == (True, [])


def test_pages_follow_each_other_and_the_last_one_says_so(central_api: Api) -> None:
    first = central_api.get("/v1/feeds/persons?limit=4").json()
    assert (len(first["rows"]), first["more"], first["reset"]) == (4, True, False)
    rest = central_api.get(f"/v1/feeds/persons?after={first['next']}").json()
    assert (len(rest["rows"]), rest["more"]) == (len(SOMEBODY) - 4, False)
    nothing = central_api.get(f"/v1/feeds/persons?after={rest['next']}").json()
    assert (nothing["rows"], nothing["next"], nothing["more"]) == ([], rest["next"], False)


def test_a_cursor_from_the_future_starts_again(central_api: Api) -> None:
    page = central_api.get("/v1/feeds/persons?after=999999").json()
    assert page["reset"]
    assert len(page["rows"]) == len(SOMEBODY)


def test_every_feed_of_the_wire_is_there_and_no_other(central_api: Api) -> None:
    for name in FEEDS:
        assert central_api.get(f"/v1/feeds/{name}").status_code == 200
    assert central_api.get("/v1/feeds/secrets").status_code == 422
    for query in ("after=-1", "after=x", f"after={10**30}", "limit=0", "limit=5001"):
        assert central_api.get(f"/v1/feeds/persons?{query}").status_code == 422


def test_terminals_learn_what_forms_need_and_not_what_certificates_say(central_api: Api) -> None:
    person = central_api.feed("persons")[central_api.person(STUDENT)]
    assert person["name"] == "张伟"
    assert person["known"]["major"] == "园林技术"
    assert person["verifier"].startswith("$argon2id$")
    everything = str(central_api.feed("persons"))
    assert "8650.00" not in everything
    assert "conduct" not in everything
    keys = {(row["use"], row["kid"]) for row in central_api.feed("keys").values()}
    assert keys == {("code", 1), ("certificate", 1), ("pdf", 1), ("export", 1)}


def test_another_campus_has_its_own_people_and_counters(central_centre: Centre) -> None:
    other = replace(central_centre, campus=2)
    with writing(central_centre.engine) as connection:
        feeds.publish(connection, other.campus, "persons", "x", {})
        assert people.by_number(Work(other, connection, 0), STUDENT) is None
    with reading(central_centre.engine) as connection:
        assert [row.rev for row in feeds.page(connection, 2, "persons", 0).rows] == [1]
        assert len(feeds.page(connection, 1, "persons", 0).rows) == len(SOMEBODY)


def test_earlier_requests_of_the_demonstration_are_told(central_api: Api) -> None:
    rows = central_api.feed("requests").values()
    mine = [row for row in rows if row["person"] == central_api.person(STUDENT)]
    waiting = [row for row in mine if row["status"] == "in_approval"]
    assert [(row["item"], row["step"]) for row in waiting] == [("repair", 1)]
    assert {row["item"] for row in mine if row["status"] == "approved"} >= {"leave", "health_check_in", "meal_order"}
