"""The queue under anything that may happen, in any order: a model says what must be there, and what must go out."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sync import listing, outbox, retention
from sync.records import NewEvent, Stamp
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import EventItem, ItemResult, Verdict
from tests.sync.helpers import quiet_disk

NOW = 1_772_412_120.0
DAY = 86400.0
MONTH_S = 30 * DAY
SENT, DEAD = (Verdict.CREATED, Verdict.DUPLICATE), (Verdict.REJECTED, Verdict.CONFLICT)
JUMPS = (3.0, 1000.0, 40 * DAY, -400 * DAY, 3650 * DAY)
pytestmark = pytest.mark.timeout(240)
VAULT = Vault(b"k" * 32)


@dataclass
class Known:
    """What the model knows of a row. `since`: when it was sent, by the clock of then."""

    seq: int
    stream: str
    receipt: str
    state: str = "queued"
    since: float = 0.0


class Queue(RuleBasedStateMachine):
    """One terminal's outbox, and a centre that answers as it likes."""

    keys: Bundle[str] = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="queue-", dir=quiet_disk()))
        self.db = connect(self.folder / "journal.db", JOURNAL)
        self.now, self.rows, self.epochs = NOW, dict[str, Known](), 0

    def teardown(self) -> None:
        """Whatever happened, and though the clock falls back: everything goes out, each stream in its order."""
        try:
            self.now = max(DAY, self.now - 400 * DAY)
            while items := outbox.due(self.db, VAULT, self.now, 7):
                self._settle(items, [Verdict.CREATED] * len(items))
                self.now += 1000
            self.nothing_else_has_changed()
            assert listing.counts(self.db).get("queued", 0) == 0
        finally:
            self.db.close()
            shutil.rmtree(self.folder)

    @initialize(target=keys, streams=st.lists(st.sampled_from("abc"), min_size=2, max_size=6))
    def a_few_wait(self, streams: list[str]) -> Any:
        return multiple(*(self._put(stream) for stream in streams))

    @rule(target=keys, stream=st.sampled_from("abcd"))
    def put(self, stream: str) -> str:
        return self._put(stream)

    @rule(key=keys, stream=st.sampled_from("abcd"))
    def put_the_same_key_again(self, key: str, stream: str) -> None:
        """Back and submit, a double tap: what is stored is told, also when something else is handed in under it."""
        if key in self.rows:
            answer = outbox.insert(self.db, VAULT, _event(key, stream), self._stamp())
            known = self.rows[key]
            assert (answer.existed, answer.seq, answer.receipt) == (True, known.seq, known.receipt)

    @rule(most=st.integers(1, 8), verdicts=st.lists(st.sampled_from(Verdict), min_size=8, max_size=8))
    def send(self, most: int, verdicts: list[Verdict]) -> None:
        self._settle(self._due(most), verdicts)

    @rule(most=st.integers(1, 8))
    def send_and_lose_the_answer(self, most: int) -> None:
        """Nothing that is not answered changes anything."""
        self._due(most)

    @rule(stream=st.sampled_from("abcd"), verdict=st.sampled_from(Verdict))
    def send_one_stream_at_once(self, stream: str, verdict: Verdict) -> None:
        """Somebody stands before the screen: all of it, in order, waiting or not."""
        items = outbox.due_of_stream(self.db, VAULT, stream)
        assert [item.key for item in items] == self._queued(stream)
        self._settle(items, [verdict] * len(items))

    @rule(key=keys)
    def postpone(self, key: str) -> None:
        if key in self.rows:
            outbox.postpone(self.db, self.rows[key].seq, "later: too_large", self.now)

    @rule()
    def another_epoch(self) -> None:
        self.epochs += 1
        again = [known for known in self.rows.values() if known.state == "sent" and known.since >= self.now - MONTH_S]
        assert retention.new_epoch(self.db, f"epoch-{self.epochs}", self.now) == len(again)
        for known in again:
            known.state = "queued"

    @rule()
    def purge(self) -> None:
        retention.purge(self.db, self.now)
        kept = {k: v for k, v in self.rows.items() if not (v.state == "sent" and v.since < self.now - MONTH_S)}
        self.rows = kept

    @rule(seconds=st.sampled_from(JUMPS))
    def the_clock_jumps(self, seconds: float) -> None:
        self.now = max(DAY, self.now + seconds)

    @rule()
    def reopen(self) -> None:
        self.db.close()
        self.db = connect(self.folder / "journal.db", JOURNAL)

    @precondition(lambda self: any(known.state == "queued" for known in self.rows.values()))
    @rule(most=st.integers(1, 8), steps=st.integers(1, 400))
    def be_killed_while_settling(self, most: int, steps: int) -> None:
        """All of a batch's verdicts or none; who is killed behind the commit cannot say which."""
        items, left = self._due(most), iter(range(steps))
        results = [ItemResult(key=item.key, verdict=Verdict.CREATED) for item in items]
        self.db.set_progress_handler(lambda: next(left, None) is None, 1)
        told = False
        with contextlib.suppress(sqlite3.OperationalError):
            outbox.settle(self.db, items, results, self.now)
            told = True
        self.db.set_progress_handler(None, 0)
        self.reopen()
        state = dict(self.db.execute("SELECT key, state FROM outbox"))
        found = {state[item.key] for item in items}
        assert len(found) <= 1
        assert found <= {"sent"} or not told
        if found == {"sent"}:
            self._take(items, [Verdict.CREATED] * len(items))

    @invariant()
    def nothing_else_has_changed(self) -> None:
        found = self.db.execute("SELECT key, seq, stream, state FROM outbox ORDER BY seq").fetchall()
        assert found == [(key, known.seq, known.stream, known.state) for key, known in self.rows.items()]

    @invariant()
    def the_tally_is_what_counting_would_say(self) -> None:
        counted = self.db.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        assert listing.counts(self.db) == dict(counted)

    @invariant()
    def no_stream_waits_for_another(self) -> None:
        """Whoever is first in its stream and due goes out, whatever the other streams wait for."""
        query = "SELECT key FROM outbox WHERE state = 'queued' AND (next_at <= ? OR next_at > ? + 900)"
        ready = {key for (key,) in self.db.execute(query, (self.now, self.now))}
        first = {queued[0] for stream in "abcd" if (queued := self._queued(stream))}
        offered = {item.key for item in outbox.due(self.db, VAULT, self.now, 1000)}
        assert ready & first <= offered

    # --- what the rules have in common -----------------------------------------------------------------------------

    def _stamp(self) -> Stamp:
        return Stamp("A-017", "boot-1", self.now, 5.0)

    def _put(self, stream: str) -> str:
        key = f"key-{1 + max((known.seq for known in self.rows.values()), default=0):05}-{len(self.rows)}"
        answer = outbox.insert(self.db, VAULT, _event(key, stream), self._stamp())
        assert not answer.existed
        assert answer.receipt not in {known.receipt for known in self.rows.values()}
        self.rows[key] = Known(answer.seq, stream, answer.receipt)
        return key

    def _queued(self, stream: str) -> list[str]:
        return [key for key, known in self.rows.items() if (known.stream, known.state) == (stream, "queued")]

    def _due(self, most: int) -> list[EventItem]:
        """What goes out: nothing twice, nothing that is settled, and of each stream its first ones in order."""
        items = outbox.due(self.db, VAULT, self.now, most)
        keys = [item.key for item in items]
        assert len(keys) <= most
        assert len(set(keys)) == len(keys)
        for stream in "abcd":
            mine = [item.key for item in items if item.stream == stream]
            assert mine == self._queued(stream)[: len(mine)], "a stream goes out in its order, from its head"
        return items

    def _settle(self, items: list[EventItem], verdicts: list[Verdict]) -> None:
        """As a centre answers: what follows a `later` of the same stream is told `later` as well."""
        held, said = set[str](), []
        for item, verdict in zip(items, verdicts, strict=False):
            said.append(Verdict.LATER if item.stream in held else verdict)
            held |= {item.stream} if said[-1] is Verdict.LATER else set()
        results = [ItemResult(key=item.key, verdict=verdict) for item, verdict in zip(items, said, strict=True)]
        settled = outbox.settle(self.db, items, results, self.now)
        assert settled == sum(verdict is not Verdict.LATER for verdict in said)
        self._take(items, said)

    def _take(self, items: list[EventItem], verdicts: list[Verdict]) -> None:
        for item, verdict in zip(items, verdicts, strict=True):
            if verdict is not Verdict.LATER:
                self.rows[item.key].state = "sent" if verdict in SENT else "dead"
                self.rows[item.key].since = self.now


