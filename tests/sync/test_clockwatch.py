"""A clock that cannot be trusted: noticed, said, and a code then opens nothing by itself."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kiosk
from kiosk import config as configs
from kiosk.clock import Clock
from kiosk.config import Config, DemoConfig, TerminalConfig, toml_of
from kiosk.domain.faults import Code
from sync.cache import Cache
from sync.clockwatch import KEEP_EVERY_S, ClockWatch, Doubt, Mark, built_of, judge
from sync.desk import Admitted, Answer, Desk, NotAdmitted, Reason
from sync.journal import Journal
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from tests.sync.peer import Peer
from tests.sync.running import Running, write_config
from tests.sync.test_desk import PIN, START, Now, apply, code, key, person
from tests.told import Told
from tests.waiting import until

BUILT = START - 86400.0
DAY = 86400.0


class Skewed(Now):
    """A clock whose two hands move apart when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = 100.0

    def mono(self) -> float:
        return self.gone

    def run(self, seconds: float) -> None:
        self.wall, self.gone = self.wall + seconds, self.gone + seconds


@pytest.fixture
def clock() -> Skewed:
    return Skewed()


Watch = Callable[..., ClockWatch]


@pytest.fixture
def watch(tmp_path: Path, clock: Skewed) -> Iterator[Watch]:
    """A watch over this journal; again = after a restart of the program."""
    opened = []

    def make(boot: str = "boot-1") -> ClockWatch:
        db = connect(tmp_path / "journal.db", JOURNAL)
        opened.append(db)
        any_clock: Any = clock
        return ClockWatch(lambda: db, any_clock, BUILT, boot)

    yield make
    for db in opened:
        db.close()


@pytest.mark.parametrize(
    ("now", "mono", "boot", "doubt"),
    [
        (BUILT - 91, 0.0, "b", Doubt.BEFORE_BUILD),
        (0.0, 0.0, "b", Doubt.BEFORE_BUILD),
        (BUILT - 89, 0.0, "x", Doubt.NONE),
        (START + 91, 10.0, "b", Doubt.OFF_CENTRE),
        (START - 91, 10.0, "b", Doubt.OFF_CENTRE),
        (START + 89, 10.0, "b", Doubt.NONE),
        (START + DAY, 10.0 + DAY, "b", Doubt.NONE),
        (START + 10 * 365 * DAY, 10.0 + DAY, "b", Doubt.OFF_CENTRE),
        (START - 91, 5.0, "c", Doubt.BEFORE_CENTRE),
        (START + 30 * DAY, 5.0, "c", Doubt.NONE),
    ],
)
def test_what_a_clock_is_held_against(now: float, mono: float, boot: str, doubt: Doubt) -> None:
    centre = Mark(START, 10.0, "b") if boot != "x" else None
    assert judge(now, mono, boot, BUILT, centre, None) is doubt


def test_a_jump_is_noticed_without_any_centre_and_over_a_restart(watch: Watch, clock: Skewed) -> None:
    assert watch().look() is Doubt.NONE
    clock.run(3600)
    assert watch().look() is Doubt.NONE
    clock.wall += 10 * 365 * DAY
    assert watch().look() is Doubt.JUMPED
    assert watch().doubt() is Doubt.JUMPED, "also a program that was started since"
    clock.wall -= 10 * 365 * DAY
    assert watch().look() is Doubt.NONE


def test_a_clock_that_is_put_right_by_hand_while_it_was_wrong_is_no_jump(watch: Watch, clock: Skewed) -> None:
    clock.wall = 0.0
    assert watch().look() is Doubt.BEFORE_BUILD
    clock.wall = START
    assert watch().look() is Doubt.NONE


def test_the_centres_word_is_kept_over_a_restart_of_program_and_machine(watch: Watch, clock: Skewed) -> None:
    watch().told(START + 200)
    assert watch().doubt() is Doubt.OFF_CENTRE
    clock.wall += 200
    assert watch().doubt() is Doubt.NONE
    clock.run(DAY)
    assert watch().passed() == pytest.approx(START + 200 + DAY)
    assert watch("boot-2").passed() == START + 200
    clock.wall = START
    assert watch("boot-2").doubt() is Doubt.BEFORE_CENTRE


def test_only_what_is_new_is_written(watch: Watch, clock: Skewed, tmp_path: Path) -> None:
    kept, db = watch(), connect(tmp_path / "journal.db", JOURNAL)

    def changes() -> int:
        return int(db.execute("PRAGMA data_version").fetchone()[0])

    kept.told(clock.wall)
    before = changes()
    for _ in range(3):
        clock.run(30)
        kept.told(clock.wall)
    kept.told(float("1e300"))
    kept.told(-1.0)
    assert changes() == before
    clock.run(KEEP_EVERY_S)
    kept.told(clock.wall)
    assert changes() != before
    db.close()


def test_the_day_of_this_version_is_a_day_that_has_been() -> None:
    assert built_of(Config()) < time.time()
    assert built_of(Config(demo=DemoConfig(enabled=True))) == 0.0
    assert kiosk.__built__ >= "2026-03-01"


