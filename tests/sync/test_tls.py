"""Whoever does not prove to be the centre is told nothing, and the queue is kept; what comes back is capped."""

from __future__ import annotations

import datetime
import socket
import sqlite3
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from kiosk import config as configs
from kiosk.clock import Clock
from kiosk.config import CentreConfig, toml_of
from kiosk.domain.faults import Code
from sync import client as clients
from sync import listing
from sync.client import Client, Failure, Trouble
from sync.journal import Journal
from sync.pace import Line, Pace
from sync.sender import Sender, note_epoch
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.helpers import committed, submitted
from tests.sync.keys_kit import Key
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.sync.tls_kit import Terminator
from tests.told import Told
from tests.waiting import until

HOST = "localhost"


def day(year: int) -> datetime.datetime:
    return datetime.datetime(year, 1, 1)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The campus's own authority."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "campus.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def tls(authority: trustme.CA, peer: Peer) -> Iterator[Terminator]:
    made = Terminator(peer.server_address[1], authority.issue_cert(HOST))
    yield made
    made.stop()


@pytest.fixture
def db(tmp_path: Path, journal: Journal) -> Iterator[sqlite3.Connection]:
    """One request waits."""
    committed(journal, submitted("request-1"))
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as opened:
        note_epoch(opened, "e1", 0.0)
        yield opened


Try = Callable[..., int | Failure | None]


@pytest.fixture
def send(db: sqlite3.Connection, vault: Vault, peer_key: Key, ca_file: str) -> Iterator[Try]:
    """Try to send what waits to this port; a new connection each time."""
    opened: list[Client] = []

    def go(port: int, ca: str = ca_file, scheme: str = "https") -> int | Failure | None:
        opened.append(Client(CentreConfig(url=f"{scheme}://{HOST}:{port}", ca_file=ca), lambda: peer_key.signer))
        return Sender(db, vault, opened[-1], Clock()).send_due()

    yield go
    for each in opened:
        each.close()


def kept(db: sqlite3.Connection) -> bool:
    """The row waits as it did: no try counts, and nobody said a word on it."""
    return db.execute("SELECT state, tries, verdict FROM outbox").fetchall() == [("queued", 0, "")]


Leaf = Callable[[trustme.CA], trustme.LeafCert]
UNPROVEN: dict[str, Leaf] = {
    "another authority": lambda _: trustme.CA().issue_cert(HOST),
    "expired": lambda ca: ca.issue_cert(HOST, not_before=day(2019), not_after=day(2020)),
    "another name": lambda ca: ca.issue_cert("centre.example.com", "127.0.0.2"),
    # what a terminal sees whose clock says 1970
    "not yet valid": lambda ca: ca.issue_cert(HOST, not_before=day(2090), not_after=day(2091)),
}


@pytest.mark.parametrize("leaf", UNPROVEN.values(), ids=UNPROVEN)
def test_a_certificate_that_proves_nothing(
    leaf: Leaf, authority: trustme.CA, tls: Terminator, peer: Peer, db: sqlite3.Connection, send: Try
) -> None:
    tls.show(leaf(authority))
    assert send(tls.port) == Failure(Trouble.UNTRUSTED)
    assert (peer.requests, tls.handshakes, kept(db)) == ([], 0, True)
    tls.show(authority.issue_cert(HOST))
    assert send(tls.port) == 1
    assert list(peer.ledger) == ["request-1"]


def test_the_systems_authorities_do_not_vouch_for_the_campus(tls: Terminator, peer: Peer, send: Try) -> None:
    assert send(tls.port, ca="") == Failure(Trouble.UNTRUSTED)
    assert peer.requests == []


@pytest.mark.parametrize("content", [None, "no certificate\n"])
def test_an_authority_that_cannot_be_read_opens_nothing(
    content: str | None, tls: Terminator, peer: Peer, db: sqlite3.Connection, send: Try, tmp_path: Path
) -> None:
    path = tmp_path / "other.pem"
    if content is not None:
        path.write_text(content)
    assert send(tls.port, ca=str(path)) == Failure(Trouble.UNTRUSTED)
    assert (peer.requests, kept(db)) == ([], True)


def test_plain_http_where_tls_is_expected(peer: Peer, db: sqlite3.Connection, send: Try) -> None:
    assert send(peer.server_address[1]) == Failure(Trouble.UNTRUSTED)
    assert (peer.requests, kept(db)) == ([], True)


