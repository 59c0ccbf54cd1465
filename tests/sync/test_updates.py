"""Releases as a terminal takes them: over real HTTP, cut, spoiled, forged, withdrawn; what it says of them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import __version__
from kiosk import config as configs
from kiosk.config import CentreConfig, UpdatesConfig, toml_of
from kiosk.domain.faults import Code
from sync import updates
from sync.central import devices, releases
from sync.client import Client, Failure
from sync.pace import Wait
from sync.sim.proxy import FaultProxy, Mode
from sync.tables import JOURNAL
from sync.updates import AGAIN_S, Updates
from sync.wire_release import MOST_BYTES, PIECE, Offer, Update
from tests.sync.central_kit import Api
from tests.sync.release_kit import SOMEBODY_ELSE, laid, package, public, signed
from tests.sync.running import Running, write_config
from tests.told import Told
from tests.waiting import until

DATA = package(3 * PIECE + 17)
SHA = hashlib.sha256(DATA).hexdigest()
MACHINE = updates.architecture()
pytestmark = pytest.mark.skipif(MACHINE != "amd64", reason="the packages of these tests are for amd64")


@pytest.fixture
def central_kind() -> str:
    """What is tested is the terminal's side."""
    return "sqlite"


def proof(data: bytes = DATA, **other: Any) -> bytes:
    return signed(data, **{"journal": len(JOURNAL), **other})


