"""The network that can be cut does to real connections what it says."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading

import pytest
import requests

from kiosk.config import CentreConfig
from sync import client as clients
from sync.client import Client, Failure, Trouble, nobody
from sync.sim.proxy import FaultProxy, Mode
from sync.wire import BatchAnswer
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


def test_who_is_let_in_at_the_moment_of_the_cut_is_cut_off_too(proxy_fault: FaultProxy) -> None:
    """The connection is accepted while the order to cut it waits for its turn; nothing of it may be left over."""
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go_on.wait(5)

    proxy_fault._loop.call_soon_threadsafe(hold)
    assert held.wait(5)
    with socket.create_connection(("127.0.0.1", proxy_fault.port), 5) as late:
        cut = asyncio.run_coroutine_threadsafe(proxy_fault._follow(Mode.DOWN), proxy_fault._loop)
        go_on.set()
        cut.result(5)
        with contextlib.suppress(ConnectionResetError):
            assert not late.recv(1)
    gc.collect()


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


ANSWER = b'{"epoch":"e1","results":[{"key":"key-00001","verdict":"created"},{"key":"key-00002","verdict":"created"}]}'


def ask(proxy: FaultProxy, body: bytes = ANSWER) -> BatchAnswer | Failure:
    """What the terminal's own client makes of it; the upstream echoes the body."""
    client = Client(CentreConfig(url=proxy.url), nobody)
    try:
        return client.call("POST", "/v1/events:batch", BatchAnswer, body)
    finally:
        client.close()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.REFUSE, Failure(Trouble.UNREACHABLE)),
        (Mode.TRUNCATE, Failure(Trouble.UNREACHABLE)),
        (Mode.ENDLESS, Failure(Trouble.UNREACHABLE)),
        (Mode.REDIRECT, Failure(Trouble.LOGIN, 302)),
        (Mode.FORBIDDEN, Failure(Trouble.LOGIN, 403)),
        (Mode.BUSY, Failure(Trouble.BUSY, 429, 1.0)),
        (Mode.BUSY_DATE, Failure(Trouble.BUSY, 503, 1.0)),
        (Mode.BUSY_ABSURD, Failure(Trouble.BUSY, 503, 900.0)),
        (Mode.WRONG_JSON, Failure(Trouble.ODD, 200)),
        (Mode.GZIP_BOMB, Failure(Trouble.LOGIN, 200)),
    ],
)
def test_each_fault_is_what_it_says_and_counts_for_nothing(
    proxy_upstream: Upstream, proxy_fault: FaultProxy, mode: Mode, expected: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_BYTES", 5_000_000)
    proxy_upstream.json = True
    proxy_fault.mode = mode
    assert ask(proxy_fault) == expected
    proxy_fault.up()
    assert isinstance(ask(proxy_fault), BatchAnswer)


def test_the_centres_own_answer_is_cut_short_or_given_another_epoch(
    proxy_upstream: Upstream, proxy_fault: FaultProxy
) -> None:
    proxy_upstream.json = True
    proxy_fault.mode = Mode.SHORT_RESULTS
    short = ask(proxy_fault)
    assert isinstance(short, BatchAnswer)
    assert [result.key for result in short.results] == ["key-00001"]
    proxy_fault.mode = Mode.WRONG_EPOCH
    other = ask(proxy_fault)
    assert isinstance(other, BatchAnswer)
    assert (len(other.results), other.epoch == "e1") == (2, False)


@pytest.mark.parametrize("mode", [Mode.STALL, Mode.SLOW_HEAD])
def test_what_does_not_move_waits_for_another_mode(proxy_fault: FaultProxy, mode: Mode) -> None:
    proxy_fault.mode = mode
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
    with socket.create_connection(("127.0.0.1", proxy_fault.port), 5) as connection:
        connection.sendall(request)
        begun = connection.recv(12) if mode is Mode.SLOW_HEAD else b""
        assert begun == (b"HTTP/1.1 200" if mode is Mode.SLOW_HEAD else b"")
        proxy_fault.up()
        if mode is Mode.STALL:
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        else:
            with pytest.raises(ConnectionResetError):
                list(iter(lambda: connection.recv(1000), b""))
