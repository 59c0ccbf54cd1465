"""The workers of one `serve`: they come together, one that dies is replaced, and they go with their leader."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
import requests

from sync.central import crew as crews
from sync.central.centre import Centre
from sync.central.crew import Crew
from tests.sync.central_kit import STUDENT
from tests.sync.crew_kit import PATIENCE, as_terminal, crewed, each_alone
from tests.waiting import until

HUNG_S = 6.0
LEAVE = {"type": "personal", "starts": "2026-03-03T08:00", "reason": "家里有事需要回去", "off_campus": "no"}


@pytest.fixture
def central_kind() -> str:
    """Processes are the same on both."""
    return "sqlite"


@pytest.mark.timeout(180)
def test_a_crew_replaces_who_dies_approves_once_and_goes_with_its_leader(
    central_state: Path, central_centre: Centre, central_database: str
) -> None:
    log = central_state / "log" / "central.jsonl"
    with crewed(central_state, central_database, 2, "--demo", "--approve-after", "0.1") as crew:
        first, second = crew.workers()
        os.kill(first, signal.SIGKILL)
        assert requests.get(f"{crew.url}/healthz", timeout=PATIENCE).status_code == 200, "the other one serves on"
        crew.replaced(first)
        with each_alone(crew, central_centre, central_database) as apis:
            assert second in crew.workers()
            api = as_terminal(apis[1], "A-017")
            ask = api.request("leave", STUDENT, {**LEAVE, "ends": "2026-03-04T18:00"})

            def told_meanwhile() -> bool:
                """The leader may stand still in the middle of a look, with the database in its hands."""
                os.kill(crew.leader.pid, signal.SIGSTOP)
                if api.post("/v1/events:batch", {"items": [ask]}).status_code == 200:
                    return True
                os.kill(crew.leader.pid, signal.SIGCONT)
                return False

            until(told_meanwhile, "a leader that stands still between two looks", PATIENCE)
            for _ in range(60):
                assert api.feed("requests")[ask["key"]]["status"] == "in_approval", "no worker approves"
            os.kill(crew.leader.pid, signal.SIGCONT)
            until(lambda: api.feed("requests")[ask["key"]]["status"] == "approved", "the approval", PATIENCE)
        told = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        assert "worker_hung" not in {line["event"] for line in told}, "neither a crowd nor a leader that stood still"
        ended = [line for line in told if line["event"] == "worker_ended"]
        assert [(line["name"][:7], line["reason"]) for line in ended] == [("worker-", "SIGKILL")]
        assert crew.end(signal.SIGKILL) == -signal.SIGKILL


@pytest.mark.timeout(120)
def test_a_worker_that_hangs_is_replaced_while_the_other_serves_on(central_state: Path, central_database: str) -> None:
    log = central_state / "log" / "central.jsonl"
    with crewed(central_state, central_database, 2, "--hung-after", str(HUNG_S)) as crew:
        first, second = crew.workers()
        os.kill(first, signal.SIGSTOP)
        crew.replaced(first)
        assert second in crew.workers()
        assert requests.get(f"{crew.url}/healthz", timeout=PATIENCE).status_code == 200
    told = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [line["event"] for line in told if line["event"].startswith("worker_")] == ["worker_hung", "worker_ended"]


def test_one_that_takes_its_time_to_die_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(crews.log, "event", lambda word, **_: told.append(word))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        crew = Crew([], listener, 1, HUNG_S)
        dying = Mock(spec=subprocess.Popen)
        dying.poll.return_value = None
        crew._workers[1], crew._beats[1] = dying, time.monotonic() - 1000
        crew._end_hung()
        crew._end_hung()
    assert (told, dying.kill.call_count) == (["worker_hung"], 1)
