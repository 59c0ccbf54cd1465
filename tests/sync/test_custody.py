"""The vault's key: handed over by systemd, or in a file; and from the one to the other nothing gets lost."""

from __future__ import annotations

import base64
import json
import queue
from contextlib import closing
from pathlib import Path

import pytest

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import CentreConfig
from sync import cache as caches
from sync import listing, owntemplates
from sync.cache import Cache
from sync.client import Client, Failure, nobody
from sync.custody import RING_FILE, Where
from sync.faces import FaceStore
from sync.janitor import Janitor
from sync.journal import Draft, Journal
from sync.membership import KEY_FILE as DEVICE_KEY
from sync.membership import Membership, device_key
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import KEY_FILE, UnreadableError, Vault
from sync.wire import PersonRow
from sync.witness import Witness
from tests.sync.gate_kit import answer, apply, enrol, person_row
from tests.sync.helpers import PERSON, committed, submitted
from tests.sync.peer import Peer

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
SEALED = (
    "SELECT body FROM outbox",
    "SELECT body FROM drafts",
    "SELECT body FROM blobs",
    "SELECT body FROM own_templates",
    "SELECT short FROM own_templates",
    "SELECT title FROM print_jobs",
)
PHOTO = b"\xff\xd8\xff a photograph"


def credential(folder: Path, key: bytes = NEW) -> dict[str, str]:
    """The environment of a unit to which systemd hands this key."""
    folder.mkdir(exist_ok=True)
    (folder / KEY_FILE).write_bytes(key)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_the_key_that_systemd_hands_over_is_used_and_no_file_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(log, "event", lambda name, **_: said.append(name))
    environ = credential(tmp_path / "credentials")
    vault = Vault.open(tmp_path / "state", environ)
    assert vault.where is Where.CREDENTIAL
    assert said == []
    assert [path.name for path in (tmp_path / "state").iterdir()] == [RING_FILE]
    sealed = vault.seal("t", "r", b"x")
    again = Vault.open(tmp_path / "state", environ)
    assert again.open_("t", "r", sealed) == b"x"
    assert again.tag("person", PERSON) == vault.tag("person", PERSON)


