"""The same personal code at two real terminals, one served centre between them, and a line that is cut."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import config as configs
from kiosk.config import DemoConfig, TerminalConfig, toml_of
from sync.central import codes, devices
from sync.desk import Admitted, Answer, Desk, VisitorAdmitted
from sync.journal import Journal, NewEvent
from sync.sim.proxy import FaultProxy
from sync.vault import Vault
from sync.wire import NEWEST, CodeAnswer, CodeAsk, SpendAsk
from tests.sync.central_kit import STUDENT, Api, morning_clock, pin_of
from tests.sync.helpers import committed
from tests.sync.running import Running, write_config
from tests.sync.test_gate_central import decided
from tests.waiting import until


@pytest.fixture
def central_kind() -> str:
    """What is tested is the terminals' side; the centre's has its own tests on both."""
    return "sqlite"


@dataclass
class Lane:
    """A gate without its screen and devices."""

    name: str
    api: Api
    proxy: FaultProxy
    engine: Running
    journal: Journal
    desk: Desk

    def show(self, code: str) -> str:
        """Somebody shows a code here, and this terminal alone lets them in; the code's nonce."""
        answers: queue.SimpleQueue[Answer | VisitorAdmitted] = queue.SimpleQueue()
        self.desk.check_gate_code(code, answers.put)
        answer = answers.get(timeout=10)
        assert isinstance(answer, Admitted), answer
        return answer.nonce

    def record(self, nonce: str) -> str:
        """As the lane's flow does when it lets somebody through."""
        key = f"g:{self.name}:{nonce}"
        body = decided(key, self.api.person(STUDENT), nonce=nonce, receipt="")["body"]
        committed(self.journal, NewEvent(key, key, "gate.decided", NEWEST["gate.decided"], body, receipt=True))
        self.engine.order({"op": "nudge"})
        return key


def lane(folder: Path, api: Api, name: str) -> Iterator[Lane]:
    clock, vault = morning_clock(), Vault.open(folder)
    proxy = FaultProxy(int(api.url.rsplit(":", 1)[1]))
    proxy.start()
    journal = Journal(folder / "journal.db", vault, clock, name, "boot-1", lambda _: None)
    journal.start()
    path = write_config(folder, proxy.url, devices.issue_code(api.centre, name))
    demo = DemoConfig(enabled=True, clock_offset=clock.offset)
    config = replace(configs.load(path), demo=demo, terminal=TerminalConfig(id=name))
    path.write_text(toml_of(config), "utf-8")
    engine = Running(path)

    def spend(ask: SpendAsk) -> None:
        engine.order({"op": "spend", **ask.model_dump()})

    desk = Desk(folder / "cache.db", folder / "journal.db", vault, clock, config, journal, spend)
    desk.start()
    yield Lane(name, api, proxy, engine, journal, desk)
    desk.stop()
    engine.end()
    journal.stop()
    proxy.stop()


@pytest.fixture
def east(tmp_path: Path, central_door: Api) -> Iterator[Lane]:
    yield from lane(tmp_path / "east", central_door, "A-017")


@pytest.fixture
def west(tmp_path: Path, central_door: Api) -> Iterator[Lane]:
    yield from lane(tmp_path / "west", central_door, "A-018")


def fresh_code(api: Api) -> str:
    answer = codes.code_for(api.centre, CodeAsk(number=STUDENT, pin=pin_of(STUDENT)))
    assert isinstance(answer, CodeAnswer)
    return answer.code


def reuses(api: Api, nonce: str) -> list[Any]:
    return api.sql("select first_terminal, terminal, event from code_reuse where nonce = ?", nonce)


def test_the_same_code_at_two_gates(
    east: Lane, west: Lane, central_door: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused at the second while it is reachable; let in and reported when it is not."""
    for each in (east, west):
        each.engine.wait_for("feed", name="persons")
        each.engine.wait_for("feed", name="keys")
    shown = fresh_code(central_door)
    nonce = east.show(shown)
    east.engine.wait_for("spent", nonce=nonce, first=True)
    assert west.show(shown) == nonce
    west.engine.wait_for("spent", nonce=nonce, first=False, terminal="A-017")
    assert reuses(central_door, nonce) == [("A-017", "A-018", "")]

    west.proxy.down()
    shown = fresh_code(central_door)
    later = west.show(shown)
    key = west.record(later)
    assert east.show(shown) == later
    east.engine.wait_for("spent", nonce=later, first=True)
    assert not west.engine.said("spent", nonce=later)
    assert reuses(central_door, later) == []

    west.proxy.up()
    west.engine.wait_for("spent", nonce=later, first=False, terminal="A-017")
    until(lambda: reuses(central_door, later) == [("A-017", "A-018", key)])
    assert central_door.operate("reused-codes") == 0
    told = capsys.readouterr().out
    assert (told.count("\n"), nonce in told, later in told, key in told) == (2, True, True, True)
