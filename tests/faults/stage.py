"""A hall to break: centre, sync process and enqueuer as processes, a wire that can be bent, and the books of it all."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk import config as configs
from kiosk.clock import CAMPUS_ZONE
from kiosk.config import DemoConfig, toml_of
from kiosk.domain import forms
from sync.central import devices, people
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import migrate, open_engine, reading
from sync.sim.proxy import FaultProxy
from sync.vault import Vault
from tests.faults import books
from tests.faults.enqueuer import ACTS
from tests.faults.nursery import Child, Starter
from tests.sync.central_kit import MORNING, STUDENT, morning_clock
from tests.sync.running import write_config

TERMINAL = "A-017"
ROLES = ("enqueuer", "sync", "centre")
TICK_S = 0.01
DRAIN_S, FEED_S = 40.0, 10.0
LISTENING = "listening on http://127.0.0.1:"
Plants = Mapping[str, Sequence[str]]
Env = Mapping[str, Mapping[str, str]]


@dataclass
class Stage:
    """`plants` and `env` by role. `central` is a centre's state folder with people in it; `database`: its own if ""."""

    folder: Path
    central: Path
    starter: Starter
    plants: Plants = field(default_factory=dict)
    env: Env = field(default_factory=dict)
    database: str = ""
    enqueuer: tuple[str, ...] = ()
    children: dict[str, Child] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    kills: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self.state = self.folder / "terminal"
        self.journal, self.vault = self.state / "journal.db", Vault.open(self.state)
        self.books = books.Books(self.state)
        self.database = self.database or f"sqlite:///{self.central / 'central.db'}"
        self.offset = morning_clock().offset
        self._gap = threading.Event()

    def open(self, roles: Sequence[str] = ("sync", "enqueuer")) -> None:
        """The centre up, the terminal configured; then these."""
        code = self._prepare()
        self.start("centre")
        self.wait_until(lambda: self.port, "the centre listens")
        self.proxy = FaultProxy(self.port, trickle_s=0.002)
        self.proxy.start()
        self._configure(code)
        for role in roles:
            self.start(role)

    def close(self) -> None:
        """As roughly as everything here."""
        for child in self.children.values():
            child.kill()
        self.children.clear()
        if hasattr(self, "proxy"):
            self.proxy.stop()

    def start(self, role: str) -> None:
        arguments = {"sync": self._sync, "centre": self._centre, "enqueuer": self._enqueuer}[role]()
        self.children[role] = self.starter.start(role, arguments, self.plants.get(role, ()), self.env.get(role))

    def kill(self, role: str) -> None:
        """kill −9, whatever it does at the moment."""
        child = self.children.pop(role, None)
        if child:
            child.kill()
            self.kills += 1

    def stop(self, role: str) -> None:
        """Ask it to end."""
        self.children.pop(role).end()

    def wait(self, seconds: float) -> None:
        """Time passes; the sync process is nudged whenever something was acknowledged, as the terminal does."""
        until, size = time.monotonic() + seconds, -1
        while time.monotonic() < until:
            if self.books.size != size:
                size = self.books.size
                self.nudge()
            self._gap.wait(TICK_S)

    def wait_until(self, true: Callable[[], object], what: str, seconds: float = DRAIN_S) -> None:
        """As `wait`, until it is true; an assertion naming what did not come."""
        deadline = time.monotonic() + seconds
        self.look()
        while not true():
            assert time.monotonic() < deadline, f"did not happen within {seconds:.0f} s: {what}; {self._state()}"
            self.nudge()
            self._gap.wait(TICK_S)
            self.look()

    def nudge(self) -> None:
        if "sync" in self.children:
            self.children["sync"].order(op="nudge")

    def drain(self) -> books.Trouble:
        """Nobody hands in any more, the wire is whole: everything goes out; what is wrong then."""
        if "enqueuer" in self.children:
            self.stop("enqueuer")
        self.proxy.up()
        for role in ("centre", "sync"):
            if role not in self.children:
                self.start(role)
        self.wait_until(lambda: books.queued(self.journal) == 0, "the queue is empty")
        found = books.audit(self.books, self.journal, self.held())
        found |= {"ended by itself": self.ended, "bugs": bugs(self.state, self.central), "feed": self._feed()}
        return {name: keys for name, keys in found.items() if keys}

    def _feed(self) -> list[str]:
        """Requests that the terminal still does not know as the centre tells them, after some patience."""
        deadline, apart = time.monotonic() + FEED_S, [""]
        while apart and time.monotonic() < deadline:
            apart = books.apart(self.state / "cache.db", self.vault, self.database)
            self._gap.wait(10 * TICK_S if apart else 0)
        return apart

    def held(self) -> books.Held:
        return books.held(self.database, TERMINAL)

    def marked_wrongly(self) -> list[str]:
        """What counts as sent and is not at the centre; at any time."""
        rows = books.sent(self.journal)
        there = {key for key, _ in self.held().events}
        return sorted(rows - there)

    @property
    def line(self) -> str:
        """What the sync process last said of the line to the centre."""
        lines = list(self.children["sync"].lines) if "sync" in self.children else []
        said = [json.loads(line)["state"] for line in lines if line.startswith('{"ev": "link"')]
        return str(said[-1]) if said else "unknown"

    def look(self) -> None:
        """Notice who ended without being told to, and the port of a centre that has come up."""
        for role, child in list(self.children.items()):
            if not child.alive:
                self.ended.append(role)
                self.children.pop(role).kill()
                self.start(role)
        centre = self.children.get("centre")
        line = next((line for line in list(centre.lines) if line.startswith(LISTENING)), "") if centre else ""
        self.port = int(line.removeprefix(LISTENING)) if line else self.port

    def _state(self) -> str:
        waiting = books.queued(self.journal)
        last = {role: list(child.lines)[-3:] for role, child in self.children.items()}
        return f"{waiting} wait, ended {self.ended}, {last}"

    def _prepare(self) -> str:
        """What the enqueuer hands in; the enrolment code."""
        engine = open_engine(self.database)
        if engine.dialect.name == "sqlite":
            migrate(engine)
        centre = open_centre(engine, self.central, clock=morning_clock(), demo=True)
        acts = {"enrolment": _body(centre, "enrolment", {"purpose": "loan"}), "repair": _body(centre, "repair", REPAIR)}
        (self.state / ACTS).write_text(json.dumps(acts, ensure_ascii=False), "utf-8")
        code = devices.issue_code(centre, TERMINAL)
        engine.dispose()
        return code

    def _configure(self, code: str) -> None:
        path = write_config(self.state, self.proxy.url, code)
        config = replace(configs.load(path), demo=DemoConfig(enabled=True, clock_offset=self.offset))
        path.write_text(toml_of(config), "utf-8")

    def _sync(self) -> list[str]:
        return ["--config", str(self.state / "kiosk.toml")]

    def _centre(self) -> list[str]:
        common = ["--state", str(self.central), "--database", self.database, "--clock-offset", str(self.offset)]
        return ["serve", "--port", str(self.port), *common]

    def _enqueuer(self) -> list[str]:
        seed = str(random.getrandbits(30))
        return ["--folder", str(self.state), "--offset", str(self.offset), "--seed", seed, *self.enqueuer]


def bugs(*folders: Path) -> list[str]:
    """Where something unexpected was raised, by the logs in these state folders."""
    paths = [path for folder in folders for path in (folder / "log").glob("*.jsonl*")]
    lines = (line for path in paths for line in path.read_text("utf-8").splitlines())
    return [str(json.loads(line).get("where")) for line in lines if '"event": "bug"' in line]


REPAIR = {
    "place": "bathroom",
    "fault": "water",
    "danger": "no",
    "symptom": "洗手池下水管滴水，地面有积水",
    "visit_day": MORNING.astimezone(CAMPUS_ZONE).date().isoformat(),
    "visit_time": "afternoon",
    "without_me": "warden",
}


def _body(centre: Centre, item: str, values: dict[str, str]) -> dict[str, object]:
    """What the form of this item would send for a student."""
    with reading(centre.engine) as connection:
        member = people.by_number(Work(centre, connection, 0), STUDENT)
    assert member is not None
    known = forms.prefill(centre.catalogue.items[item], people.told(member))
    body = {"item": item, "person": member.id, "receipt": "", "factors": ["code", "pin"]}
    return {**body, "values": {**known, **values}, "attachments": {}, "language": "zh", "copies": 1, "prepare": False}
