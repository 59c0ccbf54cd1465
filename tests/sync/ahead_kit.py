"""Certificates sealed in advance, as a terminal asks for them and tells of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.certificates import Claims
from sync.ahead import Wanted
from sync.cache import Cache
from sync.central.keys import SigningKey
from sync.central.sealer import content_hash, seal
from sync.wire_ahead import AheadRow
from tests.sync.central_kit import STUDENT, Api, event
from tests.sync.gate_kit import apply
from tests.sync.helpers import PERSON

Language = Literal["zh", "en"]

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
    return event(f"{request}:{attempt}:offline:issued", "document.issued_offline", body, stream=request, seq=seq)


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
