"""What the codes on receipts and readiness reports lead to: how far it is, to whoever holds the paper, and no name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel

from kiosk import text
from kiosk.domain.requests import Status
from sync.central.centre import Centre
from sync.central.checkpage import LANGUAGES, page
from sync.central.database import reading
from sync.central.tables import event, request

TOKEN = re.compile(r"[0-9A-Za-z-]{16,64}")
"""The key that the terminal made when the form opened, or the report: 122 random bits, where a receipt is counted."""
REPORT = "readiness"
_FORM = Template("<p class='hint'>$hint</p>")


class Followed(BaseModel):
    """For machines. `at`: when it was handed in, or made, Unix seconds. `number`: of the receipt, or the report.

    `state`: of a request as `RequestRow.status`, of a report its verdict. `due`: until when the step that waits was
    promised, 0 = nothing waits. `item`, `title_*`: of a request; `passed`, `total`: tests of a report.
    """

    epoch: str
    what: Literal["request", "report"]
    number: str
    terminal: str
    state: str
    at: float
    due: float = 0.0
    item: str = ""
    title_zh: str = ""
    title_en: str = ""
    passed: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Words:
    """A page: its heading, what it says, and rows of label and value."""

    heading: str
    says: str
    rows: tuple[tuple[str, str], ...] = ()


def look(centre: Centre, token: str) -> Followed | None:
    """What goes by this token; None = nothing, or not yet."""
    if not TOKEN.fullmatch(token):
        return None
    with reading(centre.engine) as connection:
        here = (request.c.campus_id == centre.campus, request.c.key == token)
        row = connection.execute(sa.select(request).where(*here)).one_or_none()
        if row is not None:
            return _request(centre, row)
        there = (event.c.campus_id == centre.campus, event.c.key == f"{REPORT}:{token}")
        row = connection.execute(sa.select(event).where(*there)).one_or_none()
    return _report(centre, row) if row is not None and row.kind == "readiness.reported" else None


def html(centre: Centre, found: Followed | None) -> str:
    """The page that says so, in both languages."""
    parts = "\n".join(_part(centre, language, found) for language in LANGUAGES)
    hints = "<br>".join(escape(centre.texts.get(language, "central.follow.hint")) for language in LANGUAGES)
    below = "" if found and found.what == "report" else _FORM.substitute(hint=hints)
    return page(centre, _tone(found), parts, below, "central.follow.page")


def _request(centre: Centre, row: Any) -> Followed:
    item = centre.catalogue.items.get(row.item)
    about = {"number": row.receipt, "terminal": row.terminal, "state": row.status, "at": row.submitted}
    due = row.due if row.status == Status.IN_APPROVAL else 0.0
    found = Followed(epoch=centre.epoch, what="request", due=due, item=row.item, **about)
    return found.model_copy(update={"title_zh": item.title.zh, "title_en": item.title.en}) if item else found


def _report(centre: Centre, row: Any) -> Followed:
    body = row.body
    good = sum(each["outcome"] == "passed" for each in body["tests"])
    about = {"number": body["report"], "terminal": row.terminal, "state": body["verdict"], "at": body["at"]}
    return Followed(epoch=centre.epoch, what="report", passed=good, total=len(body["tests"]), **about)


def _tone(found: Followed | None) -> str:
    """Of the page's edge: as the check page's states."""
    if found is None:
        return "not_found"
    good = {"approved", "issued", "ready"}
    return "valid" if found.state in good else "refused" if found.state in ("refused", "not_ready") else "expired"


def _part(centre: Centre, language: str, found: Followed | None) -> str:
    words = _said(centre, language, found)
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in words.rows)
    told = f"<p>{escape(words.says)}</p>" if words.says else ""
    head = f"<p class='campus'>{escape(centre.name.of(language))}</p><h1>{escape(words.heading)}</h1>"
    return f"<section lang='{language}'>{head}{told}{f'<dl>{rows}</dl>' if rows else ''}</section>"


def _said(centre: Centre, language: str, found: Followed | None) -> _Words:
    def t(key: str, **values: object) -> str:
        return centre.texts.get(language, f"central.follow.{key}", **values)

    if found is None:
        return _Words(t("nothing"), t("nothing_says"))
    rows = [(t("number"), found.number), (t("terminal"), found.terminal)]
    rows.append((t(f"at_{found.what}"), text.day_time(language, found.at)))
    if found.what == "report":
        rows.append((t("tests"), t("tests_of", passed=found.passed, total=found.total)))
        return _Words(t(f"verdict.{found.state}"), "", tuple(rows))
    title = found.title_en if language == "en" else found.title_zh
    rows.insert(0, (t("item"), title or found.item))
    if found.due:
        rows.append((t("due"), text.day_time(language, found.due)))
    return _Words(centre.texts.get(language, f"status.{found.state}"), t(f"says.{found.state}"), tuple(rows))
