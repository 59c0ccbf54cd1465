"""The public pages that say whether a paper counts, in both languages: behind its short address, and by its code."""

from __future__ import annotations

import re
from enum import StrEnum
from html import escape
from math import inf
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import parse_qs

from kiosk import text
from kiosk.domain.certificates import Ended, Finding, Outcome, Register, Why, judge, kid_of
from kiosk.domain.people import mask_name
from sync.central import aheads, issuing
from sync.central.centre import Centre, Work
from sync.central.database import reading
from sync.central.sealer import content_hash

LANGUAGES = ("zh", "en")
MOST_BYTES = 4000
"""Of a form with a code in it, each character of which may be sent as three."""
_PAGE = Template((Path(__file__).parent / "checkpage.html").read_text("utf-8"))
_FORM = Template("""<form method="post" action="$way" accept-charset="utf-8">
<label for="code">$code</label>
<input id="code" name="code" maxlength="600" required autocomplete="off" autocapitalize="off" spellcheck="false">
<button>$act</button>
</form>""")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16}")


class State(StrEnum):
    """Texts: `central.check.<state>.title` and `.text`."""

    VALID = "valid"
    VOIDED = "voided"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    PENDING = "pending"
    LAPSED = "lapsed"
    NOT_FOUND = "not_found"
    FORGED = "forged"
    KEY_REVOKED = "key_revoked"
    UNREADABLE = "unreadable"
    UNREGISTERED = "unregistered"
    OTHER_CAMPUS = "other_campus"
    ASK = "ask"


_SEALED = (State.VALID, State.EXPIRED, State.PENDING, State.LAPSED)
"""What rests on the seal alone."""
_OF = {
    Outcome.VALID: State.VALID,
    Outcome.REVOKED: State.VOIDED,
    Outcome.SUPERSEDED: State.SUPERSEDED,
    Outcome.EXPIRED: State.EXPIRED,
    Outcome.FORGED: State.FORGED,
    Outcome.UNREADABLE: State.UNREADABLE,
    Outcome.UNKNOWN: State.OTHER_CAMPUS,
}


def check(centre: Centre, token: str) -> tuple[State, str]:
    """What the paper with this token is worth now, and the page that says so."""
    now = centre.clock.now()
    with reading(centre.engine) as connection:
        work = Work(centre, connection, now)
        found = issuing.by_token(work, token) if _TOKEN.fullmatch(token) else None
        state = state_of(found, now)
        if found is None and _TOKEN.fullmatch(token):
            found = aheads.unreported(work, token=token)
            state = _unreported(work, found) if found is not None else state
    if found is not None and state in _SEALED and _disowned(centre, found.code):
        state = State.KEY_REVOKED
    return state, _page(centre, state, found, "../v")


def form(centre: Centre) -> str:
    """The page on which somebody enters a code."""
    return _page(centre, State.ASK, None, "v")


def check_code(centre: Centre, body: bytes) -> tuple[State, str]:
    """What the paper is worth whose code is in the field `code` of this form, as a browser sends it."""
    state, found = _judged(centre, _entered(body))
    return state, _page(centre, state, found, "v")


def state_of(row: Any, now: float) -> State:
    """Of a document's row at a moment (Unix seconds)."""
    if row is None:
        return State.NOT_FOUND
    if row.voided_at is not None:
        return State.SUPERSEDED if row.superseded_by else State.VOIDED
    return State.EXPIRED if now > row.expires else State.VALID


def _unreported(work: Work, row: Any) -> State:
    """Of one that was sealed in advance and that its terminal has not told of."""
    if row.state == aheads.WITHDRAWN or work.now > row.expires:
        return State.VOIDED if row.state == aheads.WITHDRAWN else State.EXPIRED
    return State.LAPSED if aheads.standing(work, row) is aheads.Standing.LAPSED else State.PENDING


def _disowned(centre: Centre, code: str) -> bool:
    """Whether nothing sealed with its key is to be believed any more."""
    key = centre.keys.verifying("certificate").get(kid_of(code) or 0)
    return key is not None and key.revoked


def _entered(body: bytes) -> str:
    try:
        fields = parse_qs(body[:MOST_BYTES].decode("ascii", "replace"), max_num_fields=4)
    except ValueError:
        return ""
    entered = "".join(fields.get("code", [""])[0].splitlines())
    return entered if kid_of(entered) is not None else entered.strip()


