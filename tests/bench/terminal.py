"""`python -m tests.bench.terminal CONFIG PEOPLE ROWS [--acts]`: a terminal without screen and camera, for the bench.

Journal, sync process, desk and gallery are those of the hall. What it sees goes out as JSON lines, times monotonic:
`online` (from here on feeds are asked for), `found` (the watched person's newest face names them), `acts`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import queue
import sys
import threading
import time
import uuid
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from devices.face.child import send_gallery
from devices.face.worker import NICE
from kiosk import config as configs
from kiosk import log
from kiosk.app.gallery import GalleryKeeper, heard
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.matching import Gallery, Matcher
from kiosk.turns import share
from sync.gatedesk import GateDesk
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.link import SyncProcess
from sync.vault import Vault
from tests.bench import campus

GAP_S, NEAR = 0.005, 0.1
AFTER = 300
"""Acts once everything is here, for comparison."""
BODY = {"person": "0" * 16, "item": "leave", "values": {"reason": "请" * 200, "begins": "2026-03-05"}}


def say(ev: str, **fields: Any) -> None:
    print(json.dumps({"ev": ev, **fields}), flush=True)


class Searching:
    """The recogniser's process without pictures; `complete` once it has named the watched person.

    It is there when this returns, as it is in a terminal that runs.
    """

    def __init__(self, people: int, rows: int) -> None:
        self.complete = threading.Event()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        process = context.Process(target=_search, args=(theirs, people, rows), daemon=True)
        process.start()
        theirs.close()
        self._pipe.recv()
        threading.Thread(target=self._listen, daemon=True).start()

    def load(self, gallery: Gallery) -> None:
        send_gallery(self._pipe, gallery)

    def _listen(self) -> None:
        with contextlib.suppress(EOFError):
            while True:
                version, at = self._pipe.recv()
                say("found", version=version, at=at)
                self.complete.set()


def _search(pipe: Connection, people: int, rows: int) -> None:
    """As devices.face.worker: tells the version of the watched person's face, and when it was found."""
    os.nice(NICE)
    expected, watched = sum(not campus.revoked(number) for number in range(people)), people // 2
    version = 0
    pipe.send("there")
    with contextlib.suppress(EOFError):
        while True:
            load, ids, data = pipe.recv(), pipe.recv_bytes(), pipe.recv_bytes()
            names = tuple(ids.decode("utf-8").split("\0")) if ids else ()
            matcher = Matcher(Gallery(names, np.frombuffer(data, np.float32).reshape(load.shape), load.model))
            if len(matcher.persons) != expected:
                continue
            match = matcher.identify(campus.templates(watched, rows, version))
            if match.person == campus.identity(watched) and match.score < NEAR:
                pipe.send((version, time.monotonic()))
                version += 1


class Acts:
    """Somebody hands in one thing after the other; how long each put held its caller, and its answer took."""

    def __init__(self, journal: Journal, nudge: Any) -> None:
        self._journal, self._nudge = journal, nudge
        self._done: queue.SimpleQueue[Committed | Refused] = queue.SimpleQueue()
        self.held: list[float] = []
        self.waits: list[float] = []

    def one(self) -> None:
        key = uuid.uuid4().hex
        event = NewEvent(key, key, "request.submitted", 1, BODY, receipt=True)
        began = time.perf_counter()
        self._journal.put(event, self._done.put)
        self.held.append(time.perf_counter() - began)
        answer = self._done.get(timeout=60)
        self.waits.append(time.perf_counter() - began)
        if not isinstance(answer, Committed):
            raise RuntimeError(f"not committed: {answer}")
        self._nudge()
        time.sleep(GAP_S)


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.bench.terminal", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("people", type=int)
    parser.add_argument("rows", type=int)
    parser.add_argument("--acts", action="store_true")
    options = parser.parse_args()
    config = configs.load(options.config)
    log.setup("bench", config.paths.state / "log", Clock())
    _run(config, options)


def _run(config: Config, options: argparse.Namespace) -> None:
    state, clock = config.paths.state, Clock()
    vault = Vault.open(state)
    journal = Journal(state / "journal.db", vault, clock, config.terminal.id, "boot", print)
    searching = Searching(options.people, options.rows)
    desk = GateDesk(state / "cache.db", state / "journal.db", vault, clock, config)
    keeper = GalleryKeeper(desk, searching, config.face.embedder, lambda _: None)
    online = threading.Event()

    def told(message: dict[str, Any]) -> None:
        if message["ev"] == "link" and message["state"] == "online":
            say("online", at=time.monotonic())
            online.set()
        heard(keeper, message)

    sync = SyncProcess(options.config.absolute(), told, lambda fault: print(fault, file=sys.stderr))
    for part in (journal, desk, sync):
        part.start()
    share()
    keeper.reload()
    if options.acts:
        online.wait(60)
        _act(Acts(journal, sync.nudge), searching)
    sys.stdin.read()
    for part in (sync, desk, journal):
        part.stop()
    log.close()


def _act(acts: Acts, searching: Searching) -> None:
    while not searching.complete.is_set():
        acts.one()
    during = len(acts.waits)
    for _ in range(AFTER):
        acts.one()
    say("acts", during=during, held=acts.held, waits=acts.waits)


if __name__ == "__main__":
    main()
