"""Sealed files of certificates that go onto sheets of A4: fetched while a person waits; one answer each."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.clock import Clock
from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.feeds import pull

KIND = "application/pdf"
OFFLINE_S, BUSY_S = 1.0, 5.0
_NEVER = (Trouble.REFUSED, Trouble.UPDATE)
_AWAY = (Trouble.UNREACHABLE, Trouble.LOGIN, Trouble.UNTRUSTED)


@dataclass(slots=True)
class _Pending:
    serial: str
    since: float
    failed: bool = False


class Sheets:
    """`add` from any thread; `turn` on the loop's own, with its own client.

    `tell`: `sheets` (serial, pdf in base64), or `no_sheets` (serial, reason offline | refused | voided, detail).
    """

    def __init__(self, client: Client, cache: Cache, clock: Clock, tell: Callable[..., None]) -> None:
        self._client, self._cache, self._clock, self._tell = client, cache, clock, tell
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def add(self, serial: str) -> None:
        """Take an ask; the same serial while it is pending is the same ask."""
        with self._lock:
            self._pending.setdefault(serial, _Pending(serial, self._clock.mono()))

    def turn(self) -> list[Failure | None]:
        """Try each pending ask once; what became of the tries (None = the centre spoke). Raises sqlite3.Error."""
        with self._lock:
            waiting = list(self._pending.values())
        return [self._try(pending) for pending in waiting]

    @property
    def busy(self) -> bool:
        with self._lock:
            return bool(self._pending)

    def _try(self, pending: _Pending) -> Failure | None:
        found = self._client.file(f"/v1/documents/{pending.serial}/pdf", KIND)
        if isinstance(found, Failure):
            return self._failed(pending, found)
        self._keys()
        self._answer(pending, "sheets", pdf=base64.b64encode(found).decode("ascii"))
        return None

    def _keys(self) -> None:
        """The file may be sealed by a certificate that is newer than the terminal's list."""
        if pull(self._client, self._cache, "keys") is True:
            self._tell("feed", name="keys")

    def _failed(self, pending: _Pending, failure: Failure) -> Failure | None:
        if failure.trouble is Trouble.REJECTED:
            self._no(pending, "voided" if failure.word == "voided" else "refused", failure.word)
            return None
        if self._hopeless(pending, failure):
            self._no(pending, "offline", failure.trouble.value)
        pending.failed = True
        return failure

    def _hopeless(self, pending: _Pending, failure: Failure) -> bool:
        age = self._clock.mono() - pending.since
        if failure.trouble in _NEVER:
            return True
        if failure.trouble in _AWAY:
            return pending.failed or age > OFFLINE_S
        return age + failure.wait > BUSY_S

    def _no(self, pending: _Pending, reason: str, detail: str) -> None:
        self._answer(pending, "no_sheets", reason=reason, detail=detail)

    def _answer(self, pending: _Pending, ev: str, **fields: object) -> None:
        with self._lock:
            self._pending.pop(pending.serial, None)
        self._tell(ev, serial=pending.serial, **fields)
