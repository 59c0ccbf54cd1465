"""Feeds from the centre's table to the terminal's cache, cut and killed anywhere: the copy is what was published.

At every moment the terminal has exactly what the centre had to say up to its cursor; after a complete pull, all of it.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kiosk.config import CentreConfig
from sync import feeds as pulling
from sync import store
from sync.cache import Cache, rows_by_id
from sync.central import feeds
from sync.central.database import migrate, open_engine, reading, writing
from sync.central.tables import feed_head, feed_row
from sync.client import Client, Failure, Trouble, nobody
from sync.vault import Vault
from sync.wire import FeedAnswer, NoticeRow
from tests.sync.helpers import quiet_disk

FEED = "notices"
pytestmark = pytest.mark.timeout(240)
VAULT = Vault(b"k" * 32)
ROWS = st.sampled_from("abcdef")
LIMITS = st.integers(1, 4)
_campus = itertools.count(1)
_engines: list[sa.Engine] = []


class Wire(Client):
    """Asks the centre's own table, without a network. `left`: answers until the line is cut, None = never."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(CentreConfig(), nobody)
        self.engine, self.campus, self.epoch = engine, next(_campus), "epoch-0"
        self.limit = 500
        self.left: int | None = None

    def call(self, method: str, path: str, answer: type[Any], *_: Any, **__: Any) -> Any:
        if self.left == 0:
            return Failure(Trouble.UNREACHABLE)
        self.left = self.left and self.left - 1
        with reading(self.engine) as connection:
            page = feeds.page(connection, self.campus, FEED, int(path.split("after=")[1]), self.limit)
        return FeedAnswer.model_validate_json(page.body(self.epoch, FEED))


class Copy(RuleBasedStateMachine):
    """A centre that publishes, ends rows and is restored; a terminal that pulls, is cut off and is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="copy-", dir=quiet_disk()))
        self.wire = Wire(_engines[0])
        self.plain = sqlite3.connect(str(_engines[0].url.database), isolation_level=None)
        self.cache = self._open()
        self.kept: tuple[int, int] | None = None

    def teardown(self) -> None:
        try:
            self.pull_it_all(limit=2)
        finally:
            self.cache.close()
            self.plain.close()
            self.wire.close()
            shutil.rmtree(self.folder)

    @initialize(n=st.integers(0, 99), ended=st.booleans())
    def begin_with_a_backup_that_is_old(self, n: int, ended: bool) -> None:
        for row in "abc":
            self.publish(row, n)
        self.keep_a_backup()
        self.publish("d", n)
        self.publish("a", n + 1)
        if ended:
            self.end("b")
        self.pull_it_all(limit=2)

    @rule(row=ROWS, n=st.integers(0, 99))
    def publish(self, row: str, n: int) -> None:
        self._publish(row, {"zh": "通知", "en": "Notice", "order": n})

    @rule(row=ROWS)
    def end(self, row: str) -> None:
        self._publish(row, None)

    @rule(limit=LIMITS)
    def pull_it_all(self, limit: int) -> None:
        self.wire.limit, self.wire.left = limit, None
        assert not isinstance(pulling.pull(self.wire, self.cache, FEED), Failure)
        assert self._copy() == self._published()
        assert self.cache.epoch() == self.wire.epoch

    @rule(limit=LIMITS, pages=st.integers(0, 3))
    def be_cut_off(self, limit: int, pages: int) -> None:
        self.wire.limit, self.wire.left = limit, pages
        pulling.pull(self.wire, self.cache, FEED)

    @rule(limit=LIMITS, steps=st.integers(1, 600))
    def be_killed(self, limit: int, steps: int) -> None:
        """At any step of what SQLite does for the pages."""
        self.wire.limit, self.wire.left, left = limit, None, iter(range(steps))
        self.cache._db.set_progress_handler(lambda: next(left, None) is None, 1)
        try:
            pulling.pull(self.wire, self.cache, FEED)
        except sqlite3.OperationalError:
            pass
        self.cache.close()
        self.cache = self._open()

    @rule()
    def wipe(self) -> None:
        self.cache.wipe()

    @rule()
    def keep_a_backup(self) -> None:
        self.kept = (self._copied(), self._head())

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restore_the_backup(self) -> None:
        """As another database than before."""
        assert self.kept is not None
        self.wire.campus = self.kept[0]
        self.kept = (self._copied(), self._head())
        self.wire.epoch = f"epoch-{self.wire.campus}"

    @precondition(lambda self: self.kept is not None and self.kept[1] < self.cache.cursor(FEED))
    @rule(limit=LIMITS)
    def find_the_centre_behind(self, limit: int) -> None:
        """Restored without anybody saying so: a cursor from the future starts again."""
        assert self.kept is not None
        self.wire.campus = self.kept[0]
        self.kept = (self._copied(), self._head())
        self.pull_it_all(limit)

    @invariant()
    def up_to_the_cursor_nothing_is_missing_and_nothing_has_come_back(self) -> None:
        cursor = self.cache.cursor(FEED)
        if self.cache.epoch() != self.wire.epoch or cursor > self._head():
            return
        copy = self._copy()
        for row, rev, n in self._rows():
            if rev <= cursor:
                assert copy.get(row) == n, (row, rev)

    # --- what the rules have in common -----------------------------------------------------------------------------

    def _open(self) -> Cache:
        return Cache(self.folder / "cache.db", VAULT)

    def _copy(self) -> dict[str, int]:
        return {row_id: row.order for row_id, row in rows_by_id(self.cache._db, VAULT, FEED, NoticeRow)}

    def _publish(self, row: str, data: dict[str, Any] | None) -> None:
        with writing(self.wire.engine) as connection:
            feeds.publish(connection, self.wire.campus, FEED, row, data)

    def _rows(self) -> list[tuple[str, int, int | None]]:
        """Id, revision and content of each row at the centre; None = it has ended."""
        query = "SELECT id, rev, data ->> 'order' FROM feed_row WHERE campus_id = ? AND feed = ?"
        return self.plain.execute(query, (self.wire.campus, FEED)).fetchall()

    def _published(self) -> dict[str, int]:
        return {row: n for row, _, n in self._rows() if n is not None}

    def _head(self) -> int:
        query = "SELECT max(rev) FROM feed_head WHERE campus_id = ? AND feed = ?"
        return int(self.plain.execute(query, (self.wire.campus, FEED)).fetchone()[0] or 0)

    def _copied(self) -> int:
        """The centre's tables as they are now, under a campus of their own."""
        campus = next(_campus)
        with writing(self.wire.engine) as connection:
            for table in (feed_head, feed_row):
                rows = connection.execute(sa.select(table).where(table.c.campus_id == self.wire.campus)).mappings()
                if copies := [{**row, "campus_id": campus} for row in rows]:
                    connection.execute(sa.insert(table), copies)
        return campus


