"""From flow to paper: what is on its way when the power goes, and what a preview may show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.app.papers import Papers, look_back
from kiosk.app.terminal import load_catalogue
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.walkup.state import Filling, LeftPaper, Screen, State, Visit
from kiosk.text import shipped_texts
from tests.unit.walkup_kit import STUDENT


@pytest.mark.parametrize("state", ["printing", "unknown"])
def test_a_certificate_that_was_in_the_printer_is_asked_about(state: str) -> None:
    records, asks = look_back([("k1:1:p", "ZD-2026-0302-0001 ×2", state)])
    assert records == ()
    assert asks.papers == (LeftPaper("k1", "k1:1", "ZD-2026-0302-0001"),)


@pytest.mark.parametrize(
    ("state", "word", "more"),
    [
        ("printed", "printed", {"copies": 2}),
        ("failed", "voided", {"reason": "spoiled"}),
        ("queued", "voided", {"reason": "unknown"}),
    ],
)
def test_what_is_known_of_a_certificate_is_recorded_under_the_key_it_would_have_had(
    state: str, word: str, more: dict[str, object]
) -> None:
    (record,), asks = look_back([("k2:2:abc:p", "CJ-2026-0302-0002 ×2", state)])
    assert (record.key, record.stream, record.kind) == (f"k2:2:abc:{word}", "k2", f"document.{word}")
    assert record.body == {"request": "k2", "serial": "CJ-2026-0302-0002", **more}
    assert asks.papers == ()


def test_receipts_lists_and_what_cannot_be_read_settle_nothing() -> None:
    left = [("k1:r", "receipt", "printing"), ("k1:list:ab12", "request_list", "queued"), ("k1:1:p", "", "failed")]
    records, asks = look_back(left)
    assert (records, asks.papers) == ((), ())


@pytest.mark.parametrize("blank", ["", "\x1b\x00", "  "])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_preview_does_without_what_the_terminal_does_not_know(blank: str, language: str) -> None:
    """Somebody without a name in English, or whose college the feed left empty, must not end the program."""
    nobody: Any = None
    papers = Papers(Config(), shipped_texts(), load_catalogue(Config()), nobody, Clock())
    person = replace(STUDENT, name=blank, name_en=blank, known={"college": blank, "enrolled": blank})
    filling = Filling("enrolment", "f" * 32, {"purpose": blank}, language=language)
    assert papers.preview(State(screen=Screen.REVIEW, visit=Visit(person, frozenset()), filling=filling))
