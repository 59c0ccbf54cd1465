"""From the flow to the certificates sealed in advance, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup import events as ev
from sync.ahead import AheadStore, Issued, NotIssued, Offer, Wanted
from sync.link import SyncProcess


class Ahead:
    """Hands each effect about them to the store, or to the sync process."""

    def __init__(self, store: AheadStore, sync: SyncProcess, deliver: Callable[[Event], None]) -> None:
        self._store, self._sync, self._deliver = store, sync, deliver

    def handlers(self) -> dict[type[Effect], Callable[[Any], None]]:
        """Kind of effect → its one handler."""
        return {
            ev.Provide: lambda effect: self._sync.provide(effect.person),
            ev.LoadAhead: self.load,
            ev.IssueOffline: self.issue,
        }

    def load(self, effect: ev.LoadAhead) -> None:
        def done(found: frozenset[Offer]) -> None:
            self._deliver(ev.AheadLoaded(effect.session, found))

        self._store.offers(effect.person, done)

    def issue(self, effect: ev.IssueOffline) -> None:
        """Whoever printed before the answer would print before the record."""

        def done(answer: Issued | NotIssued) -> None:
            if isinstance(answer, NotIssued):
                self._deliver(ev.NotSealed(effect.key, answer.reason))
                return
            self._sync.nudge()
            self._deliver(ev.IssuedOffline(effect.key, effect.request, answer.sealed, answer.again))

        paper = (effect.document, effect.language, effect.copies, effect.replaces)
        self._store.issue(Wanted(effect.key, effect.request, effect.person, *paper), done)
