"""The network that can be cut does to real connections what it says."""

from __future__ import annotations

import socket
import threading

import pytest
import requests

from sync.sim.proxy import FaultProxy
from tests.sync.conftest import Upstream


def post(proxy: FaultProxy, body: bytes = b"hello", timeout: float = 5.0) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(proxy.url, data=body, timeout=timeout)


def test_passes_bytes_on_unchanged(proxy_fault: FaultProxy) -> None:
    body = bytes(range(256)) * 2000
    assert post(proxy_fault, body).content == body


def test_down_refuses_and_up_is_on_the_same_port(proxy_fault: FaultProxy) -> None:
    port = proxy_fault.port
    proxy_fault.down()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    proxy_fault.up()
    assert proxy_fault.port == port
    assert post(proxy_fault).content == b"hello"


def test_down_cuts_a_transfer_in_the_middle(proxy_fault: FaultProxy, proxy_upstream: Upstream) -> None:
    proxy_upstream.go.clear()
    errors: list[Exception] = []

    def ask() -> None:
        try:
            post(proxy_fault, timeout=30)
        except requests.ConnectionError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert proxy_upstream.arrived.acquire(timeout=5)
    proxy_fault.down()
    thread.join(5)
    assert not thread.is_alive()
    assert errors


def test_a_lost_response_arrives_but_is_not_answered(proxy_fault: FaultProxy, proxy_upstream: Upstream) -> None:
    proxy_fault.mode = "lost_response"
    with pytest.raises(requests.ConnectionError):
        post(proxy_fault)
    assert proxy_upstream.arrived.acquire(timeout=5)


def test_a_portal_answers_200_itself(proxy_fault: FaultProxy, proxy_upstream: Upstream) -> None:
    proxy_fault.mode = "portal"
    answer = post(proxy_fault, b"x" * 300_000)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html"
    assert not proxy_upstream.arrived.acquire(blocking=False)


def test_a_bad_gateway_answers_502(proxy_fault: FaultProxy) -> None:
    proxy_fault.mode = "bad_gateway"
    assert post(proxy_fault).status_code == 502


def test_reset_never_answers(proxy_fault: FaultProxy, proxy_upstream: Upstream) -> None:
    proxy_fault.mode = "reset"
    with pytest.raises(requests.ConnectionError):
        post(proxy_fault)
    assert not proxy_upstream.arrived.acquire(blocking=False)


def test_a_trickle_comes_byte_by_byte(proxy_fault: FaultProxy) -> None:
    proxy_fault.mode = "trickle"
    with socket.create_connection(("127.0.0.1", proxy_fault.port), 5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        assert connection.recv(100) == b"H"
        proxy_fault.mode = "pass"
        assert connection.recv(1000)


def test_the_mode_holds_for_open_connections_too(proxy_fault: FaultProxy) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(proxy_fault.url, data=b"one", timeout=5).content == b"one"
        proxy_fault.mode = "portal"
        assert session.post(proxy_fault.url, data=b"two", timeout=5).headers["Content-Type"] == "text/html"


def test_nobody_upstream_is_a_closed_connection() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        proxy = FaultProxy(free.getsockname()[1])
        proxy.start()
        try:
            with pytest.raises(requests.ConnectionError):
                post(proxy)
        finally:
            proxy.stop()


def test_an_unknown_mode_is_a_bug(proxy_fault: FaultProxy) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        proxy_fault.mode = "nonsense"
    assert post(proxy_fault).content == b"hello"


def test_stop_may_come_twice_and_without_start(proxy_fault: FaultProxy) -> None:
    proxy_fault.stop()
    proxy_fault.stop()
    FaultProxy(1).stop()
