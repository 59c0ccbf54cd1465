"""What operators see of the centre: metrics of all workers together, the list of terminals, whether it serves."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from sync.central import devices, fleet, metrics
from sync.central.database import open_engine
from tests.sync.central_kit import STUDENT, Api, event, pin_of, served
from tests.sync.keys_kit import Key
from tests.sync.test_central_service import running

BEAT: dict[str, Any] = {
    "version": "0.1.0",
    "queued": 3,
    "dead": 1,
    "oldest_s": 12.5,
    "printer": "paper_low",
    "faults": ["F-PRN-05", "F-CAM-01", "F-PRN-05", "张伟的照片"],
    "blobs": 2,
    "disk_free": 9_000_000_000,
    "disk_total": 32_000_000_000,
    "space": "low",
    "versions": {"sqlite": "3.40.1"},
    "sensors": {"camera": "offline"},
}
Key_ = tuple[str, tuple[tuple[str, str], ...]]


def read(url: str) -> dict[Key_, float]:
    """Each sample by name and sorted labels; none may come twice."""
    answer = requests.get(f"{url}/metrics", timeout=20)
    assert answer.status_code == 200
    found: dict[Key_, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


def value(found: dict[Key_, float], name: str, **labels: str) -> float | None:
    return found.get((f"campus_{name}", tuple(sorted(labels.items()))))


def labels(found: dict[Key_, float], name: str) -> set[tuple[str, ...]]:
    """The labels' values of every series of this name, in the order of the labels' names."""
    return {tuple(word for _, word in key[1]) for key in found if key[0] == f"campus_{name}"}


def test_the_fleet_is_told_by_terminal_as_its_last_heartbeat_said(central_api: Api) -> None:
    centre, now = central_api.centre, central_api.centre.clock.now()
    assert central_api.post("/v1/heartbeat", {**BEAT, "at": now + 40}).status_code == 200
    for name in ("B-001", "B-002", "B-003"):
        key = Key(centre.clock.now)
        key.enrol(central_api.url, devices.issue_code(centre, name), name)
    devices.revoke(centre, "B-002")
    found = read(central_api.url)
    tally = {state: value(found, "terminals", state=state) for state in fleet.Standing}
    assert tally == {"online": 1, "silent": 2, "quarantined": 0, "revoked": 1}
    assert (value(found, "terminal_up", terminal="A-017"), value(found, "terminal_up", terminal="B-001")) == (1, 0)
    assert value(found, "terminal_up", terminal="B-002") is None
    expected = {"queued": 3, "dead": 1, "oldest_seconds": 12.5, "blobs": 2, "disk_free_bytes": 9e9, "audit_broken": 0}
    assert {name: value(found, f"terminal_{name}", terminal="A-017") for name in expected} == expected
    assert 39 < (value(found, "terminal_clock_skew_seconds", terminal="A-017") or 0) < 41
    assert labels(found, "terminal_printer") == {("paper_low", "A-017")}
    assert labels(found, "terminal_fault") == {("F-PRN-05", "A-017"), ("F-CAM-01", "A-017"), ("other", "A-017")}
    assert labels(found, "terminal_sensor") == {("camera", "offline", "A-017")}
    assert labels(found, "terminal_version") == {("program", "A-017", "0.1.0"), ("sqlite", "A-017", "3.40.1")}


def test_requests_are_counted_by_pattern_and_verdicts_by_kind_and_nobody_is_named(central_api: Api) -> None:
    central_api.post("/v1/codes", {"number": STUDENT, "pin": pin_of(STUDENT)})
    item = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    central_api.send(item, event("mad-0001", "mad.kind", {}), event("codes-001", "codes.refused", {"counts": {}}))
    central_api.send(item)
    for path in ("/v/AAAABBBBCCCCDDDD", "/nothing", f"/{central_api.person(STUDENT)}"):
        central_api.get(path)
    central_api.call("PURGE", "/v1/codes")
    found = read(central_api.url)
    assert value(found, "requests_total", method="POST", route="/v1/events:batch", status="200") == 2
    assert value(found, "requests_total", method="GET", route="/v/{token}", status="404") == 1
    assert value(found, "requests_total", method="GET", route="none", status="404") == 2
    assert value(found, "requests_total", method="other", route="/v1/codes", status="405") == 1
    assert value(found, "request_seconds_count", method="POST", route="/v1/events:batch") == 2
    assert labels(found, "verdicts_total") == {
        ("request.submitted", "created"),
        ("request.submitted", "duplicate"),
        ("other", "rejected"),
        ("codes.refused", "created"),
    }
    text = requests.get(f"{central_api.url}/metrics", timeout=20).text
    secrets = [STUDENT, central_api.person(STUDENT), "AAAABBBBCCCCDDDD", "张伟", str(item["key"])]
    assert [each for each in secrets if each in text] == []


def test_several_workers_count_together_and_a_dead_one_is_not_forgotten(central_state: Path) -> None:
    with metrics.together(), running(central_state) as one, running(central_state) as other:
        for centre, times in ((one, 3), (other, 4)):
            for _ in range(times):
                centre.epoch()
        assert value(read(one.url), "requests_total", method="GET", route="/healthz", status="200") == 7
        one.end(signal.SIGKILL)
        found = read(other.url)
        assert value(found, "requests_total", method="GET", route="/healthz", status="200") == 7
        assert value(found, "database_up") == 1
    assert metrics.TOGETHER not in os.environ


def test_without_its_database_it_says_so_and_counts_on(central_api: Api) -> None:
    """A port nobody listens on is what a database that is away looks like."""
    assert requests.get(f"{central_api.url}/healthz", timeout=20).status_code == 200
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        away = open_engine(f"postgresql+psycopg://127.0.0.1:{free.getsockname()[1]}/campus")
        with served(replace(central_api.centre, engine=away)) as url:
            answer = requests.get(f"{url}/healthz", timeout=20)
            assert (answer.status_code, answer.json()["type"]) == (503, "database_away")
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.headers["Content-Type"] == "application/problem+json"
            found = read(url)
        away.dispose()
    assert value(found, "database_up") == 0
    assert value(found, "requests_total", method="GET", route="/healthz", status="503") == 1


def test_operators_list_the_terminals(central_api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    now = central_api.centre.clock.now()
    central_api.post("/v1/heartbeat", {**BEAT, "at": now - 90, "faults": ["F-PRN-05"]})
    devices.issue_code(central_api.centre, "B-001")
    Key(central_api.centre.clock.now).enrol(central_api.url, devices.issue_code(central_api.centre, "B-001"), "B-001")
    status, words = central_api.operate("devices"), capsys.readouterr().out
    head, first, second = (line.split() for line in words.splitlines())
    assert (status, head[:3]) == (0, ["TERMINAL", "STATE", "SEEN"])
    assert first[:2] == ["A-017", "online"]
    assert first[-8:] == ["1", "12", "s", "9.0", "GB", "0.1.0", "-", "F-PRN-05"]
    assert float(first[first.index("ago") + 1]) == pytest.approx(-90, abs=20)
    assert second == ["B-001", "silent", *"-" * 9]
    central_api.operate("devices", "--json")
    words = capsys.readouterr().out
    told = json.loads(words)
    assert [each["terminal"] for each in told] == ["A-017", "B-001"]
    assert (told[0]["heartbeat"]["disk_free"], told[0]["audit_broken"], told[1]["heartbeat"]) == (9e9, False, None)
