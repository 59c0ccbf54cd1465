"""The lane's own program with a scanner on its line: a code that was taken elsewhere, read by it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.sim.scanner import ScannerPeer
from kiosk import config as configs
from kiosk.config import DemoConfig, GateConfig, ScannerConfig, toml_of
from kiosk.domain import codes
from sync.central import codes as central_codes
from sync.central import devices, ruling, spending
from sync.central.centre import Work
from sync.central.database import writing
from sync.store import reader
from sync.wire import CodeAnswer, CodeAsk, SpendAsk
from tests.sync.central_kit import (  # noqa: F401 - fixtures
    OTHER,
    STUDENT,
    Api,
    central_centre,
    central_database,
    central_door,
    central_state,
    central_template,
    morning_clock,
    pin_of,
)
from tests.sync.running import write_config
from tests.waiting import until

NEEDED = {"persons", "keys", "rules"}
START_S = 40.0


@pytest.fixture
def central_kind() -> str:
    """It is about the lane; what the two databases do is tested beside them."""
    return "sqlite"


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[ScannerPeer]:
    made = ScannerPeer(tmp_path / "scanner", baud=0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def lane(tmp_path: Path, central_door: Api, scanner: ScannerPeer) -> Iterator[Path]:  # noqa: F811
    """`python -m kiosk gate`, without face and temperature; its state folder, once it knows the campus."""
    with writing(central_door.centre.engine) as connection:
        work = Work(central_door.centre, connection, central_door.centre.clock.now())
        ruling.change(work, "*", ["way=code", "temperature=off"])
    folder = tmp_path / "lane"
    folder.mkdir()
    path = write_config(folder, central_door.url, devices.issue_code(central_door.centre, "A-017"))
    more: dict[str, Any] = {"demo": DemoConfig(enabled=True, clock_offset=morning_clock().offset)}
    more |= {"scanner": ScannerConfig(kind="line", port=str(scanner.path)), "gate": GateConfig(spend=2.0, sound=False)}
    path.write_text(toml_of(replace(configs.load(path), **more)), "utf-8")
    program = subprocess.Popen([sys.executable, "-m", "kiosk", "gate", "--config", str(path)])
    try:
        until(lambda: known(folder) >= NEEDED, "the lane knows the campus", START_S)
        yield folder
    finally:
        program.terminate()
        assert program.wait(30) == 0


def known(folder: Path) -> set[str]:
    """The feeds that have rows here."""
    if not (folder / "cache.db").exists():
        return set()
    with closing(reader(folder / "cache.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'rows'").fetchone():
            return set()
        return {name for (name,) in db.execute("SELECT DISTINCT feed FROM rows")}


def decisions(api: Api) -> list[dict[str, Any]]:
    rows = api.sql("select v, body from event where kind = 'gate.decided' order by seq")
    assert {v for v, _ in rows} <= {2}
    return [json.loads(body) for _, body in rows]


def shown(api: Api, scanner: ScannerPeer, number: str, *, elsewhere: bool = False) -> tuple[str, dict[str, Any]]:
    """The nonce of somebody's fresh code that is held before the scanner, and the lane's decision on it."""
    answer = central_codes.code_for(api.centre, CodeAsk(number=number, pin=pin_of(number)))
    assert isinstance(answer, CodeAnswer)
    public, now = api.centre.keys["code"].public, api.centre.clock.now()
    read = codes.check(answer.code, {api.centre.keys["code"].kid: public}, 1, now, lambda _: False)
    assert isinstance(read, codes.CodeAccepted)
    nonce = read.nonce.hex()
    if elsewhere:
        spending.spend(api.centre, "A-018", SpendAsk(nonce=nonce, at=now, until=read.until))
    scanner.scan(answer.code)
    until(lambda: [one for one in decisions(api) if one["nonce"] == nonce], "the decision at the centre")
    return nonce, next(one for one in decisions(api) if one["nonce"] == nonce)


def test_a_lane_refuses_a_code_that_was_taken_elsewhere(
    lane: Path,
    central_door: Api,  # noqa: F811
    scanner: ScannerPeer,
) -> None:
    for _ in range(3):
        nonce, decided = shown(central_door, scanner, STUDENT)
        if decided["outcome"] == "allow":
            break
    assert (decided["outcome"], decided["person"]) == ("allow", central_door.person(STUDENT)), "the rules are there"
    assert central_door.sql("select terminal from spent_code where nonce = ?", nonce) == [("A-017",)]
    nonce, decided = shown(central_door, scanner, OTHER, elsewhere=True)
    assert (decided["outcome"], decided["person"], decided["factors"]) == ("refuse", "", [])
    reuse = central_door.sql("select first_terminal, terminal from code_reuse where nonce = ?", nonce)
    assert reuse == [("A-018", "A-017")]
    assert "code_taken_elsewhere" in (lane / "log" / "gate.jsonl").read_text("utf-8")