@dataclass
class Terminal:
    """Its loop of updates, without a clock: each `turn` is what the loop would do next."""

    api: Api
    proxy: FaultProxy
    client: Client
    folder: Path
    notes: Path
    said: list[Update] = field(default_factory=list)
    busy: bool = False

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A process that has just been started."""
        config = UpdatesConfig(kilobytes=512, signed_by=self.notes / "update.pem", notes=self.notes)
        self.updates = Updates(self.folder, config, self.said.append)
        self.updates.quiet = True

    def beat(self) -> None:
        """What a heartbeat brings."""
        assert self.updates.told is not None
        told = {"at": self.api.centre.clock.now(), "version": "0", "queued": 0, "dead": 0, "oldest_s": 0.0}
        answer = self.api.post("/v1/heartbeat", {**told, "update": self.updates.told.model_dump()})
        assert answer.status_code == 200, answer.text
        offer = answer.json().get("offer")
        self.updates.offered(Offer.model_validate(offer) if offer else None)

    def turn(self) -> Wait | Failure:
        return self.updates.turn(self.client, lambda: self.busy)

    def turns(self, most: int = 10) -> str:
        """Until it has nothing to do at once; the state then."""
        for _ in range(most):
            found = self.turn()
            if isinstance(found, Failure) or found.seconds >= 1:
                break
        assert self.updates.told is not None
        return self.updates.told.state

    @property
    def reason(self) -> str:
        assert self.updates.told is not None
        return self.updates.told.reason

    @property
    def arrived(self) -> int:
        part = self.folder / "update" / f"{SHA}.part"
        return part.stat().st_size if part.exists() else 0

    @property
    def ready(self) -> list[str]:
        """What lies ready for root."""
        return sorted(path.name for path in (self.folder / "update").glob("staged/*"))

    def outcome(self, state: str, reason: str = "why") -> None:
        """What root would tell."""
        told = {"sha256": SHA, "state": state, "reason": reason}
        (self.notes / "outcome").write_text(json.dumps(told), "utf-8")


@pytest.fixture
def terminal(tmp_path: Path, central_api: Api) -> Iterator[Terminal]:
    """A terminal that is offered 9.0.0."""
    assert central_api.key is not None
    key = central_api.key
    for name in ("terminal", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes" / "update.pem").write_bytes(public())
    offer(central_api, tmp_path / "out", DATA, proof())
    proxy = FaultProxy(int(central_api.url.rsplit(":", 1)[1]))
    proxy.start()
    client = Client(CentreConfig(url=proxy.url), lambda: key.signer)
    made = Terminal(central_api, proxy, client, tmp_path / "terminal", tmp_path / "notes")
    made.beat()
    yield made
    client.close()
    proxy.stop()


def offer(api: Api, folder: Path, data: bytes, signature: bytes, version: str = "9.0.0") -> None:
    assert api.operate("release", "add", str(laid(folder, data, signature, version))) == 0
    assert api.operate("release", "offer", version, "--share", "100") == 0


NAME = "campus-terminal_9.0.0_amd64.deb"


def test_fetched_in_pieces_no_faster_than_allowed_and_laid_ready(terminal: Terminal) -> None:
    found = terminal.turn()
    assert isinstance(found, Wait)
    assert found.seconds == pytest.approx(PIECE / 512_000)
    assert terminal.arrived == PIECE
    assert terminal.updates.told is not None
    assert (terminal.updates.told.here, terminal.updates.told.size) == (PIECE, len(DATA))
    assert terminal.turns() == "staged"
    assert terminal.ready == [NAME, f"{NAME}.signed"]
    assert (terminal.folder / "update" / "staged" / NAME).read_bytes() == DATA
    assert (terminal.folder / "update" / "staged" / f"{NAME}.signed").read_bytes() == proof()
    assert [each.state for each in terminal.said] == ["fetching", "staged"]
    assert oct((terminal.folder / "update").stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize("mode", [Mode.TRUNCATE, Mode.LOST_RESPONSE, Mode.PORTAL, Mode.WRONG_JSON, Mode.DOWN])
def test_what_is_cut_off_goes_on_where_it_was(terminal: Terminal, mode: Mode) -> None:
    terminal.turn()
    if mode is Mode.DOWN:
        terminal.proxy.down()
    terminal.proxy.mode = mode
    assert isinstance(terminal.turn(), Failure)
    assert terminal.arrived == PIECE
    terminal.proxy.up()
    terminal.proxy.mode = Mode.PASS
    before = terminal.proxy.accepted
    terminal.begin()
    terminal.beat()
    assert terminal.turns() == "staged"
    assert (terminal.folder / "update" / "staged" / NAME).read_bytes() == DATA
    assert terminal.proxy.accepted - before <= 3


def test_nobody_is_held_up(terminal: Terminal) -> None:
    terminal.updates.quiet = False
    assert terminal.turns() == "waiting"
    terminal.updates.quiet, terminal.busy = True, True
    assert terminal.turns() == "waiting"
    assert terminal.arrived == 0
    terminal.busy = False
    assert terminal.turns() == "staged"


def test_spoiled_bytes_are_fetched_again_later(terminal: Terminal) -> None:
    path = releases.path_of(terminal.api.centre, SHA)
    path.write_bytes(DATA[:-1] + b"?")
    assert terminal.turns() == "failed"
    assert (terminal.arrived, terminal.ready) == (0, [])
    path.write_bytes(DATA[:PIECE] + b"?" + DATA[PIECE + 1 :])
    terminal.turns()
    path.write_bytes(DATA)
    assert terminal.turns() == "staged"


def test_it_waits_longer_each_time_that_the_bytes_are_spoiled(terminal: Terminal) -> None:
    releases.path_of(terminal.api.centre, SHA).write_bytes(DATA[:-1] + b"?")
    waits = []
    for _ in range(8):
        while (found := terminal.turn()) and isinstance(found, Wait) and not found.firm:
            pass
        assert isinstance(found, Wait)
        waits.append(found.seconds)
    assert waits[:2] == [2 * AGAIN_S, 4 * AGAIN_S]
    assert waits == sorted(waits)
    assert waits[-1] == 3600


def test_withdrawn_in_the_middle(terminal: Terminal) -> None:
    terminal.turn()
    assert terminal.api.operate("release", "withdraw", "9.0.0") == 0
    assert terminal.turns() == "idle"
    assert (terminal.arrived, terminal.ready) == (0, [])


def test_withdrawn_when_it_lay_ready(terminal: Terminal) -> None:
    assert terminal.turns() == "staged"
    assert terminal.updates is not None
    (terminal.folder / "update" / "apply").touch()
    terminal.api.operate("release", "withdraw", "9.0.0")
    terminal.beat()
    assert terminal.turns() == "idle"
    assert list((terminal.folder / "update").iterdir()) == []


REFUSED: list[tuple[Callable[[], bytes], str]] = [
    (lambda: proof(key=SOMEBODY_ELSE), "not signed"),
    (lambda: proof().replace(b'"9.0.0"', b'"9.0.1"'), "not signed"),
    (lambda: proof(version="0.0.1"), "older than"),
    (lambda: proof(journal=len(JOURNAL) - 1), "reads journals up to"),
    (lambda: proof(architecture="arm64"), "for arm64"),
    (lambda: proof(size=MOST_BYTES + 1), "larger than 200 MB"),
    (lambda: proof(sha256="0" * 64), "another package"),
    (lambda: b"{}", "not signed"),
]


@pytest.mark.parametrize(("signature", "why"), REFUSED)
def test_what_is_refused_before_a_byte_is_fetched(terminal: Terminal, signature: Callable[[], bytes], why: str) -> None:
    """Also by a centre that somebody else has taken over: the terminal believes the operator's key alone."""
    terminal.updates.offered(Offer(sha256=SHA, signed=signature().decode()))
    before = terminal.proxy.accepted
    assert terminal.turns() == "refused"
    assert why in terminal.reason
    assert terminal.proxy.accepted == before


