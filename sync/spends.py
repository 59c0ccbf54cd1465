"""Codes that were taken here are made known to the centre: while somebody stands there, or when there is a line."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from kiosk import log
from kiosk.clock import Clock
from sync.client import Client, Failure, Trouble
from sync.sender import note_epoch
from sync.store import transaction
from sync.wire import SpendAnswer, SpendAsk


class Spends:
    """`add` from any thread; `turn` on the loop's own, with its own connection and client."""

    def __init__(self, db: sqlite3.Connection, client: Client, clock: Clock, tell: Callable[..., None]) -> None:
        self._db, self._client, self._clock, self._tell = db, client, clock, tell
        self._lock = threading.Lock()
        self._fresh: dict[str, SpendAsk] = {}

    def add(self, ask: SpendAsk) -> None:
        """Somebody stands there: it comes before those that wait in the journal, also if the disk did not take it."""
        with self._lock:
            self._fresh[ask.nonce] = ask

    def turn(self) -> int | Failure:
        """Ask about every code the centre does not know of; how many were answered. Raises sqlite3.Error.

        After a failure nobody waits for an answer any more: what is in the journal is told when it can be.
        """
        answered = 0
        while ask := self._next():
            failure = self._ask(ask)
            if failure:
                with self._lock:
                    self._fresh.clear()
                return failure
            answered += 1
        return answered

    def _next(self) -> SpendAsk | None:
        with self._lock:
            if self._fresh:
                return next(iter(self._fresh.values()))
        query = "SELECT nonce, at, until FROM nonces WHERE told = 0 ORDER BY at LIMIT 1"
        row = self._db.execute(query).fetchone()
        return SpendAsk(nonce=row[0].hex(), at=row[1], until=row[2]) if row else None

    def _ask(self, ask: SpendAsk) -> Failure | None:
        answer = self._client.call("POST", "/v1/codes:spend", SpendAnswer, ask.model_dump_json().encode())
        if isinstance(answer, SpendAnswer):
            if not note_epoch(self._db, answer.epoch, self._clock.now()) or answer.nonce != ask.nonce:
                return Failure(Trouble.ODD, 200)
            self._tell("spent", nonce=ask.nonce, first=answer.first, terminal=answer.terminal)
        elif answer.trouble is Trouble.REJECTED:
            # asking again would change nothing; the record of the decision names the code as well
            log.event("spend_refused", reason=answer.word)
        else:
            return answer
        self._known(ask.nonce)
        return None

    def _known(self, nonce: str) -> None:
        with self._lock:
            self._fresh.pop(nonce, None)
        with transaction(self._db) as db:
            db.execute("UPDATE nonces SET told = 1 WHERE nonce = ?", (bytes.fromhex(nonce),))
