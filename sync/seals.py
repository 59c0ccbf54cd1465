"""Certificates a person waits for: their request goes up first, then the centre is asked; one answer each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from kiosk.clock import Clock
from sync.asked import Ask, Asked
from sync.client import Client, Failure, Trouble
from sync.sender import Sender, note_epoch
from sync.wire import DocumentAnswer, DocumentAsk

UNKNOWN_S, BUSY_S = 10.0, 6.0
AGAIN_S = 0.3


class Seals:
    """`add` from any thread; `turn` on the loop's own, with its own connection and client."""

    def __init__(
        self, db: sqlite3.Connection, sender: Sender, client: Client, clock: Clock, tell: Callable[..., None]
    ) -> None:
        self._db, self._sender, self._client, self._clock, self._tell = db, sender, client, clock, tell
        self._asked = Asked[DocumentAsk]()

    def add(self, ask: DocumentAsk) -> None:
        """Take an ask; the same key while it is pending is the same ask."""
        self._asked.add(ask.key, ask, self._clock.mono())

    def turn(self) -> list[Failure | None]:
        """Try each pending ask once; what became of the tries (None = the centre spoke). Raises sqlite3.Error."""
        return [self._try(pending) for pending in self._asked.waiting()]

    @property
    def busy(self) -> bool:
        return bool(self._asked.waiting())

    def _try(self, pending: Ask[DocumentAsk]) -> Failure | None:
        ask = pending.what
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

    def _failed(self, pending: Ask[DocumentAsk], failure: Failure) -> Failure | None:
        """Whether to try again, by what went wrong and how long the person has waited."""
        now = self._clock.mono()
        if failure.trouble is Trouble.REJECTED:
            unknown = failure.word == "request_unknown"
            if not unknown:
                self._no(pending, "voided" if "void" in failure.word else "refused", failure.word)
            elif now - pending.since > UNKNOWN_S:
                self._no(pending, "unknown_request", failure.word)
            return None
        if pending.hopeless(failure, now, BUSY_S):
            self._no(pending, "offline", failure.trouble.value)
        pending.failed = True
        return failure

    def _dead(self, key: str) -> bool:
        """The centre refused the request itself: there is nothing to seal."""
        return bool(self._db.execute("SELECT 1 FROM outbox WHERE key = ? AND state = 'dead'", (key,)).fetchone())

    def _no(self, pending: Ask[DocumentAsk], reason: str, detail: str) -> None:
        self._answer(pending, "not_sealed", key=pending.key, reason=reason, detail=detail)

    def _answer(self, pending: Ask[DocumentAsk], ev: str, **fields: object) -> None:
        self._asked.answered(pending.key)
        self._tell(ev, **fields)