def _event(key: str, stream: str) -> NewEvent:
    return NewEvent(key, stream, "rating.given", 1, {"person": "0" * 16}, receipt=True)


BOUNDED = settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
TestQueue = Queue.TestCase
TestQueue.settings = BOUNDED


# --- the machine against planted faults --------------------------------------------------------------------------


def _later_is_final(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "SENT", (*SENT, Verdict.LATER))
    patch.setattr(
        outbox, "_postpone", lambda db, seq, *_: db.execute("UPDATE outbox SET state = 'sent' WHERE seq = ?", (seq,))
    )


def _streams_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    plain = outbox._DUE.split("AND NOT EXISTS (\n        SELECT 1 FROM outbox e")[0]
    patch.setattr(outbox, "_DUE", f"{plain} ORDER BY o.tries, o.seq LIMIT :most")


def _one_holds_up_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "_DUE", outbox._DUE.replace("e.stream = o.stream AND", ""))


def _the_clock_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "_DUE", outbox._DUE.replace("OR o.next_at > :now + 900", ""))


def _an_epoch_is_only_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retention, "_in_steps", lambda *_: 0)


def _purges_what_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retention, "_OLD", retention._OLD.replace("state = 'sent' AND sent_at", "at"))


def _settles_row_by_row(patch: pytest.MonkeyPatch) -> None:
    """A batch's verdicts are not one transaction."""
    genuine = outbox.settle

    def settle(db: sqlite3.Connection, items: list[EventItem], results: list[ItemResult], now: float) -> int:
        return sum(genuine(db, [item], [result], now) for item, result in zip(items, results, strict=True))

    patch.setattr(outbox, "settle", settle)


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.mark.parametrize(
    "plant",
    [
        _later_is_final,
        _streams_are_forgotten,
        _one_holds_up_all,
        _the_clock_is_believed,
        _an_epoch_is_only_noted,
        _purges_what_waits,
        _settles_row_by_row,
    ],
)
def test_the_machine_notices(plant: Callable[[pytest.MonkeyPatch], None], patch: pytest.MonkeyPatch) -> None:
    plant(patch)
    bounds = {"max_examples": 400, "phases": [Phase.generate], "derandomize": True, "database": None}
    quick = settings(BOUNDED, report_multiple_bugs=False, **bounds)
    with pytest.raises((AssertionError, sqlite3.Error, KeyError)):
        run_state_machine_as_test(Queue, settings=quick)