def test_nothing_is_said_in_clear(db: sqlite3.Connection, send: Try) -> None:
    """Whoever only listens hears the beginning of TLS, and no word of ours."""
    heard, listener = bytearray(), socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        client, _ = listener.accept()
        with client:
            heard.extend(client.recv(65536))
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    thread = threading.Thread(target=listen)
    thread.start()
    assert send(listener.getsockname()[1]) == Failure(Trouble.UNTRUSTED)
    thread.join(10)
    listener.close()
    assert heard[:2] == b"\x16\x03", "a handshake"
    assert not [word for word in (b"POST", b"/v1/", b"Signature", b"request-1") if word in heard]
    assert kept(db)


@pytest.mark.parametrize("first", [16, 65536], ids=["reset", "closed"])
def test_a_line_that_is_cut_in_the_handshake_is_only_a_cut_line(first: int, db: sqlite3.Connection, send: Try) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def cut() -> None:
        client, _ = listener.accept()
        client.recv(first)
        client.close()

    thread = threading.Thread(target=cut)
    thread.start()
    assert send(listener.getsockname()[1]) == Failure(Trouble.UNREACHABLE)
    thread.join(10)
    listener.close()


def test_the_line_says_so_at_once_and_is_tried_again_soon() -> None:
    said: list[str] = []
    line = Line(said.append, lambda: None)
    line.bad(Failure(Trouble.UNTRUSTED))
    assert said == ["untrusted"]
    assert Pace(5.0).after(Failure(Trouble.UNTRUSTED)).seconds <= 5.0


@pytest.mark.proves(Code.CENTRE_UNPROVEN)
def test_a_terminal_behind_tls_enrols_sends_and_believes_no_other(
    authority: trustme.CA, ca_file: str, tls: Terminator, peer: Peer, journal: Journal, tmp_path: Path, vault: Vault
) -> None:
    path = write_config(tmp_path, f"https://{HOST}:{tls.port}", feed_seconds=3600)
    config = configs.load(path)
    path.write_text(toml_of(replace(config, centre=replace(config.centre, ca_file=ca_file))), "utf-8")
    engine = Running(path)
    try:
        engine.wait_for("link", state="online")
        tls.show(trustme.CA().issue_cert(HOST))
        committed(journal, submitted("request-1"))
        engine.order({"op": "nudge"})
        engine.wait_for("link", state="untrusted")
        assert "POST /v1/events:batch" not in peer.requests
        assert [row.state for row in listing.rows(tmp_path / "journal.db", vault)] == ["queued"]
        # nobody is connected but who is turning away, and two who are cut there would be a line that is down
        tls.show(authority.issue_cert(HOST), cut=False)
        engine.order({"op": "nudge"})
        engine.wait_for("sent", n=1)
        until(lambda: engine.last("link")["state"] == "online", "the line")
    finally:
        engine.end()
    told = Told()
    told.heard(engine.events)
    assert told.said == [Code.CENTRE_UNPROVEN]
    assert told.well("centre")


# --- what comes back --------------------------------------------------------------------------------------------


def test_a_packed_answer_is_not_unpacked(tls: Terminator, peer: Peer, db: sqlite3.Connection, send: Try) -> None:
    """60 MB of noughts, packed into some hundred kilobytes, stay packed."""
    peer.fault("/v1/events:batch", "gzip_bomb")
    tracemalloc.start()
    answer = send(tls.port)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer == Failure(Trouble.LOGIN, 200), "nothing that the centre would say"
    assert most < 100_000_000, "the peer's own 60 MB included"
    assert kept(db)


@pytest.mark.parametrize("fault", ["endless", "trickle"])
def test_an_answer_without_an_end_is_left(
    fault: str, tls: Terminator, peer: Peer, db: sqlite3.Connection, send: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_BYTES", 2_000_000)
    monkeypatch.setattr(clients, "WHOLE_S", 0.5 if fault == "trickle" else 20.0)
    peer.fault("/v1/events:batch", fault)
    assert send(tls.port) == Failure(Trouble.UNREACHABLE)
    assert kept(db)


def test_the_caps_are_thirty_seconds_and_fifty_megabytes() -> None:
    assert (clients.WHOLE_S, clients.MOST_BYTES) == (30.0, 50_000_000)


def test_no_packing_is_asked_for(peer: Peer, send: Try) -> None:
    seen: list[str] = []
    answer = peer.answer

    def watched(received: object, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        seen.append(received.headers["accept-encoding"])  # type: ignore[attr-defined]
        return answer(received, path, body)  # type: ignore[arg-type]

    peer.answer = watched  # type: ignore[assignment, method-assign]
    assert send(peer.server_address[1], scheme="http") == 1
    assert until(lambda: seen == ["identity"]) is None
