"""The simulated receipt printer, on a socket where a test wants it there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from printers.sim.escpos_printer import EscposPrinter


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[EscposPrinter]:
    peer = EscposPrinter(tmp_path / "pages")
    yield peer
    peer.stop()


@pytest.fixture
def port(printer: EscposPrinter) -> int:
    return printer.start_tcp()


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        yield connection