def test_without_a_key_or_room_nothing_is_fetched(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(terminal.folder)
    monkeypatch.setattr(updates.shutil, "disk_usage", lambda _: usage._replace(free=2 * len(DATA)))
    assert terminal.turns() == "waiting"
    assert "room" in terminal.reason
    (terminal.notes / "update.pem").unlink()
    assert terminal.turns() == "refused"
    assert "no public Ed25519 key" in terminal.reason
    assert terminal.arrived == 0


def test_what_root_said_of_it(terminal: Terminal) -> None:
    """Refused is for good, failed is tried again another night, spoiled is fetched again."""
    terminal.turns()
    staging = terminal.updates._staging
    assert staging.ask()
    terminal.outcome("failed", "no network")
    assert terminal.turns() == "failed"
    assert terminal.ready
    assert not staging.ask(), "not in the same night"
    old = (terminal.notes / "outcome").stat().st_mtime - 21 * 3600
    os.utime(terminal.notes / "outcome", (old, old))
    assert staging.ask()
    terminal.outcome("spoiled")
    assert terminal.turns() == "staged"
    assert (terminal.folder / "update" / "staged" / NAME).read_bytes() == DATA
    terminal.outcome("refused", "version 9.0.0 did not start before")
    assert terminal.turns() == "refused"
    assert (terminal.reason, terminal.ready) == ("version 9.0.0 did not start before", [])


def test_what_became_of_it_after_the_start(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.turns()
    (terminal.notes / "returned").write_text(f"9.0.0 {__version__}\n", "ascii")
    assert terminal.turns() == "returned"
    assert (terminal.reason, terminal.ready) == (f"it did not start; {__version__} runs again", [])
    monkeypatch.setattr(updates, "running", lambda: "9.0.0")
    terminal.begin()
    terminal.beat()
    (terminal.notes / "trial").write_text("1\n", "ascii")
    assert terminal.turns() == "trial"
    (terminal.notes / "trial").unlink()
    assert terminal.turns() == "installed"


def test_a_machine_without_a_package_says_and_fetches_nothing(terminal: Terminal) -> None:
    config = UpdatesConfig(notes=terminal.notes / "none")
    for made in (Updates(terminal.folder, config, terminal.said.append),):
        made.offered(Offer(sha256=SHA, signed=proof().decode()))
        assert isinstance(made.turn(terminal.client, lambda: False), Wait)
        assert (made.told, terminal.said) == (None, [])


def test_the_process_is_killed_while_it_fetches(tmp_path: Path, central_door: Api) -> None:
    """Enrolled, offered, quiet: fetched over a kill -9, and the operator sees how far it is."""
    folder, notes = tmp_path / "terminal", tmp_path / "notes"
    notes.mkdir()
    (notes / "update.pem").write_bytes(public())
    folder.mkdir()
    offer(central_door, tmp_path / "out", DATA, proof())
    path = write_config(folder, central_door.url, devices.issue_code(central_door.centre, "A-017"))
    config = configs.load(path)
    wanted = UpdatesConfig(kilobytes=400, signed_by=notes / "update.pem", notes=notes)
    demo = replace(config.demo, enabled=True, clock_offset=central_door.centre.clock.offset)
    path.write_text(toml_of(replace(config, updates=wanted, demo=demo)), "utf-8")
    part = folder / "update" / f"{SHA}.part"
    first = Running(path)
    first.order({"op": "quiet", "quiet": True})
    until(lambda: part.exists() and part.stat().st_size, "a first piece", 60)
    first.kill()
    size = part.stat().st_size
    assert 0 < size < len(DATA)
    second = Running(path)
    second.order({"op": "quiet", "quiet": True})
    second.wait_for("update", state="staged", version="9.0.0")
    beats = "select heartbeat from device"
    until(lambda: '"staged"' in str(central_door.sql(beats)), "the heartbeat that says it")
    assert second.end() == 0
    assert (folder / "update" / "staged" / NAME).read_bytes() == DATA


@pytest.mark.proves(Code.UPDATE_NOT_TAKEN)
def test_the_technician_hears_why_until_a_good_one_comes(terminal: Terminal) -> None:
    """Forged, then as the operator signed it: each as the sync process says it."""
    told = Told()
    good = terminal.updates._offer
    terminal.updates.offered(Offer(sha256=SHA, signed=proof(key=SOMEBODY_ELSE).decode()))
    terminal.turns()
    told.heard([line(each) for each in terminal.said])
    assert told.standing == {"update": Code.UPDATE_NOT_TAKEN}
    terminal.updates.offered(good)
    assert terminal.turns() == "staged"
    told.heard([line(each) for each in terminal.said])
    assert told.standing == {}


def line(update: Update) -> dict[str, str]:
    return {"ev": "update", "version": update.version, "state": update.state, "reason": update.reason}
