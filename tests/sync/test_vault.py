"""What is sealed can be read in its place alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kiosk import log
from sync.vault import KEY_FILE, UnreadableError, Vault


def test_what_is_sealed_comes_back(vault: Vault) -> None:
    sealed = vault.seal("outbox", "key-1", "张伟".encode())
    assert "张伟".encode() not in sealed
    assert vault.open_("outbox", "key-1", sealed) == "张伟".encode()


@pytest.mark.parametrize(("table", "row"), [("outbox", "key-2"), ("drafts", "key-1"), ("outboxk", "ey-1")])
def test_a_field_moved_to_another_place_cannot_be_read(vault: Vault, table: str, row: str) -> None:
    sealed = vault.seal("outbox", "key-1", b"x")
    with pytest.raises(UnreadableError):
        vault.open_(table, row, sealed)


@pytest.mark.parametrize(
    "harm", [lambda s: s[:-1], lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: b"", lambda s: s[:9]]
)
def test_a_changed_field_cannot_be_read(vault: Vault, harm: object) -> None:
    sealed = vault.seal("outbox", "key-1", b"x")
    with pytest.raises(UnreadableError):
        vault.open_("outbox", "key-1", harm(sealed))  # type: ignore[operator]


def test_the_same_text_is_sealed_differently_each_time(vault: Vault) -> None:
    assert vault.seal("t", "r", b"x") != vault.seal("t", "r", b"x")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    first = Vault.open(folder)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Vault.open(folder).open_("t", "r", first.seal("t", "r", b"x")) == b"x"
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_a_key_in_a_file_is_said_and_one_open_to_others_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(log, "event", lambda name, **_: said.append(name))
    Vault.open(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    Vault.open(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert said == ["vault_key_in_a_file", "vault_key_was_open_to_others"]


def test_another_key_reads_nothing(tmp_path: Path) -> None:
    one, two = Vault.open(tmp_path / "1"), Vault.open(tmp_path / "2")
    with pytest.raises(UnreadableError):
        two.open_("t", "r", one.seal("t", "r", b"x"))
    assert one.tag("person", "a") != two.tag("person", "a")


def test_a_tag_finds_and_tells_nothing(vault: Vault) -> None:
    assert vault.tag("person", "20230017") == vault.tag("person", "20230017")
    assert vault.tag("person", "20230017") != vault.tag("number", "20230017")
    assert b"20230017" not in vault.tag("person", "20230017")


def test_a_key_file_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"short")
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(UnreadableError):
        Vault.open(tmp_path)
