"""Certificates sealed in advance, as a terminal asks for them and tells of them."""

from __future__ import annotations

from typing import Any

from tests.sync.central_kit import STUDENT, Api, event

BOOK = "0123456789abcdef"
DAY = 86400.0


def ahead(api: Api, number: str = STUDENT, book: str = BOOK) -> list[dict[str, Any]]:
    """What the terminal may issue to this person, as the centre tells it."""
    answer = api.post("/v1/documents:ahead", {"person": api.person(number), "book": book})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def of(rows: list[dict[str, Any]], document: str = "enrolment", language: str = "zh") -> list[dict[str, Any]]:
    return [row for row in rows if (row["document"], row["language"]) == (document, language)]


def issued(request: str, serial: str, attempt: int = 1, seq: int = 2, **more: Any) -> dict[str, Any]:
    """The terminal's word that it has issued this one."""
    body = {"request": request, "serial": serial, "copies": 1, **more}
    return event(f"{request}:{attempt}:offline", "document.issued_offline", body, stream=request, seq=seq)
