"""From flow to paper: what is on its way when the power goes, and what a preview may show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.app.papers import Papers, void_unfinished
from kiosk.app.terminal import load_catalogue
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.walkup.state import Filling, Screen, State, Visit
from kiosk.text import Texts
from tests.unit.walkup_kit import STUDENT


def test_a_certificate_left_on_its_way_to_paper_does_not_count() -> None:
    left = [("k1:1:p", "ZD-2026-0302-0001", "printing"), ("k2:2:abc:p", "CJ-2026-0302-0002", "queued")]
    first, second = void_unfinished(left)
    assert (first.key, first.stream, first.kind) == ("k1:1:voided", "k1", "document.voided")
    assert first.body == {"request": "k1", "serial": "ZD-2026-0302-0001", "reason": "unknown"}
    assert (second.key, second.body["request"]) == ("k2:2:abc:voided", "k2")


def test_receipts_and_lists_left_over_void_nothing() -> None:
    assert list(void_unfinished([("k1:r", "receipt", "printing"), ("k1:list:ab12", "request_list", "queued")])) == []


@pytest.mark.parametrize("blank", ["", "\x1b\x00", "  "])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_preview_does_without_what_the_terminal_does_not_know(blank: str, language: str) -> None:
    """Somebody without a name in English, or whose college the feed left empty, must not end the program."""
    nobody: Any = None
    papers = Papers(Config(), Texts.load(), load_catalogue(Config()), nobody, Clock())
    person = replace(STUDENT, name=blank, name_en=blank, known={"college": blank, "enrolled": blank})
    filling = Filling("enrolment", "f" * 32, {"purpose": blank}, language=language)
    assert papers.preview(State(screen=Screen.REVIEW, visit=Visit(person, frozenset()), filling=filling))
