"""The way into a running demonstration from another shell: one line of words a connection, one line back."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

LONGEST_S = 90.0
"""Somebody is enrolled from photographs."""


class PokeServer:
    """Listens on a unix socket for one line a connection and answers one line."""

    def __init__(self, path: Path, poke: Callable[[str], str]) -> None:
        self._path, self._poke = path, poke
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def start(self) -> None:
        """Serve in the background."""
        self._path.unlink(missing_ok=True)
        self._socket.bind(str(self._path))
        self._path.chmod(0o600)
        self._socket.listen(4)
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        for connection in self._connections():
            with connection, connection.makefile("rw", encoding="utf-8") as stream:
                line = stream.readline().strip()
                stream.write(json.dumps(self._poke(line), ensure_ascii=False) + "\n")
                stream.flush()

    def _connections(self) -> Iterator[socket.socket]:
        with contextlib.suppress(OSError):
            while True:
                yield self._socket.accept()[0]


def send_poke(path: Path, line: str) -> str:
    """Poke the running demonstration; its answer in words. Raises OSError when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(LONGEST_S)
        connection.connect(str(path))
        with connection.makefile("rw", encoding="utf-8") as stream:
            stream.write(line + "\n")
            stream.flush()
            return str(json.loads(stream.readline()))
