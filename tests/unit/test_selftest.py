"""The self-test at the start: a disk that takes nothing, a key that opens nothing, words that lack; and all well."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.app import selftest
from kiosk.assets import ROOT, toml_files
from kiosk.domain import catalogue
from kiosk.domain.faults import Code
from kiosk.text import Texts, shipped_texts
from sync.vault import Vault

TEXTS = shipped_texts()


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


@pytest.mark.proves(Code.SELF_TEST)
def test_a_disk_that_takes_nothing_is_told_of_until_it_does(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {})
    with no_file_grows():
        found = selftest.disk(tmp_path)
    assert found == "File too large"
    assert selftest.disk(tmp_path / "gone") == "No such file or directory"
    faults = selftest.run(tmp_path / "gone", vault, TEXTS)
    assert [(fault.code, fault.device) for fault in faults] == [(Code.SELF_TEST, "self-test:state")]
    assert selftest.run(tmp_path, vault, TEXTS) == []


@pytest.mark.proves(Code.ITEM_BROKEN)
def test_an_item_whose_file_is_wrong_is_named_and_left_out_until_it_is_mended(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "items", tmp_path / "items")
    file = folder / "leave.toml"
    good = file.read_text("utf-8")
    file.write_text(good.replace("[[field]]", "[[field]", 1), "utf-8")
    broken = catalogue.build(toml_files(folder))
    (fault,) = selftest.items(broken)
    assert (fault.code, fault.device) == (Code.ITEM_BROKEN, "catalogue")
    assert "leave.toml" in fault.detail
    assert "leave" not in broken.items
    assert main(["check-items", str(folder)]) == 1
    file.write_text(good, "utf-8")
    mended = catalogue.build(toml_files(folder))
    assert selftest.items(mended) == []
    assert "leave" in mended.items
    assert main(["check-items", str(folder)]) == 0


def test_a_language_that_lacks_a_sentence_is_named() -> None:
    lacking = Texts({"zh": {"a": "甲", "b": "乙"}, "en": {"a": "A"}})
    assert selftest.words(lacking) == "en"