BOUNDED = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def centre() -> Iterator[None]:
    """A database of feeds for all examples; each has a campus of its own."""
    with tempfile.TemporaryDirectory(prefix="feeds-", dir=quiet_disk()) as folder:
        engine = open_engine(f"sqlite:///{folder}/central.db")
        migrate(engine)
        _engines.append(engine)
        yield
        _engines.clear()
        engine.dispose()


@pytest.mark.usefixtures("centre")
def test_the_copy_is_what_was_published() -> None:
    run_state_machine_as_test(Copy, settings=BOUNDED)


# --- the machine against planted faults --------------------------------------------------------------------------


def _cursor_before_rows(patch: pytest.MonkeyPatch) -> None:
    genuine = Cache.apply

    def apply(self: Cache, answer: FeedAnswer, asked: float | None = None) -> bool:
        with store.transaction(self._db) as db:
            self._reached(db, answer, 0.0)
        return genuine(self, answer, asked)

    patch.setattr(Cache, "apply", apply)


def _tombstones_are_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Cache, "_drop", lambda *_: False)


def _pages_end_at_the_head(patch: pytest.MonkeyPatch) -> None:
    genuine = feeds.page

    def page(connection: sa.Connection, campus: int, feed: str, after: int, limit: int = 500) -> feeds.Page:
        found = genuine(connection, campus, feed, after, limit)
        return replace(found, next=feeds._head(connection, campus, feed), more=False)

    patch.setattr(feeds, "page", page)


def _a_reset_keeps_what_was(patch: pytest.MonkeyPatch) -> None:
    genuine = Cache._take
    patch.setattr(
        Cache, "_take", lambda self, db, answer: genuine(self, db, answer.model_copy(update={"reset": False}))
    )


def _a_restart_keeps_what_was(patch: pytest.MonkeyPatch) -> None:
    genuine = Cache.restart

    def restart(self: Cache, epoch: str) -> None:
        genuine(self, epoch)
        self._db.execute("UPDATE rows SET stale = 0")

    patch.setattr(Cache, "restart", restart)


def _a_cursor_from_the_future_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feeds, "_head", lambda *_: 2**40)


def _a_tombstone_is_a_deletion(patch: pytest.MonkeyPatch) -> None:
    """What ends is gone from the table, and nobody is told."""
    genuine = feeds.Told.write

    def write(self: feeds.Told, connection: sa.Connection) -> None:
        for (campus, _), rows in self._rows.items():
            for row in [row for row, (data, _) in rows.items() if data is None]:
                del rows[row]
                connection.execute(sa.delete(feed_row).where(feed_row.c.campus_id == campus, feed_row.c.id == row))
        self._rows = {feed: rows for feed, rows in self._rows.items() if rows}
        genuine(self, connection)

    patch.setattr(feeds.Told, "write", write)


@pytest.mark.usefixtures("centre")
@pytest.mark.parametrize(
    "plant",
    [
        _cursor_before_rows,
        _tombstones_are_skipped,
        _pages_end_at_the_head,
        _a_reset_keeps_what_was,
        _a_restart_keeps_what_was,
        _a_cursor_from_the_future_is_believed,
        _a_tombstone_is_a_deletion,
    ],
)
def test_the_machine_notices(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    bounds = {"max_examples": 200, "phases": [Phase.generate], "derandomize": True, "database": None}
    quick = settings(BOUNDED, report_multiple_bugs=False, **bounds)
    with pytest.raises((AssertionError, sa.exc.IntegrityError)):
        run_state_machine_as_test(Copy, settings=quick)
