"""The centre is upgraded while terminals have full queues, and a terminal while its own is full: nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import config as configs
from kiosk.clock import Clock
from kiosk.config import DemoConfig, toml_of
from sync import listing
from sync.central import devices, intake, upcast
from sync.central.intake import HANDLERS
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import BODIES, NEWEST, EventItem
from sync.wire_gate import Decided, DecidedV1
from tests.sync.central_kit import Api, event, morning_clock
from tests.sync.running import Running, write_config
from tests.sync.test_gate_central import decided

ROWS = 500
RELEASED = 3
"""The schema of the journal that version 1 of `gate.decided` was released with."""
V1: dict[str, Any] = {
    "gate": "east",
    "direction": "in",
    "person": "00000000000000a1",
    "visit": "",
    "factors": ["code", "face"],
    "outcome": "allow",
    "findings": [{"check": "identity", "result": "good", "word": "code_face"}],
    "readings": [
        {"raw": 35.1, "ambient": 22.0, "offset": 1.3, "corrected": 36.4, "u": 0.3, "basis": "reference", "frames": 4}
    ],
    "match": None,
    "liveness": "live",
    "rules_rev": 7,
    "receipt": "",
}


@pytest.fixture
def central_kind() -> str:
    """What is tested is the terminal's old file; the intake behind it has its own tests on both."""
    return "sqlite"


def queued_then(folder: Path, clock: Clock) -> Path:
    """A journal as the version before left it: 500 decisions that wait, and its schema."""
    path, vault = folder / "journal.db", Vault.open(folder)
    with closing(connect(path, JOURNAL[:RELEASED])) as db:
        db.execute("INSERT INTO nonces VALUES (?, ?)", (b"nonce1", clock.now()))
        for n in range(ROWS):
            key = f"g:boot-0:{n:04d}"
            body = {**V1, "receipt": f"A-017-20260302-{n:04d}"}
            sealed = vault.seal("outbox", key, json.dumps(body, ensure_ascii=False).encode())
            row = (key, key, "gate.decided", 1, sealed, vault.tag("person", body["person"]), clock.now(), "boot-0", n)
            names = "key, stream, kind, v, body, owner, at, boot, mono"
            db.execute(f"INSERT INTO outbox ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    return path


@pytest.fixture
def upgraded(tmp_path: Path, central_door: Api) -> Iterator[tuple[Path, Running]]:
    """This version's sync process over that journal."""
    folder, clock = tmp_path / "terminal", morning_clock()
    folder.mkdir()
    path = queued_then(folder, clock)
    config = write_config(folder, central_door.url, devices.issue_code(central_door.centre, "A-017"))
    demo = DemoConfig(enabled=True, clock_offset=clock.offset)
    config.write_text(toml_of(replace(configs.load(config), demo=demo)), "utf-8")
    engine = Running(config)
    yield path, engine
    engine.end()


def test_a_full_queue_of_the_version_before_drains_after_the_upgrade(
    upgraded: tuple[Path, Running], central_door: Api
) -> None:
    path, engine = upgraded
    engine.wait_for("backlog", queued=0, dead=0)
    states = Counter((row.state, row.verdict, row.v) for row in listing.rows(path, Vault.open(path.parent)))
    assert states == {("sent", "created", 1): ROWS}
    assert central_door.sql("select count(*), min(v), max(v) from event where kind = 'gate.decided'") == [(ROWS, 1, 1)]
    assert central_door.sql("select count(*) from passage where outcome = 'allow'") == [(ROWS,)]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(JOURNAL),)
        assert db.execute("SELECT count, bytes > 0 FROM tally WHERE state = 'sent'").fetchone() == (ROWS, 1)
        assert db.execute("SELECT told FROM nonces").fetchall() == [(1,)], "nothing of the past is asked about"


def test_what_the_version_before_took_in_is_the_same_act_afterwards(central_api: Api) -> None:
    """The digest is of what was sent, as it was: 64 digits that no upgrade may change."""
    item = event("g:boot-0:0001", "gate.decided", V1, stream="g:boot-0:0001")
    assert central_api.send(item) == ["created"]
    stored = central_api.sql("select digest, body from event where key = 'g:boot-0:0001'")
    assert stored[0][0] == "68524dc4d26aa0b5cae974e4e751ea08deb85fa0ea4b48bee887acb3656062b1"
    assert json.loads(stored[0][1]) == V1, "what is stored is what was sent"
    assert central_api.send(item) == ["duplicate"]
    assert central_api.send({**item, "v": 2}) == ["conflict"], "a queued row is never written anew"


def test_every_released_version_reaches_a_handler() -> None:
    for kind, v in BODIES:
        steps = [(kind, n) in upcast.STEPS for n in range(v, NEWEST[kind])]
        assert all(steps), f"{kind} v{v} is not carried up"
    assert set(upcast.STEPS) < set(BODIES)
    assert {BODIES[kind, NEWEST[kind]] for kind, _ in upcast.STEPS} <= set(HANDLERS)


def test_a_version_is_held_to_its_own_form_and_carried_to_the_newest() -> None:
    old = EventItem.model_validate(event("g:boot-0:0001", "gate.decided", V1))
    carried = upcast.body_of(old)
    assert isinstance(carried, Decided)
    assert carried.model_dump() == {**DecidedV1.model_validate(V1).model_dump(), "nonce": ""}
    early = event("g:boot-0:0002", "gate.decided", {**V1, "nonce": "0a" * 6})
    refused = intake._read(early)
    assert getattr(refused, "code", "") == "bad_body", "version 1 had no such member"


def test_a_version_from_the_future_is_refused_and_not_kept_waiting(central_api: Api) -> None:
    """`later` would hold up its stream for as long as nobody upgrades the centre, and nobody would hear of it."""
    item = {**decided("g:boot-9:0001"), "v": 3}
    assert "gate.decided" in central_api.reason(item)
    assert central_api.sql("select count(*) from event where key = 'g:boot-9:0001'") == [(0,)]
