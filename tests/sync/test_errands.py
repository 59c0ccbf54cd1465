"""What somebody waits for: its loops turned by hand, against the peer of the centre."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kiosk import config as configs
from sync.client import Failure
from sync.common import Common
from sync.errands import Errands, Turn
from sync.journal import Journal
from sync.pace import Loop
from sync.sender import note_epoch
from sync.wire import DocumentAsk, SpendAsk
from tests.sync.helpers import committed, submitted
from tests.sync.peer import Peer
from tests.sync.running import write_config


class Hall:
    """A terminal's errands; `told` is what reached it, `expected` how often the feeds were to be looked at soon."""

    def __init__(self, folder: Path, url: str) -> None:
        self.told: list[tuple[str, dict[str, object]]] = []
        self.expected = 0
        self.own = Common(configs.load(write_config(folder, url)), lambda ev, **more: self.told.append((ev, more)))
        self.errands = Errands(self.own, self._expect)
        self.turns: dict[str, Turn] = {name: turn() for name, turn in self.errands.turns().items()}
        # never started: a turn is taken where the test says so
        self.own.loops |= {name: Loop(name, turn, lambda trouble: None) for name, turn in self.turns.items()}
        enrolled = self.own.membership.enrol(self.own.client(enrolled=False))
        assert not isinstance(enrolled, Failure)
        with closing(self.own.db()) as db:
            note_epoch(db, enrolled.epoch, self.own.clock.now())

    def _expect(self) -> None:
        self.expected += 1

    def said(self, ev: str) -> list[dict[str, object]]:
        return [more for each, more in self.told if each == ev]


@pytest.fixture
def hall(tmp_path: Path, peer: Peer, journal: Journal) -> Hall:
    committed(journal, submitted("request-1"))
    committed(journal, submitted("request-2"))
    return Hall(tmp_path, peer.url)


def ask(request: str) -> DocumentAsk:
    return DocumentAsk(key=f"{request}:1", request=request, document="enrolment")


def test_what_was_sealed_is_soon_looked_for_in_the_feeds(hall: Hall) -> None:
    hall.turns["seals"]()
    assert hall.expected == 0
    hall.errands.seal(ask("request-1"))
    hall.turns["seals"]()
    assert len(hall.said("sealed")) == 1
    assert hall.expected == 1
    assert hall.said("link") == [{"state": "online"}]


def test_each_try_that_fails_counts_for_the_line(hall: Hall, peer: Peer) -> None:
    peer.fault("/v1", "broken", 100)
    hall.errands.seal(ask("request-1"))
    hall.errands.seal(ask("request-2"))
    hall.turns["seals"]()
    assert hall.said("link") == [{"state": "offline"}]
    assert hall.expected == 0


@pytest.mark.parametrize("name", ["spends", "ahead"])
def test_who_was_refused_asks_for_nothing(hall: Hall, peer: Peer, name: str) -> None:
    hall.own.membership.refused()
    hall.errands.provide("0123456789abcdef")
    hall.errands.spend(SpendAsk(nonce="0" * 12, at=hall.own.clock.now(), until=hall.own.clock.now() + 60))
    before = len(peer.requests)
    hall.turns[name]()
    assert len(peer.requests) == before
