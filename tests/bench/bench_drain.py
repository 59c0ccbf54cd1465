"""A full queue meets the centre again: the terminal's own sender, a served centre, on SQLite and on PostgreSQL.

DRAIN_ROWS makes it more or fewer rows. The peer is what the
same kind of database takes of the very same rows from a bare `executemany` with a commit after each hundred: no
network, no signature, no verdicts, nothing checked.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config
from kiosk.turns import share
from sync import listing, outbox, retention
from sync.client import Client, Failure
from sync.records import NewEvent, Stamp
from sync.sender import Sender
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import BODIES, MOST_ITEMS
from sync.wire_gate import Decided
from tests.bench.centre import enrolled, opened, served
from tests.sync import postgres_kit

ROWS = int(os.environ.get("DRAIN_ROWS", "20000"))
TERMINAL = Config().terminal.id
NEWEST = max(v for kind, v in BODIES if kind == "gate.decided")
_CHECKS = ("identity", "revoked", "visit", "role", "roster", "liveness", "temperature", "declaration", "check_in")
_READING = {"raw": 34.91, "ambient": 18.4, "offset": 1.37, "corrected": 36.48, "u": 0.31, "basis": "reference"}
_MATCH = {"score": 0.31, "limit": 0.42, "second": 0.63, "frames": 4, "gallery": 20_000, "adapted": True}
_DECIDED: dict[str, Any] = {
    "gate": "east",
    "direction": "in",
    "factors": ["code", "face"],
    "outcome": "allow",
    "findings": [{"check": check, "result": "good", "word": "good"} for check in _CHECKS],
    "readings": [{**_READING, "frames": 6}, {**_READING, "frames": 7}],
    "match": {**_MATCH, "doubt": ""},
    "liveness": "live",
    "rules_rev": 12,
    "nonce": "",
}
_PEER = "create table event (key text primary key, terminal text, at double precision, body json)"


def run() -> dict[str, float]:
    """Rows a second from the queue to stored verdicts, with each beside its database's own peer."""
    Decided.model_validate(_DECIDED)
    out = Path("out")
    out.mkdir(exist_ok=True)
    figures = {"drain.rows": float(ROWS), "drain.row_bytes": float(len(json.dumps(body_of(0))))}
    share()  # as the sync process does
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=out))).resolve()
        log.setup("bench", folder / "log", Clock())
        stack.callback(log.close)
        figures |= _measure("sqlite", folder / "sqlite", f"sqlite:///{folder}/central.db")
        figures["drain.rows_per_s_sqlite_peer"] = _sqlite_peer(folder / "peer.db")
        programs = postgres_kit.programs()
        if programs is None:
            raise RuntimeError(postgres_kit.missing())
        cluster = stack.enter_context(postgres_kit.cluster(programs))
        figures |= _measure("postgresql", folder / "postgresql", cluster.url(cluster.new()))
        figures["drain.rows_per_s_postgresql_peer"] = _postgresql_peer(cluster.url(cluster.new()))
    return figures


def _key(number: int) -> str:
    return f"g:6f1d0c9a84e2:{number:06d}"


def _measure(name: str, folder: Path, database: str) -> dict[str, float]:
    state, clock, vault = folder / "central", Clock(), Vault.open(folder)
    with served(state, database) as url, closing(connect(folder / "journal.db", JOURNAL)) as db:
        with opened(state, database) as centre:
            key = enrolled(centre, url, TERMINAL)
            retention.new_epoch(db, centre.epoch, clock.now())
        fill(db, vault, clock)
        with closing(Client(CentreConfig(url=url), lambda: key.signer)) as client:
            began = time.perf_counter()
            _drain(Sender(db, vault, client, clock))
            seconds = time.perf_counter() - began
        if (found := {state: n for state, n in listing.counts(db).items() if n}) != {"sent": ROWS}:
            raise RuntimeError(f"not everything was taken: {found}")
    return {f"drain.rows_per_s_{name}": ROWS / seconds}


def fill(db: sqlite3.Connection, vault: Vault, clock: Clock) -> None:
    """ROWS decisions, queued as the gate queues them, but many to a transaction."""
    with transaction(db):
        for number in range(ROWS):
            key = f"g:6f1d0c9a84e2:{number:06d}"
            event = NewEvent(key, key, "gate.decided", NEWEST, body_of(number))
            outbox.add(db, vault, event, Stamp(TERMINAL, "6f1d0c9a84e2", clock.now(), float(number)))


def body_of(number: int) -> dict[str, Any]:
    """A `gate.decided` as a lane writes it: some 1.1 kB."""
    return {**_DECIDED, "person": f"{number % 20_000:016x}", "receipt": f"{TERMINAL}-20260302-{number:05d}"}


def _drain(sender: Sender) -> None:
    while (sent := sender.send_due()) is not None:
        if isinstance(sent, Failure):
            raise RuntimeError(f"not sent: {sent}")


def _peer_rows() -> list[list[tuple[str, str, float, str]]]:
    """The same rows, a hundred to a commit."""
    rows = [(f"g:6f1d0c9a84e2:{n:06d}", TERMINAL, float(n), json.dumps(body_of(n))) for n in range(ROWS)]
    return [rows[n : n + MOST_ITEMS] for n in range(0, ROWS, MOST_ITEMS)]


def _sqlite_peer(path: Path) -> float:
    rows = _peer_rows()
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute(_PEER)
        began = time.perf_counter()
        for some in rows:
            db.executemany("insert into event values (?, ?, ?, ?)", some)
            db.commit()
        return ROWS / (time.perf_counter() - began)


def _postgresql_peer(url: str) -> float:
    rows = _peer_rows()
    with psycopg.connect(url) as db:
        db.execute(_PEER.encode())
        db.commit()
        began = time.perf_counter()
        for some in rows:
            with db.cursor() as cursor:
                cursor.executemany("insert into event values (%s, %s, %s, %s)", some)
            db.commit()
        return ROWS / (time.perf_counter() - began)
