"""Two hundred terminals that come back at once: heartbeat, a batch, a page of a feed, by the terminal's own client.

CLIENTS makes them more or fewer. They are threads of one process, so what is measured has their own waiting in it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import CentreConfig
from sync.client import Client, Failure
from sync.wire import Batch, BatchAnswer, EventItem, FeedAnswer, Heartbeat, HeartbeatAnswer, Message, Verdict
from tests.bench.bench_drain import NEWEST, body_of
from tests.bench.centre import enrolled, opened, served
from tests.sync import postgres_kit
from tests.sync.keys_kit import Key

CLIENTS = int(os.environ.get("CLIENTS", "200"))
A = TypeVar("A", bound=Message)
ROUNDS = 3
EVENTS = 10
WORKERS = 2


class Terminal:
    """One of them; `waits` in seconds, `errors` are answers that did not count or verdicts that were not `created`."""

    def __init__(self, url: str, name: str, key: Key, number: int) -> None:
        self._url, self._name, self._key, self._number = url, name, key, number
        self.waits: list[float] = []
        self.errors = 0

    def run(self, start: threading.Barrier) -> None:
        start.wait()
        with closing(Client(CentreConfig(url=self._url), lambda: self._key.signer)) as client:
            for n in range(ROUNDS):
                beat = Heartbeat(at=time.time(), version="bench", queued=EVENTS, dead=0, oldest_s=1.0, boot="bench")
                self._call(client, "POST", "/v1/heartbeat", HeartbeatAnswer, beat)
                answer = self._call(client, "POST", "/v1/events:batch", BatchAnswer, self._batch(n))
                if isinstance(answer, BatchAnswer):
                    self.errors += sum(result.verdict is not Verdict.CREATED for result in answer.results)
                self._call(client, "GET", "/v1/feeds/keys?after=0", FeedAnswer)

    def _call(self, client: Client, method: str, path: str, kind: type[A], body: Message | None = None) -> A | Failure:
        began = time.perf_counter()
        sent = body.model_dump_json().encode() if body else None
        answer = client.call(method, path, kind, sent)
        self.waits.append(time.perf_counter() - began)
        self.errors += isinstance(answer, Failure)
        return answer

    def _batch(self, n: int) -> Batch:
        first = (self._number * ROUNDS + n) * EVENTS
        return Batch(items=[self._item(first + i) for i in range(EVENTS)])

    def _item(self, seq: int) -> EventItem:
        key, now = f"g:{self._name}:{seq:06d}", time.time()
        return EventItem(
            key=key,
            seq=seq + 1,
            stream=key,
            kind="gate.decided",
            v=NEWEST,
            at=now,
            boot="bench",
            mono=1.0,
            body=body_of(seq),
        )


def run() -> dict[str, float]:
    """Answers a second and how long they took in ms, on PostgreSQL behind two workers; RuntimeError after any error."""
    out = Path("out")
    out.mkdir(exist_ok=True)
    programs = postgres_kit.programs()
    if programs is None:
        raise RuntimeError(postgres_kit.missing())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=out))).resolve()
        log.setup("bench", folder / "log", Clock())
        stack.callback(log.close)
        cluster = stack.enter_context(postgres_kit.cluster(programs))
        database = cluster.url(cluster.new())
        url = stack.enter_context(served(folder, database, "--workers", str(WORKERS)))
        terminals = _enrol(folder, database, url)
        seconds = _all_at_once(terminals)
    if errors := sum(terminal.errors for terminal in terminals):
        raise RuntimeError(f"{errors} answers that do not count, or events that were not taken")
    waits = [wait for terminal in terminals for wait in terminal.waits]
    return {
        "clients.terminals": float(len(terminals)),
        "clients.requests_per_s": len(waits) / seconds,
        "clients.median_ms": statistics.median(waits) * 1000,
        "clients.p99_ms": statistics.quantiles(waits, n=100)[98] * 1000,
    }


def _enrol(folder: Path, database: str, url: str) -> list[Terminal]:
    names = [f"T-{n:04d}" for n in range(CLIENTS)]
    with opened(folder, database) as centre:
        return [Terminal(url, name, enrolled(centre, url, name), n) for n, name in enumerate(names)]


def _all_at_once(terminals: list[Terminal]) -> float:
    """Seconds from the first request to the last answer."""
    start = threading.Barrier(len(terminals) + 1)
    hands = [threading.Thread(target=terminal.run, args=(start,)) for terminal in terminals]
    for hand in hands:
        hand.start()
    start.wait()
    began = time.perf_counter()
    for hand in hands:
        hand.join()
    return time.perf_counter() - began
