"""Whatever is sent, the answer is a problem document with the epoch, never a 500."""

from __future__ import annotations

import json

import pytest

from sync.central.problems import MEDIA
from tests.sync.central_kit import STUDENT, Api

JSON = {"Content-Type": "application/json"}
POSTS = ("/v1/enrol", "/v1/heartbeat", "/v1/events:batch", "/v1/documents", "/v1/codes")

BODIES = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"{}",
    b'{"items": 5}',
    b'"\xff\xfe"',
    b"NaN",
    b'{"at": NaN, "version": "1", "queued": 1, "dead": 0, "oldest_s": Infinity}',
    b'{"at": 1e999, "version": "1", "queued": 1, "dead": 0, "oldest_s": 1}',
    b'{"at": 1, "version": "\\ud800", "queued": 1, "dead": 0, "oldest_s": 1}',
    b'{"number": "\\ud800", "pin": "1"}',
    b'{"number": "\\u0000", "pin": "1"}',
    b'{"number": "\\\\\\u0000", "pin": "1"}',
    b'{"code": "\\ud800\\ud800\\ud800", "terminal": "A-017"}',
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"at": ' + b"9" * 10_000 + b"}",
    b'{"items": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}",
]


@pytest.fixture
def central_kind() -> str:
    """What is refused here is refused before a database is asked."""
    return "sqlite"


def test_no_body_makes_an_error_of_ours(central_api: Api) -> None:
    for path in POSTS:
        for body in BODIES:
            answer = central_api.call("POST", path, data=body, headers=JSON)
            assert answer.status_code in (422, 403), (path, body[:60], answer.text)
            assert answer.headers["Content-Type"] == MEDIA
            assert answer.json()["epoch"] == central_api.centre.epoch


def test_a_tower_inside_an_item_is_the_matter_of_that_item(central_api: Api) -> None:
    tower: object = 1
    for _ in range(800):
        tower = [tower]
    item = {"key": "tower-0001", "seq": 1, "stream": "s", "kind": "codes.refused", "v": 1, "at": 1.0}
    item |= {"boot": "b", "mono": 1.0, "body": {"counts": tower}}
    assert central_api.send(item) == ["rejected"]


def test_a_million_bytes_and_not_more(central_api: Api) -> None:
    for path in POSTS:
        body = json.dumps({"x": "y" * 1_000_000})
        answer = central_api.call("POST", path, data=body, headers=JSON)
        assert (answer.status_code, answer.json()["type"]) == (413, "too_large")
    chunks = (b"x" * 50_000 for _ in range(40))
    answer = central_api.call("POST", "/v1/codes", data=chunks, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "too_large")


def test_every_answer_carries_the_epoch(central_api: Api) -> None:
    epoch = central_api.centre.epoch
    for answer in (
        central_api.get("/healthz"),
        central_api.get("/v1/feeds/keys"),
        central_api.get("/nowhere"),
        central_api.call("DELETE", "/v1/codes"),
        central_api.post("/v1/codes", {"number": STUDENT, "pin": "000000"}),
        central_api.post("/v1/events:batch", {"items": []}),
    ):
        assert answer.json()["epoch"] == epoch
        assert answer.headers["X-Epoch"] == epoch
    assert central_api.call("HEAD", f"/v1/blobs/{'0' * 64}").headers["X-Epoch"] == epoch


def test_addresses_and_methods_that_do_not_exist(central_door: Api) -> None:
    for method, path, status in [
        ("GET", "/v1/enrol", 405),
        ("DELETE", "/v1/feeds/keys", 405),
        ("GET", "/v1", 404),
        ("GET", "/docs", 404),
        ("GET", "/%00", 404),
        ("GET", "/v1/feeds/%ff", 401),
        ("PATCH", "/healthz", 405),
    ]:
        answer = central_door.call(method, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, MEDIA), path


def test_sql_and_markup_are_only_text(central_api: Api) -> None:
    for text in ("'; drop table person; --", "<script>alert(1)</script>", "a" * 20, "张伟' or '1'='1"):
        assert central_api.post("/v1/codes", {"number": text[:20], "pin": text[:20]}).status_code == 403
    assert central_api.sql("select count(*) > 0 from person") == [(1,)]
