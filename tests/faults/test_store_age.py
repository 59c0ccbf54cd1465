"""What is too old is given up with its reason, by a clock that the centre confirmed; no jump of a clock kills a row."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config, DemoConfig, PathsConfig, toml_of
from sync import aging, listing, outbox
from sync.kinds import DAY_S
from sync.store import connect, transaction
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.faults.store_kit import Watched, event, peer
from tests.sync.helpers import committed
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.waiting import until

__all__ = ["peer"]


def collected(folder: Path, days: float, *kinds: str, run: str = "a") -> None:
    """Events of these kinds, written by a terminal whose clock is off by so many days."""
    made = Watched(folder, clock=Clock(days * DAY_S), boot=f"boot-{run}")
    for n, kind in enumerate(kinds):
        committed(made.journal, event(kind, f"{kind}-{run}-{n}"))
    made.journal.stop()


def verdicts(folder: Path) -> dict[str, str]:
    rows = listing.rows(folder / "journal.db", Vault.open(folder))
    return {row.key: f"{row.state} {row.verdict}".strip() for row in rows}


def drained(folder: Path, config: Path) -> dict[str, str]:
    """What became of each row, once nothing waits any more."""
    engine = Running(config)
    try:
        engine.wait_for("link", state="online")
        until(lambda: not any(word.startswith("queued") for word in verdicts(folder).values()))
    finally:
        assert engine.end() == 0
    return verdicts(folder)


def test_after_sixty_days_offline_all_goes_but_what_nobody_wants_to_hear(tmp_path: Path, peer: Peer) -> None:
    kinds = ("request.submitted", "codes.refused", "rating.given", "gate.decided", "face.doubled", "document.printed")
    collected(tmp_path, -60, *kinds)
    collected(tmp_path, 0, "codes.refused", "request.submitted", run="b")
    found = drained(tmp_path, write_config(tmp_path, peer.url))
    dead = {key: word for key, word in found.items() if word.startswith("dead")}
    assert dead == {
        "codes.refused-a-1": "dead too_old: not sent within 7 days, the age of codes.refused",
        "face.doubled-a-4": "dead too_old: not sent within 30 days, the age of face.doubled",
    }
    assert set(peer.ledger) == found.keys() - dead.keys()
    assert len(peer.arrivals) == len(set(peer.arrivals))


@pytest.mark.parametrize("days", [-400, 3650])
def test_a_clock_that_was_wrong_while_collecting_kills_nothing(tmp_path: Path, peer: Peer, days: float) -> None:
    """It jumped, and is right again: what was written meanwhile is as young as what came before it."""
    collected(tmp_path, 0, "codes.refused", run="a")
    collected(tmp_path, days, "codes.refused", "rating.given", "request.submitted", run="b")
    collected(tmp_path, 0, "codes.refused", "request.submitted", run="c")
    found = drained(tmp_path, write_config(tmp_path, peer.url))
    assert {word.split()[0] for word in found.values()} == {"sent"}
    assert sorted(peer.arrivals) == sorted(found)


@pytest.mark.parametrize("days", [-400, 3650])
def test_a_clock_that_is_wrong_now_kills_nothing_and_holds_nothing_up(tmp_path: Path, peer: Peer, days: float) -> None:
    """Ten years ahead everything looks too old; the centre says otherwise before anything is sent."""
    collected(tmp_path, 0, "codes.refused", "rating.given", "request.submitted")
    config = tmp_path / "kiosk.toml"
    whole = Config(
        paths=PathsConfig(state=tmp_path),
        centre=CentreConfig(url=peer.url, enrolment_code=peer.code, feed_seconds=0.5),
        demo=DemoConfig(enabled=True, clock_offset=days * DAY_S),
    )
    config.write_text(toml_of(whole), "utf-8")
    found = drained(tmp_path, config)
    assert {word.split()[0] for word in found.values()} == {"sent"}
    assert sorted(peer.arrivals) == sorted(found)


def test_a_wrong_clock_from_the_first_row_on_is_known_by_the_last_confirmed_time(tmp_path: Path) -> None:
    """Nothing before and nothing after tells the age; the moment at which the centre was last heard does."""
    now = Clock().now()
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        aging.note_clock(db, now - 3600)
    collected(tmp_path, -400, "codes.refused")
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        assert aging.looks_old(db, now)
        assert aging.bury_old(db, now, 100) == 0
        assert aging.bury_old(db, now + 8 * DAY_S, 100) == 1


def test_a_clock_put_right_in_the_same_run_is_known_by_the_monotonic_one(tmp_path: Path) -> None:
    vault, now = Vault.open(tmp_path), Clock().now()
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        for n, (at, mono) in enumerate([(now - 400 * DAY_S, 100.0), (now, 200.0), (now - 9 * DAY_S, 300.0)]):
            outbox.insert(db, vault, event("codes.refused", f"codes-{n:03}"), outbox.Stamp("A-017", "boot", at, mono))
        with transaction(db):
            db.execute("UPDATE outbox SET boot = 'another' WHERE seq = 3")
            db.execute("DELETE FROM outbox WHERE seq = 2")
        assert aging.bury_old(db, now, 1) == 2, "nothing tells that they are younger"
    other = tmp_path / "other"
    other.mkdir()
    with closing(connect(other / "journal.db", JOURNAL)) as db:
        for n, (at, mono) in enumerate([(now - 400 * DAY_S, 100.0), (now, 200.0)]):
            outbox.insert(db, vault, event("codes.refused", f"codes-{n:03}"), outbox.Stamp("A-017", "boot", at, mono))
        assert aging.bury_old(db, now, 100) == 0
