"""Sends what is due: batches out, each answer checked to the letter, the verdicts stored."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from kiosk import log
from kiosk.clock import Clock
from sync import outbox
from sync.client import Client, Failure, Trouble
from sync.room import insist
from sync.vault import Vault
from sync.wire import MOST_ITEMS, Batch, BatchAnswer, EventItem

Answer = BatchAnswer | Failure


@dataclass(frozen=True, slots=True)
class _Flight:
    """A batch under way, and who carries it."""

    items: list[EventItem]
    client: Client
    answer: Future[Answer]


class Sender:
    """The events loop's hands. One thread at a time; the database is touched by that thread alone.

    With as many `clients` as given, so many batches are under way at once: while the centre works on one, the verdicts
    on the one before it are stored and the next one is read. Two under way never have a stream in common, so that the
    order within a stream holds whichever arrives first. Whoever is killed asks again, and is told the same.
    """

    def __init__(self, db: sqlite3.Connection, vault: Vault, clients: Sequence[Client], clock: Clock) -> None:
        self._db, self._vault, self._clock = db, vault, clock
        self._idle = list(clients)
        self._lines = ThreadPoolExecutor(len(clients), "batch")
        self._flights: deque[_Flight] = deque()
        self._most = MOST_ITEMS

    def send_due(self) -> int | Failure | None:
        """One batch of what is due; how many were settled, None = nothing was due. Raises sqlite3.Error."""
        while self._idle and (not self._flights or len(self._flights[-1].items) == self._most):
            under_way = {item.stream for flight in self._flights for item in flight.items}
            items = outbox.due(self._db, self._vault, self._clock.now(), self._most, under_way)
            if not items:
                break
            self._start(items)
        if not self._flights:
            return None
        answer = self._land()
        while isinstance(answer, Failure) and self._flights:
            # whoever hears of it may wait for long: what the others bring is not left lying
            self._land()
        return answer

    def send_stream(self, stream: str) -> int | Failure:
        """Everything of one stream that is still here; how many were settled. Raises sqlite3.Error."""
        settled = 0
        while items := outbox.due_of_stream(self._db, self._vault, stream, most := self._most):
            self._start(items)
            answer = self._land()
            if isinstance(answer, Failure):
                return answer
            if answer == 0 and self._most >= most:
                # all of it waits; nothing was too large
                return settled
            settled += answer
        return settled

    def _start(self, items: list[EventItem]) -> None:
        client = self._idle.pop()
        self._flights.append(_Flight(items, client, self._lines.submit(carry, client, items)))

    def _land(self) -> int | Failure:
        """What the batch that has been under way for longest brings."""
        flight = self._flights.popleft()
        try:
            answer = flight.answer.result()
        finally:
            self._idle.append(flight.client)
        return self._take(flight.items, answer)

    def _take(self, items: list[EventItem], answer: Answer) -> int | Failure:
        """Verdicts that count are stored; how many rows they settled."""
        if isinstance(answer, Failure):
            return self._too_large(items, answer) if answer.trouble is Trouble.TOO_LARGE else answer
        self._most = min(MOST_ITEMS, self._most * 2)
        if not note_epoch(self._db, answer.epoch, self._clock.now()):
            return Failure(Trouble.ODD, 200, word="epoch")
        if sorted(result.key for result in answer.results) != sorted(item.key for item in items):
            return Failure(Trouble.ODD, 200, word="results")
        now = self._clock.now()
        return insist(self._db, lambda most: outbox.settle(self._db, items, answer.results, now, most))

    def _too_large(self, items: list[EventItem], failure: Failure) -> int | Failure:
        """Half as many next time; a single one waits, so that it holds up nothing but its own stream."""
        if len(items) == 1:
            seq, now = items[0].seq, self._clock.now()
            insist(self._db, lambda _: outbox.postpone(self._db, seq, "later: too_large", now))
            return failure
        self._most = max(1, len(items) // 2)
        return 0


def carry(client: Client, items: list[EventItem]) -> Answer:
    """One batch to the centre; its answer, or why there is none. On any thread."""
    return client.call("POST", "/v1/events:batch", BatchAnswer, Batch(items=items).model_dump_json().encode())


def note_epoch(db: sqlite3.Connection, epoch: str, now: float) -> bool:
    """Whether it is the one we know; a new one is stored, and what was sent goes again. Raises sqlite3.Error."""
    known = outbox.epoch(db)
    if epoch == known:
        return True
    again = insist(db, lambda most: outbox.new_epoch(db, epoch, now, most))
    if known:
        log.event("centre_restored", count=again)
    return False
