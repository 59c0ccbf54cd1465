"""Opening the centre's database, its transactions, and the few statements that SQLite and PostgreSQL must both have."""

from __future__ import annotations

import json
import random
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql, sqlite

from sync.central import tables

MIGRATIONS = Path(__file__).parent / "migrations"
ATTEMPTS = 5
AGAIN = frozenset({"40P01", "40001", "23505"})
"""SQLSTATEs after which the whole transaction may run again: a deadlock, or somebody else wrote the same key first."""
PASSING = ("08", "25006", "40", "53", "55P03", "57")
"""SQLSTATEs, or how they begin, of a database that is away, full of work or on its way up: later it may be well."""
_LIMITS = "-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
_POSTGRESQL: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 8,
    "pool_timeout": 10,
    "pool_recycle": 1800,
    # a connection that died while nobody used it is replaced before somebody does
    "pool_pre_ping": True,
    "pool_use_lifo": True,
    "connect_args": {"connect_timeout": 5, "application_name": "campus-central", "options": _LIMITS},
}
_MIGRATING = 20260302
_one_writer = threading.Lock()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """A value for a JSON column that is text already: valid JSON without NUL."""

    text: str


class Last(Protocol):
    """What a transaction gathers and writes at its end; kinds with a lower `turn` first."""

    turn: int

    def write(self, connection: sa.Connection) -> None: ...


L = TypeVar("L", bound=Last)


