"""The whole way at two real terminals: provided for with a line, issued without one, counted when it is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kiosk import config as configs
from kiosk.__main__ import main as kiosk
from kiosk.config import DemoConfig, TerminalConfig, toml_of
from sync.ahead import AheadStore, Issued
from sync.central import devices
from sync.journal import Journal, NewEvent
from sync.sim.proxy import FaultProxy
from sync.vault import Vault
from tests.sync.ahead_kit import wanted
from tests.sync.central_kit import STUDENT, Api, morning_clock
from tests.sync.gate_kit import answer
from tests.sync.helpers import committed
from tests.sync.running import Running, write_config
from tests.waiting import until


@pytest.fixture
def central_kind() -> str:
    """What is tested is the terminals' side; the centre's has its own tests on both."""
    return "sqlite"


@dataclass
class Hall:
    """A walk-up terminal without its screen and devices."""

    folder: Path
    api: Api
    proxy: FaultProxy
    engine: Running
    journal: Journal
    store: AheadStore

    def signs_in(self) -> None:
        self.engine.order({"op": "provide", "person": self.api.person(STUDENT)})
        self.engine.wait_for("feed", name="ahead")
        until(lambda: answer(self.store.offers, self.api.person(STUDENT)))

    def hands_in(self, key: str) -> None:
        body = self.api.request("enrolment", STUDENT, {"purpose": "loan"})["body"]
        committed(self.journal, NewEvent(key, key, "request.submitted", 1, {**body, "receipt": ""}, receipt=True))

    def issues(self, key: str) -> Issued:
        asked = wanted(key, person=self.api.person(STUDENT))
        done = answer(lambda told: self.store.issue(asked, told))
        assert isinstance(done, Issued), done
        return done

    def printed(self, done: Issued) -> None:
        request = done.key.split(":")[0]
        body = {"request": request, "serial": done.sealed.serial, "copies": 1}
        committed(self.journal, NewEvent(f"{done.key}:printed", request, "document.printed", 1, body))
        self.engine.order({"op": "nudge"})


@pytest.fixture
def hall(tmp_path: Path, central_door: Api) -> Iterator[Callable[[str], Hall]]:
    opened: list[Hall] = []

    def open_(name: str) -> Hall:
        folder, clock = tmp_path / name, morning_clock()
        vault = Vault.open(folder)
        proxy = FaultProxy(int(central_door.url.rsplit(":", 1)[1]))
        proxy.start()
        path = write_config(folder, proxy.url, devices.issue_code(central_door.centre, name))
        demo = DemoConfig(enabled=True, clock_offset=clock.offset)
        config = replace(configs.load(path), demo=demo, terminal=TerminalConfig(id=name))
        path.write_text(toml_of(config), "utf-8")
        journal = Journal(folder / "journal.db", vault, clock, name, "boot-1", lambda _: None)
        journal.start()
        store = AheadStore(journal, folder / "cache.db", vault, clock, config)
        opened.append(Hall(folder, central_door, proxy, Running(path), journal, store))
        return opened[-1]

    yield open_
    for each in opened:
        each.engine.end()
        each.journal.stop()
        each.proxy.stop()


def test_issued_without_a_line_at_two_terminals_and_counted_when_it_is_back(
    hall: Callable[[str], Hall], central_door: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    east, west = hall("A-017"), hall("A-018")
    done = []
    for each in (east, west):
        each.engine.wait_for("feed", name="persons")
        each.signs_in()
    for each, key in ((east, "request-east"), (west, "request-west")):
        each.proxy.down()
        each.hands_in(key)
        done.append(each.issues(key))
        each.printed(done[-1])
    assert done[0].sealed.serial != done[1].sealed.serial
    assert central_door.sql("select count(*) from document") == [(0,)]
    assert kiosk(["verify", done[0].sealed.code, "--state", str(east.folder)]) == 0
    assert done[0].sealed.serial in capsys.readouterr().out
    for each in (east, west):
        each.proxy.up()
    counted = "select serial from document where printed_at is not null and voided_at is null order by serial"
    until(lambda: len(central_door.sql(counted)) == 2, "both count")
    assert central_door.sql(counted) == sorted((one.sealed.serial,) for one in done)
    assert central_door.sql("select count(*) from offline_conflict") == [(0,)]
    second = east.issues("request-again")
    assert second.sealed.serial not in {one.sealed.serial for one in done}

    # somebody changes: what is left is withdrawn at the next contact
    assert central_door.operate("leave", "--number", STUDENT) == 0
    until(lambda: not answer(west.store.offers, central_door.person(STUDENT)), "nothing is left")