def _judged(centre: Centre, code: str) -> tuple[State, Any]:
    """Only of what is in the register something is shown: that it was sealed by us is not enough."""
    now = centre.clock.now()
    with reading(centre.engine) as connection:
        work = Work(centre, connection, now)

        def ended(serial: str) -> Ended | None:
            row = issuing.of_serial(work, serial)
            if row is None:
                return _withdrawn(work, serial)
            if row.voided_at is None:
                return None
            return Ended(Outcome.SUPERSEDED if row.superseded_by else Outcome.REVOKED, row.voided_at)

        finding = judge(code, Register(centre.campus, centre.keys.verifying("certificate"), inf, ended, now), now)
        found = _registered(work, finding)
        if finding.outcome is Outcome.VALID and found is not None and "state" in found._fields:
            return _unreported(work, found), found
    if finding.why is Why.KEY_REVOKED:
        return State.KEY_REVOKED, found
    if finding.claims and found is None and finding.outcome is not Outcome.UNKNOWN:
        return State.UNREGISTERED, None
    return _OF[finding.outcome], found


def _withdrawn(work: Work, serial: str) -> Ended | None:
    row = aheads.unreported(work, serial=serial)
    return Ended(Outcome.REVOKED, row.state_at) if row is not None and row.state == aheads.WITHDRAWN else None


def _registered(work: Work, finding: Finding) -> Any:
    """The row that the code was made of; a number that was given out again after a restore is another paper's."""
    claims = finding.claims
    if claims is None or finding.outcome is Outcome.UNKNOWN:
        return None
    row = issuing.of_serial(work, claims.serial) or aheads.unreported(work, serial=claims.serial)
    return row if row is not None and content_hash(row.fields) == claims.content else None


def _page(centre: Centre, state: State, row: Any, way: str) -> str:
    """`way`: the address of the form, from this page."""
    parts = "\n".join(_part(centre, language, state, row) for language in LANGUAGES)
    code, act = _both(centre, "central.check.code", "<br>"), _both(centre, "central.check.act", " ")
    return page(centre, state, parts, _FORM.substitute(way=way, code=code, act=act), "central.check.page")


def page(centre: Centre, state: str, parts: str, form: str, title: str) -> str:
    """A public page of the centre's: `parts` a section a language, `form` below them; `title` is a key of the texts."""
    return _PAGE.substitute(state=state, parts=parts, form=form, page=_both(centre, title, " "))


def _both(centre: Centre, key: str, gap: str) -> str:
    return gap.join(escape(centre.texts.get(language, key)) for language in LANGUAGES)


def _part(centre: Centre, language: str, state: State, row: Any) -> str:
    def words(key: str, **values: str) -> str:
        return escape(centre.texts.get(language, f"central.check.{key}", **values))

    ended = _ended_at(row)
    day = text.date(language, ended) if ended else ""
    lines = [
        f"<p class='campus'>{escape(centre.name.of(language))}</p>",
        f"<h1>{words(f'{state}.title')}</h1>",
        f"<p>{words(f'{state}.text', day=day)}</p>",
    ]
    if row is not None:
        rows = _rows(centre, language, row)
        lines.append("<dl>" + "".join(f"<dt>{words(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows) + "</dl>")
    return f"<section lang='{language}'>{''.join(lines)}</section>"


def _ended_at(row: Any) -> float:
    """When it ended, Unix seconds; 0 = it has not. A paper and one that was sealed in advance say it differently."""
    if row is None:
        return 0.0
    return row.voided_at or 0.0 if "voided_at" in row._fields else row.state_at


def _issued_at(row: Any) -> float:
    return float(row.issued if "voided_at" in row._fields else row.sealed_at)


def _rows(centre: Centre, language: str, row: Any) -> list[tuple[str, str]]:
    return [
        ("document", _title(centre, row.document, language)),
        ("serial", row.serial),
        ("name", mask_name(row.fields["name"])),
        ("issued", text.date(language, _issued_at(row))),
        ("expires", text.date(language, row.expires)),
    ]


def _title(centre: Centre, document: str, language: str) -> str:
    items = centre.catalogue.items.values()
    found = [item for item in items if item.document == document] or [i for i in items if i.result == document]
    return found[0].title.of(language) if found else document
