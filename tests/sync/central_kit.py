"""A centre with a few made-up people, really served on loopback, and a terminal's way of talking to it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
import sqlalchemy as sa
from psycopg.types.string import TextLoader

from kiosk.clock import CAMPUS_ZONE, Clock, starting_at
from kiosk.domain import forms
from kiosk.domain.people import DEMO_PINS, Role
from sync.central import demodata, demorequests, devices, people
from sync.central.__main__ import main
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import migrate, open_engine, reading, writing
from sync.central.server import build, listen
from tests.sync.attachments import JPEG as JPEG
from tests.sync.keys_kit import Key
from tests.sync.postgres_kit import Cluster
from tests.waiting import until

MORNING = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE)
STUDENT, OTHER, RARE, LONG, LEFT, STAFF = "20230001", "20230002", "20230003", "20230004", "20220001", "T2015001"
SOMEBODY = (STUDENT, OTHER, RARE, LONG, LEFT, STAFF)
_counter = itertools.count(1)
TURNS = 10
"""Of a loop, for who was let in to be known as a connection."""
_ending: list[threading.Thread] = []


def morning_clock() -> Clock:
    """It is Monday morning, 8:42."""
    return starting_at(MORNING)


@dataclass(slots=True)
class Api:
    """A terminal's connection; every answer is read as it came."""

    url: str
    centre: Centre
    database: str
    key: Key | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def operate(self, *words: str) -> int:
        """Run a command of the centre on this database; its exit status."""
        where = ["--state", str(self.centre.state), "--database", self.database]
        return main([*words, *where, "--clock-offset", str(self.centre.clock.offset)])

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        signer = self.key.signer if self.key else None
        return self.session.request(method, self.url + path, auth=signer, timeout=20, **more)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, json=body)

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def send(self, *items: dict[str, Any]) -> list[str]:
        """Post a batch; the verdicts in order."""
        answer = self.post("/v1/events:batch", {"items": list(items)})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert [result["key"] for result in body["results"]] == [item["key"] for item in items]
        return [result["verdict"] for result in body["results"]]

    def reason(self, item: dict[str, Any]) -> str:
        """Post one item that is rejected; why."""
        result = self.post("/v1/events:batch", {"items": [item]}).json()["results"][0]
        assert result["verdict"] == "rejected", result
        return str(result["reason"])

    def upload(self, data: bytes) -> requests.Response:
        return self.call("PUT", f"/v1/blobs/{hashlib.sha256(data).hexdigest()}", data=data)

    def feed(self, name: str) -> dict[str, Any]:
        """All rows of a feed by id."""
        rows: dict[str, Any] = {}
        after, more = 0, True
        while more:
            page = self.get(f"/v1/feeds/{name}?after={after}&limit=100").json()
            rows |= {row["id"]: row["data"] for row in page["rows"]}
            after, more = page["next"], page["more"]
        return rows

    def sql(self, query: str, *values: object) -> list[Any]:
        """What the database says to somebody else than the centre."""
        place = sa.make_url(self.database)
        if place.database and place.drivername == "sqlite":
            with contextlib.closing(sqlite3.connect(f"file:{place.database}?mode=ro", uri=True)) as db:
                return db.execute(query, values).fetchall()
        with psycopg.connect(self.database) as other:
            # JSON as it is stored, like SQLite's
            other.adapters.register_loader("json", TextLoader)
            asked = query.replace("?", "%s") if values else query
            return other.execute(asked.encode(), values or None).fetchall()

    def person(self, number: str) -> str:
        """The 16 hex digits of a number."""
        return str(self.sql("select id from person where number = ?", number)[0][0])

    def request(self, item: str, number: str, values: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """An event `request.submitted` with what the campus knows and these answers."""
        with reading(self.centre.engine) as connection:
            member = people.by_number(Work(self.centre, connection, 0), number)
        assert member is not None
        known = forms.prefill(self.centre.catalogue.items[item], people.told(member))
        body = {"item": item, "person": member.id, "receipt": "A-017-20260302-0001", "factors": ["code", "pin"]}
        key = more.pop("key", None) or f"request-{next(_counter):04d}"
        return event(key, "request.submitted", {**body, "values": {**known, **(values or {})}, **more})

    def ask(self, request: str, document: str, attempt: int = 1, **more: Any) -> requests.Response:
        """POST /v1/documents."""
        return self.post(
            "/v1/documents", {"key": f"{request}:{attempt}", "request": request, "document": document, **more}
        )


def event(key: str, kind: str, body: dict[str, Any], stream: str = "", seq: int = 1) -> dict[str, Any]:
    """An item of a batch, handed in this morning."""
    sent = {"key": key, "seq": seq, "stream": stream or key, "kind": kind, "v": 1}
    return {**sent, "at": MORNING.timestamp(), "boot": "boot-1", "mono": 5.0, "body": body}


def fill_in(centre: Centre, numbers: tuple[str, ...]) -> None:
    """These people of the demonstration with their PINs and earlier requests."""
    members = [member for member in demodata.everybody(centre.today()) if member.number in numbers]
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        demodata.name_campus(work)
        for member in demodata.with_pins(members):
            people.keep(work, member)
        demorequests.hand_in(work)


def pin_of(number: str) -> str:
    return DEMO_PINS[Role.STAFF if number.startswith("T") else Role.STUDENT]


async def _settled() -> None:
    """Every callback that the loop has now has run, and those that they led to."""
    for _ in range(TURNS):
        over = asyncio.Event()
        asyncio.get_running_loop().call_soon(over.set)
        await over.wait()


@contextlib.contextmanager
def served(centre: Centre, **more: Any) -> Iterator[str]:
    """The real server in a thread; its address. Nobody waits for its end, which takes a fifth of a second."""
    listener, server = listen(0), build(centre, **more)
    properly = server.shutdown

    async def shutdown(sockets: list[socket.socket] | None = None) -> None:
        """And cuts off whoever is still there: a transport that outlives its loop is told of in another test."""
        for each in (taking for listening in server.servers for taking in listening.sockets):
            asyncio.get_running_loop().remove_reader(each.fileno())
        await _settled()
        await properly(sockets)
        for connection in list(server.server_state.connections):
            connection.transport.abort()  # type: ignore[union-attr]
        await _settled()

    server.shutdown = shutdown  # type: ignore[method-assign]

    def run() -> None:
        with contextlib.closing(listener):
            server.run([listener])

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        _ending.append(thread)
        # one that is still answered would leave its connection behind when the database is let go
        until(lambda: not server.server_state.tasks, "no request is under way")


@pytest.fixture(scope="session")
def central_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder with tables, keys and people, to be copied; at the end every server has ended."""
    folder = tmp_path_factory.mktemp("central")
    engine = open_engine(f"sqlite:///{folder}/central.db")
    migrate(engine)
    fill_in(open_centre(engine, folder, clock=morning_clock(), demo=True), SOMEBODY)
    engine.dispose()
    yield folder
    for thread in _ending:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def central_model(postgres: Cluster, central_template: Path) -> str:
    """The name of a PostgreSQL database with the same people, to be cloned; its keys are the template's."""
    name = postgres.new()
    engine = open_engine(postgres.url(name))
    migrate(engine)
    fill_in(open_centre(engine, central_template, clock=morning_clock(), demo=True), SOMEBODY)
    engine.dispose()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def central_kind(request: pytest.FixtureRequest) -> str:
    """Which database the centre stands on. A module that says why may make it one alone."""
    return str(request.param)


@pytest.fixture
def central_database(central_kind: str, central_state: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of this test's own database, with the people in it."""
    if central_kind == "sqlite":
        yield f"sqlite:///{central_state}/central.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.new(request.getfixturevalue("central_model"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def central_still(central_template: Path) -> Iterator[Centre]:
    """A centre that all tests share and none changes."""
    engine = open_engine(f"sqlite:///{central_template}/central.db")
    yield open_centre(engine, central_template, clock=morning_clock(), demo=True)
    engine.dispose()


@pytest.fixture
def central_state(central_template: Path, tmp_path: Path) -> Path:
    """A state folder of this test's own."""
    skip = shutil.ignore_patterns("*-wal", "*-shm")
    return Path(shutil.copytree(central_template, tmp_path / "central", ignore=skip))


@pytest.fixture
def central_centre(central_state: Path, central_database: str) -> Iterator[Centre]:
    """The centre itself, not served."""
    engine = open_engine(central_database)
    yield open_centre(engine, central_state, clock=morning_clock(), demo=True)
    engine.dispose()


@pytest.fixture
def central_door(central_centre: Centre, central_database: str) -> Iterator[Api]:
    """The served centre as somebody meets it who is not enrolled."""
    with served(central_centre) as url, requests.Session() as session:
        session.trust_env = False
        yield Api(url, central_centre, central_database, session=session)


@pytest.fixture
def central_api(central_door: Api) -> Api:
    """The served centre as the enrolled terminal A-017 meets it."""
    code = devices.issue_code(central_door.centre, "A-017")
    key = Key(central_door.centre.clock.now)
    assert central_door.post("/v1/enrol", key.ask(code)).status_code == 200
    central_door.key = key
    return central_door
