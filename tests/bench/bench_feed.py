"""From a terminal's first question for feeds to a gallery that can be searched, 20,000 people; and who waits meanwhile.

Centre and terminal are processes of their own on this machine. FEED_PEOPLE makes it fewer, FEED_ROUNDS more often.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.config import CentreConfig, Config, PathsConfig, toml_of
from sync.central.database import open_engine
from sync.signing import Signer
from tests.bench import campus

PEOPLE = int(os.environ.get("FEED_PEOPLE", "20000"))
ROUNDS = int(os.environ.get("FEED_ROUNDS", "3"))
CHANGES = 8
PATIENCE_S = 120.0

_folders = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Centre:
    state: Path
    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Terminal:
    """`said`: what the terminal says, as it says it."""

    centre_pid: int
    pid: int
    said: Iterator[dict[str, Any]]

    def next(self, ev: str) -> dict[str, Any]:
        for event in self.said:
            if event["ev"] == ev:
                return event
        raise RuntimeError(f"the terminal ended without {ev}")

    def fetched(self) -> tuple[float, float]:
        """Seconds from the first question for feeds to the first search that was right; those of the processors."""
        began = self.next("online")["at"]
        spent = _cpu(self.centre_pid) + _cpu(self.pid)
        seconds = float(self.next("found")["at"] - began)
        return seconds, _cpu(self.centre_pid) + _cpu(self.pid) - spent


def run() -> dict[str, float]:
    """Medians of a few fresh terminals; `_peer`: the same rows as plain downloads, json and numpy, nothing stored.

    `cpu`: of centre, sync process and terminal together, whatever else the machine does.

    `one_changed`: from the centre's commit to the gallery, with feeds asked for five times a second.
    `enqueue`: from put to Committed with fsyncs of 20 ms while the feeds arrive, beside the same once they are here;
    `held`: how long put kept its caller.
    """
    out = Path("out")
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name:
        folder = Path(name).resolve()
        figures = _fetched(folder, "feed.20k_persons", 1)
        figures |= _fetched(folder, "feed.20k_persons_3_templates", 3)
        return figures | _slow(folder)


def _fetched(folder: Path, name: str, rows: int) -> dict[str, float]:
    mine, peer, spent = [], [], []
    with _centre(folder, rows) as centre:
        for _ in range(ROUNDS):
            with _terminal(folder, centre, rows) as terminal:
                seconds, cpu = terminal.fetched()
            mine.append(seconds)
            spent.append(cpu)
            peer.append(_peer(centre))
        changed = _changed(folder, centre, rows) if rows == 3 else {}
    figures = {f"{name}_s": statistics.median(mine), f"{name}_s_peer": statistics.median(peer)}
    return figures | {f"{name}_best_s": min(mine), f"{name}_cpu_s": min(spent)} | changed


def _changed(folder: Path, centre: Centre, rows: int) -> dict[str, float]:
    engine, times = open_engine(campus.database(centre.state)), []
    with _terminal(folder, centre, rows, feed_seconds=0.2) as terminal:
        terminal.fetched()
        for version in range(1, CHANGES + 1):
            time.sleep(0.5)
            campus.change(engine, PEOPLE // 2, rows, version)
            began = time.monotonic()
            times.append(terminal.next("found")["at"] - began)
    engine.dispose()
    return {"feed.one_changed_ms": statistics.median(times) * 1000, "feed.one_changed_worst_ms": max(times) * 1000}


def _slow(folder: Path) -> dict[str, float]:
    """In memory, where there is such a folder: then the 20 ms are all that a sync takes, whatever the disk does."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else folder) as name:
        return _slowly(folder, Path(name))


