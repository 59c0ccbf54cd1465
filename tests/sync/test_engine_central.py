"""The terminal's side against the real central side, through a network that can be cut."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import config as configs
from kiosk.clock import Clock
from kiosk.config import Config, DemoConfig, TerminalConfig, toml_of
from kiosk.domain.people import Factor
from kiosk.domain.requests import Request, Status
from sync import listing
from sync.central import codes, devices
from sync.central.parts import arrived
from sync.desk import Admitted, Answer, Desk
from sync.journal import BlobStored, Journal, NewEvent, Refused
from sync.sim.proxy import FaultProxy, Mode
from sync.vault import Vault
from sync.wire import CodeAnswer, CodeAsk
from tests.sync.attachments import paper
from tests.sync.central_kit import JPEG, STUDENT, Api, morning_clock, pin_of
from tests.sync.helpers import committed
from tests.sync.running import Running, write_config
from tests.waiting import until


@pytest.fixture
def central_kind() -> str:
    """What is tested is the terminal's side, through the network; the centre's has its own tests on both."""
    return "sqlite"


@dataclass
class Hall:
    """A terminal without its screen: journal, desk, sync process; the wire; the centre."""

    api: Api
    proxy: FaultProxy
    engine: Running
    journal: Journal
    desk: Desk
    folder: Path
    vault: Vault

    def submit(self, key: str, item: str, **more: Any) -> str:
        """Hand in as the screen would; the receipt number."""
        body = self.api.request(item, STUDENT, key=key, **more)["body"]
        receipt = committed(self.journal, NewEvent(key, key, "request.submitted", 1, body, receipt=True)).receipt
        self.engine.order({"op": "nudge"})
        return receipt

    def requests(self) -> dict[str, Request]:
        answers: queue.SimpleQueue[tuple[Request, ...]] = queue.SimpleQueue()
        self.desk.requests_of(self.api.person(STUDENT), answers.put)
        return {request.key: request for request in answers.get(timeout=10)}

    def states(self) -> set[str]:
        return {row.state for row in listing.rows(self.folder / "journal.db", self.vault)}

    def at_centre(self, key: str) -> int:
        return len(self.api.sql("select 1 from event where key = ?", key))


def hall_config(folder: Path, url: str, code: str, clock: Clock) -> Path:
    path = write_config(folder, url, code)
    config = configs.load(path)
    demo = DemoConfig(enabled=True, clock_offset=clock.offset)
    path.write_text(toml_of(replace(config, demo=demo)), "utf-8")
    return path


@pytest.fixture
def hall(tmp_path: Path, central_door: Api) -> Iterator[Hall]:
    folder, clock = tmp_path / "terminal", morning_clock()
    vault = Vault.open(folder)
    proxy = FaultProxy(int(central_door.url.rsplit(":", 1)[1]))
    proxy.start()
    journal = Journal(folder / "journal.db", vault, clock, "A-017", "boot-1", lambda _: None)
    journal.start()
    config = Config(terminal=TerminalConfig(), demo=DemoConfig(enabled=True))
    desk = Desk(folder / "cache.db", folder / "journal.db", vault, clock, config, journal)
    desk.start()
    code = devices.issue_code(central_door.centre, "A-017")
    engine = Running(hall_config(folder, proxy.url, code, clock))
    made = Hall(central_door, proxy, engine, journal, desk, folder, vault)
    yield made
    # the newest one: a test may have ended the first and begun another
    made.engine.end()
    desk.stop()
    journal.stop()
    proxy.stop()


def test_a_visit_online(hall: Hall) -> None:
    """Enrolled, identified twice over, handed in, sealed, printed, rated: all of it at the centre, once each."""
    hall.engine.wait_for("link", state="online")
    hall.engine.wait_for("feed", name="persons")
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    hall.desk.check_pin(STUDENT, pin_of(STUDENT), answers.put)
    admitted = answers.get(timeout=10)
    assert isinstance(admitted, Admitted)
    shown = codes.code_for(hall.api.centre, CodeAsk(number=STUDENT, pin=pin_of(STUDENT)))
    assert isinstance(shown, CodeAnswer)
    hall.engine.wait_for("feed", name="keys")
    assert scanned(hall, shown.code)
    assert not scanned(hall, shown.code), "a code is good once"
    receipt = hall.submit("request-online-1", "enrolment", values={"purpose": "loan"})
    ask = {"key": "request-online-1:1", "request": "request-online-1", "document": "enrolment"}
    hall.engine.order({"op": "seal", "ask": ask})
    answer = hall.engine.wait_for("sealed")["answer"]
    assert answer["fields"]["name"] == admitted.person.name
    printed = {"request": "request-online-1", "serial": answer["serial"], "copies": 1}
    committed(hall.journal, NewEvent("request-online-1:1:printed", "request-online-1", "document.printed", 1, printed))
    hall.engine.order({"op": "nudge"})
    until(lambda: hall.requests()["request-online-1"].status is Status.ISSUED)
    assert hall.requests()["request-online-1"].receipt == receipt
    until(lambda: hall.at_centre("request-online-1:1:printed"))
    assert hall.at_centre("request-online-1") == hall.at_centre("request-online-1:1:printed") == 1


def scanned(hall: Hall, code: str) -> bool:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    hall.desk.check_code(code, answers.put)
    answer = answers.get(timeout=10)
    return isinstance(answer, Admitted) and answer.factor is Factor.CODE


def test_what_was_handed_in_without_a_network_arrives_once(hall: Hall) -> None:
    hall.engine.wait_for("link", state="online")
    hall.engine.wait_for("feed", name="requests")
    hall.proxy.down()
    photos: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    hall.journal.put_blob(JPEG, photos.put)
    photo = photos.get(timeout=10)
    assert isinstance(photo, BlobStored)
    values = {"kind": "water", "place": "dormitory", "room": "302", "description": "水龙头漏水了"}
    hall.submit("request-offline-1", "repair", values=values, attachments={"photo": photo.sha256})
    hall.submit("request-offline-2", "enrolment", values={"purpose": "loan"}, prepare=True)
    rating = {"request": "request-offline-2", "item": "enrolment", "stars": 3, "how": "defaulted", "remark": ""}
    committed(hall.journal, NewEvent("request-offline-2:rating", "request-offline-2", "rating.given", 1, rating))
    hall.engine.wait_for("link", state="offline")
    hall.engine.wait_for("backlog", queued=3)
    assert hall.requests()["request-offline-2"].status is Status.WAITING_TO_SEND
    hall.proxy.mode = Mode.LOST_RESPONSE
    until(lambda: hall.at_centre("request-offline-2"))
    hall.proxy.up()
    hall.engine.wait_for("backlog", queued=0)
    hall.engine.wait_for("link", state="online")
    assert hall.at_centre("request-offline-2") == hall.at_centre("request-offline-2:rating") == 1
    until(lambda: hall.requests()["request-offline-2"].status is not Status.WAITING_TO_SEND)


def test_no_fault_of_the_network_marks_anything(hall: Hall) -> None:
    hall.engine.wait_for("link", state="online")
    for mode in (Mode.PORTAL, Mode.BAD_GATEWAY, Mode.RESET, Mode.TRICKLE):
        key, sent = f"request-{mode}-1", len(hall.engine.said("sent"))
        hall.proxy.mode = mode
        hall.submit(key, "enrolment", values={"purpose": "loan"})
        if mode is Mode.TRICKLE:
            until(lambda key=key: hall.at_centre(key))  # type: ignore[misc]
        else:
            line = "login" if mode is Mode.PORTAL else "offline"
            until(lambda line=line: hall.engine.last("link")["state"] == line, line)  # type: ignore[misc]
        assert len(hall.engine.said("sent")) == sent
        hall.proxy.up()
        until(lambda sent=sent: len(hall.engine.said("sent")) > sent, mode)  # type: ignore[misc]
        until(lambda: hall.engine.last("link")["state"] == "online")
        assert hall.states() == {"sent"}
        assert hall.at_centre(key) == 1


def test_a_long_paper_arrives_over_a_line_that_is_cut(hall: Hall) -> None:
    hall.engine.wait_for("link", state="online")
    papers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    hall.journal.put_blob(paper(2_000_000), papers.put)
    stored = papers.get(timeout=10)
    assert isinstance(stored, BlobStored)
    values = {"kind": "water", "place": "dormitory", "room": "302", "description": "水龙头漏水了"}
    hall.submit("request-long-1", "repair", values=values, attachments={"photo": stored.sha256})

    def size() -> list[tuple[int]]:
        return hall.api.sql("select size from blob where sha256 = ?", stored.sha256)

    until(lambda: arrived(hall.api.centre, "A-017", stored.sha256) or size())
    hall.proxy.down()
    hall.proxy.up()
    until(lambda: size() == [(len(paper(2_000_000)),)])
