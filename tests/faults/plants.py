"""Faults planted on purpose, and circumstances, for processes of the nursery alone: each changes the code in place.

A harness is worth what it catches: every fault here is one that lost or doubled somebody's data elsewhere, or could
here. The product knows nothing of this file.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.clock import Clock
from sync import client, journal, outbox, pace, sender, store
from sync.client import Client, Failure, Trouble
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.sender import Sender, _Written
from sync.wire import Batch, BatchAnswer, EventItem, ItemResult, Verdict
from tests.faults import plants_print
from tests.faults.planting import replace

CLOCK = "FAULTS_CLOCK"
"""Names the file that holds the seconds by which the clock of `jumping_clock` is wrong."""
HURRIED_S = 0.15
SLOW_S = 0.05
_pause = threading.Event()


def _new_key_per_try() -> None:
    """The key is made when something is sent: an answer that is lost means a second act."""

    def send(self: Sender, batch: _Written, *, ahead: bool = False) -> int | Failure:
        items = batch.items
        names = {f"{item.key}.{secrets.token_hex(3)}": item.key for item in items}
        fresh = [item.model_copy(update={"key": key}) for item, key in zip(items, names, strict=True)]
        answer = _post(self, fresh)
        if isinstance(answer, Failure):
            return answer
        results = [each.model_copy(update={"key": names[each.key]}) for each in answer.results]
        return outbox.settle(self._db, items, results, self._clock.now())

    replace(Sender, "_send", send)


def _marks_before_sending() -> None:
    """Marked as sent, then sent: whoever is killed in between has lost it."""
    genuine = Sender._send

    def send(self: Sender, batch: _Written, *, ahead: bool = False) -> int | Failure:
        outbox.settle(self._db, batch.items, _all_created(batch.items), self._clock.now())
        return genuine(self, batch)

    replace(Sender, "_send", send)


def _believes_any_200() -> None:
    """The status alone is looked at."""
    genuine = client._judge

    def judge(response: Any, body: bytes, forms: tuple[Any, ...], good: tuple[int, ...]) -> Any:
        found = genuine(response, body, forms, good)
        if isinstance(found, Failure) and BatchAnswer in forms and found.status == 200:
            return BatchAnswer(epoch="believed", results=[])
        return found

    def send(self: Sender, batch: _Written, *, ahead: bool = False) -> int | Failure:
        items = batch.items
        answer = _post(self, items)
        if isinstance(answer, Failure):
            return answer
        return outbox.settle(self._db, items, _all_created(items), self._clock.now())

    replace(client, "_judge", judge)
    replace(Sender, "_send", send)


def _believes_short_answers() -> None:
    """What the answer does not name is taken for accepted."""

    def send(self: Sender, batch: _Written, *, ahead: bool = False) -> int | Failure:
        items = batch.items
        answer = _post(self, items)
        if isinstance(answer, Failure):
            return answer
        if not sender.note_epoch(self._db, answer.epoch, self._clock.now()):
            return Failure(Trouble.ODD, 200)
        named = {result.key for result in answer.results}
        rest = [item for item in items if item.key not in named]
        return outbox.settle(self._db, items, [*answer.results, *_all_created(rest)], self._clock.now())

    replace(Sender, "_send", send)


def _drops_on_4xx() -> None:
    """A refusal of the whole request is taken for one of every row in it."""

    def send(self: Sender, batch: _Written, *, ahead: bool = False) -> int | Failure:
        items = batch.items
        answer = _post(self, items)
        if isinstance(answer, Failure):
            if 400 <= answer.status < 500:
                self._db.executemany("DELETE FROM outbox WHERE seq = ?", [(item.seq,) for item in items])
            return answer
        return outbox.settle(self._db, items, answer.results, self._clock.now())

    replace(Sender, "_send", send)


def _acknowledges_before_commit() -> None:
    """The person reads "handed in" while the row is still on its way to the disk."""

    def put(self: Journal, event: NewEvent, done: Callable[[Committed | Refused], None]) -> None:
        at, mono = self._clock.now(), self._clock.mono()
        stamp = journal.Stamp(self._terminal, self._boot, at, mono)
        done(Committed(event.key, 0, "", existed=False))
        self._ask(lambda db: _slowly(outbox.insert, db, self._vault, event, stamp), lambda _: None)

    replace(Journal, "put", put)


def _synchronous_normal() -> None:
    """The write-ahead log is not synchronised at a commit, only at a checkpoint."""
    changed = tuple(("synchronous", "NORMAL", 1) if each[0] == "synchronous" else each for each in store._PRAGMAS)
    replace(store, "_PRAGMAS", changed)


def _hurried() -> None:
    """No fault: what would wait up to 15 minutes waits a moment, so that a walk through faults ends today."""
    genuine = outbox.jittered
    replace(pace, "LONGEST_WAIT_S", HURRIED_S)
    replace(outbox, "jittered", lambda tries, most=HURRIED_S, **more: genuine(tries, most, **more))


def _jumping_clock() -> None:
    """No fault of ours: the time of day is wrong by what a file says, from one moment to the next."""
    path = Path(os.environ[CLOCK])
    replace(Clock, "now", lambda self: time.time() + self.offset + float(path.read_text("ascii") or 0))


PLANTS: dict[str, Callable[[], None]] = {
    **plants_print.PLANTS,
    "new_key_per_try": _new_key_per_try,
    "marks_before_sending": _marks_before_sending,
    "believes_any_200": _believes_any_200,
    "believes_short_answers": _believes_short_answers,
    "drops_on_4xx": _drops_on_4xx,
    "acknowledges_before_commit": _acknowledges_before_commit,
    "synchronous_normal": _synchronous_normal,
    "hurried": _hurried,
    "jumping_clock": _jumping_clock,
}


def _post(self: Sender, items: list[EventItem]) -> BatchAnswer | Failure:
    body = Batch(items=items).model_dump_json().encode()
    caller: Client = self._client
    return caller.call("POST", "/v1/events:batch", BatchAnswer, body)


def _all_created(items: list[EventItem]) -> list[ItemResult]:
    return [ItemResult(key=item.key, verdict=Verdict.CREATED) for item in items]


def _slowly(work: Callable[..., Any], *arguments: Any) -> Any:
    """A moment later, as on a slow disk: what is open for a moment anyway is open long enough to be hit."""
    _pause.wait(SLOW_S)
    return work(*arguments)
