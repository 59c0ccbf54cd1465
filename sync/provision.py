"""Who signs in while there is a line is provided for: the centre seals in advance what they may want without one."""

from __future__ import annotations

import re
import sqlite3
import threading

from kiosk import log
from kiosk.clock import Clock
from sync import ahead
from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.sender import note_epoch
from sync.vault import Vault
from sync.wire_ahead import AheadAnswer, AheadAsk

_PERSON = re.compile(r"[0-9a-f]{16}")


class Provision:
    """`add` from any thread; `turn` on the loop's own, with its own connection and client."""

    def __init__(self, db: sqlite3.Connection, cache: Cache, vault: Vault, client: Client, clock: Clock) -> None:
        self._db, self._cache, self._vault, self._client, self._clock = db, cache, vault, client, clock
        self._lock = threading.Lock()
        self._people: dict[str, None] = {}

    def add(self, person: str) -> None:
        """This person is here now."""
        if _PERSON.fullmatch(person):
            with self._lock:
                self._people[person] = None

    def turn(self) -> int | Failure:
        """Ask for everybody who came; for how many something is different now. Raises sqlite3.Error.

        Nobody waits for it: after a failure all are forgotten, and asked for when they come again.
        """
        changed = 0
        while person := self._next():
            done = self._ask(person)
            if isinstance(done, Failure):
                with self._lock:
                    self._people.clear()
                return done
            changed += done
        return changed

    def _next(self) -> str:
        with self._lock:
            person = next(iter(self._people), "")
            self._people.pop(person, None)
            return person

    def _ask(self, person: str) -> bool | Failure:
        book = ahead.book(self._db)
        body = AheadAsk(person=person, book=book).model_dump_json().encode()
        answer = self._client.call("POST", "/v1/documents:ahead", AheadAnswer, body)
        if isinstance(answer, AheadAnswer):
            if not note_epoch(self._db, answer.epoch, self._clock.now()) or answer.person != person:
                return Failure(Trouble.ODD, 200)
            return ahead.keep(self._cache, self._vault, person, book, answer.rows)
        if answer.trouble is not Trouble.REJECTED:
            return answer
        log.event("ahead_refused", reason=answer.word)
        return False
