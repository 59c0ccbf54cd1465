"""What does not count any more is told to every terminal; keys change, and older papers stay good."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from kiosk.config import CentreConfig
from kiosk.domain.certificates import Finding, Outcome, Why, judge
from sync.cache import Cache, confirmed, row_of
from sync.central.database import MIGRATIONS, migrate, open_engine, reading, writing
from sync.central.feeds import page
from sync.client import Client
from sync.feeds import pull
from sync.store import reader
from sync.vault import Vault
from sync.wire import RevocationRow
from tests.sync.central_kit import MORNING, Api
from tests.sync.postgres_kit import Cluster
from tests.sync.seal_kit import ended_of, keys_of, register
from tests.sync.test_central_documents import handed_in, said

ENDED = [(1, "A", 9.5, "B"), (1, "B", None, ""), (1, "C", 3.0, ""), (2, "D", 1.0, "")]
OLD = sa.text(
    "insert into document (campus_id, serial, key, request, person, document, language, copies, token, issued, expires,"
    " code, fields, replaces, superseded_by, voided_at, void_reason)"
    " values (:campus, :serial, :serial, 'r', 'p', 'd', 'zh', 1, :serial, 1, 2, 'c', '{}', '', :by, :voided, '')"
)
NOW = int(MORNING.timestamp())


def issued(api: Api, key: str = "", attempt: int = 1, **more: Any) -> dict[str, Any]:
    answer = api.ask(key or handed_in(api), "enrolment", attempt, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def found(api: Api, code: str) -> Finding:
    """What a terminal says that has all feeds."""
    known = register(keys_of(api.feed("keys")), ended_of(api.feed("revocations")))
    return judge(code, known, api.centre.clock.now())


def test_what_is_voided_and_what_replaces_it_is_told(central_api: Api) -> None:
    key = handed_in(central_api)
    first = issued(central_api, key)
    assert central_api.feed("revocations") == {}
    central_api.send(said(key, "voided", first["serial"], reason="spoiled"))
    told = central_api.feed("revocations")
    assert told == {first["serial"]: {"state": "revoked", "at": pytest.approx(NOW, abs=60)}}
    second = issued(central_api, key, 2, replaces=first["serial"])
    assert central_api.feed("revocations") == {first["serial"]: {**told[first["serial"]], "state": "superseded"}}
    assert found(central_api, first["code"]).outcome is Outcome.SUPERSEDED
    assert found(central_api, second["code"]).outcome is Outcome.VALID


def test_a_reprint_that_overtakes_the_voiding_is_superseded_and_stays_so(central_api: Api) -> None:
    key = handed_in(central_api)
    first = issued(central_api, key)
    issued(central_api, key, 2, replaces=first["serial"])
    central_api.send(said(key, "voided", first["serial"], reason="spoiled"))
    assert central_api.feed("revocations")[first["serial"]]["state"] == "superseded"


def test_a_paper_whose_fate_nobody_knows_ends_with_the_next_one(central_api: Api) -> None:
    key = handed_in(central_api)
    first, second = issued(central_api, key), issued(central_api, key, 2)
    assert central_api.feed("revocations")[first["serial"]]["state"] == "revoked"
    assert found(central_api, second["code"]).outcome is Outcome.VALID


def test_an_old_key_stays_and_a_revoked_one_is_told(central_api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """The running server follows what the commands change in its folder."""
    old = issued(central_api)["code"]
    assert central_api.operate("new-key", "--use", "certificate") == 0
    assert capsys.readouterr().out == "certificate-2\n"
    new = issued(central_api)["code"]
    assert set(keys_of(central_api.feed("keys"))) == {1, 2}
    assert found(central_api, old).outcome is found(central_api, new).outcome is Outcome.VALID
    assert central_api.operate("revoke-key", "--use", "certificate", "--kid", "2") == 0
    assert found(central_api, new).why is Why.KEY_REVOKED
    assert found(central_api, old).outcome is Outcome.VALID
    assert central_api.operate("revoke-key", "--use", "certificate", "--kid", "1") == 0
    assert capsys.readouterr().out == "signs now: certificate-1\nsigns now: certificate-3\n"
    assert found(central_api, old).why is Why.KEY_REVOKED
    assert found(central_api, issued(central_api)["code"]).outcome is Outcome.VALID
    assert central_api.operate("revoke-key", "--use", "certificate", "--kid", "9") == 1


def test_a_centre_that_is_opened_anew_does_not_forget_that_a_key_is_revoked(central_api: Api) -> None:
    central_api.operate("revoke-key", "--use", "certificate", "--kid", "1")
    assert central_api.operate("devices") == 0
    assert central_api.feed("keys")["certificate-1"]["revoked"] is True
    assert central_api.feed("keys")["certificate-2"]["revoked"] is False


def test_a_terminal_keeps_them_sealed_and_finds_one_by_its_serial(central_api: Api, tmp_path: Path) -> None:
    key = handed_in(central_api)
    first = issued(central_api, key)["serial"]
    issued(central_api, key, 2, replaces=first)
    vault, path = Vault.open(tmp_path / "terminal"), tmp_path / "terminal" / "cache.db"
    cache = Cache(path, vault)
    assert central_api.key is not None
    signer = central_api.key.signer
    with contextlib.closing(Client(CentreConfig(url=central_api.url), lambda: signer)) as client:
        assert pull(client, cache, "revocations") is True
    db = reader(path)
    row = row_of(db, vault, "revocations", first, RevocationRow)
    assert row is not None
    assert (row.state, row_of(db, vault, "revocations", "ZD-2026-0302-9999", RevocationRow)) == ("superseded", None)
    assert confirmed(db, "revocations") > 0
    db.close()
    cache.close()


def test_those_that_ended_before_there_was_a_feed_are_in_it(
    central_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = f"sqlite:///{tmp_path}/old.db"
    if central_kind == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        address = cluster.url(cluster.new())
    engine = open_engine(address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(OLD, [dict(zip(("campus", "serial", "voided", "by"), row, strict=True)) for row in ENDED])
    migrate(engine)
    with reading(engine) as connection:
        rows = page(connection, 1, "revocations", 0).rows
        assert [(row.id, row.rev, row.data) for row in rows] == [
            ("C", 1, {"state": "revoked", "at": 3}),
            ("A", 2, {"state": "superseded", "at": 9}),
        ]
        assert len(page(connection, 2, "revocations", 0).rows) == 1
        assert page(connection, 1, "revocations", 2).reset is False
    engine.dispose()
