"""Certificates a person waits for: their request goes up first, then the centre is asked; one answer each."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.clock import Clock
from sync.client import Client, Failure, Trouble
from sync.sender import Sender, note_epoch
from sync.wire import DocumentAnswer, DocumentAsk

UNKNOWN_S, OFFLINE_S, BUSY_S = 10.0, 1.0, 6.0
AGAIN_S = 0.3


@dataclass(slots=True)
class _Pending:
    ask: DocumentAsk
    since: float
    failure: Failure | None = None


class Seals:
    """`add` from any thread; `turn` on the loop's own, with its own connection and client."""

    def __init__(
        self, db: sqlite3.Connection, sender: Sender, client: Client, clock: Clock, tell: Callable[..., None]
    ) -> None:
        self._db, self._sender, self._client, self._clock, self._tell = db, sender, client, clock, tell
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def add(self, ask: DocumentAsk) -> None:
        """Take an ask; the same key while it is pending is the same ask."""
        with self._lock:
            self._pending.setdefault(ask.key, _Pending(ask, self._clock.mono()))

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
        ask = pending.ask
        if self._dead(ask.request):
            self._no(pending, "refused", "rejected")
            return None
        sent = self._sender.send_stream(ask.request)
        if isinstance(sent, Failure) and sent.trouble is not Trouble.TOO_LARGE:
            return self._failed(pending, sent)
        if self._dead(ask.request):
            self._no(pending, "refused", "rejected")
            return None
        body = ask.model_dump_json().encode()
        answer = self._client.call("POST", "/v1/documents", DocumentAnswer, body, good=(200, 201))
        if isinstance(answer, Failure):
            return self._failed(pending, answer)
        if not note_epoch(self._db, answer.epoch, self._clock.now()) or answer.key != ask.key:
            return self._failed(pending, Failure(Trouble.ODD, 200))
        self._answer(pending, "sealed", answer=answer.model_dump(mode="json"))
        return None

    def _failed(self, pending: _Pending, failure: Failure) -> Failure | None:
        """Whether to try again, by what went wrong and how long the person has waited."""
        age = self._clock.mono() - pending.since
        if failure.trouble is Trouble.REJECTED:
            unknown = failure.word == "request_unknown"
            if not unknown:
                self._no(pending, "voided" if "void" in failure.word else "refused", failure.word)
            elif age > UNKNOWN_S:
                self._no(pending, "unknown_request", failure.word)
            return None
        if self._hopeless(pending, failure, age):
            self._no(pending, "offline", failure.trouble.value)
        pending.failure = failure
        return failure

    def _hopeless(self, pending: _Pending, failure: Failure, age: float) -> bool:
        """A terminal that is refused is no fault of the person's: to them the centre is out of reach."""
        if failure.trouble in (Trouble.REFUSED, Trouble.UPDATE):
            return True
        if failure.trouble in (Trouble.UNREACHABLE, Trouble.LOGIN, Trouble.UNTRUSTED):
            return pending.failure is not None or age > OFFLINE_S
        return age + failure.wait > BUSY_S

    def _dead(self, key: str) -> bool:
        """The centre refused the request itself: there is nothing to seal."""
        return bool(self._db.execute("SELECT 1 FROM outbox WHERE key = ? AND state = 'dead'", (key,)).fetchone())

    def _no(self, pending: _Pending, reason: str, detail: str) -> None:
        self._answer(pending, "not_sealed", key=pending.ask.key, reason=reason, detail=detail)

    def _answer(self, pending: _Pending, ev: str, **fields: object) -> None:
        with self._lock:
            self._pending.pop(pending.ask.key, None)
        self._tell(ev, **fields)