def test_other_credentials_of_a_unit_are_none_for_the_vault(tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    vault = Vault.open(tmp_path / "state", {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert vault.where is Where.FILE


@pytest.mark.parametrize("environ", [{}, {"key": bytes(32)}, {"key": b"short"}])
def test_nothing_is_sealed_anew_while_the_credential_is_missing_or_another(
    tmp_path: Path, environ: dict[str, bytes]
) -> None:
    Vault.open(tmp_path / "state", credential(tmp_path / "credentials"))
    given = credential(tmp_path / "other", environ["key"]) if environ else {}
    with pytest.raises(UnreadableError):
        Vault.open(tmp_path / "state", given)
    assert not (tmp_path / "state" / KEY_FILE).exists()


def test_a_credential_does_not_take_over_what_a_lost_file_sealed(tmp_path: Path) -> None:
    (tmp_path / "journal.db").touch()
    with pytest.raises(UnreadableError, match="put it back"):
        Vault.open(tmp_path, credential(tmp_path / "credentials"))


class Moved:
    """A terminal that wrote under its file's key, with a bit of everything, and then was given a credential."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.key = folder, folder / "state", NEW
        self.state.mkdir()
        (self.state / KEY_FILE).write_bytes(OLD)
        (self.state / KEY_FILE).chmod(0o600)
        self.before = Vault.open(self.state, {})
        self._fill()
        self.vault = self.open()

    def open(self) -> Vault:
        return Vault.open(self.state, credential(self.folder / "credentials", self.key))

    def journal(self, vault: Vault) -> Journal:
        made = Journal(self.state / "journal.db", vault, Clock(), "A-017", "boot-1", lambda _: None)
        made.start()
        return made

    def _fill(self) -> None:
        journal = self.journal(self.before)
        committed(journal, submitted("request-0001"))
        answer(lambda done: journal.save_draft(PERSON, "leave", "request-0002", {"reason": "家里有事"}, done))
        answer(lambda done: journal.put_blob(PHOTO, done))
        store = FaceStore(journal, self.state / "cache.db", self.before, Clock(), lambda _: None)
        enrol(store, "face-0001", 1)
        journal.job_store().put("job-1", "ZD-2026-0302-0042", "queued", "")
        journal.stop()
        with closing(Cache(self.state / "cache.db", self.before)) as cache:
            apply(cache, "persons", {PERSON: person_row("20230017")})
        self._enrol()

    def _enrol(self) -> None:
        """At a centre that takes any code."""
        peer = Peer()
        peer.start()
        centre = CentreConfig(url=peer.url, enrolment_code=peer.code)
        client = Client(centre, nobody)
        assert not isinstance(Membership(self.state, self.before, centre, "A-017", Clock().now).enrol(client), Failure)
        client.close()
        peer.stop()

    def everything(self) -> list[object]:
        """What a start reads, now and then."""
        vault, journal = self.open(), self.state / "journal.db"
        drafts: queue.SimpleQueue[tuple[Draft, ...]] = queue.SimpleQueue()
        running = self.journal(vault)
        running.drafts_of(PERSON, drafts.put)
        (draft,) = drafts.get(timeout=10)
        titles = running.job_store().unfinished()
        running.stop()
        with closing(connect(journal, JOURNAL)) as db, closing(reader(self.state / "cache.db")) as copies:
            photo, sealed = db.execute("SELECT sha256, body FROM blobs").fetchone()
            owner = vault.tag("person", PERSON)
            number = vault.tag("number", "20230017")
            return [
                [(row.key, row.body) for row in listing.rows(journal, vault)],
                (draft.key, draft.values),
                titles,
                vault.open_("blobs", photo, sealed),
                [own.body for own in owntemplates.rows(db, vault, owner)],
                list(caches.rows_by_id(copies, vault, "persons", PersonRow, number)),
                device_key(self.state, vault),
            ]

    def kids(self) -> set[bytes]:
        """The first bytes of everything that is sealed."""
        with closing(connect(self.state / "journal.db", JOURNAL)) as db, closing(reader(self.state / "cache.db")) as c:
            found = [db.execute(query).fetchall() for query in SEALED]
            found += [c.execute("SELECT body FROM rows").fetchall()]
        key = base64.b64decode(json.loads((self.state / DEVICE_KEY).read_text())["key"])
        assert all(found)
        return {sealed[:4] for rows in found for (sealed,) in rows} | {key[:4]}

    def start(self) -> None:
        """What the sync process does behind its loops, once."""
        vault = self.open()
        member = Membership(self.state, vault, CentreConfig(), "A-017", Clock().now)
        journal = self.state / "journal.db"
        with closing(Cache(self.state / "cache.db", vault)) as cache, closing(connect(journal, JOURNAL)) as db:
            witness = Witness(journal, Clock())
            janitor = Janitor(self.state, db, cache, vault, Clock(), "A-017", witness, member.reseal)
            janitor.turn()
            janitor.turn()
            witness.close()


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    return Moved(tmp_path)


def plain(found: list[object]) -> str:
    return repr(found[:-1])


def test_what_the_file_sealed_is_read_under_the_credential_and_new_rows_are_under_that(moved: Moved) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "open", lambda *_: moved.before)
        expected = plain(moved.everything())
    assert plain(moved.everything()) == expected
    assert moved.vault.seal("t", "r", b"x")[:4] != moved.before.seal("t", "r", b"x")[:4]
    assert len(moved.kids()) == 1


def test_rows_are_sealed_anew_and_the_file_goes_at_the_start_after(moved: Moved) -> None:
    expected, old = plain(moved.everything()), moved.kids()
    moved.start()
    assert not old & moved.kids()
    assert (moved.state / KEY_FILE).exists()
    assert plain(moved.everything()) == expected
    moved.start()
    assert not (moved.state / KEY_FILE).exists()
    found = moved.everything()
    assert plain(found) == expected
    assert found[-1] is not None
    with closing(reader(moved.state / "journal.db")) as db:
        kinds = [kind for (kind,) in db.execute("SELECT kind FROM audit WHERE kind LIKE 'custody%'")]
    assert kinds == ["custody.resealed", "custody.retired"]


def test_a_draft_that_only_its_owner_can_open_keeps_the_file(moved: Moved) -> None:
    sealed = moved.before.seal("drafts", f"{PERSON}:leave", b'{"key": "request-0002", "values": {"reason": "old"}}')
    with closing(connect(moved.state / "journal.db", JOURNAL)) as db:
        db.execute("UPDATE drafts SET body = ?", (sealed,))
    for _ in range(3):
        moved.start()
    assert (moved.state / KEY_FILE).exists()
    assert moved.everything()[1] == ("request-0002", {"reason": "old"})


def test_the_files_own_key_may_become_the_credential(moved: Moved) -> None:
    expected = plain(moved.everything())
    (moved.state / RING_FILE).unlink()
    moved.key = OLD
    assert plain(moved.everything()) == expected
    moved.start()
    assert not (moved.state / KEY_FILE).exists()
    assert plain(moved.everything()) == expected
