"""Too much at once: each caller's pace is held, honest ones are not met, and a crowd is served one after the other."""

from __future__ import annotations

import asyncio
import random
import re
import socket
import time
from collections import Counter

import pytest
import requests

from sync.central import limits
from sync.central.problems import RefusedError
from sync.central.rates import Rates
from tests.sync.central_kit import MORNING, STUDENT, Api, pin_of, served
from tests.sync.keys_kit import Key
from tests.sync.test_central_metrics import read, value
from tests.waiting import until

BEAT = {"at": MORNING.timestamp(), "version": "1", "queued": 0, "dead": 0, "oldest_s": 0.0}


def refusal(act: object) -> RefusedError | None:
    try:
        assert callable(act)
        act()
    except RefusedError as error:
        return error
    return None


def test_a_queue_of_a_hundred_thousand_is_drained_without_being_held() -> None:
    """1000 batches of 100 as fast as they go, with the feeds between them; another 1000 are still let through."""
    counted = Rates()
    for _ in range(2000):
        counted.terminal("/v1/events:batch", "A-017")
        counted.terminal("/v1/feeds/{name}", "A-017")
    held = refusal(lambda: counted.terminal("/v1/events:batch", "A-017"))
    assert held is not None
    assert held.status_code == 429
    assert held.headers is not None
    assert 1 <= int(held.headers["Retry-After"]) <= 10
    counted.terminal("/v1/events:batch", "A-018")
    counted.terminal("/v1/heartbeat", "A-017")


def test_what_was_asked_long_ago_does_not_count_and_is_forgotten() -> None:
    now = [1000.0]
    counted = Rates(lambda: now[0])
    for _ in range(30):
        counted.public("number", STUDENT)
    assert refusal(lambda: counted.public("number", STUDENT)) is not None
    now[0] += 61
    counted.public("number", STUDENT)
    assert counted._limiter.storage.reset() == 1
    for n in range(500):
        counted.public("number", f"2024{n:04d}")
    now[0] += 100
    counted.public("number", STUDENT)
    assert counted._limiter.storage.reset() == 1


def test_a_terminal_that_beats_too_often_is_told_when_to_come_back(central_api: Api) -> None:
    statuses = Counter(central_api.post("/v1/heartbeat", BEAT).status_code for _ in range(125))
    assert statuses == {200: 120, 429: 5}
    answer = central_api.post("/v1/heartbeat", BEAT)
    assert answer.json()["type"] == "too_fast"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert central_api.get("/v1/feeds/keys").status_code == 200


def test_a_number_and_an_enrolment_code_are_not_asked_for_again_and_again(central_door: Api) -> None:
    """Right PINs, too: wrong ones are five, counted in the database."""
    ask = {"number": STUDENT, "pin": pin_of(STUDENT)}
    statuses = Counter(central_door.post("/v1/codes", ask).status_code for _ in range(32))
    assert statuses == {200: 30, 429: 2}
    key = Key(central_door.centre.clock.now)
    told = Counter(central_door.post("/v1/enrol", key.ask("WRONGWRONG")).json()["type"] for _ in range(22))
    assert told == {"enrolment_refused": 5, "too_many": 15, "too_fast": 2}


async def ask(port: int, request: bytes, told: list[tuple[int, int]], dice: random.Random) -> None:
    """Again and again until it is served, waiting each time, but not as long as it was told; (status, wait) of each."""
    never = asyncio.get_running_loop().create_future()
    while not told or told[-1][0] != 200:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = (await reader.read()).decode()
        writer.close()
        wait = re.search(r"(?i)^retry-after: (\d+)\r$", answer, re.MULTILINE)
        told.append((int(answer.split()[1]), int(wait[1]) if wait else 0))
        await asyncio.wait([never], timeout=told[-1][1] * dice.random())


async def crowd(port: int, request: bytes) -> list[list[tuple[int, int]]]:
    callers: list[list[tuple[int, int]]] = [[] for _ in range(300)]
    await asyncio.gather(*(ask(port, request, told, random.Random(n)) for n, told in enumerate(callers)))
    return callers


def test_three_hundred_at_once_are_all_served_in_the_end(central_api: Api) -> None:
    """Eight at a time: the others are told to come back, at different moments, and do."""
    assert central_api.key is not None
    with served(central_api.centre, in_flight=8) as url:
        signed = requests.Request("GET", f"{url}/v1/feeds/keys", auth=central_api.key.signer).prepare()
        headers = {**signed.headers, "Host": url.removeprefix("http://"), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        told = asyncio.run(crowd(int(url.rsplit(":", 1)[1]), f"GET /v1/feeds/keys HTTP/1.1\r\n{head}\r\n".encode()))
        busy = value(read(url), "requests_total", method="GET", route="none", status="503")
    statuses = Counter(status for caller in told for status, _ in caller)
    assert [caller[-1][0] for caller in told] == [200] * 300
    assert set(statuses) == {200, 503}
    assert statuses[503] == busy
    assert len({wait for caller in told for status, wait in caller if status == 503}) > 1


def test_a_body_that_does_not_come_is_not_waited_for(central_door: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST_S", 0.2)
    host, port = central_door.url.removeprefix("http://").split(":")
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"POST /v1/codes HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"too_slow" in answer or b"application/problem+json" in answer
    assert time.monotonic() - began < 10


def test_a_sender_that_is_killed_in_mid_body_is_no_bug(central_door: Api, caplog: pytest.LogCaptureFixture) -> None:
    host, port = central_door.url.removeprefix("http://").split(":")
    head = f"PUT /v1/blobs/{'a' * 64} HTTP/1.1\r\nHost: x\r\nSignature: x\r\nContent-Length: 50\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(head.encode() + b"half")
    route = {"method": "PUT", "route": "/v1/blobs/{sha256}"}
    until(lambda: value(read(central_door.url), "requests_total", **route, status="422") == 1, "it is over")
    assert '"bug"' not in caplog.text
