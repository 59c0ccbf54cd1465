"""The self-test at the start: a disk that takes nothing, a key that opens nothing, words that lack; and all well."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.app import selftest
from kiosk.domain.faults import Code
from kiosk.text import Texts
from sync.vault import Vault

TEXTS = Texts.load()


@contextmanager
def no_file_grows() -> Iterator[None]:
    """The kernel refuses this process every byte into a file, as a full disk or a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_all_is_well(tmp_path: Path) -> None:
    assert selftest.run(tmp_path, Vault.open(tmp_path, {}), TEXTS) == []
    assert not (tmp_path / "self-test").exists()


def test_a_disk_that_takes_nothing_is_told_of_until_it_does(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {})
    with no_file_grows():
        found = selftest.disk(tmp_path)
    assert found == "File too large"
    assert selftest.disk(tmp_path / "gone") == "No such file or directory"
    faults = selftest.run(tmp_path / "gone", vault, TEXTS)
    assert [(fault.code, fault.device) for fault in faults] == [(Code.SELF_TEST, "self-test:state")]
    assert selftest.run(tmp_path, vault, TEXTS) == []


def test_a_language_that_lacks_a_sentence_is_named() -> None:
    lacking = Texts({"zh": {"a": "甲", "b": "乙"}, "en": {"a": "A"}})
    assert selftest.words(lacking) == "en"
