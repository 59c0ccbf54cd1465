"""The made-up day at the gate, and a database of before that grows into it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig

from kiosk.domain.people import Role
from sync.central import database, demodata, demogate, feeds, people
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import open_engine, reading, writing
from sync.wire_gate import ROWS
from tests.sync.central_kit import MORNING, OTHER, STUDENT, morning_clock
from tests.sync.gate_kit import MODEL, templates

NOW = MORNING.timestamp()


def to(engine: sa.Engine, revision: str) -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every feed of the gate in the demonstration, by row id."""
    folder = tmp_path_factory.mktemp("day")
    engine = open_engine(f"sqlite:///{folder}/central.db")
    database.migrate(engine)
    centre = open_centre(engine, folder, clock=morning_clock(), demo=True)
    members = demodata.everybody(centre.today())
    with writing(engine) as connection:
        work = Work(centre, connection, NOW)
        for member in members:
            people.keep(work, member)
        demogate.fill(work, demodata.lists(), members, ())
    with reading(engine) as connection:
        told = {name: {row.id: row.data for row in feeds.page(connection, 1, name, 0).rows} for name in ROWS}
    engine.dispose()
    return told


def identity(number: str) -> str:
    return next(each.id for each in demodata.everybody(MORNING.date()) if each.number == number)


def test_the_day_has_everything_a_lane_can_meet(day: dict[str, dict[str, Any]]) -> None:
    passes = list(day["passes"].values())
    now = [row for row in passes if any(w["begins"] <= NOW <= w["ends"] for w in row["windows"])]
    later = [row for row in passes if row["windows"] and row not in now]
    assert min(len(now), len(later)) > 40
    assert {row["batch"] for row in passes} == {"", "第一批", "第二批", "第三批", "第四批"}
    assert 5 < sum(row["checked_in"] != "2026-03-02" for row in passes) < 40
    assert [sum(bool(row[word]) for row in passes) for word in ("revoked", "healthy")] == [1, 199]
    assert sum(row["declared"] is None for row in passes) == 2
    assert {day["passes"][identity(n)]["batch"] for n in (STUDENT, OTHER)} == {"第一批"}
    assert list(day["rules"]) == ["*"]


def test_two_lessons_three_visitors_and_a_guard(day: dict[str, dict[str, Any]]) -> None:
    lessons = list(day["lessons"].values())
    assert [(row["room"], len(row["members"])) for row in lessons] == [("3-201", 30), ("3-201", 32)]
    visits = {(*visit["gates"], visit["begins"] < NOW < visit["ends"]) for visit in day["visits"].values()}
    assert visits == {("east", True), ("south", True), ("east", False)}
    guards = [each for each in demodata.everybody(MORNING.date()) if each.known.get("duty") == "gate"]
    assert [(guard.number, guard.role) for guard in guards] == [("T2012003", Role.STAFF)]


def test_most_have_a_face_and_no_two_are_alike(day: dict[str, dict[str, Any]]) -> None:
    faces = day["templates"]
    assert 170 <= len(faces) <= 190
    assert not {identity(n) for n in ("20230003", "T2015001")} & faces.keys()
    middle = demogate._middle(demodata.lists(), ())
    made = np.stack([demogate.made_up("seed", str(n), middle) for n in range(40)])
    assert np.array_equal(made[7], demogate.made_up("seed", "7", middle))
    means = made.mean(axis=1)
    apart = np.linalg.norm(means[:, None] - means[None], axis=2)[np.triu_indices(40, 1)]
    own = np.linalg.norm(made[:, 0] - made[:, 1], axis=1)
    assert (apart > 0.5).all()
    assert 0.7 < np.median(apart) < 0.9
    assert own.max() < 0.35


def test_real_faces_stand_among_the_made_up_ones(central_centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "faces.json"
    real = templates(1)
    path.write_text(json.dumps([{"number": STUDENT, "model": "net", "vectors": real.tolist()}]))
    shown = demogate.read(path)
    with writing(central_centre.engine) as connection:
        work = Work(central_centre, connection, NOW)
        members = [m for n in (STUDENT, OTHER) if (m := people.by_number(work, n))]
        demogate.fill(work, demodata.lists(), members, shown)
    assert demodata.fill(central_centre, [*shown, demogate.Shown("29990001", "net", real)]) == 0
    with reading(central_centre.engine) as connection:
        rows = {row.id: row.data for row in feeds.page(connection, 1, "templates", 0).rows}
    assert {row["model"] for row in rows.values() if row} == {"net"}
    assert set(rows) == {identity(STUDENT), identity(OTHER)}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"number": 1}]', '[{"number":"1","model":"m","vectors":[[1]]}]'])
def test_a_file_of_faces_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "faces.json"
    path.write_text(text)
    if text == "{}":
        assert demogate.read(path) == []
        return
    with pytest.raises(ValueError):  # noqa: PT011 - json's and ours
        demogate.read(path)


def test_a_filled_database_of_before_grows_and_goes_on(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/central.db")
    to(engine, "0001")
    with sqlite3.connect(tmp_path / "central.db") as db:
        person = (1, "00000000000000a1", "20230001", "张伟", "Zhang Wei", "student", "{}", "{}", "v", 1)
        db.execute("insert into person values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", person)
        db.execute("insert into feed_head values (1, 'persons', 7)")
        db.execute("insert into feed_row values (1, 'persons', '00000000000000a1', 7, '{}')")
    db.close()
    database.migrate(engine)
    centre = open_centre(engine, tmp_path, clock=morning_clock(), demo=True)
    with writing(engine) as connection:
        work = Work(centre, connection, NOW)
        demogate.enrol(work, [demogate.Shown("20230001", MODEL, templates(1))])
        people.forget(work, "00000000000000a1")
    with reading(engine) as connection:
        assert [row.data for row in feeds.page(connection, 1, "templates", 0).rows] == [None]
        assert [(row.rev, row.data) for row in feeds.page(connection, 1, "persons", 0).rows] == [(8, None)]
    engine.dispose()
