"""How the hour in real time judges what it saw: made-up words to the watchdog, samples, books and logs."""

from __future__ import annotations

import os
import socket
from collections import Counter
from pathlib import Path

import pytest

from kiosk.app.notify import ALIVE, READY, STOPPING, patience, tell
from tests.faults import accounts, hour
from tests.faults.books import Held
from tests.faults.family import family
from tests.faults.manager import Ear, listening, of_the_unit
from tests.faults.measured import Growth, Taken
from tests.waiting import until

HALL, OTHER = 17, 18


@pytest.fixture
def ear() -> Ear:
    """A program that is ready at second 10, and said so at once; another process that nobody waits for."""
    made = Ear(limit=20.0, patience=90.0)
    made.born(HALL, 0.0)
    made.heard(HALL, READY, 10.0)
    made.heard(OTHER, READY, 10.0)
    return made


def test_a_program_that_speaks_in_time_is_well(ear: Ear) -> None:
    for second in range(11, 100):
        ear.heard(HALL, ALIVE, float(second))
    assert ear.wrong(110.0) == []
    assert ear.worst(110.0) == 11.0
    ear.heard(HALL, STOPPING, 112.0)
    assert ear.wrong(900.0) == [], "of one that ended nothing more is expected"


def test_a_word_that_came_too_late_is_remembered(ear: Ear) -> None:
    ear.heard(HALL, ALIVE, 31.5)
    for second in range(32, 60):
        ear.heard(HALL, ALIVE, float(second))
    assert ear.wrong(60.0) == ["17: no word to the watchdog for 21.5 s, allowed are 20"]


@pytest.mark.parametrize("over", [0.0, 40.0])
def test_a_program_that_falls_silent_is_missed(ear: Ear, over: float) -> None:
    ear.heard(HALL, ALIVE, 11.0)
    assert ear.wrong(30.0) == []
    if over:
        ear.gone(HALL, over)
    assert ear.wrong(40.0) == ["17: no word to the watchdog for 29.0 s, allowed are 20"]


def test_a_program_that_never_is_ready_is_missed(ear: Ear) -> None:
    ear.born(OTHER + 1, 5.0)
    assert ear.wrong(25.0) == []
    assert "19: not ready within 90 s" in ear.wrong(96.0)


def test_the_words_of_a_process_come_with_its_name(tmp_path: Path) -> None:
    ear = Ear(of_the_unit("WatchdogSec"), of_the_unit("TimeoutStartSec"))
    with listening(tmp_path, ear):
        assert patience() == ear.limit
        assert tell(READY)
        assert tell(ALIVE)
        until(lambda: os.getpid() in ear.lives and ear.lives[os.getpid()].words)
    assert not tell(ALIVE)


def grown(*samples: Taken) -> list[str]:
    made = Growth()
    made.samples["hall"] = list(samples)
    return made.grown()


def test_work_that_comes_and_goes_is_no_growth() -> None:
    assert grown(*(Taken(rss, 50, 20) for rss in (100, 180, 104, 170, 160, 104, 190, 104, 150))) == []
    assert grown(*(Taken(100, files, threads) for files, threads in ((50, 20), (58, 26)) * 5)) == []


def test_a_camera_that_was_unplugged_is_compared_with_none_that_was_not() -> None:
    plugged, unplugged, leaked = Taken(73, 11, 5), Taken(63, 10, 4), Taken(78, 11, 5)
    assert grown(plugged, unplugged, *[plugged] * 7) == []
    assert grown(plugged, unplugged, *[plugged] * 4, *[leaked] * 3) != []
    assert grown(plugged, unplugged, *[plugged] * 4, leaked, unplugged, leaked) != []


@pytest.mark.parametrize("last", [Taken(106, 50, 20), Taken(100, 51, 20), Taken(100, 50, 21)])
def test_what_never_comes_down_again_is(last: Taken) -> None:
    first = Taken(100, 50, 20)
    assert grown(*[first] * 3, *[last] * 6) == [f"hall grew from {first} to {last}"]
    assert grown(first, last) == ["hall: only 2 samples, nothing can be said of its growth"]


def test_a_process_that_ended_takes_nothing() -> None:
    made = Growth()
    child = os.posix_spawn("/bin/true", ["true"], {})
    try:
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        made.note(1.0, {"dead": child, "alive": os.getpid()})
    finally:
        os.waitpid(child, 0)
    made.note(2.0, {"gone": child})
    assert set(made.samples) == {"alive"}


def test_the_processes_of_a_terminal_are_told_apart() -> None:
    found = family({"hall": os.getpid()}, os.getppid())
    assert (found["hall"], found["centre"]) == (os.getpid(), os.getppid())


GOOD = {"a": ("sent", 1), "b": ("sent", 2)}


def held(*keys: str, seqs: tuple[int, ...] = (1, 2), receipts: tuple[str, ...] = ("r1", "r2")) -> Held:
    events, requests = zip(keys, seqs, strict=True), zip(keys, ("leave",) * len(keys), receipts, strict=True)
    return Held(tuple(events), tuple(requests), Counter(), Counter())


@pytest.mark.parametrize(
    ("rows", "there", "wrong"),
    [
        (GOOD, held("a", "b"), []),
        ({}, held("a", "b"), ["nothing was handed in: ['']", "at the centre and not in the journal: ['a', 'b']"]),
        (GOOD, held("a", seqs=(1,), receipts=("r1",)), ["lost: ['b']"]),
        ({**GOOD, "c": ("queued", 3)}, held("a", "b"), ["still waiting: ['c']"]),
        ({**GOOD, "c": ("dead", 3)}, held("a", "b"), ["given up: ['c']"]),
        (GOOD, held("a", "b", "b", seqs=(1, 2, 3), receipts=("", "", "")), ["twice at the centre: ['b']"]),
        (GOOD, held("a", "b", seqs=(1, 1)), ["one act twice: ['1']"]),
        (GOOD, held("a", "b", receipts=("r1", "r1")), ["one receipt for two: ['r1']"]),
    ],
)
def test_the_books_of_a_terminal(rows: dict[str, tuple[str, int]], there: Held, wrong: list[str]) -> None:
    assert accounts.judged(rows, there) == wrong


def test_what_must_not_stand_in_a_log() -> None:
    told = '{"event": "sync_stopped", "reason": "ended -9"}', '{"event": "link", "state": "offline"}'
    assert accounts.noticed(told) == []
    bad = '{"event": "part_stalled"}', '{"event": "sync_stopped", "reason": "silent"}', '{"event": "part_stalled"}'
    assert accounts.noticed((*told, *bad)) == [
        'part_stalled, 2 times: {"event": "part_stalled"}',
        'sync_stopped, 1 times: {"event": "sync_stopped", "reason": "silent"}',
    ]
    assert accounts.noticed(['{"event": "begins_anew"}'], but=("begins_anew",)) == []


def test_every_script_of_the_hour_says_what_it_is_about() -> None:
    scripts = sorted(hour.SCRIPTS.glob("*.visit"))
    assert {"first", "storm", "gate"} <= {script.name.split("-")[0] for script in scripts}
    assert all(script.read_text("utf-8").startswith("# ") for script in scripts)


def test_nobody_is_heard_outside(tmp_path: Path) -> None:
    """The socket is gone behind it, whatever happened meanwhile."""
    with pytest.raises(RuntimeError), listening(tmp_path, Ear(1.0, 1.0)):
        raise RuntimeError
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end, pytest.raises(ConnectionRefusedError):
        end.connect(str(tmp_path / "notify"))
