"""The loops of the sync process, none of which waits for another: heartbeat, events, feeds, photographs, seals, …"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from functools import partial

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from sync import aging, erasure, listing, outbox, owntemplates, retention, space
from sync.beats import Beats, Said
from sync.client import Failure, Trouble
from sync.clockwatch import ClockWatch, Doubt, built_of
from sync.common import LOOK_S, REACH_S, Common, Tell
from sync.errands import Errands
from sync.feeds import pull
from sync.janitor import Janitor
from sync.pace import Loop, Pace, Wait
from sync.sender import Sender, note_epoch
from sync.updates import Updates
from sync.upkeep import Upkeep
from sync.uploads import upload_due
from sync.wire import FEEDS, MOST_ITEMS, HeartbeatAnswer
from sync.wire_release import Update

HEARTBEAT_S = 30.0
HOLD_S = 1.0
"""How soon events are looked at again while the time is not confirmed."""
AFTER_SENDING_S = (0.0, 1.0, 3.0, 6.0)
CLEAN_S = 10.0


class Engine:
    """All loops, each with its own connections. `errands` are those that a person sets off.

    `tell` and `clock` are `Common`'s; `making`: what takes a loop's turns, by a thread of its own or otherwise.
    """

    def __init__(self, config: Config, tell: Tell, clock: Clock | None = None, making: type[Loop] = Loop) -> None:
        own = self._own = Common(config, tell, clock)
        state = config.paths.state
        self._janitor = Janitor(
            state, own.db(), own.cache, own.vault, own.clock, config.terminal.id, own.witness, own.membership.reseal
        )
        self._beats = Beats(state, own.clock)
        self._beats.add(lambda _db: dict(zip(("audit", "known"), own.witness.heads(), strict=True)))
        self._backlog: tuple[int, int] | None = None
        self._soon: list[float] = []
        self._doubt: Doubt | None = None
        self._upkeep = Upkeep(own.path, state / "cache.db", config.queue, own.clock)
        self._beats.add(lambda db: {"space": space.word(db, state, config.queue).value})
        self.updates = Updates(state, config.updates, self._say_update)
        self._beats.add(lambda _db: {"update": self.updates.told})
        self.errands = Errands(own, lambda: self._sent(0))
        turns = {
            "heart": self._heart,
            "events": self._events,
            "feeds": self._feeds,
            "blobs": self._blobs,
            **self.errands.turns(),
            "clean": self._clean,
            "updates": self._fetch,
        }
        own.loops |= {name: making(name, turn(), self._upkeep.noticed) for name, turn in turns.items()}

    def start(self) -> None:
        for loop in self._own.loops.values():
            loop.start()

    def stop(self) -> None:
        """No further turns; what is under way may be cut off at any point."""
        for loop in self._own.loops.values():
            loop.stop()

    def nudge(self) -> None:
        """There is something new in the journal."""
        self._own.wake("blobs", "events")

    def status(self, said: Said) -> None:
        """How the terminal is; the centre hears of a change within a few seconds."""
        if self._beats.hear(said):
            self.beat_soon()

    def beat_soon(self) -> None:
        """Something that heartbeats tell has changed."""
        self._own.wake("heart")

    def forget(self, person: str) -> None:
        """A withdrawal is in the journal: this person's templates go from the cache. Raises sqlite3.Error."""
        with contextlib.closing(self._own.db()) as db:
            owner = self._own.vault.tag("person", person)
            withdrawn = {each: at for each, at in owntemplates.withdrawn(db).items() if each == owner}
            if self._own.cache.drop_withdrawn(withdrawn):
                self._own.tell("feed", name="templates")

    @property
    def hung(self) -> bool:
        """A call is under way that no time-out ends."""
        return self._own.hung

    @property
    def spoiled(self) -> bool:
        """The cache is damaged: the next process begins it anew."""
        return self._upkeep.spoiled

    # --- the loops: each function makes what its loop needs and gives the turn back ------------------------------

    def _heart(self) -> Callable[[], Wait]:
        db, client, pace = self._own.db(), self._own.client(), Pace(REACH_S)
        stranger = self._own.client(enrolled=False)
        watch = ClockWatch(lambda: db, self._own.clock, built_of(self._own.config))
        self._beats.add(lambda _db: {"clock": watch.word()})

        def turn() -> Wait:
            now = self._own.clock.now()
            self._say_clock(watch.look())
            if self._own.membership.may_enrol:
                enrolled = self._own.membership.enrol(stranger)
                if isinstance(enrolled, Failure):
                    return self._own.failed(enrolled, pace)
                log.event("enrolled")
                self._own.witness.note("centre.enrolled", key=enrolled.key_id)
                note_epoch(db, enrolled.epoch, aging.right_time(now, stranger.said))
            if self._own.membership.signer() is None:
                return self._own.failed(Failure(Trouble.REFUSED, word="not_enrolled"), pace)
            if early := self._beats.too_early():
                return Wait(early)
            beat = self._beats.beat(db)
            answer = client.call(
                "POST", "/v1/heartbeat", HeartbeatAnswer, beat.model_dump_json(exclude_none=True).encode()
            )
            if isinstance(answer, Failure):
                return self._own.failed(answer, pace)
            self._beats.arrived()
            if self.updates.offered(answer.offer):
                self._own.wake("updates")
            note_epoch(db, answer.epoch, aging.right_time(self._own.clock.now(), answer.now))
            watch.told(answer.now)
            self._say_clock(watch.look())
            self._own.witness.confirmed(answer.audit)
            self._upkeep.met(db, answer.now)
            self._own.worked(pace)
            return Wait(HEARTBEAT_S)

        return turn

    def _events(self) -> Callable[[], Wait]:
        db, client, pace = self._own.db(), self._own.client(), Pace(REACH_S)
        sender = Sender(db, self._own.vault, client, self._own.clock)

        def turn() -> Wait:
            self._say_backlog(db)
            if not self._own.membership.open.is_set():
                return Wait(LOOK_S)
            if self._upkeep.holds_back(db):
                return Wait(HOLD_S)
            full = False
            while (settled := sender.send_due()) is not None:
                self._say_backlog(db)
                if isinstance(settled, Failure):
                    return self._own.failed(settled, pace)
                self._own.worked(pace)
                self._sent(settled)
                self._upkeep.make_room(db)
                full = settled >= MOST_ITEMS
            if full:  # nothing came behind it after all
                self._sent(0)
            self._say_backlog(db)
            return Wait(outbox.next_due(db, self._own.clock.now(), LOOK_S))

        return turn

    def _feeds(self) -> Callable[[], Wait]:
        db, client, pace = self._own.db(), self._own.client(), Pace(REACH_S)
        self._tidy(db)

        def turn() -> Wait:
            now = self._own.clock.mono()
            self._soon = [at for at in self._soon if at > now]
            if not self._own.membership.open.is_set():
                return Wait(LOOK_S)
            for feed in FEEDS:
                changed = pull(client, self._own.cache, feed, partial(self._own.tell, "coming", name=feed))
                if isinstance(changed, Failure):
                    return self._own.failed(changed, pace)
                if changed and feed in erasure.FEEDS:
                    self._erase()
                if changed and feed == "revocations":
                    self._own.wake("clean")
                if changed and feed == "templates":
                    self._tidy(db)
                if changed:
                    self._own.tell("feed", name=feed)
            self._own.worked(pace)
            later = self._own.clock.mono() + self._own.config.centre.feed_seconds
            return Wait(max(0.05, min([*self._soon, later]) - self._own.clock.mono()))

        return turn

    def _blobs(self) -> Callable[[], Wait]:
        db, client, pace = self._own.db(), self._own.client(), Pace(REACH_S)

        def turn() -> Wait:
            if not self._own.membership.open.is_set():
                return Wait(LOOK_S)
            while (sent := upload_due(db, self._own.vault, client, self._own.clock)) is not False:
                if isinstance(sent, Failure):
                    return self._own.failed(sent, pace)
                self._own.worked(pace)
                self._own.wake("events")
            return Wait(LOOK_S)

        return turn

    def _clean(self) -> Callable[[], Wait]:
        def turn() -> Wait:
            for feed in sorted(self._janitor.turn()):
                self._own.tell("feed", name=feed)
            return Wait(CLEAN_S)

        return turn

    def _fetch(self) -> Callable[[], Wait]:
        client, pace = self._own.client(), Pace(REACH_S)

        def turn() -> Wait:
            if not self._own.membership.open.is_set():
                return Wait(LOOK_S)
            found = self.updates.turn(client, lambda: self._own.under_way(client))
            if isinstance(found, Failure):
                return self._own.failed(found, pace)
            pace.worked()
            return found

        return turn

    # --- what the loops have in common -------------------------------------------------------------------------

    def _sent(self, settled: int) -> None:
        """The centre will soon have something to tell about it."""
        if settled:
            self._own.tell("sent", n=settled)
        if settled >= MOST_ITEMS:
            # a full batch: more is behind it, and asking for every feed after each would halve the pace
            return
        now = self._own.clock.mono()
        self._soon = [now + seconds for seconds in AFTER_SENDING_S]
        self._own.wake("feeds")

    def _say_backlog(self, db: sqlite3.Connection) -> None:
        found = listing.backlog(db, self._own.clock.now())
        if (found.queued, found.dead) != self._backlog:
            self._backlog = (found.queued, found.dead)
            self._own.tell("backlog", queued=found.queued, dead=found.dead, oldest_s=round(found.oldest_s, 1))

    def _say_update(self, update: Update) -> None:
        """The centre hears of each step, not of each piece."""
        self._own.tell("update", version=update.version, state=update.state, reason=update.reason)
        self.beat_soon()

    def _say_clock(self, doubt: Doubt) -> None:
        if doubt is not self._doubt:
            self._doubt = doubt
            log.event("clock", reason=doubt.value)
            self._own.tell("clock", doubt=doubt.value)

    def _erase(self) -> None:
        """Somebody left or withdrew: nothing of them stays on this terminal, in whatever feed it came."""
        for feed in sorted(self._janitor.erase()):
            self._own.tell("feed", name=feed)
        self._own.wake("events")

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Templates: what was withdrawn here does not come back, what is gone at the centre goes here."""
        self._own.cache.drop_withdrawn(owntemplates.withdrawn(db))
        owntemplates.drop_gone(db, self._own.vault, self._own.cache, retention.epoch(db))
