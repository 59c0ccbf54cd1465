"""What somebody waits for, or soon will: seals, sealed files, the centre's word on a code, seals in advance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sync import ahead
from sync.client import Failure
from sync.common import LOOK_S, REACH_S, Common
from sync.pace import Pace, Wait
from sync.provision import Provision
from sync.seals import AGAIN_S, Seals
from sync.sender import Sender
from sync.sheets import Sheets
from sync.spends import Spends
from sync.wire import DocumentAsk, SpendAsk

Turn = Callable[[], Wait]


class Errands:
    """Four loops, and what wakes each. `expect()`: the centre will soon have something to tell."""

    def __init__(self, common: Common, expect: Callable[[], None]) -> None:
        self._common, self._expect = common, expect

    def turns(self) -> Mapping[str, Callable[[], Turn]]:
        """Name of a loop → what makes its turn; all are made before any of the others is called."""
        return {"seals": self._seal, "sheets": self._sheet, "spends": self._spend, "ahead": self._ahead}

    def seal(self, ask: DocumentAsk) -> None:
        """Somebody waits for this certificate."""
        self._seals.add(ask)
        self._common.wake("seals")

    def sheets(self, serial: str) -> None:
        """Somebody waits for the sealed file of this certificate."""
        self._sheets.add(serial)
        self._common.wake("sheets")

    def spend(self, ask: SpendAsk) -> None:
        """A code was taken; somebody may be waiting for the centre's word on it."""
        self._spends.add(ask)
        self._common.wake("spends")

    def provide(self, person: str) -> None:
        """Somebody is here whom the centre may seal for in advance."""
        self._provision.add(person)
        self._common.wake("ahead")

    def _seal(self) -> Turn:
        own = self._common
        db, client, pace = own.db(), own.client(), Pace(REACH_S)
        sender = Sender(db, own.vault, client, own.clock)
        self._seals = Seals(db, sender, client, own.clock, own.tell)

        def turn() -> Wait:
            if self._tried(self._seals.turn(), pace):
                self._expect()
            return Wait(AGAIN_S if self._seals.busy else LOOK_S)

        return turn

    def _sheet(self) -> Turn:
        own = self._common
        client, pace = own.client(), Pace(REACH_S)
        self._sheets = Sheets(client, own.cache, own.clock, own.tell)

        def turn() -> Wait:
            self._tried(self._sheets.turn(), pace)
            return Wait(AGAIN_S if self._sheets.busy else LOOK_S)

        return turn

    def _tried(self, tries: Iterable[Failure | None], pace: Pace) -> bool:
        """Whether the centre spoke at all; each failure counts."""
        spoke = False
        for failure in tries:
            if failure is None:
                self._common.worked(pace)
                spoke = True
            else:
                self._common.failed(failure, pace)
        return spoke

    def _spend(self) -> Turn:
        own = self._common
        db, client, pace = own.db(), own.client(), Pace(REACH_S)
        self._spends = Spends(db, client, own.clock, own.tell)
        return lambda: self._member(self._spends.turn, pace, lambda: None)

    def _ahead(self) -> Turn:
        own = self._common
        db, client, pace = own.db(), own.client(), Pace(REACH_S)
        self._provision = Provision(db, own.cache, own.vault, client, own.clock)
        return lambda: self._member(self._provision.turn, pace, lambda: own.tell("feed", name=ahead.PLACE))

    def _member(self, tries: Callable[[], Failure | int], pace: Pace, done: Callable[[], None]) -> Wait:
        """For a terminal that is one of the centre's; `done` when something came of it."""
        if not self._common.membership.open.is_set():
            return Wait(LOOK_S)
        found = tries()
        if isinstance(found, Failure):
            return self._common.failed(found, pace)
        if found:
            self._common.worked(pace)
            done()
        return Wait(LOOK_S)