def open_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`. SQLite: WAL, every commit on the disk before it counts."""
    place = sa.make_url(url)
    if place.drivername in ("postgresql", "postgres"):
        place = place.set(drivername="postgresql+psycopg")
    more = _POSTGRESQL if place.get_backend_name() == "postgresql" else {}
    engine = sa.create_engine(place, json_serializer=_json, hide_parameters=True, **more)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one state throughout and writes nothing."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            one_state = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            connection = connection.execution_options(**one_state)
        with connection.begin():
            yield connection


@contextmanager
def glancing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """For a single question: on PostgreSQL it takes no transaction, and with it two of three ways to the database."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that may write; on SQLite the threads of a process take turns instead of timing out.

    What it gathered by `at_the_end` is written before it commits.
    """
    if engine.dialect.name == "sqlite":
        with _one_writer, _writing(engine) as connection:
            yield connection
    else:
        with _writing(engine) as connection:
            yield connection


@contextmanager
def _writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        gathered: dict[type[Last], Last] = {}
        connection = connection.execution_options(writing=True, gathered=gathered)
        with connection.begin():
            yield connection
            while gathered:
                # one that is written may gather for a later one
                kind = min(gathered, key=lambda each: each.turn)
                gathered.pop(kind).write(connection)


def in_transaction(engine: sa.Engine, act: Callable[[sa.Connection], T]) -> T:
    """What `act` returns, in a writing transaction that is run again when it met another one at the same rows.

    `act` must have no effect outside the database. Raises what it raises, and sqlalchemy.exc.DBAPIError.
    """
    for n in range(ATTEMPTS):
        try:
            with writing(engine) as connection:
                return act(connection)
        except sa.exc.DBAPIError as error:
            if _state(error) not in AGAIN or n + 1 == ATTEMPTS:
                raise
            time.sleep(random.random() * 0.02 * 2**n)
    raise AssertionError("unreachable")


def passing(error: sa.exc.DBAPIError) -> bool:
    """Whether the same again later may go well: nothing is wrong with what was asked."""
    away = isinstance(error, sa.exc.OperationalError) or error.connection_invalidated
    return away or _state(error).startswith(PASSING)


def word(error: sa.exc.DBAPIError) -> str:
    """What the database called it: an SQLSTATE, SQLite's name of the error, or the class of the exception."""
    return _state(error) or getattr(error.orig, "sqlite_errorname", None) or type(error.orig).__name__


def at_the_end(connection: sa.Connection, kind: type[L]) -> L:
    """What this writing transaction gathers of this kind, made at the first ask."""
    gathered: dict[type[L], L] = connection.get_execution_options()["gathered"]
    if kind not in gathered:
        gathered[kind] = kind()
    return gathered[kind]


def outdated(engine: sa.Engine) -> str:
    """Where the tables stand and where they should, in words; empty when they are at the newest revision."""
    newest = ScriptDirectory.from_config(_alembic()).get_current_head()
    with engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_revision()
    return "" if there == newest else f"its tables are at revision {there or 'none'}, this program needs {newest}"


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest revision; nothing happens when they are there."""
    config = _alembic()
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            # two that migrate at once take turns, each for as long as it takes
            connection.exec_driver_sql("set local statement_timeout = 0")
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_MIGRATING})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


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


def insert_all(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert many rows that have every column, in one go and past SQLAlchemy's work on each value of each row.

    Raises sqlalchemy.exc.IntegrityError when a key is there already.
    """
    sql, names, texts = _insert_all(connection.dialect, table)
    if connection.dialect.name == "postgresql":
        text = orjson.dumps(rows, _fragment, orjson.OPT_PASSTHROUGH_DATACLASS).decode()
        connection.exec_driver_sql(sql, {"rows": text})
        return
    for row in rows:
        for name in texts:
            row[name] = _json(row[name])
    connection.exec_driver_sql(sql, [tuple(map(row.__getitem__, names)) for row in rows])


def upsert(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert, or replace every column of the row with this key; `row` has them all."""
    connection.execute(_upsert(connection.dialect.name, table), row)


def upsert_all(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """`upsert` of many in one go; no key twice."""
    connection.execute(_upsert(connection.dialect.name, table), rows)


def bump(connection: sa.Connection, table: sa.Table, key: Mapping[str, Any], column: str, by: int = 1) -> int:
    """Count a counter up, from 0, and hold its row until commit; the new count."""
    counted = connection.execute(_bump(connection.dialect.name, table, column), {**key, column: by})
    return int(counted.scalar_one())


def hold(connection: sa.Connection, table: sa.Table, empty: Mapping[str, Any]) -> sa.Row[Any]:
    """The row with the key of `empty`, held until commit; `empty` itself where there was none.

    A row that is not there cannot be locked: two who found nothing would each write as if they were the first.
    """
    wanted = _held(table)
    key = {f"its_{column.name}": empty[column.name] for column in table.primary_key}
    while (found := connection.execute(wanted, key).one_or_none()) is None:
        insert_new(connection, table, empty)
    return found


def hold_all(connection: sa.Connection, table: sa.Table, empties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`hold` of many rows whose key is the campus and one more column: by that column, in its order.

    Two who hold some of the same rows take them in the same order and never wait for each other in a ring.
    """
    if not empties:
        return {}
    campus, name = table.primary_key.columns
    wanted = {"its_campus": next(iter(empties.values()))[campus.name], "names": sorted(empties)}
    found = connection.execute(_held_all(table), wanted).all()
    if len(found) < len(empties):
        there = {row._mapping[name] for row in found}
        missing = [dict(empty) for each, empty in sorted(empties.items()) if each not in there]
        connection.execute(_insert(connection.dialect.name, table).on_conflict_do_nothing(), missing)
        found = connection.execute(_held_all(table), wanted).all()
    return {row._mapping[name]: row for row in found}


# Statements are made once: making them costs more than running them.


@cache
def _insert_new(dialect: str, table: sa.Table) -> sa.Executable:
    return _insert(dialect, table).on_conflict_do_nothing().returning(table.c.campus_id)


@cache
def _insert_all(dialect: sa.Dialect, table: sa.Table) -> tuple[str, list[str], list[str]]:
    """The statement, the order of its places where they have no names, and the columns that hold JSON."""
    if dialect.name == "postgresql":
        return str(_from_json(table).compile(dialect=dialect)), [], []
    made = sa.insert(table).compile(dialect=dialect)
    texts = [column.name for column in table.columns if isinstance(column.type, sa.JSON)]
    return str(made), list(made.positiontup or ()), texts


def _from_json(table: sa.Table) -> sa.Insert:
    """All rows as one value `rows`: a value a column would have it plan and bind some thousand places."""
    names = [column.name for column in table.columns]
    form: sa.ColumnClause[Any] = sa.literal_column(f"null::{table.name}")
    rows = sa.func.json_populate_recordset(form, sa.bindparam("rows", type_=sa.JSON))
    return sa.insert(table).from_select(names, sa.select(*map(sa.column, names)).select_from(rows))


@cache
def _upsert(dialect: str, table: sa.Table) -> sa.Insert:
    statement, keys = _insert(dialect, table), [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


@cache
def _bump(dialect: str, table: sa.Table, column: str) -> sa.Executable:
    statement, keys = _insert(dialect, table), [each.name for each in table.primary_key]
    counted = table.c[column] + statement.excluded[column]
    more = statement.on_conflict_do_update(index_elements=keys, set_={column: counted})
    return more.returning(table.c[column])


@cache
def _held(table: sa.Table) -> sa.Select[Any]:
    here = [column == sa.bindparam(f"its_{column.name}") for column in table.primary_key]
    return sa.select(table).where(*here).with_for_update()


@cache
def _held_all(table: sa.Table) -> sa.Select[Any]:
    campus, name = table.primary_key.columns
    here = (campus == sa.bindparam("its_campus"), name.in_(sa.bindparam("names", expanding=True)))
    return sa.select(table).where(*here).order_by(name).with_for_update()


def _insert(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _state(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _json(value: object) -> str:
    if isinstance(value, Written):
        return value.text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Written):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)


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
