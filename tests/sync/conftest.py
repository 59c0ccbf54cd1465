"""Fixtures of the central side (`central_*`), of the network between (`proxy_*`), and of the terminal's own sync."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import CentreConfig
from kiosk.domain.faults import Fault
from sync.cache import Cache
from sync.client import Client
from sync.journal import Journal
from sync.sim.proxy import FaultProxy
from sync.vault import Vault
from tests.sync.central_kit import (  # noqa: F401 - fixtures
    central_api,
    central_centre,
    central_database,
    central_door,
    central_kind,
    central_model,
    central_state,
    central_still,
    central_template,
)
from tests.sync.gate_kit import at_rest
from tests.sync.keys_kit import Key
from tests.sync.peer import Peer
from tests.sync.postgres_kit import postgres  # noqa: F401 - fixture


class Upstream(ThreadingHTTPServer):
    """Answers every POST with what it got, and counts; `hold` keeps answers back until `go`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.arrived = threading.Semaphore(0)
        self.go = threading.Event()
        self.go.set()
        self.json = False


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.release()
        self.server.go.wait(10)
        self.send_response(200)
        if self.server.json:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return


@pytest.fixture
def proxy_upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def proxy_fault(proxy_upstream: Upstream) -> Iterator[FaultProxy]:
    proxy = FaultProxy(proxy_upstream.server_address[1], trickle_s=0.01)
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path)


@pytest.fixture
def faults() -> list[Fault]:
    return []


@pytest.fixture
def journal(tmp_path: Path, vault: Vault, faults: list[Fault]) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.db", vault, Clock(), "A-017", "boot-1", faults.append)
    made.start()
    yield at_rest(made)
    made.stop()


@pytest.fixture
def peer() -> Iterator[Peer]:
    made = Peer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def peer_key(peer: Peer) -> Key:
    """The key of a terminal that `peer` knows."""
    made = Key()
    peer.keys[made.signer.id] = made.public
    return made


@pytest.fixture
def cache(tmp_path: Path, vault: Vault) -> Iterator[Cache]:
    """What the centre told, as the sync process keeps it."""
    made = Cache(tmp_path / "cache.db", vault)
    yield made
    made.close()


@pytest.fixture
def client(peer: Peer, peer_key: Key) -> Iterator[Client]:
    """Signs as a terminal that `peer` knows."""
    made = Client(CentreConfig(url=peer.url), lambda: peer_key.signer)
    yield made
    made.close()
