"""How fast the loops of the sync process go, and what they make of the line to the centre."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk import log
from sync.client import LONGEST_WAIT_S, Failure, Trouble
from sync.outbox import jittered

LINE_OF = {each: each.value for each in (Trouble.LOGIN, Trouble.UNTRUSTED, Trouble.REFUSED, Trouble.UPDATE)}
OFFLINE_AFTER = 2
PASSING = (Trouble.UNREACHABLE, Trouble.LOGIN, Trouble.UNTRUSTED, Trouble.REFUSED)


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until the next turn. `firm`: not even a nudge shortens it."""

    seconds: float
    firm: bool = False


class Pace:
    """Full jitter over 1, 2, 4 … s. While nobody answers at all at most `most` seconds, else up to 15 minutes.

    The two are counted apart: an hour without a network must not make the first odd answer after it cost 15 minutes.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self.worked()

    def worked(self) -> None:
        """Begin small again."""
        self._unanswered = self._odd = 0

    def after(self, failure: Failure) -> Wait:
        """How long to stay away. What the centre asked for is kept to, plus up to a tenth."""
        if failure.wait:
            return Wait(min(LONGEST_WAIT_S, failure.wait * (1 + random.random() / 10)), firm=True)
        if failure.trouble in PASSING:
            self._unanswered += 1
            return Wait(jittered(self._unanswered - 1, self._most))
        self._odd += 1
        return Wait(jittered(self._odd - 1, LONGEST_WAIT_S), firm=True)


class Line:
    """unknown | online | offline | login | untrusted | refused | update; told once per change; for every thread."""

    def __init__(self, tell: Callable[[str], None], on_online: Callable[[], None]) -> None:
        self._tell, self._on_online = tell, on_online
        self._lock = threading.Lock()
        self._failures = 0
        self.state = "unknown"

    def good(self) -> None:
        """One answer that counts is enough."""
        with self._lock:
            self._failures = 0
            changed = self._to("online")
        if changed:
            self._on_online()

    def bad(self, failure: Failure) -> None:
        """Two calls without an answer are; a login page, a certificate, a refusal or "update" is said at once."""
        with self._lock:
            self._failures += 1
            named = LINE_OF.get(failure.trouble)
            if named:
                self._to(named)
            elif self._failures >= OFFLINE_AFTER:
                self._to("offline")

    def _to(self, state: str) -> bool:
        changed, self.state = state != self.state, state
        if changed:
            log.event("link", state=state)
            self._tell(state)
        return changed


class Loop:
    """A thread that takes turn after turn; `turn` says how long to wait for the next. `wake` shortens that.

    `noticed` is told of trouble with a database or the disk.
    """

    def __init__(self, name: str, turn: Callable[[], Wait], noticed: Callable[[Exception], None]) -> None:
        self._turn, self._noticed = turn, noticed
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Take the next turn now, unless the centre asked us to stay away."""
        self._wake.set()

    def stop(self) -> None:
        """Take no further turn; one under way is not waited for."""
        self._stop.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            wait = self.take()
            if wait.firm:
                self._stop.wait(wait.seconds)
            else:
                self._wake.wait(wait.seconds)

    def take(self) -> Wait:
        """One turn, on the caller's thread. A disk that takes nothing is trouble, not a bug: nothing was marked."""
        try:
            return self._turn()
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "sqlite_errorname", type(error).__name__)
            log.event("sync_turn_failed", name=self._thread.name, reason=str(reason))
            self._noticed(error)
            return Wait(5.0, firm=True)
