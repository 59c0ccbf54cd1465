"""What counts as an answer, and what is only something on the line."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from kiosk.config import CentreConfig
from sync import client as clients
from sync.client import Client, Failure, Trouble, retry_after
from sync.wire import HeartbeatAnswer
from tests.sync.keys_kit import Key
from tests.sync.peer import Peer

BEAT = b'{"v":1,"at":0,"version":"1","queued":0,"dead":0,"oldest_s":0}'


def beat(client: Client) -> HeartbeatAnswer | Failure:
    return client.call("POST", "/v1/heartbeat", HeartbeatAnswer, BEAT)


def test_an_answer_of_the_exact_form_counts(client: Client) -> None:
    answer = beat(client)
    assert isinstance(answer, HeartbeatAnswer)
    assert answer.epoch == "e1"
    assert client.busy_since is None


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("lost", Trouble.UNREACHABLE),
        ("truncated", Trouble.UNREACHABLE),
        ("portal", Trouble.LOGIN),
        ("html403", Trouble.LOGIN),
        ("redirect", Trouble.LOGIN),
        ("html502", Trouble.SERVER),
        ("broken", Trouble.SERVER),
        ("busy=7", Trouble.BUSY),
        ("update", Trouble.UPDATE),
        ("revoked", Trouble.REFUSED),
    ],
)
def test_each_fault_has_its_name(client: Client, peer: Peer, fault: str, trouble: Trouble) -> None:
    peer.fault("/v1/heartbeat", fault)
    answer = beat(client)
    assert isinstance(answer, Failure)
    assert answer.trouble is trouble
    assert isinstance(beat(client), HeartbeatAnswer), "the next call is not harmed"
    assert not any("login" in request for request in peer.requests), "no redirect is followed"


def test_json_that_is_not_of_the_form_is_odd(client: Client, peer: Peer) -> None:
    assert client.call("GET", "/v1/feeds/keys?after=0", HeartbeatAnswer) == Failure(Trouble.ODD, 200)


def test_a_refusal_says_its_word(client: Client, peer: Peer) -> None:
    answer = client.call("GET", "/v1/nothing", HeartbeatAnswer)
    assert answer == Failure(Trouble.REJECTED, 404, 0.0, "not_found")


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = Client(CentreConfig(url=url), str)
    assert beat(client) == Failure(Trouble.UNREACHABLE)


def test_a_body_that_trickles_is_cut_off(client: Client, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "WHOLE_S", 0.3)
    peer.fault("/v1/heartbeat", "trickle")
    assert beat(client) == Failure(Trouble.UNREACHABLE)


def test_a_body_that_is_too_large_is_cut_off(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MOST_BYTES", 10)
    assert beat(client) == Failure(Trouble.UNREACHABLE)


def test_settings_of_the_machine_do_not_reach_the_session(
    client: Client, peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """A proxy variable or a .netrc of somebody's would send us elsewhere, or add a name and password."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", netrc)
    assert isinstance(beat(client), HeartbeatAnswer)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0.0),
        ("7", 7.0),
        ("86400", 900.0),
        ("99999999999999999", 900.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("Mon, 02 Mar 2026 00:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2099 00:00:30 GMT", 900.0),
        ("Sun, 01 Mar 2026 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after_in_seconds_or_as_a_date_is_bounded(value: str | None, seconds: float) -> None:
    assert retry_after(value, "Mon, 02 Mar 2026 00:00:00 GMT") == seconds


def test_the_base_address_may_end_in_a_slash(peer: Peer, peer_key: Key) -> None:
    client = Client(replace(CentreConfig(), url=peer.url + "/"), lambda: peer_key.signer)
    assert isinstance(beat(client), HeartbeatAnswer)
    client.close()
