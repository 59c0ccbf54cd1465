"""The loops of the sync process, none of which waits for another: heartbeat, events, feeds, photographs, seals, …"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from sync import ahead, erasure, outbox, owntemplates, space
from sync.beats import Beats, Said
from sync.cache import Cache
from sync.client import CONNECT_S, READ_S, WHOLE_S, Client, Failure, Trouble, nobody
from sync.clockwatch import ClockWatch, Doubt, built_of
from sync.feeds import pull
from sync.janitor import Janitor
from sync.membership import Membership
from sync.pace import Line, Loop, Pace, Wait
from sync.provision import Provision
from sync.seals import AGAIN_S, Seals
from sync.sender import Sender, note_epoch
from sync.sheets import Sheets
from sync.spends import Spends
from sync.store import BACKGROUND_PAGES, connect
from sync.tables import JOURNAL
from sync.upkeep import Upkeep
from sync.uploads import upload_due
from sync.vault import Vault
from sync.wire import FEEDS, MOST_ITEMS, DocumentAsk, HeartbeatAnswer, SpendAsk
from sync.witness import Witness

HUNG_S = CONNECT_S + READ_S + WHOLE_S + 5.0
HEARTBEAT_S = 30.0
LOOK_S = 5.0
HOLD_S = 1.0
"""How soon events are looked at again while the time is not confirmed."""
REFUSED_S = 30.0
REACH_S = 5.0
AFTER_SENDING_S = (0.0, 1.0, 3.0, 6.0)
CLEAN_S = 10.0

Tell = Callable[..., None]


class Engine:
    """The loops and what they share; each has its own connections. `tell(ev, **fields)` reaches the terminal."""

    def __init__(self, config: Config, tell: Tell) -> None:
        self._config, self._tell = config, tell
        self._clock = Clock(config.demo.clock_offset)
        state = config.paths.state
        self._path, self._vault = state / "journal.db", Vault.open(state)
        self._cache = Cache(state / "cache.db", self._vault, self._clock.now)
        self._membership = Membership(state, self._vault, config.centre, config.terminal.id, self._clock.now)
        self._witness = Witness(self._path, self._clock)
        self._janitor = Janitor(
            state,
            self._db(),
            self._cache,
            self._vault,
            self._clock,
            config.terminal.id,
            self._witness,
            self._membership.reseal,
        )
        self._refusing = threading.Lock()
        """Every loop hears of it; the first one sees to it."""
        self._line = Line(lambda state: tell("link", state=state), self._wake_all)
        self._beats = Beats(state, self._clock)
        self._beats.add(lambda _db: dict(zip(("audit", "known"), self._witness.heads(), strict=True)))
        self._clients: list[Client] = []
        self._backlog: tuple[int, int] | None = None
        self._soon: list[float] = []
        self._doubt: Doubt | None = None
        self._upkeep = Upkeep(self._path, state / "cache.db", config.queue, self._clock)
        self._beats.add(lambda db: {"space": space.word(db, state, config.queue).value})
        self._loops = {
            name: Loop(name, turn(), self._upkeep.noticed)
            for name, turn in {
                "heart": self._heart,
                "events": self._events,
                "feeds": self._feeds,
                "blobs": self._blobs,
                "seals": self._seal,
                "sheets": self._sheet,
                "spends": self._spend,
                "ahead": self._ahead,
                "clean": self._clean,
            }.items()
        }

    def start(self) -> None:
        for loop in self._loops.values():
            loop.start()

    def stop(self) -> None:
        """No further turns; what is under way may be cut off at any point."""
        for loop in self._loops.values():
            loop.stop()

    def nudge(self) -> None:
        """There is something new in the journal."""
        self._loops["blobs"].wake()
        self._loops["events"].wake()

    def status(self, said: Said) -> None:
        """How the terminal is; the centre hears of a change within a few seconds."""
        if self._beats.hear(said):
            self.beat_soon()

    def beat_soon(self) -> None:
        """Something that heartbeats tell has changed."""
        self._loops["heart"].wake()

    def seal(self, ask: DocumentAsk) -> None:
        self._seals.add(ask)
        self._loops["seals"].wake()

    def sheets(self, serial: str) -> None:
        """Somebody waits for the sealed file of this certificate."""
        self._sheets.add(serial)
        self._loops["sheets"].wake()

    def spend(self, ask: SpendAsk) -> None:
        """A code was taken; somebody may be waiting for the centre's word on it."""
        self._spends.add(ask)
        self._loops["spends"].wake()

    def provide(self, person: str) -> None:
        """Somebody is here whom the centre may seal for in advance."""
        self._provision.add(person)
        self._loops["ahead"].wake()

    def forget(self, person: str) -> None:
        """A withdrawal is in the journal: this person's templates go from the cache. Raises sqlite3.Error."""
        with contextlib.closing(self._db()) as db:
            owner = self._vault.tag("person", person)
            withdrawn = {each: at for each, at in owntemplates.withdrawn(db).items() if each == owner}
            if self._cache.drop_withdrawn(withdrawn):
                self._tell("feed", name="templates")

    @property
    def hung(self) -> bool:
        """A call is under way that no time-out ends: a server that trickles its headers."""
        now = self._clock.mono()
        return any(client.busy_since and now - client.busy_since > HUNG_S for client in self._clients)

    @property
    def spoiled(self) -> bool:
        """The cache is damaged: the next process begins it anew."""
        return self._upkeep.spoiled

    # --- the loops: each function makes what its loop needs and gives the turn back ------------------------------

    def _heart(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        stranger = self._client(enrolled=False)
        watch = ClockWatch(lambda: db, self._clock, built_of(self._config))
        self._beats.add(lambda _db: {"clock": watch.word()})

        def turn() -> Wait:
            now = self._clock.now()
            self._say_clock(watch.look())
            if self._membership.may_enrol:
                enrolled = self._membership.enrol(stranger)
                if isinstance(enrolled, Failure):
                    return self._failed(enrolled, pace)
                log.event("enrolled")
                self._witness.note("centre.enrolled", key=enrolled.key_id)
                note_epoch(db, enrolled.epoch, now)
            if self._membership.signer() is None:
                return self._failed(Failure(Trouble.REFUSED, word="not_enrolled"), pace)
            if early := self._beats.too_early():
                return Wait(early)
            beat = self._beats.beat(db)
            answer = client.call("POST", "/v1/heartbeat", HeartbeatAnswer, beat.model_dump_json().encode())
            if isinstance(answer, Failure):
                return self._failed(answer, pace)
            self._beats.arrived()
            note_epoch(db, answer.epoch, self._clock.now())
            watch.told(answer.now)
            self._say_clock(watch.look())
            self._witness.confirmed(answer.audit)
            self._upkeep.met(db, answer.now)
            self._worked(pace)
            return Wait(HEARTBEAT_S)

        return turn

    def _events(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        sender = Sender(db, self._vault, client, self._clock)

        def turn() -> Wait:
            self._say_backlog(db)
            if not self._membership.open.is_set():
                return Wait(LOOK_S)
            if self._upkeep.holds_back(db):
                return Wait(HOLD_S)
            full = False
            while (settled := sender.send_due()) is not None:
                self._say_backlog(db)
                if isinstance(settled, Failure):
                    return self._failed(settled, pace)
                self._worked(pace)
                self._sent(settled)
                self._upkeep.make_room(db)
                full = settled >= MOST_ITEMS
            if full:  # nothing came behind it after all
                self._sent(0)
            self._say_backlog(db)
            return Wait(outbox.next_due(db, self._clock.now(), LOOK_S))

        return turn

    def _feeds(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        self._tidy(db)

        def turn() -> Wait:
            now = self._clock.mono()
            self._soon = [at for at in self._soon if at > now]
            if not self._membership.open.is_set():
                return Wait(LOOK_S)
            for feed in FEEDS:
                changed = pull(client, self._cache, feed)
                if isinstance(changed, Failure):
                    return self._failed(changed, pace)
                if changed and feed in erasure.FEEDS:
                    self._erase()
                if changed and feed == "revocations":
                    self._loops["clean"].wake()
                if changed and feed == "templates":
                    self._tidy(db)
                if changed:
                    self._tell("feed", name=feed)
            self._worked(pace)
            later = self._clock.mono() + self._config.centre.feed_seconds
            return Wait(max(0.05, min([*self._soon, later]) - self._clock.mono()))

        return turn

    def _blobs(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)

        def turn() -> Wait:
            if not self._membership.open.is_set():
                return Wait(LOOK_S)
            while (sent := upload_due(db, self._vault, client, self._clock)) is not False:
                if isinstance(sent, Failure):
                    return self._failed(sent, pace)
                self._worked(pace)
                self._loops["events"].wake()
            return Wait(LOOK_S)

        return turn

    def _seal(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        sender = Sender(db, self._vault, client, self._clock)
        self._seals = Seals(db, sender, client, self._clock, self._tell)

        def turn() -> Wait:
            for failure in self._seals.turn():
                if failure is None:
                    self._worked(pace)
                    self._sent(0)
                else:
                    self._failed(failure, pace)
            return Wait(AGAIN_S if self._seals.busy else LOOK_S)

        return turn

    def _sheet(self) -> Callable[[], Wait]:
        client, pace = self._client(), Pace(REACH_S)
        self._sheets = Sheets(client, self._cache, self._clock, self._tell)

        def turn() -> Wait:
            for failure in self._sheets.turn():
                if failure is None:
                    self._worked(pace)
                else:
                    self._failed(failure, pace)
            return Wait(AGAIN_S if self._sheets.busy else LOOK_S)

        return turn

    def _spend(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        self._spends = Spends(db, client, self._clock, self._tell)

        def turn() -> Wait:
            if not self._membership.open.is_set():
                return Wait(LOOK_S)
            answered = self._spends.turn()
            if isinstance(answered, Failure):
                return self._failed(answered, pace)
            if answered:
                self._worked(pace)
            return Wait(LOOK_S)

        return turn

    def _ahead(self) -> Callable[[], Wait]:
        db, client, pace = self._db(), self._client(), Pace(REACH_S)
        self._provision = Provision(db, self._cache, self._vault, client, self._clock)

        def turn() -> Wait:
            if not self._membership.open.is_set():
                return Wait(LOOK_S)
            changed = self._provision.turn()
            if isinstance(changed, Failure):
                return self._failed(changed, pace)
            if changed:
                self._worked(pace)
                self._tell("feed", name=ahead.PLACE)
            return Wait(LOOK_S)

        return turn

    def _clean(self) -> Callable[[], Wait]:
        def turn() -> Wait:
            for feed in sorted(self._janitor.turn()):
                self._tell("feed", name=feed)
            return Wait(CLEAN_S)

        return turn

    # --- what the loops have in common -------------------------------------------------------------------------

    def _worked(self, pace: Pace) -> None:
        pace.worked()
        if not self._membership.open.is_set():
            self._membership.accepted()
        self._line.good()

    def _failed(self, failure: Failure, pace: Pace) -> Wait:
        """The queue is always kept; who is refused by the centre holds no people's data."""
        self._line.bad(failure)
        if failure.trouble is not Trouble.REFUSED:
            return pace.after(failure)
        with self._refusing:
            if self._membership.open.is_set() or self._cache.epoch():
                self._refused(failure.word)
        return Wait(REFUSED_S)

    def _refused(self, word: str) -> None:
        self._membership.refused()
        self._cache.wipe()
        log.event("cache_wiped")
        for feed in FEEDS:
            self._tell("feed", name=feed)
        self._loops["heart"].wake()
        self._witness.note("centre.refused", word=word, cache="wiped")

    def _sent(self, settled: int) -> None:
        """The centre will soon have something to tell about it."""
        if settled:
            self._tell("sent", n=settled)
        if settled >= MOST_ITEMS:
            # a full batch: more is behind it, and asking for every feed after each would halve the pace
            return
        now = self._clock.mono()
        self._soon = [now + seconds for seconds in AFTER_SENDING_S]
        self._loops["feeds"].wake()

    def _say_backlog(self, db: sqlite3.Connection) -> None:
        found = outbox.backlog(db, self._clock.now())
        if (found.queued, found.dead) != self._backlog:
            self._backlog = (found.queued, found.dead)
            self._tell("backlog", queued=found.queued, dead=found.dead, oldest_s=round(found.oldest_s, 1))

    def _say_clock(self, doubt: Doubt) -> None:
        if doubt is not self._doubt:
            self._doubt = doubt
            log.event("clock", reason=doubt.value)
            self._tell("clock", doubt=doubt.value)

    def _erase(self) -> None:
        """Somebody left or withdrew: nothing of them stays on this terminal, in whatever feed it came."""
        for feed in sorted(self._janitor.erase()):
            self._tell("feed", name=feed)
        self._loops["events"].wake()

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Templates: what was withdrawn here does not come back, what is gone at the centre goes here."""
        self._cache.drop_withdrawn(owntemplates.withdrawn(db))
        owntemplates.drop_gone(db, self._vault, self._cache, outbox.epoch(db))

    def _wake_all(self) -> None:
        for loop in self._loops.values():
            loop.wake()

    def _db(self) -> sqlite3.Connection:
        return connect(self._path, JOURNAL, BACKGROUND_PAGES)

    def _client(self, *, enrolled: bool = True) -> Client:
        client = Client(self._config.centre, self._membership.signer if enrolled else nobody)
        self._clients.append(client)
        return client
