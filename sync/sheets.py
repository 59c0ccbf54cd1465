"""Sealed files of certificates that go onto sheets of A4: fetched while a person waits; one answer each."""

from __future__ import annotations

import base64
from collections.abc import Callable

from kiosk.clock import Clock
from sync.asked import Ask, Asked
from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.feeds import pull

KIND = "application/pdf"
BUSY_S = 5.0


class Sheets:
    """`add` from any thread; `turn` on the loop's own, with its own client.

    `tell`: `sheets` (serial, pdf in base64), or `no_sheets` (serial, reason offline | refused | voided, detail).
    """

    def __init__(self, client: Client, cache: Cache, clock: Clock, tell: Callable[..., None]) -> None:
        self._client, self._cache, self._clock, self._tell = client, cache, clock, tell
        self._asked = Asked[None]()

    def add(self, serial: str) -> None:
        """Take an ask; the same serial while it is pending is the same ask."""
        self._asked.add(serial, None, self._clock.mono())

    def turn(self) -> list[Failure | None]:
        """Try each pending ask once; what became of the tries (None = the centre spoke). Raises sqlite3.Error."""
        return [self._try(ask) for ask in self._asked.waiting()]

    @property
    def busy(self) -> bool:
        return bool(self._asked.waiting())

    def _try(self, ask: Ask[None]) -> Failure | None:
        found = self._client.file(f"/v1/documents/{ask.key}/pdf", KIND)
        if isinstance(found, Failure):
            return self._failed(ask, found)
        self._keys()
        self._answer(ask, "sheets", pdf=base64.b64encode(found).decode("ascii"))
        return None

    def _keys(self) -> None:
        """The file may be sealed by a certificate that is newer than the terminal's list."""
        if pull(self._client, self._cache, "keys") is True:
            self._tell("feed", name="keys")

    def _failed(self, ask: Ask[None], failure: Failure) -> Failure | None:
        if failure.trouble is Trouble.REJECTED:
            self._no(ask, "voided" if failure.word == "voided" else "refused", failure.word)
            return None
        if ask.hopeless(failure, self._clock.mono(), BUSY_S):
            self._no(ask, "offline", failure.trouble.value)
        ask.failed = True
        return failure

    def _no(self, ask: Ask[None], reason: str, detail: str) -> None:
        self._answer(ask, "no_sheets", reason=reason, detail=detail)

    def _answer(self, ask: Ask[None], ev: str, **fields: object) -> None:
        self._asked.answered(ask.key)
        self._tell(ev, serial=ask.key, **fields)
