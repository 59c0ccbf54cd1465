"""Opening the centre's database, and the few statements that SQLite and PostgreSQL must both understand."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects import postgresql, sqlite

from sync.central import tables

MIGRATIONS = Path(__file__).parent / "migrations"
_one_writer = threading.Lock()


def open_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`. SQLite: WAL, every commit on the disk before it counts."""
    engine = sa.create_engine(url, json_serializer=_json, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one state throughout and writes nothing."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write; on SQLite the threads of a process take turns instead of timing out."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with _one_writer, engine.connect() as connection:
        connection = connection.execution_options(writing=True)
        with connection.begin():
            yield connection


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest revision; nothing happens when they are there."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def epoch_of(engine: sa.Engine, campus: int) -> str:
    """The identity of this database, made at first use and kept for its life."""
    with writing(engine) as connection:
        row = {"campus_id": campus, "name": "epoch", "value": secrets.token_hex(8)}
        insert_new(connection, tables.meta, row)
        wanted = sa.select(tables.meta.c.value).where(tables.meta.c.campus_id == campus, tables.meta.c.name == "epoch")
        return str(connection.execute(wanted).scalar_one())


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert unless a row with this key exists; whether it was inserted. Two writers: exactly one is told True."""
    return connection.execute(_insert_new(connection.dialect.name, table), row).first() is not None


def upsert(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert, or replace every column of the row with this key; `row` has them all."""
    connection.execute(_upsert(connection.dialect.name, table), row)


def bump(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], column: str) -> int:
    """Count a counter up by one, from 0, and hold its row until commit; the new count."""
    counted = connection.execute(_bump(connection.dialect.name, table, column), {**key, column: 1})
    return int(counted.scalar_one())


# Statements are made once: making them costs more than running them.


@cache
def _insert_new(dialect: str, table: sa.Table) -> sa.Executable:
    return _insert(dialect, table).on_conflict_do_nothing().returning(table.c.campus_id)


@cache
def _upsert(dialect: str, table: sa.Table) -> sa.Insert:
    statement, keys = _insert(dialect, table), [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


@cache
def _bump(dialect: str, table: sa.Table, column: str) -> sa.Executable:
    statement, keys = _insert(dialect, table), [each.name for each in table.primary_key]
    more = statement.on_conflict_do_update(index_elements=keys, set_={column: table.c[column] + 1})
    return more.returning(table.c[column])


def _insert(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        "busy_timeout = 15000",
        "foreign_keys = on",
        "secure_delete = on",
    ):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    begin = "begin immediate" if connection.get_execution_options().get("writing") else "begin"
    connection.exec_driver_sql(begin)
