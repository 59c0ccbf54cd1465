"""`python -m tests.bench.terminal CONFIG PEOPLE ROWS [--acts]`: a terminal without screen and camera, for the bench.

Journal, sync process, desk and gallery are those of the hall. What it sees goes out as JSON lines, times monotonic:
`online` (from here on feeds are asked for), `found` (the watched person's newest face names them), `acts`.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from kiosk import config as configs
from kiosk import log
from kiosk.app.gallery import GalleryKeeper, heard
from kiosk.clock import TURN_S, Clock
from kiosk.config import Config
from kiosk.domain.matching import Gallery, Matcher
from sync.gatedesk import GateDesk
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.link import SyncProcess
from sync.vault import Vault
from tests.bench import campus

GAP_S = 0.005
AFTER = 300
"""Acts once everything is here, for comparison."""
BODY = {"person": "0" * 16, "item": "leave", "values": {"reason": "请" * 200, "begins": "2026-03-05"}}


def say(ev: str, **fields: Any) -> None:
    print(json.dumps({"ev": ev, **fields}), flush=True)


class Searching:
    """What the recogniser's process makes of a gallery, on a thread of ours; tells when it knows the watched person."""

    def __init__(self, people: int, rows: int) -> None:
        self._rows, self._watched = rows, people // 2
        self._people = sum(not campus.revoked(number) for number in range(people))
        self._galleries: queue.SimpleQueue[Gallery] = queue.SimpleQueue()
        self._version = 0
        self.complete = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def load(self, gallery: Gallery) -> None:
        self._galleries.put(gallery)

    def _run(self) -> None:
        while True:
            gallery = self._galleries.get()
            matcher = Matcher(gallery)
            if len(matcher.persons) != self._people:
                continue
            probe = campus.templates(self._watched, self._rows, self._version)
            match = matcher.identify(probe)
            if match.person == campus.identity(self._watched) and match.score < 0.1:
                say("found", version=self._version, at=time.monotonic())
                self._version += 1
                self.complete.set()


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
    sys.setswitchinterval(TURN_S)
    _run(config, options)


def _run(config: Config, options: argparse.Namespace) -> None:
    state, clock = config.paths.state, Clock()
    vault = Vault.open(state)
    journal = Journal(state / "journal.db", vault, clock, config.terminal.id, "boot", print)
    searching = Searching(options.people, options.rows)
    desk = GateDesk(state / "cache.db", state / "journal.db", vault, clock, config)
    keeper = GalleryKeeper(desk, searching, config.face.embedder, lambda _: None)  # type: ignore[arg-type]
    online = threading.Event()

    def told(message: dict[str, Any]) -> None:
        if message["ev"] == "link" and message["state"] == "online":
            say("online", at=time.monotonic())
            online.set()
        heard(keeper, message)

    sync = SyncProcess(options.config.absolute(), told, lambda fault: print(fault, file=sys.stderr))
    for part in (journal, desk, sync):
        part.start()
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
