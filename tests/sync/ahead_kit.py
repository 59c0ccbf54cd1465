"""Certificates sealed in advance, as a terminal asks for them and tells of them."""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import starting_at
from kiosk.domain.certificates import Claims, Outcome, judge
from sync.ahead import Wanted
from sync.cache import Cache
from sync.central import people
from sync.central.centre import Work
from sync.central.database import writing
from sync.central.keys import SigningKey
from sync.central.sealer import content_hash, seal
from sync.wire_ahead import AheadRow
from tests.sync.central_kit import MORNING, STUDENT, Api, event, served
from tests.sync.gate_kit import apply
from tests.sync.helpers import PERSON
from tests.sync.seal_kit import ended_of, keys_of, register

Language = Literal["zh", "en"]

BOOK = "0123456789abcdef"
DAY = 86400.0
NOW = MORNING.timestamp()


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
    return event(f"{request}:{attempt}:offline:issued", "document.issued_offline", body, stream=request, seq=seq)


def worth(api: Api, code: str) -> Outcome:
    """What a terminal says that has all feeds."""
    return judge(code, register(keys_of(api.feed("keys")), ended_of(api.feed("revocations"))), NOW).outcome


def page(api: Api, row: dict[str, Any]) -> str:
    """What the check page says, by its address and by its code: the same."""
    state = class_of(api.get("/v/" + row["url"].rsplit("/", 1)[1]).text)
    assert class_of(api.call("POST", "/v", data={"code": row["code"]}).text) == state
    return state


def class_of(html: str) -> str:
    return html.split('<main class="', 1)[1].split('"', 1)[0]


@contextlib.contextmanager
def later(api: Api, days: float) -> Iterator[Api]:
    """The same centre, met by the same terminal so many days later."""
    centre = replace(api.centre, clock=starting_at(MORNING + timedelta(days=days)))
    assert api.key is not None
    key = copy.copy(api.key)
    key.signer = copy.copy(key.signer)
    key.signer._now = centre.clock.now
    with served(centre) as url:
        yield replace(api, url=url, centre=centre, key=key)


def change(api: Api, number: str = STUDENT, **more: Any) -> None:
    with writing(api.centre.engine) as connection:
        work = Work(api.centre, connection, api.centre.clock.now())
        member = people.by_number(work, number)
        assert member is not None
        people.keep(work, replace(member, **more))


def conflicts(api: Api) -> list[tuple[str, str]]:
    return [tuple(row) for row in api.sql("select serial, reason from offline_conflict order by event")]


# --- the terminal's side, with a seal maker of the tests' own ------------------------------------------------------


class Seals:
    """Makes certificates as the centre does, and tells the terminal of its key."""

    def __init__(self, now: float) -> None:
        self.key = SigningKey("certificate", 1, Ed25519PrivateKey.generate())
        self.now, self._count = now, itertools.count(1)

    def row(
        self,
        document: str = "enrolment",
        language: Language = "zh",
        days: float = 7.0,
        last: float = 90.0,
        more: Mapping[str, str] | None = None,
    ) -> AheadRow:
        serial = f"ZD-2026-0302-{next(self._count):04d}"
        fields = {**(more or {}), "name": "张伟", "serial": serial}
        claims = Claims(
            "campus:1", int(self.now), int(self.now + last * DAY), serial, document, "张*", content_hash(fields)
        )
        return AheadRow(
            serial=serial,
            document=document,
            language=language,
            issued=self.now,
            expires=self.now + last * DAY,
            use_by=self.now + days * DAY,
            code=seal(claims, self.key),
            url=f"https://v.example.com/v/{serial}",
            fields=fields,
        )

    def feeds(self, cache: Cache, *, revoked: bool = False, complete: bool = True) -> None:
        """What the feeds brought: this key, and no serial that ended."""
        row = {"use": "certificate", "kid": 1, "public": self.key.public.hex(), "revoked": revoked}
        apply(cache, "keys", {"certificate-1": row})
        if complete:
            apply(cache, "revocations", {})


def end(cache: Cache, *serials: str) -> None:
    """The centre says that these do not count any more."""
    apply(cache, "revocations", {serial: {"state": "revoked", "at": 1} for serial in serials})


def wanted(request: str = "request-0001", attempt: int = 1, person: str = PERSON, **more: Any) -> Wanted:
    key = more.pop("key", f"{request}:{attempt}:offline")
    return Wanted(
        **{
            "document": "enrolment",
            "language": "zh",
            "copies": 1,
            **more,
            "key": key,
            "request": request,
            "person": person,
        }
    )