def _slowly(folder: Path, disk: Path) -> dict[str, float]:
    library = _slow_fsync(folder)
    if library is None:
        print("no gcc: no slow disk to measure on", file=sys.stderr)
        return {}
    during: list[float] = []
    after: list[float] = []
    held: list[float] = []
    seconds = []
    with _centre(folder, 1) as centre:
        for _ in range(ROUNDS):
            with _terminal(disk, centre, 1, "--acts", preload=library) as terminal:
                seconds.append(terminal.fetched()[0])
                acts = terminal.next("acts")
            during += acts["waits"][: acts["during"]]
            after += acts["waits"][acts["during"] :]
            held += acts["held"][: acts["during"]]
    figures = {"feed.slow_20k_persons_s": statistics.median(seconds), "feed.worst_held_ms": max(held) * 1000}
    for suffix, waits in (("", during), ("_peer", after)):
        figures[f"feed.worst_enqueue_ms{suffix}"] = max(waits) * 1000
        figures[f"feed.p99_enqueue_ms{suffix}"] = statistics.quantiles(waits, n=100)[98] * 1000
        figures[f"feed.enqueue_ms{suffix}"] = statistics.median(waits) * 1000
    return figures | {"feed.enqueues": float(len(during))}


def _slow_fsync(folder: Path) -> Path | None:
    """A library that adds 20 ms to every fsync; None without a compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return None
    library, source = folder / "slow_fsync.so", Path(__file__).with_name("slow_fsync.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@contextmanager
def _centre(folder: Path, rows: int) -> Iterator[Centre]:
    state = folder / f"central-{rows}"
    if not state.exists():
        campus.fill(state, PEOPLE, rows)
    with campus.serving(state) as (url, pid):
        yield Centre(state, url, pid)


@contextmanager
def _terminal(
    folder: Path, centre: Centre, rows: int, *more: str, feed_seconds: float = 20.0, preload: Path | None = None
) -> Iterator[Terminal]:
    """A fresh one."""
    state = folder / f"terminal-{next(_folders)}"
    state.mkdir()
    asked = CentreConfig(centre.url, enrolment_code=campus.enrolment_code(centre.state), feed_seconds=feed_seconds)
    path = state / "kiosk.toml"
    path.write_text(toml_of(replace(Config(), paths=PathsConfig(state=state), centre=asked)), "utf-8")
    env = {**os.environ, **({"LD_PRELOAD": str(preload)} if preload else {})}
    command = [sys.executable, "-m", "tests.bench.terminal", str(path), str(PEOPLE), str(rows), *more]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stdout is not None
        yield Terminal(centre.pid, process.pid, map(json.loads, process.stdout))
    finally:
        process.communicate(timeout=PATIENCE_S)


def _cpu(pid: int) -> float:
    """Seconds of a process and the children it has now."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task").glob("*/children")
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu(int(child)) for path in children for child in path.read_text("utf-8").split())


def _peer(centre: Centre) -> float:
    """Seconds for whoever only downloads the same rows and has the templates as numbers in the end."""
    key = Ed25519PrivateKey.generate()
    ask = {"code": campus.enrolment_code(centre.state), "terminal": Config().terminal.id}
    with requests.Session() as session:
        session.trust_env = False
        ask["public_key"] = key.public_key().public_bytes_raw().hex()
        session.post(f"{centre.url}/v1/enrol", json=ask, timeout=30).raise_for_status()
        session.auth = Signer(key, time.time)
        began = time.perf_counter()
        feeds = ("persons", "passes", "templates")
        vectors = [_decoded(row["data"]) for feed in feeds for row in _rows(session, centre.url, feed)]
        np.concatenate([each for each in vectors if each is not None]).astype(np.float32)
        return time.perf_counter() - began


def _rows(session: requests.Session, url: str, feed: str) -> Iterator[dict[str, Any]]:
    after, more = 0, True
    while more:
        answer = session.get(f"{url}/v1/feeds/{feed}?after={after}", timeout=30)
        answer.raise_for_status()
        page = json.loads(answer.content)
        yield from page["rows"]
        after, more = page["next"], page["more"]


def _decoded(data: dict[str, Any]) -> Any:
    if "vectors" not in data:
        return None
    return np.frombuffer(base64.b64decode(data["vectors"]), "<f2").reshape(data["rows"], -1)
