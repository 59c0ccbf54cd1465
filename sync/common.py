"""What the loops of the sync process share: who this terminal is, what it keeps, and how the line stands."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from sync.cache import Cache
from sync.client import CONNECT_S, READ_S, WHOLE_S, Client, Failure, Trouble, nobody
from sync.membership import Membership
from sync.pace import Line, Loop, Pace, Wait
from sync.store import BACKGROUND_PAGES, connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import FEEDS
from sync.witness import Witness

HUNG_S = CONNECT_S + READ_S + WHOLE_S + 5.0
LOOK_S = 5.0
REFUSED_S = 30.0
REACH_S = 5.0

Tell = Callable[..., None]


class Common:
    """`tell(ev, **fields)` reaches the terminal; `loops` are those that run, by name; `clock`: None = the machine's."""

    def __init__(self, config: Config, tell: Tell, clock: Clock | None = None) -> None:
        self.config, self.tell = config, tell
        self.clock = clock or Clock(config.demo.clock_offset)
        state = config.paths.state
        self.path, self.vault = state / "journal.db", Vault.open(state)
        self.cache = Cache(state / "cache.db", self.vault, self.clock.now)
        self.membership = Membership(state, self.vault, config.centre, config.terminal.id, self.clock.now)
        self.witness = Witness(self.path, self.clock)
        self.loops: dict[str, Loop] = {}
        self._line = Line(lambda state: tell("link", state=state), lambda: self.wake(*self.loops))
        self._refusing = threading.Lock()
        """Every loop hears of it; the first one sees to it."""
        self._clients: list[Client] = []

    def wake(self, *names: str) -> None:
        """These have something to do."""
        for name in names:
            self.loops[name].wake()

    def db(self) -> sqlite3.Connection:
        """One more connection to the journal."""
        return connect(self.path, JOURNAL, BACKGROUND_PAGES)

    def client(self, *, enrolled: bool = True) -> Client:
        """One more line to the centre, for one loop."""
        client = Client(self.config.centre, self.membership.signer if enrolled else nobody)
        self._clients.append(client)
        return client

    def under_way(self, but: Client) -> bool:
        """Whether somebody else's call is."""
        return any(client.busy_since for client in self._clients if client is not but)

    @property
    def hung(self) -> bool:
        """A call is under way that no time-out ends: a server that trickles its headers."""
        now = self.clock.mono()
        return any(client.busy_since and now - client.busy_since > HUNG_S for client in self._clients)

    def worked(self, pace: Pace) -> None:
        """The centre spoke."""
        pace.worked()
        if not self.membership.open.is_set():
            self.membership.accepted()
        self._line.good()

    def failed(self, failure: Failure, pace: Pace) -> Wait:
        """The queue is always kept; who is refused by the centre holds no people's data."""
        self._line.bad(failure)
        if failure.trouble is not Trouble.REFUSED:
            return pace.after(failure)
        with self._refusing:
            if self.membership.open.is_set() or self.cache.epoch():
                self._refused(failure.word)
        return Wait(REFUSED_S)

    def _refused(self, word: str) -> None:
        self.membership.refused()
        self.cache.wipe()
        log.event("cache_wiped")
        for feed in FEEDS:
            self.tell("feed", name=feed)
        self.wake("heart")
        self.witness.note("centre.refused", word=word, cache="wiped")
