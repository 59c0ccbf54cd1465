"""The central side as its own process: started, killed, started again, and its command line."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from kiosk.clock import starting_at
from sync.central.__main__ import main
from tests.sync.central_kit import MORNING, STUDENT, event, pin_of
from tests.sync.keys_kit import Key

PATIENCE = 30.0


class Running:
    """`python -m sync.central serve` on a free port."""

    def __init__(self, state: Path, *more: str) -> None:
        offset = str(MORNING.timestamp() - time.time())
        command = [sys.executable, "-m", "sync.central", "serve", "--state", str(state), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--clock-offset", offset, *more], stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        killer = threading.Timer(PATIENCE, self.process.kill)
        killer.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        killer.cancel()
        assert line.startswith("listening on http://127.0.0.1:"), line
        self.url = line.split()[-1]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.returncode

    def epoch(self) -> str:
        return str(requests.get(f"{self.url}/healthz", timeout=PATIENCE).json()["epoch"])


@contextlib.contextmanager
def running(state: Path, *more: str) -> Iterator[Running]:
    made = Running(state, *more)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.end()


def command(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> tuple[int, str]:
    """A command of the centre at this morning's time; its exit status and what it said."""
    offset = str(MORNING.timestamp() - time.time())
    status = main([*words, "--state", str(state), "--clock-offset", offset])
    return status, "".join(capsys.readouterr())


def test_from_nothing_to_an_accepted_event_over_a_kill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path) as centre:
        epoch = centre.epoch()
        _, code = command(capsys, tmp_path, "issue-enrolment-code", "--terminal", "A-017")
        key = Key(starting_at(MORNING).now)
        assert key.enrol(centre.url, code.strip()).status_code == 200
        batch = {"items": [event("codes-0001", "codes.refused", {"counts": {"expired": 1}})]}
        answer = requests.post(f"{centre.url}/v1/events:batch", json=batch, auth=key.signer, timeout=PATIENCE)
        assert answer.json()["results"][0]["verdict"] == "created"
        assert centre.end(signal.SIGKILL) == -signal.SIGKILL
    with running(tmp_path) as centre:
        assert centre.epoch() == epoch
        answer = requests.post(f"{centre.url}/v1/events:batch", json=batch, auth=key.signer, timeout=PATIENCE)
        assert answer.json()["results"][0]["verdict"] == "duplicate"
        assert command(capsys, tmp_path, "revoke-device", "--terminal", "A-017")[0] == 0
        answer = requests.post(f"{centre.url}/v1/events:batch", json=batch, auth=key.signer, timeout=PATIENCE)
        assert answer.status_code == 403
        assert centre.end() == 0


def test_another_database_is_another_epoch(central_state: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with running(central_state, "--demo") as one, running(tmp_path / "new") as other:
        assert one.epoch() != other.epoch()
        ask = {"number": STUDENT, "pin": pin_of(STUDENT)}
        assert requests.post(f"{one.url}/v1/codes", json=ask, timeout=PATIENCE).status_code == 200


def test_an_answer_takes_no_forty_milliseconds(central_state: Path) -> None:
    """Without TCP_NODELAY each would wait for the other end's delayed acknowledgement."""
    with running(central_state) as centre, requests.Session() as session:
        session.trust_env = False
        took = []
        for _ in range(15):
            began = time.perf_counter()
            session.get(f"{centre.url}/healthz", timeout=PATIENCE)
            took.append(time.perf_counter() - began)
    assert min(took[1:]) < 0.03


def test_made_up_people_only_when_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, words = command(capsys, tmp_path, "demo-data")
    assert (status, "--demo" in words) == (1, True)
    assert not (tmp_path / "central.db").exists()
    assert command(capsys, tmp_path, "migrate")[0] == 0
    assert command(capsys, tmp_path, "demo-data", "--demo") == (0, "200 people\n")
    assert command(capsys, tmp_path, "demo-data", "--demo") == (0, "0 people\n")


def test_what_is_wrong_with_a_command_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["issue-enrolment-code", "--terminal", "no good", "--state", str(tmp_path)])
    assert "A-Z" in capsys.readouterr().err
    status, words = command(capsys, tmp_path, "revoke-device", "--terminal", "A-999")
    assert (status, "A-999" in words) == (1, True)
