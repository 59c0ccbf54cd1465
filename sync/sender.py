"""Sends what is due: a batch out, an answer checked to the letter, the verdicts stored."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from kiosk import log
from kiosk.clock import Clock
from sync import aging, outbox, owntemplates, retention
from sync.client import Client, Failure, Ready, Trouble
from sync.room import insist
from sync.vault import Vault
from sync.wire import MOST_ITEMS, Batch, BatchAnswer, EventItem, ItemResult, Verdict

PATH = "/v1/events:batch"
AHEAD_S = 2.0
"""How long a batch that was read while the one before it was under way may wait for its turn."""


@dataclass(frozen=True, slots=True)
class _Written:
    """Items, the message that they are sent as, and that signed, where it could be."""

    items: list[EventItem]
    body: bytes
    ready: Ready | None


class Sender:
    """The events loop's hands. One thread at a time.

    While a full batch is under way the verdicts on the one before it are stored and the next one is read, written and
    signed: with a long queue both ends work at the same time. Whoever is killed in between asks again, and is told the
    same.
    """

    def __init__(self, db: sqlite3.Connection, vault: Vault, client: Client, clock: Clock) -> None:
        self._db, self._vault, self._client, self._clock = db, vault, client, clock
        self._most = MOST_ITEMS
        self._ahead: _Written | None = None
        self._ahead_at = 0.0
        # ends with the sender: nobody has to close it
        self._meanwhile = ThreadPoolExecutor(1, "meanwhile")
        self._told: tuple[list[EventItem], list[ItemResult], float, float] | None = None

    def send_due(self) -> int | Failure | None:
        """One batch of what is due; how many were settled, None = nothing was due. Raises sqlite3.Error."""
        batch, self._ahead = self._ahead, None
        if batch is None or not 0 <= self._clock.mono() - self._ahead_at < AHEAD_S:
            self._settle()
            batch = self._written(outbox.due(self._db, self._vault, self._clock.now(), self._most))
        if batch is None:
            return None
        answer = self._send(batch, ahead=len(batch.items) == self._most)
        if answer != len(batch.items):
            # what waits may hold up others of its stream
            self._ahead = None
        if self._ahead is None:
            self._settle()
        return answer

    def send_stream(self, stream: str) -> int | Failure:
        """Everything of one stream that is still here; how many were settled. Raises sqlite3.Error."""
        settled = 0
        while batch := self._written(outbox.due_of_stream(self._db, self._vault, stream, self._most)):
            answer = self._send(batch)
            self._settle()
            if isinstance(answer, Failure):
                return answer
            if answer == 0:
                return settled
            settled += answer
        return settled

    def _send(self, batch: _Written, *, ahead: bool = False) -> int | Failure:
        """What the verdicts, which are not stored yet, settle."""
        items, answer = batch.items, self._ask(batch, ahead=ahead)
        self._settle()
        if isinstance(answer, Failure):
            return self._too_large(items, answer) if answer.trouble is Trouble.TOO_LARGE else answer
        self._most = min(MOST_ITEMS, self._most * 2)
        now = self._clock.now()
        at = aging.right_time(now, self._client.said)
        if not note_epoch(self._db, answer.epoch, at):
            return Failure(Trouble.ODD, 200, word="epoch")
        if sorted(result.key for result in answer.results) != sorted(item.key for item in items):
            return Failure(Trouble.ODD, 200, word="results")
        self._told = items, answer.results, now, at
        return sum(result.verdict is not Verdict.LATER for result in answer.results)

    def _settle(self) -> None:
        """Store the verdicts that were told; those that cannot be stored are asked for again."""
        told, self._told = self._told, None
        if told:
            items, results, now, at = told
            insist(self._db, lambda most: outbox.settle(self._db, items, results, now, most, at))

    def _ask(self, batch: _Written, *, ahead: bool) -> BatchAnswer | Failure:
        """While it is under way the database's part is done, and nobody else uses that. Raises sqlite3.Error."""
        done: list[Future[None]] = []

        def meanwhile() -> None:
            if ahead and not done:
                done.append(self._meanwhile.submit(self._settle_and_read, batch.items))

        try:
            ask = partial(self._client.call, "POST", PATH, BatchAnswer, batch.body)
            return ask(ready=batch.ready, under_way=meanwhile)
        finally:
            wait(done)
            for each in done:
                each.result()

    def _written(self, items: list[EventItem]) -> _Written | None:
        if not items:
            return None
        body = Batch(items=items).model_dump_json().encode()
        return _Written(items, body, self._client.ready("POST", PATH, body))

    def _settle_and_read(self, items: list[EventItem]) -> None:
        self._settle()
        self._read_ahead(items)

    def _read_ahead(self, items: list[EventItem]) -> None:
        """Trouble is met again by whoever reads the same rows in their turn. A template is read only to be sent."""
        with contextlib.suppress(sqlite3.Error):
            found = outbox.due(self._db, self._vault, self._clock.now(), self._most, beyond=items)
            if not any(item.kind == owntemplates.KIND for item in found):
                self._ahead, self._ahead_at = self._written(found), self._clock.mono()

    def _too_large(self, items: list[EventItem], failure: Failure) -> int | Failure:
        """Half as many next time; a single one waits, so that it holds up nothing but its own stream."""
        if len(items) == 1:
            seq, now = items[0].seq, self._clock.now()
            insist(self._db, lambda _: outbox.postpone(self._db, seq, "later: too_large", now))
            return failure
        self._most = max(1, len(items) // 2)
        fewer = self._written(items[: self._most])
        return self._send(fewer) if fewer else failure


def note_epoch(db: sqlite3.Connection, epoch: str, now: float) -> bool:
    """Whether it is the one we know; a new one is stored, and what was sent goes again. Raises sqlite3.Error."""
    known = retention.epoch(db)
    if epoch == known:
        return True
    again = insist(db, lambda most: retention.new_epoch(db, epoch, now, most))
    if known:
        log.event("centre_restored", count=again)
    return False
