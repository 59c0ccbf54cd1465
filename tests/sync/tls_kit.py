"""TLS in front of a peer, as a reverse proxy ends it: certificates are made here, and may be anything."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress

import trustme

PIECE = 65536


class Terminator:
    """Listens on loopback and hands what was decrypted to the port behind it. `show` changes the certificate."""

    def __init__(self, behind: int, leaf: trustme.LeafCert) -> None:
        self._behind = behind
        self._context = _context(leaf)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.port = int(self._listener.getsockname()[1])
        self.handshakes = 0
        self._threads[0].start()

    def show(self, leaf: trustme.LeafCert, *, cut: bool = True) -> None:
        """From the next connection on; those that are open are cut."""
        self._context = _context(leaf)
        for each in list(self._open) if cut else []:
            _cut(each)

    def stop(self) -> None:
        _cut(self._listener)
        self._listener.close()
        for each in list(self._open):
            _cut(each)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._run(self._serve, client)

    def _serve(self, plain: socket.socket) -> None:
        """The listener's own thread goes on; a client that never shakes hands holds up nobody."""
        self._open.append(plain)
        try:
            client = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
            return
        self.handshakes += 1
        behind = socket.create_connection(("127.0.0.1", self._behind))
        self._open += [client, behind]
        self._run(_pass_on, behind, client)
        _pass_on(client, behind)

    def _run(self, work: object, *parts: socket.socket) -> None:
        assert callable(work)
        self._threads.append(threading.Thread(target=work, args=parts, daemon=True))
        self._threads[-1].start()


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(PIECE):
            sink.sendall(data)
    for each in (source, sink):
        _cut(each)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
