"""Two real worker processes at one database: nothing twice, nothing missed, nothing comes back, no ring of waiting."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kiosk.domain import consent
from sync.central import gates, people
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import open_engine, writing
from sync.vectors import pack
from sync.wire_gate import LessonRow
from tests.sync.central_kit import MORNING, OTHER, SOMEBODY, STUDENT, Api, event, morning_clock
from tests.sync.crew_kit import Crew, as_terminal, crewed, each_alone
from tests.sync.gate_kit import MODEL, templates

pytestmark = pytest.mark.timeout(180)
NOW = MORNING.timestamp()
TAKEN = (("event", "key", 80), ("request", "key", 20), ("rating", "request", 20), ("passage", "key", 20))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def hall(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, central_template: Path
) -> Iterator[tuple[Crew, Centre, str]]:
    """A crew of two, the centre of whoever operates it, and the database's address."""
    folder = tmp_path_factory.mktemp("crew") / "central"
    shutil.copytree(central_template, folder, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    database = f"sqlite:///{folder}/central.db"
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres")
        database = cluster.url(cluster.new(request.getfixturevalue("central_model")))
    engine = open_engine(database)
    centre = open_centre(engine, folder, clock=morning_clock(), demo=True)
    with crewed(folder, database, 2, "--demo", "--approve-after", "3600") as crew:
        yield crew, centre, database
        assert deadlocks(engine) == 0, "PostgreSQL had to end somebody's transaction"
    engine.dispose()


def deadlocks(engine: sa.Engine) -> int:
    """How many PostgreSQL met in this database; SQLite has none."""
    if engine.dialect.name == "sqlite":
        return 0
    with engine.connect() as connection:
        found = "select deadlocks from pg_stat_database where datname = current_database()"
        return int(connection.exec_driver_sql(found).scalar_one())


@pytest.fixture
def pair(hall: tuple[Crew, Centre, str]) -> Iterator[list[Api]]:
    """The first worker, and the second one, as one terminal each."""
    with each_alone(*hall) as found:
        yield [as_terminal(api, name) for api, name in zip(found, ("A-017", "B-018"), strict=True)]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What they answer, having begun at the same moment."""
    gate, answers = threading.Barrier(len(acts)), dict[int, Any]()

    def run(n: int, act: Callable[[], Any]) -> None:
        gate.wait()
        answers[n] = act()

    hands = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return [answers[n] for n in range(len(acts))]


def send_at_once(apis: list[Api], *batches: list[dict[str, Any]]) -> list[list[str]]:
    """The verdicts of each; one batch for all, or one for each."""
    each = batches if len(batches) == len(apis) else batches * len(apis)
    return at_once(*(partial(api.send, *batch) for api, batch in zip(apis, each, strict=True)))


def decided(key: str, person: str) -> dict[str, Any]:
    finding = {"check": "identity", "result": "good", "word": "code_face"}
    body = {"gate": "east", "direction": "in", "person": person, "factors": ["code"], "outcome": "allow"}
    return event(key, "gate.decided", {**body, "findings": [finding], "liveness": "not_asked"})


def passed(key: str) -> dict[str, Any]:
    body = {"decision": key, "passed": True, "at": NOW}
    return event(f"{key}:passed", "gate.passed", body, stream=key)


def rated(key: str) -> dict[str, Any]:
    return event(key, "rating.given", {"request": f"of-{key}", "item": "enrolment", "stars": 4, "how": "given"})


def test_the_same_batch_at_two_workers_is_taken_once(pair: list[Api]) -> None:
    one = pair[0]
    for n in range(4):
        asks = [one.request("enrolment", STUDENT, {"purpose": "loan"}, key=f"twice-{n}-{i}") for i in range(5)]
        keys = [f"g:twice:{n}{i}" for i in range(5)]
        came = [item for key in keys for item in (decided(key, one.person(OTHER)), passed(key))]
        batch = [*asks, *came, *(rated(f"twice-r{n}-{i}") for i in range(5))]
        same = [one, Api(one.url, one.centre, one.database, one.key, pair[1].session)]
        verdicts = send_at_once(same, batch)
        assert [sorted(both) for both in zip(*verdicts, strict=True)] == [["created", "duplicate"]] * len(batch)
    for table, name, wanted in TAKEN:
        assert one.sql(f"select count(*) from {table} where {name} like '%twice%'") == [(wanted,)]  # noqa: S608


def test_one_key_from_two_terminals_is_one_act(pair: list[Api]) -> None:
    """Both lanes of a classroom saw the same person: the key is made of lesson and person."""
    centre, person = pair[0].centre, pair[0].person(STUDENT)
    for n in range(6):
        with writing(centre.engine) as connection:
            row = LessonRow(zh="园林植物", room="3-201", begins=NOW, ends=NOW + 3600, members=[person])
            gates.keep_lesson(Work(centre, connection, NOW), f"lesson-{n}", row)
        body = {"lesson": f"lesson-{n}", "person": person, "factors": ["code"], "late_minutes": 2}
        sign = event(f"att:lesson-{n}:{person}", "attendance.signed", body)
        verdicts = send_at_once(pair, [sign])
        assert sorted(verdict for (verdict,) in verdicts) == ["created", "duplicate"]
    assert pair[0].sql("select count(*) from attendance") == [(6,)]


def test_who_meets_the_same_people_in_another_order_waits_in_no_ring(pair: list[Api]) -> None:
    crowd = [pair[0].person(number) for number in SOMEBODY]
    for n in range(5):
        batches = []
        for side, order in (("l", crowd), ("r", crowd[::-1])):
            keys = [(f"g:ring{side}:{n}{i}", person) for i, person in enumerate(order)]
            came = [item for key, person in keys for item in (decided(key, person), passed(key))]
            health = {"temperature": "36.5", "symptoms": "none", "stays_at": "campus"}
            asks = [
                pair[0].request("health_check_in", number, health, key=f"ring{side}-{n}-{number}")
                for number in (SOMEBODY[:3] if side == "l" else SOMEBODY[2::-1])
            ]
            batches.append([*asks, *came] if side == "l" else [*came, *asks])
        answers = send_at_once(pair, *batches)
        assert {verdict for verdicts in answers for verdict in verdicts} == {"created"}
    told = pair[0].feed("passes")
    assert all(told[person]["inside"] for person in crowd if person in told)


def test_a_copy_misses_nothing_of_what_two_workers_tell(pair: list[Api]) -> None:
    one, done, copy = pair[0], threading.Event(), dict[str, Any]()
    reader = as_terminal(Api(one.url, one.centre, one.database), "C-019")
    first = reader.get("/v1/feeds/requests").json()["next"]

    def read() -> None:
        after = first
        while True:
            last = done.is_set()
            page = reader.get(f"/v1/feeds/requests?after={after}&limit=7").json()
            revisions = [row["rev"] for row in page["rows"]]
            assert revisions == sorted(set(revisions))
            copy.update({row["id"]: row["rev"] for row in page["rows"]})
            after = page["next"]
            if last and not page["more"]:
                return

    def hand_in(api: Api, side: str) -> None:
        for n in range(12):
            meal = {"purpose": "loan"}
            assert api.send(*(api.request("enrolment", STUDENT, meal, key=f"told-{side}-{n}-{i}") for i in range(4)))

    thread = threading.Thread(target=read)
    thread.start()
    at_once(*(lambda api=api, side=side: hand_in(api, side) for api, side in zip(pair, "lr", strict=True)))  # type: ignore[misc]
    done.set()
    thread.join()
    reader.session.close()
    there = one.sql("select id, rev from feed_row where feed = 'requests' and rev > ?", first)
    assert copy == dict(there)
    assert len(copy) == 2 * 12 * 4


def test_a_face_that_was_withdrawn_at_the_same_time_does_not_come_back(pair: list[Api]) -> None:
    one, two = pair
    for n, number in enumerate(SOMEBODY):
        person = one.person(number)
        agreed = {"version": consent.CURRENT, "at": NOW}
        body = {
            "person": person,
            "model": MODEL,
            "consent": agreed,
            "rows": 3,
            "vectors": pack(templates(n)),
            "poses": [],
        }
        come = event(f"face-come-{n}", "face.enrolled", body, stream=f"face:{person}")
        gone = event(f"face-gone-{n}", "face.withdrawn", {"person": person, "consent": ""}, stream=f"face:{person}")
        at_once(lambda come=come: one.send(come), lambda gone=gone: two.send({**gone, "at": NOW + 5}))  # type: ignore[misc]
    assert {id_: row for id_, row in one.feed("templates").items() if row} == {}
    assert one.sql("select count(*) from template where rows > 0") == [(0,)]


def test_the_pass_of_somebody_who_leaves_at_the_same_time_does_not_come_back(pair: list[Api]) -> None:
    one, centre = pair[0], pair[0].centre

    def forget(person: str) -> None:
        with writing(centre.engine) as connection:
            people.forget(Work(centre, connection, NOW), person)

    for n in range(5):
        person = f"{n:015x}e"
        with writing(centre.engine) as connection:
            row = people.Member(person, f"L{n}", "甲", "Jia", people.Role.STUDENT, {}, {}, "")
            people.keep(Work(centre, connection, NOW), row)
        assert one.send(decided(f"g:left:{n}0", person), passed(f"g:left:{n}0")) == ["created"] * 2
        batch = [decided(f"g:left:{n}1", person), passed(f"g:left:{n}1")]
        at_once(lambda b=batch: pair[1].send(*b), lambda p=person: forget(p))  # type: ignore[misc]
        assert one.feed("passes")[person] is None
        assert one.feed("persons")[person] is None
