"""The sync process dies, goes silent, or talks nonsense: it is started again, and every ask is answered once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.faults import Code, Fault
from sync.journal import Journal
from sync.link import SyncProcess
from sync.wire import DocumentAsk
from tests.sync.helpers import committed, submitted
from tests.sync.peer import Peer
from tests.sync.running import write_config
from tests.told import Told
from tests.waiting import until

ASK = DocumentAsk(key="request-1:1", request="request-1", document="enrolment")
ANSWERER = """
import json, sys
print(json.dumps({"ev": "alive"}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    if order["op"] == "stop":
        break
    print(json.dumps({"ev": "heard", "order": order}), flush=True)
    if order["op"] == "seal":
        answer = {"ev": "not_sealed", "key": order["ask"]["key"], "reason": "refused", "detail": ""}
    if order["op"] == "sheets":
        answer = {"ev": "sheets", "serial": order["serial"], "pdf": ""}
    if order["op"] in ("seal", "sheets"):
        print(json.dumps(answer) + "\\n" + json.dumps(answer), flush=True)
"""
SILENT = "import json, sys, time; print(json.dumps({'ev': 'alive'}), flush=True); sys.stdin.read()"
BEATING = """
import json, threading
while True:
    print(json.dumps({"ev": "alive"}), flush=True)
    threading.Event().wait(0.1)
"""
NONSENSE = (
    "import sys; print('not json\\n[]\\n{}', flush=True); print('{\"ev\": \"heard\"}', flush=True); sys.stdin.read()"
)


class Line:
    """What came out of a SyncProcess."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.faults: list[Fault] = []

    def said(self, ev: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events) if event["ev"] == ev]


Make = Callable[..., tuple[SyncProcess, Line]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[SyncProcess] = []

    def build(program: str = "", config: Path = Path("none"), beat_s: float = 10.0) -> tuple[SyncProcess, Line]:
        line = Line()
        command = (sys.executable, "-c", program) if program else None
        made.append(SyncProcess(config, line.events.append, line.faults.append, command, beat_s))
        made[-1].start()
        return made[-1], line

    yield build
    for each in made:
        each.stop(0.5)


def pid_of(link: SyncProcess) -> int:
    until(lambda: link._process is not None)
    process = link._process
    assert process is not None
    return process.pid


def test_orders_go_in_and_an_ask_is_answered_once(make: Make) -> None:
    link, line = make(ANSWERER)
    pid_of(link)
    link.nudge()
    link.seal(ASK)
    until(lambda: line.said("not_sealed"))
    link.nudge()
    until(lambda: len(line.said("heard")) == 3)
    assert len(line.said("not_sealed")) == 1
    assert not line.said("alive")
    assert line.faults == []


def test_a_process_that_dies_is_started_again_and_that_is_said_once(make: Make) -> None:
    link, line = make(ANSWERER)
    for _ in range(2):
        pid = pid_of(link)
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: link._process is not None and link._process.pid != pid)  # type: ignore[misc]
    link.nudge()
    until(lambda: line.said("heard"))
    assert [fault.code for fault in line.faults] == [Code.SYNC_STOPPED]


def test_an_ask_outlives_the_process_it_was_given_to(make: Make) -> None:
    link, line = make(SILENT)
    pid = pid_of(link)
    link.seal(ASK)
    link._command = (sys.executable, "-c", ANSWERER)
    os.kill(pid, signal.SIGKILL)
    until(lambda: line.said("not_sealed"))
    assert line.said("not_sealed")[0]["key"] == ASK.key


def test_an_ask_for_a_file_outlives_the_process_and_one_too_old_is_answered_without(make: Make) -> None:
    link, line = make(SILENT)
    pid = pid_of(link)
    for serial in ("ZD-1", "ZD-2"):
        link.sheets(serial)
    link._sheets["ZD-2"] = -100.0
    link._command = (sys.executable, "-c", ANSWERER)
    os.kill(pid, signal.SIGKILL)
    until(lambda: line.said("no_sheets") and line.said("sheets"))
    assert [each["serial"] for each in line.said("no_sheets")] == ["ZD-2"]
    link.nudge()
    until(lambda: len(line.said("heard")) == 2)
    assert [each["serial"] for each in line.said("sheets")] == ["ZD-1"], "once"


def test_how_the_terminal_is_is_told_once_and_again_to_the_next_process(make: Make) -> None:
    link, line = make(ANSWERER)
    pid = pid_of(link)
    for _ in range(3):
        link.status("no_paper", ["F-PRN-02"], {"camera": "online"}, {})
    told = {"op": "status", "printer": "no_paper", "faults": ["F-PRN-02"], "sensors": {"camera": "online"}}
    until(lambda: line.said("heard"))
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(line.said("heard")) == 2)
    assert [each["order"] for each in line.said("heard")] == [{**told, "versions": {}}] * 2


def test_an_ask_that_is_too_old_is_answered_without_a_process(make: Make) -> None:
    link, line = make(SILENT)
    pid = pid_of(link)
    link.seal(ASK)
    link._asks[ASK.key] = (ASK, -100.0)
    os.kill(pid, signal.SIGKILL)
    until(lambda: line.said("not_sealed"))
    assert line.said("not_sealed")[0]["reason"] == "offline"


def test_a_process_that_stops_beating_is_replaced(make: Make) -> None:
    link, line = make(SILENT, beat_s=1.0)
    pid = pid_of(link)
    until(lambda: link._process is not None and link._process.pid != pid)
    assert line.faults[0].detail == "silent"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_is_stopped_is_killed_and_replaced(make: Make) -> None:
    link, line = make(BEATING, beat_s=2.0)
    pid = pid_of(link)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: link._process is not None and link._process.pid != pid)
    assert [(fault.code, fault.detail) for fault in line.faults] == [(Code.SYNC_STOPPED, "silent")]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    beat = link.beat
    until(lambda: link.beat > beat)


def test_nonsense_is_left(make: Make) -> None:
    _, line = make(NONSENSE)
    until(lambda: line.said("heard"))


def test_a_full_pipe_never_blocks_the_caller(make: Make) -> None:
    link, _ = make("import threading; threading.Event().wait(30)")
    pid_of(link)
    done = threading.Event()

    def nudge() -> None:
        for _ in range(20_000):
            link.nudge()
        done.set()

    threading.Thread(target=nudge, daemon=True).start()
    assert done.wait(10)


@pytest.mark.proves(Code.SYNC_STOPPED)
def test_the_real_engine_behind_it(make: Make, tmp_path: Path, peer: Peer, journal: Journal) -> None:
    """Killed in the middle it comes back; what was put meanwhile arrives; it ends when told to."""
    link, line = make(config=write_config(tmp_path, peer.url))
    until(lambda: {"ev": "link", "state": "online"} in line.events)
    committed(journal, submitted("request-1"))
    link.seal(ASK)
    until(lambda: line.said("sealed"))
    os.kill(pid_of(link), signal.SIGKILL)
    until(lambda: {"ev": "link", "state": "unknown"} in line.events)
    committed(journal, submitted("request-2"))
    until(lambda: "request-2" in peer.ledger)
    assert [fault.code for fault in line.faults] == [Code.SYNC_STOPPED]
    assert line.faults[0].device == "centre", "over with the next word that the line is there"
    until(lambda: line.said("link")[-1]["state"] == "online")
    told = Told()
    told.reports.fault(line.faults[0])
    told.heard(line.said("link")[-1:])
    assert told.well("centre")
    pid = pid_of(link)
    link.stop(5)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
