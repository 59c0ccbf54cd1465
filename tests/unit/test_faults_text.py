"""Every fault says in both languages what is the matter and what a technician does about it."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_type_hints

import pytest

from kiosk.__main__ import main
from kiosk.app import tools_faults
from kiosk.assets import ROOT
from kiosk.config import Config
from kiosk.domain.causes import CAUSES
from kiosk.domain.faults import Code
from kiosk.text import shipped_texts

TEXTS = shipped_texts()
LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_has_a_text_and_a_remedy(code: Code, language: str) -> None:
    text = TEXTS.get(language, f"fault.{code.value}.text")
    remedy = TEXTS.get(language, f"fault.{code.value}.remedy")
    assert 4 <= len(text) <= 80
    assert not text.endswith(("。", "."))
    assert remedy.endswith(("。", "."))
    assert len(remedy) > len(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_of_a_fault_that_is_gone(language: str) -> None:
    told = {key.split(".")[1] for key in TEXTS.keys(language) if key.startswith("fault.F-")}
    assert told == {code.value for code in Code}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_remedy_names_only_configuration_keys_that_exist(language: str) -> None:
    tables = get_type_hints(Config)
    known = {f"{table}.{each.name}" for table, cls in tables.items() for each in fields(cls)}
    named = {
        word
        for key in TEXTS.keys(language)
        if key.endswith(".remedy")
        for word in re.findall(rf"\b(?:{'|'.join(tables)})\.[a-z_]+", TEXTS.get(language, key))
    }
    assert named
    assert named - known == set()


def test_every_fault_is_documented_with_its_cause() -> None:
    assert set(CAUSES) == set(Code)
    written = (ROOT.parent / "docs" / "faults.md").read_text("utf-8")
    assert written == tools_faults.document(), "run `make docs`"


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "--language", "en"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(Code)


def test_chinese_is_chinese_and_english_is_not() -> None:
    for code in Code:
        for part in ("text", "remedy"):
            assert re.search("[\u4e00-\u9fff]", TEXTS.get("zh", f"fault.{code.value}.{part}"))
            assert not re.search("[\u3000-\uffef]", TEXTS.get("en", f"fault.{code.value}.{part}"))
