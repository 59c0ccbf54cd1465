"""What is written down about the centre agrees with the centre: tables, API, texts, the seal's format."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kiosk.assets import ROOT
from kiosk.text import shipped_texts
from sync.central import keys, schema, tables
from sync.central.centre import Centre
from sync.central.database import migrate, open_engine, reading
from sync.central.demodata import everybody

REPOSITORY = ROOT.parent


def test_the_written_api_is_the_served_one() -> None:
    """`python -m sync.central openapi > sync/openapi.yaml` writes it."""
    assert (REPOSITORY / "sync" / "openapi.yaml").read_text("utf-8") == schema.document()


def test_migrations_lead_to_the_tables_and_may_be_run_again(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new.db")
    migrate(engine)
    migrate(engine)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
    engine.dispose()


def test_the_campus_leads_every_key_and_index() -> None:
    for table in tables.metadata.tables.values():
        assert next(iter(table.primary_key)).name == "campus_id"
        for index in table.indexes:
            assert next(iter(index.columns)).name == "campus_id", index.name


def test_every_statement_compiles_for_postgresql() -> None:
    from sqlalchemy.dialects import postgresql

    from sync.central.tables import metadata

    for table in metadata.sorted_tables:
        ddl = str(sa.schema.CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "campus_id INTEGER NOT NULL" in ddl


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    texts = shipped_texts()
    used: set[str] = set()
    for path in (REPOSITORY / "sync" / "central").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                used |= {leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant)}
    assert len(used) > 30
    used = {word for word in used if word != "void_"} | {"void_spoiled", "void_unknown", "void_not_taken"}
    for language in ("zh", "en"):
        told = {
            key.removeprefix("central.refusal.") for key in texts.keys(language) if key.startswith("central.refusal.")
        }
        assert {word for word in used if isinstance(word, str)} - told - {404, 405} == set()
    for key in texts.keys("zh"):
        if key.startswith("central."):
            assert texts.places("zh", key) == texts.places("en", key)


def test_keys_are_made_once_for_nobody_else_and_the_newest_signs(tmp_path: Path) -> None:
    first = keys.load(tmp_path / "keys")
    assert keys.load(tmp_path / "keys")["code"].public == first["code"].public
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    (tmp_path / "keys" / "code-1.pem").rename(tmp_path / "keys" / "code-2.pem")
    assert keys.load(tmp_path / "keys")["code"].kid == 2


def test_the_made_up_campus_is_the_same_each_time_and_as_large_as_said(central_centre: Centre) -> None:
    today = central_centre.today()
    members = everybody(today)
    assert members == everybody(today)
    assert len(members) == 200
    assert sum(member.role == "staff" for member in members) == 30
    assert len({member.id for member in members}) == len({member.number for member in members}) == 200
    names = {member.number: member.name for member in members}
    assert (names["20230001"], names["20230003"], len(names["20230004"])) == ("张伟", "李𠮷祥", 4)
    assert all(member.name_en.isascii() or "ü" in member.name_en for member in members)
