"""A queue on a stick: sealed for the centre alone, whole or refused, taken in once however it comes."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pyrage import x25519

from kiosk.config import CentreConfig, TerminalConfig
from sync import audit, outbox, retention
from sync.cache import Cache
from sync.central import devices, takein
from sync.central.__main__ import main as central
from sync.central.centre import Centre
from sync.client import Client, Failure, nobody
from sync.export import Exported, NotExported, WhyNot, export
from sync.feeds import pull
from sync.journal import BlobStored, Journal, NewEvent, Refused
from sync.membership import Membership
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import Verdict
from tests.sync.central_kit import JPEG, STUDENT, Api
from tests.sync.helpers import committed, submitted

TERMINAL = TerminalConfig(id="A-017")


@pytest.fixture
def central_kind() -> str:
    """What is tested is the way of a file; the intake behind it has its own tests on both."""
    return "sqlite"


@dataclass
class Stick:
    """A terminal that knows its centre, and a folder to export to."""

    folder: Path
    api: Api
    journal: Journal
    vault: Vault
    stick: Path

    def export(self, **more: Any) -> Exported | NotExported:
        copies, now = self.folder / "cache.db", self.api.centre.clock.now()
        return export(self.folder / "journal.db", self.vault, copies, self.stick, now, **{"terminal": TERMINAL, **more})

    def exported(self) -> Exported:
        done = self.export()
        assert isinstance(done, Exported), done
        return done

    def take(self, path: Path) -> takein.Taken:
        with path.open("rb") as file:
            return takein.take(self.api.centre, file)

    def refused(self, content: bytes) -> str:
        """Why this file is not taken in; nothing of it may be at the centre then."""
        path = self.stick / "harmed.age"
        path.write_bytes(content)
        with pytest.raises(takein.NotTakenError) as caught:
            self.take(path)
        assert self.at_centre() == 0
        return str(caught.value)

    def at_centre(self) -> int:
        return int(self.api.sql("select count(*) from event")[0][0])

    def hand_in(self, key: str, **more: Any) -> None:
        body = self.api.request("enrolment", STUDENT, {"purpose": "loan"}, key=key, **more)["body"]
        committed(self.journal, NewEvent(key, key, "request.submitted", 1, body, receipt=True))

    def lines(self, path: Path) -> list[bytes]:
        identity = self.api.centre.identities[1]
        return pyrage.decrypt(path.read_bytes(), [identity]).splitlines(keepends=True)  # type: ignore[no-any-return]

    def seal(self, lines: list[bytes]) -> bytes:
        """As somebody would who knows the recipient: everybody may."""
        return pyrage.encrypt(b"".join(lines), [self.api.centre.identities[1].to_public()])  # type: ignore[no-any-return]


@pytest.fixture
def stick(tmp_path: Path, central_door: Api, journal: Journal, vault: Vault) -> Stick:
    centre = CentreConfig(url=central_door.url, enrolment_code=devices.issue_code(central_door.centre, "A-017"))
    member = Membership(tmp_path, vault, centre, "A-017", central_door.centre.clock.now)
    with contextlib.closing(Client(centre, nobody)) as stranger:
        enrolled = member.enrol(stranger)
    assert not isinstance(enrolled, Failure)
    copies = contextlib.closing(Cache(tmp_path / "cache.db", vault))
    with contextlib.closing(Client(centre, member.signer)) as client, copies as cache:
        assert pull(client, cache, "keys") is True
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        retention.new_epoch(db, enrolled.epoch, 0.0)
    (tmp_path / "stick").mkdir()
    return Stick(tmp_path, central_door, journal, vault, tmp_path / "stick")


def photo(journal: Journal) -> str:
    answers: queue.SimpleQueue[BlobStored | Refused] = queue.SimpleQueue()
    journal.put_blob(JPEG, answers.put)
    stored = answers.get(timeout=10)
    assert isinstance(stored, BlobStored)
    return stored.sha256


def test_a_queue_reaches_the_centre_on_foot_and_nothing_is_doubled(stick: Stick) -> None:
    sha = photo(stick.journal)
    stick.hand_in("request-0001", attachments={"photo": sha})
    stick.hand_in("request-0002", attachments={"photo": sha})
    done = stick.exported()
    assert (done.rows, done.left_out) == (2, 0)
    assert [path.name for path in stick.stick.iterdir()] == [done.path.name]
    content = done.path.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n")
    assert b"loan" not in content
    assert b"loan" in b"".join(stick.lines(done.path))
    taken = stick.take(done.path)
    assert (taken.terminal, dict(taken.counts)) == ("A-017", {Verdict.CREATED: 2})
    assert stick.api.sql("select sha256 from blob") == [(sha,)]
    assert dict(stick.take(done.path).counts) == {Verdict.DUPLICATE: 2}
    with contextlib.closing(connect(stick.folder / "journal.db", JOURNAL)) as db:
        items = outbox.due(db, stick.vault, stick.api.centre.clock.now())
        assert [item.key for item in items] == []  # their photograph waits to go up by itself
        db.execute("UPDATE blobs SET sent = 1")
        items = outbox.due(db, stick.vault, stick.api.centre.clock.now())
        kinds = [entry.kind for entry in audit.entries(db)]
    header = json.loads(stick.lines(done.path)[0])
    assert (header["terminal"], header["rows"], header["epoch"]) == ("A-017", 2, stick.api.centre.epoch)
    assert [json.loads(line)["item"] for line in stick.lines(done.path)[1:-1]] == [i.model_dump() for i in items]
    assert kinds[-1] == "outbox.exported"
    assert stick.at_centre() == 2


def test_the_commands_of_both_sides(stick: Stick, central_state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stick.hand_in("request-0001")
    committed(stick.journal, submitted("request-0002"))
    done = stick.exported()
    options = [
        "--state",
        str(central_state),
        "--database",
        stick.api.database,
        "--clock-offset",
        str(stick.api.centre.clock.offset),
    ]
    assert central(["take-in", str(done.path), *options]) == 0
    out = capsys.readouterr().out
    assert "terminal A-017: 1 created, 0 duplicate, 1 rejected" in out
    assert re.search(r"request-0002 .*查无此人", out)
    (stick.stick / "cut.age").write_bytes(done.path.read_bytes()[:-40])
    assert central(["take-in", str(stick.stick / "cut.age"), str(stick.stick / "none.age"), *options]) == 1
    assert capsys.readouterr().err.count("nothing taken in") == 2


def test_what_was_harmed_or_made_up_is_refused_whole(stick: Stick) -> None:
    for n in range(5):
        stick.hand_in(f"request-000{n}")
    content, lines = stick.exported().path.read_bytes(), stick.lines(stick.exported().path)
    changed = content[:-200] + bytes([content[-200] ^ 1]) + content[-199:]
    for harmed in (b"", b"no such thing", content[:300], content[:-1], content[:-60], changed):
        assert "no whole file" in stick.refused(harmed)
    assert "not whole" in stick.refused(stick.seal(lines[:-1]))
    assert "4 rows came" in stick.refused(stick.seal(lines[:2] + lines[3:]))
    assert "5 rows came" in stick.refused(stick.seal([lines[0], lines[2], lines[1], *lines[3:]]))
    assert "behind the end" in stick.refused(stick.seal([*lines, lines[1]]))
    assert "last line" in stick.refused(stick.seal([*lines[:-1], lines[-1][:-1]]))
    assert "line 1" in stick.refused(stick.seal([b"{}\n", *lines[1:]]))
    forged = json.loads(lines[-1]) | {"signature": "0" * 128}
    assert "not signed" in stick.refused(stick.seal([*lines[:-1], json.dumps(forged).encode() + b"\n"]))
    theirs = x25519.Identity.generate().to_public()
    assert "no whole file" in stick.refused(pyrage.encrypt(b"".join(lines), [theirs]))


def test_nobody_speaks_for_a_terminal_that_is_revoked_or_another_campus(stick: Stick) -> None:
    stick.hand_in("request-0001")
    other = stick.export(terminal=TerminalConfig(id="A-017", campus=7))
    assert isinstance(other, Exported)
    assert "campus 7" in stick.refused(other.path.read_bytes())
    nobody_known = stick.export(terminal=TerminalConfig(id="B-002"))
    assert isinstance(nobody_known, Exported)
    assert "no terminal B-002" in stick.refused(nobody_known.path.read_bytes())
    mine = stick.exported()
    devices.revoke(stick.api.centre, "A-017")
    assert "revoked" in stick.refused(mine.path.read_bytes())


def test_without_the_centres_recipient_nothing_is_written(tmp_path: Path, journal: Journal, vault: Vault) -> None:
    committed(journal, submitted("request-0001"))
    done = export(tmp_path / "journal.db", vault, tmp_path / "cache.db", tmp_path, 1.0, terminal=TERMINAL)
    assert done == NotExported(WhyNot.NO_RECIPIENT)
    assert list(tmp_path.glob("*.age*")) == []


def test_a_folder_that_cannot_be_written_is_said(stick: Stick) -> None:
    stick.stick = stick.folder / "pulled-out"
    done = stick.export()
    assert isinstance(done, NotExported)
    assert done.why is WhyNot.NOT_WRITTEN


FULL = """
import errno, os, sys
from pathlib import Path
from kiosk.config import TerminalConfig
from sync.export import export
from sync.vault import Vault
folder, stick = Path(sys.argv[1]), Path(sys.argv[2])
print(export(folder / "journal.db", Vault.open(folder), folder / "cache.db", stick, 1.0,
    terminal=TerminalConfig(id="A-017")))
