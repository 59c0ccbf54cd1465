"""The way to the centre by stretches: whichever is broken is the one that is named."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.config import CentreConfig
from sync import netpath

NOW = datetime.datetime.now(datetime.UTC).timestamp()


class Centre(BaseHTTPRequestHandler):
    """Answers /healthz as `said` says: status and headers."""

    said: tuple[int, dict[str, str]] = (200, {})

    def do_GET(self) -> None:
        status, headers = self.said
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def paper(folder: Path, days: int) -> Path:
    """A certificate of its own for 127.0.0.1, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "centre")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "centre.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    return path


Serve = Callable[..., CentreConfig]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[ThreadingHTTPServer] = []

    def begin(status: int = 200, days: int = 0, known: bool = True, **headers: str) -> CentreConfig:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        handler = type("Told", (Centre,), {"said": (status, told)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign,misc]
        file = paper(tmp_path, days) if days else None
        if file:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        url = f"{'https' if days else 'http'}://127.0.0.1:{server.server_port}"
        return CentreConfig(url, ca_file=str(file) if file and known else "")

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def now() -> float:
    return NOW


def test_a_name_that_is_known_and_one_that_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert netpath.name(CentreConfig("http://127.0.0.1:8700")).good

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = netpath.name(CentreConfig("https://centre.invalid"))
    assert (found.good, found.why) == (False, "no_name")


def test_a_certificate_tells_how_long_it_is_good(serve: Serve) -> None:
    found = netpath.tls(serve(days=40), now)
    assert (found.good, found.days) == (True, 40)


def test_somebody_elses_certificate_is_not_believed(serve: Serve) -> None:
    centre = serve(days=40, known=False)
    assert netpath.tls(centre, now).why == "untrusted"
    assert netpath.api(centre, now).why == "untrusted"


def test_an_address_on_this_machine_has_no_certificate(serve: Serve) -> None:
    assert netpath.tls(serve(), now).why == "no_tls"


def test_nobody_at_the_port(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for centre in (CentreConfig(f"http://127.0.0.1:{port}"), CentreConfig(f"https://127.0.0.1:{port}")):
        assert netpath.tls(centre, now).why == "refused"
        assert netpath.api(centre, now).why == "refused"


def test_the_centre_says_that_it_works_and_what_time_it_is(serve: Serve) -> None:
    found = netpath.api(serve(X_Now=f"{NOW + 45:.3f}"), now)
    assert (found.good, found.why) == (True, "")
    assert 43 < found.skew < 46


@pytest.mark.parametrize("told", [{}, {"X_Now": "soon"}, {"status": 503, "X_Now": "1"}, {"status": 302, "X_Now": "1"}])
def test_whoever_does_not_answer_as_the_centre_is_not_the_centre(serve: Serve, told: dict[str, Any]) -> None:
    found = netpath.api(serve(**told), now)
    assert (found.good, found.why) == (False, "odd")
