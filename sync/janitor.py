"""What is cleared away behind the loops: erasures to their receipt, write-ahead logs, rows under an older key."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from kiosk.clock import Clock
from sync import ahead, audit, custody, erasure
from sync.cache import Cache
from sync.custody import Where
from sync.records import Stamp
from sync.reseal import reseal
from sync.store import truncate_log
from sync.vault import Vault
from sync.witness import Witness

PUT_OFF = 6
"""Turns that the logs may wait for a quiet moment: who hands in something right then would wait for four fsyncs."""


class Janitor:
    """Safe for several threads. Every method raises sqlite3.Error, OSError; again goes on where it was cut off.

    `reseal_key` does for the terminal's own key what `reseal` does for rows.
    """

    def __init__(
        self,
        folder: Path,
        db: sqlite3.Connection,
        cache: Cache,
        vault: Vault,
        clock: Clock,
        terminal: str,
        witness: Witness,
        reseal_key: Callable[[], int],
    ) -> None:
        self._folder, self._db, self._cache, self._vault = folder, db, cache, vault
        self._clock, self._terminal, self._witness, self._reseal_key = clock, terminal, witness, reseal_key
        self._lock = threading.Lock()
        self._put_off = 0
        self._one_key = vault.where is not Where.CREDENTIAL

    def turn(self) -> set[str]:
        """Everything there is to do; the feeds whose rows changed by it."""
        changed = self.erase()
        with self._lock:
            if ahead.sweep(self._cache, self._db, self._clock.now()):
                changed |= {ahead.PLACE}
            self._tidy()
            if not self._one_key:
                self._one_key = self._reseal()
        self._witness.look_at_clock()
        return changed

    def erase(self) -> set[str]:
        """Bring every erasure as far as it goes; the feeds whose rows went with a person."""
        with self._lock:
            with self._cache.writing() as db:
                found = erasure.pending(db)
            for one in found:
                erasure.forget(self._db, self._vault, self._cache, one, self._clock.now())
            if found and self.clean():
                for one in found:
                    erasure.receipt(self._db, self._vault, one, self._stamp())
                    with self._cache.writing() as db:
                        erasure.receipted(db, one)
                self.clean()
        return {name for one in found for name in one.rows}

    def clean(self) -> bool:
        """Empty both write-ahead logs, where deleted rows live on; False while somebody is still in one."""
        journal = truncate_log(self._db)
        return self._cache.clean() and journal

    def _tidy(self) -> None:
        """The same where nobody waits for it: the journal's log only while nobody writes, for so many turns."""
        emptied = truncate_log(self._db, politely=self._put_off < PUT_OFF)
        self._put_off = 0 if emptied else self._put_off + 1
        self._cache.clean()

    def _reseal(self) -> bool:
        """Whether nothing is left under the older key: found by a start that had nothing to move, then its file goes.

        Until then a program that was started before the credential came may still seal under it.
        """
        if self._vault.older is not None:
            done = reseal(self._db, self._cache, self._vault)
            moved = done.moved + self._reseal_key()
            if moved:
                self._witness.note("custody.resealed", rows=moved, left=done.left)
                self.clean()
            if moved or done.left:
                return True
        if (self._folder / custody.KEY_FILE).exists():
            custody.retire(self._folder)
            self._witness.note("custody.retired", key="file")
        return True

    def _stamp(self) -> Stamp:
        return Stamp(self._terminal, audit.RUN, self._clock.now(), self._clock.mono())