"""


def test_a_full_stick_is_said_and_nothing_is_left_on_it(stick: Stick) -> None:
    """/dev/full answers every write as a full disk does."""
    stick.hand_in("request-0001", attachments={"photo": photo(stick.journal)})
    when = "19700101-080001"
    part = stick.stick / f".A-017-{when}.campus.age.part"
    part.symlink_to("/dev/full")
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(stick.folder), str(stick.stick)], capture_output=True, text=True, check=True
    )
    assert "WhyNot.FULL" in told.stdout
    assert list(stick.stick.iterdir()) == []


def test_rows_that_cannot_be_read_are_left_out_and_counted(stick: Stick) -> None:
    stick.hand_in("request-0001")
    stick.hand_in("request-0002")
    with contextlib.closing(connect(stick.folder / "journal.db", JOURNAL)) as db:
        db.execute("UPDATE outbox SET body = x'00' WHERE key = 'request-0001'")
    done = stick.exported()
    assert (done.rows, done.left_out) == (1, 1)
    assert dict(stick.take(done.path).counts) == {Verdict.CREATED: 1}


def test_the_age_key_is_made_once_for_nobody_else(central_centre: Centre, central_state: Path) -> None:
    path = central_state / "keys" / "export-1.age"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("ascii").startswith("AGE-SECRET-KEY-1")
    assert list(central_centre.identities) == [1]