# --- at the desk -----------------------------------------------------------------------------------------------

Open = Callable[[], Desk]


@pytest.fixture
def open_desk(tmp_path: Path, vault: Vault, journal: Journal, clock: Skewed) -> Iterator[Open]:
    cache = Cache(tmp_path / "cache.db", vault)
    apply(cache, "persons", {"00000000000000a1": person("20230017", PIN)})
    apply(cache, "keys", {"code-1": key(1)})
    any_clock: Any = clock
    running: list[Desk] = []

    def make() -> Desk:
        for each in running:
            each.stop()
        config = Config(terminal=TerminalConfig(campus=7))
        running.append(Desk(tmp_path / "cache.db", tmp_path / "journal.db", vault, any_clock, config, journal))
        running[-1].start()
        return running[-1]

    yield make
    for each in running:
        each.stop()
    cache.close()


def scan(desk: Desk, text: str) -> Answer:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    desk.check_code(text, answers.put)
    return answers.get(timeout=10)


def doubtful(answer: Answer) -> bool:
    assert isinstance(answer, Admitted), answer
    return answer.doubtful


def test_the_desk_says_that_a_code_was_read_by_a_doubtful_clock(open_desk: Open, watch: Watch, clock: Skewed) -> None:
    from sync.clockwatch import machine_run

    assert not doubtful(scan(open_desk(), code(clock)))
    watch(machine_run()).told(START + 3600)
    assert doubtful(scan(open_desk(), code(clock, nonce=b"nonce2")))
    clock.wall += 3600
    assert not doubtful(scan(open_desk(), code(clock, nonce=b"nonce3")))


def test_a_code_is_not_forgotten_by_a_clock_that_is_set_ahead_and_back(
    open_desk: Open, watch: Watch, clock: Skewed, tmp_path: Path
) -> None:
    """What was spent this morning opens nothing once the clock shows this morning again."""
    shown = code(clock)
    assert not doubtful(scan(open_desk(), shown))
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        db.execute("UPDATE nonces SET told = 1")
    clock.wall += 10 * 365 * DAY
    scan(open_desk(), code(clock, nonce=b"nonce2"))
    clock.wall = START + 5
    assert scan(open_desk(), shown) == NotAdmitted(Reason.UNKNOWN_CODE)


def test_a_dead_code_that_the_centre_knows_of_is_forgotten_in_time(
    open_desk: Open, watch: Watch, clock: Skewed, tmp_path: Path
) -> None:
    db = connect(tmp_path / "journal.db", JOURNAL)
    for nonce in (b"nonce1", b"nonce2"):
        scan(open_desk(), code(clock, nonce=nonce))
    db.execute("UPDATE nonces SET told = 1 WHERE nonce = ?", (b"nonce1",))
    clock.run(DAY)
    watch().told(clock.wall)
    scan(open_desk(), code(clock, nonce=b"nonce3"))
    assert db.execute("SELECT nonce FROM nonces ORDER BY nonce").fetchall() == [(b"nonce2",), (b"nonce3",)]
    db.close()


# --- in the sync process -----------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path: Path, peer: Peer, journal: Journal) -> Iterator[Callable[[float], Running]]:
    """A sync process whose clock is off by so many seconds; the one before ends."""
    running: list[Running] = []

    def make(seconds: float) -> Running:
        for each in running:
            each.end()
        path = write_config(tmp_path, peer.url)
        path.write_text(
            toml_of(replace(configs.load(path), demo=DemoConfig(enabled=True, clock_offset=seconds))), "utf-8"
        )
        running[:] = [Running(path)]
        return running[0]

    yield make
    for each in running:
        each.end()


@pytest.mark.proves(Code.CLOCK_DOUBTFUL)
def test_a_really_skewed_clock_is_said_and_told_to_the_centre(start: Callable[[float], Running], peer: Peer) -> None:
    ahead = start(120.0)
    ahead.wait_for("clock", doubt="off_centre")
    ahead.wait_for("link", state="online")
    assert peer.beats[0]["clock"] == "good", "nothing was known then"
    start(-10 * 365 * DAY).wait_for("clock", doubt="off_centre")
    until(lambda: peer.beats[-1]["clock"] == "doubtful")
    well = start(0.0)
    until(lambda: well.last("clock").get("doubt") == "")
    told = Told()
    told.heard(ahead.events)
    assert told.standing["clock"] is Code.CLOCK_DOUBTFUL
    told.heard(well.events)
    assert "clock" not in told.standing


def test_a_clock_that_went_wrong_while_nobody_answered_is_put_right_by_the_first_answer(
    start: Callable[[float], Running], peer: Peer
) -> None:
    start(0.0).wait_for("link", state="online")
    peer.fault("/v1", "lost", 100_000)
    engine = start(-3600.0)
    engine.wait_for("clock", doubt="off_centre")
    peer.now = Clock(-3600.0).now
    peer.mend()
    engine.wait_for("clock", doubt="")
