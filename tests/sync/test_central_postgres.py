"""What is PostgreSQL's alone: tables that are not there yet, a server that goes away, transactions in a ring."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sync.central import tables
from sync.central.__main__ import main
from sync.central.centre import Centre
from sync.central.database import hold, in_transaction, open_engine, reading
from tests.sync.central_kit import Api, event
from tests.sync.postgres_kit import Cluster


@pytest.fixture
def central_kind() -> str:
    return "postgresql"


@pytest.fixture
def empty(postgres: Cluster) -> Iterator[str]:
    """The address of a database without tables."""
    name = postgres.new()
    yield postgres.url(name)
    postgres.drop(name)


def test_tables_are_made_when_it_is_said_and_nothing_serves_without_them(
    empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--database", empty, "--state", str(tmp_path)]
    for command in (["serve", "--port", "0"], ["serve", "--port", "0", "--workers", "2"]):
        assert main([*command, *where]) == 1
        assert "revision none" in (said := capsys.readouterr().err)
        assert "run `migrate` first" in said
    assert main(["migrate", *where]) == main(["migrate", *where]) == 0
    assert main(["issue-enrolment-code", "--terminal", "A-017", *where]) == 0
    engine = open_engine(empty)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.delete(tables.meta))
    engine.dispose()


def test_where_nobody_answers_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for address, says in ((f"postgresql://campus@/x?host={tmp_path}", "does not answer"), ("nonsense", "no address")):
        for command in ("serve", "migrate"):
            assert main([command, "--database", address, "--state", str(tmp_path / "state")]) == 1
            assert says in capsys.readouterr().err


def test_a_database_that_goes_away_is_told_as_busy_and_comes_back(central_api: Api, postgres: Cluster) -> None:
    refused = {"items": [event("codes-0001", "codes.refused", {"counts": {"expired": 1}})]}
    assert central_api.get("/v1/feeds/keys").status_code == 200
    postgres.stop()
    try:
        for answer in (central_api.get("/v1/feeds/keys"), central_api.post("/v1/events:batch", refused)):
            assert (answer.status_code, answer.json()["type"]) == (503, "busy")
            assert int(answer.headers["Retry-After"]) > 0
    finally:
        postgres.start()
    assert central_api.post("/v1/events:batch", refused).json()["results"][0]["verdict"] == "created"


def test_of_two_in_a_ring_one_begins_again_and_both_are_done(central_centre: Centre) -> None:
    met, attempts = threading.Barrier(2), list[str]()

    def act(connection: sa.Connection, first: str, then: str) -> None:
        attempts.append(first)
        for name in (first, then):
            hold(connection, tables.meta, {"campus_id": 1, "name": name, "value": "0"})
            if len(attempts) <= 2 and name == first:
                met.wait(10)
        here = (tables.meta.c.campus_id == 1, tables.meta.c.name == first)
        counted = sa.cast(sa.cast(tables.meta.c.value, sa.Integer) + 1, sa.Text)
        connection.execute(sa.update(tables.meta).where(*here).values(value=counted))

    def run(first: str, then: str) -> None:
        in_transaction(central_centre.engine, lambda connection: act(connection, first, then))

    for name in "ab":
        in_transaction(
            central_centre.engine,
            lambda connection, name=name: hold(connection, tables.meta, {"campus_id": 1, "name": name, "value": "0"}),
        )
    hands = [threading.Thread(target=run, args=each) for each in (("a", "b"), ("b", "a"))]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(30)
    with reading(central_centre.engine) as connection:
        found = connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.name.in_(["a", "b"]))).scalars()
        assert list(found) == ["1", "1"]
    assert len(attempts) == 3
