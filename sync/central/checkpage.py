"""The public page behind the short address on a certificate: whether that paper counts, in both languages."""

from __future__ import annotations

import re
from enum import StrEnum
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from kiosk import text
from kiosk.domain.people import mask_name
from sync.central import issuing
from sync.central.centre import Centre, Work
from sync.central.database import reading

_PAGE = Template((Path(__file__).parent / "checkpage.html").read_text("utf-8"))
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")


class State(StrEnum):
    """Texts: `central.check.<state>.title` and `.text`."""

    VALID = "valid"
    VOIDED = "voided"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    NOT_FOUND = "not_found"


def check(centre: Centre, token: str) -> tuple[State, str]:
    """What the paper with this token is worth now, and the page that says so."""
    now = centre.clock.now()
    with reading(centre.engine) as connection:
        found = issuing.by_token(Work(centre, connection, now), token) if _TOKEN.fullmatch(token) else None
    state = state_of(found, now)
    return state, _page(centre, state, found)


def state_of(row: Any, now: float) -> State:
    """Of a document's row at a moment (Unix seconds)."""
    if row is None:
        return State.NOT_FOUND
    if row.voided_at is not None:
        return State.SUPERSEDED if row.superseded_by else State.VOIDED
    return State.EXPIRED if now > row.expires else State.VALID


def _page(centre: Centre, state: State, row: Any) -> str:
    parts = "\n".join(_part(centre, language, state, row) for language in ("zh", "en"))
    return _PAGE.substitute(title=escape(centre.texts.get("zh", "central.check.page")), state=state, parts=parts)


def _part(centre: Centre, language: str, state: State, row: Any) -> str:
    def words(key: str, **values: str) -> str:
        return escape(centre.texts.get(language, f"central.check.{key}", **values))

    day = text.date(language, row.voided_at) if row is not None and row.voided_at else ""
    lines = [
        f"<p class='campus'>{escape(centre.name.of(language))}</p>",
        f"<h1>{words(f'{state}.title')}</h1>",
        f"<p>{words(f'{state}.text', day=day)}</p>",
    ]
    if row is not None:
        rows = _rows(centre, language, row)
        lines.append("<dl>" + "".join(f"<dt>{words(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows) + "</dl>")
    return f"<section lang='{language}'>{''.join(lines)}</section>"


def _rows(centre: Centre, language: str, row: Any) -> list[tuple[str, str]]:
    return [
        ("document", _title(centre, row.document, language)),
        ("serial", row.serial),
        ("name", mask_name(row.fields["name"])),
        ("issued", text.date(language, row.issued)),
        ("expires", text.date(language, row.expires)),
    ]


def _title(centre: Centre, document: str, language: str) -> str:
    items = centre.catalogue.items.values()
    found = [item for item in items if item.document == document] or [i for i in items if i.result == document]
    return found[0].title.of(language) if found else document
