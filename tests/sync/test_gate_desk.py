"""What a lane asks of this terminal: passes, rules, lessons, galleries; with and without data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.config import Config, GateConfig
from kiosk.domain.admission import BUILT_IN, Check, Hardness, Order, Pass, Rule, Way
from kiosk.domain.people import Role
from sync import cache as caches
from sync import outbox
from sync.cache import Cache
from sync.faces import FaceStore
from sync.feeds import pull
from sync.gatedesk import PASSAGE_S, GateDesk
from sync.journal import Committed, Journal, NewEvent
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.vectors import pack
from sync.wire import FeedAnswer, ItemResult, Verdict
from tests.sync.gate_kit import (
    MODEL,
    START,
    Now,
    answer,
    apply,
    enrol,
    pass_row,
    person_row,
    template_row,
    templates,
)
from tests.sync.helpers import OTHER, PERSON, committed

HOUR = 3600.0
VISIT = "00000000000000f9"
LESSON = "20260302-plants"


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def cache(tmp_path: Path, vault: Vault, now: Now) -> Iterator[Cache]:
    made = Cache(tmp_path / "cache.db", vault, now.now)
    apply(made, "persons", {PERSON: person_row("20230017"), OTHER: person_row("T2015017", "staff")})
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path, vault: Vault, now: Now, journal: Journal) -> Iterator[GateDesk]:
    clock: Any = now
    made = GateDesk(tmp_path / "cache.db", tmp_path / "journal.db", vault, clock, Config(gate=GateConfig(gate="east")))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def store(tmp_path: Path, vault: Vault, now: Now, journal: Journal) -> FaceStore:
    clock: Any = now
    return FaceStore(journal, tmp_path / "cache.db", vault, clock, lambda _: None)


def pass_of(desk: GateDesk, person: str = PERSON) -> Pass:
    found = answer(desk.pass_of, person)
    assert isinstance(found, Pass)
    return found


def windows(*hours: tuple[float, float]) -> list[dict[str, float]]:
    return [{"begins": START + begins * HOUR, "ends": START + ends * HOUR} for begins, ends in hours]


def test_a_pass_is_all_that_the_campus_knows(cache: Cache, desk: GateDesk) -> None:
    row = pass_row(batch="第一批", windows=windows((-1, 1)), declared="2026-02-27", checked_in="2026-03-02")
    apply(cache, "passes", {PERSON: {**row, "healthy": False, "revoked": True}})
    apply(cache, "templates", {PERSON: template_row(1)})
    found = pass_of(desk)
    assert (found.name, found.role, found.revoked, found.healthy, found.enrolled) == (
        "张伟",
        Role.STUDENT,
        True,
        False,
        True,
    )
    assert (str(found.declared), str(found.checked_in), found.inside) == ("2026-02-27", "2026-03-02", None)
    assert found.window is not None
    assert (found.window.batch, found.window.begins) == ("第一批", START - HOUR)


def test_somebody_without_a_row_of_the_gate_is_known_all_the_same(cache: Cache, desk: GateDesk) -> None:
    found = pass_of(desk, OTHER)
    assert (found.role, found.window, found.enrolled, found.revoked) == (Role.STAFF, None, False, False)
    assert answer(desk.pass_of, "ffffffffffffffff") is None


def test_of_several_windows_the_one_that_is_now_counts_then_the_next_then_the_last(
    cache: Cache, desk: GateDesk, now: Now
) -> None:
    apply(cache, "passes", {PERSON: pass_row(windows=windows((5, 7), (-3, -2), (-1, 1)))})
    begins = []
    for hours in (0, 2, 8):
        now.wall = START + hours * HOUR
        window = pass_of(desk).window
        assert window is not None
        begins.append((window.begins - START) / HOUR)
    assert begins == [-1, 5, 5]


def test_data_is_as_old_as_the_centres_last_word_not_as_its_last_change(cache: Cache, desk: GateDesk, now: Now) -> None:
    apply(cache, "passes", {PERSON: pass_row(as_of=START - 9 * 86400)})
    assert pass_of(desk).as_of == START
    now.wall += 30 * HOUR
    assert pass_of(desk).as_of == START
    apply(cache, "passes", {})
    assert pass_of(desk).as_of == now.wall


def test_a_visitor_has_a_pass_of_their_own(cache: Cache, desk: GateDesk) -> None:
    row = {"name": "孙访客", "host": "张老师", "gates": ["east"], "begins": START - HOUR, "ends": START + HOUR}
    apply(cache, "visits", {VISIT: row})
    found = pass_of(desk, VISIT)
    assert (found.person, found.role, found.enrolled, found.inside) == (VISIT, None, False, None)
    assert found.visit is not None
    assert (found.visit.host, found.visit.gates, found.visit.ends) == ("张老师", ("east",), START + HOUR)
    apply(cache, "visits", {VISIT: {**row, "used": True, "revoked": True}})
    found = pass_of(desk, VISIT)
    assert (found.inside, found.revoked) == (True, True)


def test_where_somebody_went_is_the_newest_word_and_not_for_ever(cache: Cache, desk: GateDesk, now: Now) -> None:
    desk.note_passage(PERSON, True, START)
    assert pass_of(desk).inside is True
    apply(cache, "passes", {PERSON: pass_row(inside=False, moved=START + 60)})
    now.wall += 120
    assert pass_of(desk).inside is False
    desk.note_passage(PERSON, True, START + 120)
    assert pass_of(desk).inside is True
    assert pass_of(desk, OTHER).inside is None
    now.wall += PASSAGE_S + 1
    assert pass_of(desk).inside is None


def test_the_rules_of_this_gate_come_before_those_of_every_gate(cache: Cache, desk: GateDesk, now: Now) -> None:
    assert answer(desk.rules) == BUILT_IN
    checks = [{"check": "batch", "hardness": "log"}, {"check": "of_the_future"}, {"check": "role", "order": "only"}]
    apply(cache, "rules", {"*": {"checks": checks, "limit": 37.5, "issued": START - 9 * 86400, "way": "face"}})
    found = answer(desk.rules)
    assert (found.way, found.limit, found.rev, found.issued) == (Way.FACE, 37.5, 1, START)
    assert found.checks == {Check.BATCH: Rule(Order.AFTER, Hardness.LOG), Check.ROLE: Rule(Order.ONLY)}
    apply(cache, "rules", {"east": {"checks": [], "issued": START}, "south": {"checks": [], "issued": START}})
    assert (answer(desk.rules).rev, answer(desk.rules).checks) == (2, {})
    apply(cache, "rules", {"east": None, "*": None, "south": None})
    assert answer(desk.rules) == BUILT_IN


def test_rules_that_cannot_be_read_are_those_that_held_before(
    cache: Cache, desk: GateDesk, tmp_path: Path, vault: Vault
) -> None:
    apply(cache, "rules", {"*": {"checks": [], "limit": 37.5, "issued": START}})
    before = answer(desk.rules)
    for path in tmp_path.glob("cache.db*"):
        path.unlink()
    assert answer(desk.rules) == before
    assert answer(desk.pass_of, PERSON) is None
    assert answer(desk.numbers_ending, "17") == frozenset()
    assert answer(desk.gallery, MODEL)[0] is None, "not to be mistaken for nobody"


def lesson_row(begins: float, **more: Any) -> dict[str, Any]:
    row = {"zh": "园林植物", "room": "3-201", "begins": START + begins * 60, "ends": START + (begins + 90) * 60}
    return {**row, "members": [PERSON], **more}


def test_the_lesson_of_a_room_is_the_one_that_began_last_or_is_about_to(cache: Cache, desk: GateDesk, now: Now) -> None:
    rows = {"first": lesson_row(-60), "second": lesson_row(40), "elsewhere": lesson_row(-5, room="3-202")}
    apply(cache, "lessons", rows)
    found = []
    for minutes in (0, 29, 30, 41, 131):
        now.wall = START + minutes * 60
        lesson, _ = answer(desk.lesson, "3-201")
        found.append(lesson.id if lesson else "")
    assert found == ["first", "first", "second", "second", ""]


def test_who_has_signed_in_is_read_from_the_queue_over_a_restart(
    cache: Cache, desk: GateDesk, journal: Journal
) -> None:
    apply(cache, "lessons", {LESSON: lesson_row(-10), "20260302-plant": lesson_row(-700)})
    assert answer(desk.lesson, "3-201")[1] == frozenset()
    for lesson, person in ((LESSON, PERSON), ("20260302-plant", OTHER)):
        key, body = f"att:{lesson}:{person}", {"lesson": lesson, "person": person, "factors": [], "late_minutes": 0}
        committed(journal, NewEvent(key, key, "attendance.signed", 1, body))
    lesson, signed = answer(desk.lesson, "3-201")
    assert (lesson.members, signed) == (frozenset({PERSON}), frozenset({PERSON}))


def test_face_alone_looks_among_those_whose_time_is_now_or_the_class(cache: Cache, desk: GateDesk) -> None:
    late, revoked = "00000000000000d4", "00000000000000e5"
    here = pass_row(windows=windows((-1, 1)))
    rows = {PERSON: here, late: pass_row(windows=windows((2, 3))), revoked: {**here, "revoked": True}}
    apply(cache, "passes", rows)
    apply(cache, "lessons", {LESSON: lesson_row(-10, members=[OTHER])})
    assert answer(desk.among, "") == {PERSON}
    assert answer(desk.among, "3-201") == {OTHER}
    assert answer(desk.among, "9-999") == frozenset()


def test_people_are_found_by_the_last_digits(cache: Cache, desk: GateDesk) -> None:
    assert answer(desk.numbers_ending, "017") == {PERSON, OTHER}
    assert answer(desk.numbers_ending, "30017") == {PERSON}
    assert answer(desk.numbers_ending, "") == answer(desk.numbers_ending, "999") == frozenset()
    apply(cache, "persons", {PERSON: person_row("20230018")})
    assert answer(desk.numbers_ending, "018") == {PERSON}


def test_the_gallery_is_the_feed_without_revoked_people_and_other_models(cache: Cache, desk: GateDesk) -> None:
    ids, rows = answer(desk.gallery, MODEL)
    assert (ids, rows.shape) == ((), (0, 0))
    broken = {**template_row(4), "vectors": pack(templates(4))[:-4]}
    strangers = {"00000000000000d4": template_row(3, model="another"), "00000000000000e5": broken}
    apply(cache, "templates", {PERSON: template_row(1), OTHER: template_row(2), **strangers})
    ids, rows = answer(desk.gallery, MODEL)
    assert ids == (PERSON,) * 3 + (OTHER,) * 3
    assert rows.dtype == np.float32
    assert np.abs(rows - np.concatenate([templates(1), templates(2)])).max() < 0.0003
    apply(cache, "passes", {OTHER: pass_row(revoked=True)})
    assert set(answer(desk.gallery, MODEL)[0]) == {PERSON}
    apply(cache, "templates", {PERSON: None})
    assert answer(desk.gallery, MODEL)[0] == ()
    assert len(answer(desk.gallery, "another")[0]) == 3


def test_only_what_changed_is_decrypted_again(
    cache: Cache, desk: GateDesk, monkeypatch: pytest.MonkeyPatch, vault: Vault
) -> None:
    apply(cache, "templates", {f"{n:016x}": template_row(n) for n in range(1, caches.FEW + 5)})
    answer(desk.gallery, MODEL)
    answer(desk.numbers_ending, "17")
    opened: list[tuple[str, str]] = []
    real = Vault.open_
    monkeypatch.setattr(Vault, "open_", lambda self, t, r, s: opened.append((t, r)) or real(self, t, r, s))
    apply(cache, "templates", {f"{3:016x}": template_row(999), f"{4:016x}": None})
    ids, rows = answer(desk.gallery, MODEL)
    answer(desk.numbers_ending, "17")
    assert opened == [("cache.templates", f"{3:016x}")]
    assert f"{4:016x}" not in ids
    first = ids.index(f"{3:016x}")
    assert np.abs(rows[first : first + 3] - templates(999)).max() < 0.0003


def test_what_was_read_while_more_came_is_not_read_again(
    cache: Cache, desk: GateDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = Vault.open_
    monkeypatch.setattr(Vault, "open_", lambda self, t, r, s: opened.append(r) or real(self, t, r, s))
    apply(cache, "templates", {f"{n:016x}": template_row(n) for n in range(1, caches.FEW + 5)})
    desk.look_ahead()
    answer(desk.numbers_ending, "17")
    assert f"{1:016x}" in opened
    opened.clear()
    more = {f"{n:016x}": template_row(n) for n in range(2000, 2000 + caches.FEW + 5)}
    apply(cache, "templates", more)
    apply(cache, "templates", {f"{1:016x}": template_row(9)})
    ids, rows = answer(desk.gallery, MODEL)
    assert set(opened) == {*more, f"{1:016x}"}
    assert len(set(ids)) == 2 * (caches.FEW + 4) + 1
    for person, seed in ((1, 9), (2, 2), (2000, 2000)):
        first = ids.index(f"{person:016x}")
        assert np.abs(rows[first : first + 3] - templates(seed)).max() < 0.0003


def test_a_restored_centre_with_the_same_revisions_is_read_again(cache: Cache, desk: GateDesk) -> None:
    apply(cache, "templates", {PERSON: template_row(1)})
    answer(desk.gallery, MODEL)
    apply(cache, "templates", {PERSON: template_row(2)}, epoch="e2")
    _, rows = answer(desk.gallery, MODEL)
    assert np.abs(rows - templates(2)).max() < 0.0003


def test_what_was_enrolled_here_counts_until_the_centre_has_its_say(
    cache: Cache, desk: GateDesk, store: FaceStore
) -> None:
    assert isinstance(enrol(store, "face-0001", 5), Committed)
    ids, rows = answer(desk.gallery, MODEL)
    assert ids == (PERSON,) * 3
    assert np.abs(rows - templates(5)).max() < 0.0003
    assert pass_of(desk).enrolled
    apply(cache, "templates", {PERSON: template_row(1, at=START - 5)})
    assert np.abs(answer(desk.gallery, MODEL)[1] - templates(5)).max() < 0.0003, "the newer one counts"
    apply(cache, "templates", {PERSON: template_row(6, at=START + 5)})
    assert np.abs(answer(desk.gallery, MODEL)[1] - templates(6)).max() < 0.0003
    apply(cache, "persons", {PERSON: None})
    apply(cache, "templates", {PERSON: None})
    assert answer(desk.gallery, MODEL)[0] == (), "nobody who has left"


def test_a_lane_of_another_model_has_nobody_enrolled(
    cache: Cache, tmp_path: Path, vault: Vault, now: Now, journal: Journal
) -> None:
    apply(cache, "templates", {PERSON: template_row(1)})
    clock, plain = now, Config()
    config = replace(plain, face=replace(plain.face, embedder="another"))
    desk = GateDesk(tmp_path / "cache.db", tmp_path / "journal.db", vault, clock, config)  # type: ignore[arg-type]
    desk.start()
    assert not pass_of(desk).enrolled
    desk.stop()


def test_who_withdrew_is_in_no_gallery_whatever_the_feed_says(cache: Cache, desk: GateDesk, store: FaceStore) -> None:
    rows = {PERSON: template_row(1, at=START - 5), OTHER: template_row(2, at=START - 5)}
    apply(cache, "templates", rows)
    answer(store.withdraw, PERSON, "face-gone-1")
    apply(cache, "templates", rows)
    assert set(answer(desk.gallery, MODEL)[0]) == {OTHER}
    assert not pass_of(desk).enrolled
    enrol(store, "face-0001", 3, at=START + 5)
    assert set(answer(desk.gallery, MODEL)[0]) == {PERSON, OTHER}


def test_a_face_that_was_delivered_counts_no_longer_than_the_centre_says(
    cache: Cache, desk: GateDesk, store: FaceStore, tmp_path: Path, vault: Vault, now: Now
) -> None:
    enrol(store, "face-0001", 5)
    with contextlib.closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        items = outbox.due(db, vault, START)
        outbox.settle(db, items, [ItemResult(key="face-0001", verdict=Verdict.CREATED)], START)
    assert set(answer(desk.gallery, MODEL)[0]) == {PERSON}, "the feed has not been asked since"
    now.wall += 1
    apply(cache, "templates", {})
    assert answer(desk.gallery, MODEL)[0] == ()
    assert not pass_of(desk).enrolled


def test_a_feed_is_known_up_to_when_it_was_asked_for(cache: Cache, now: Now) -> None:
    class Slow:
        def call(self, *_: object, **__: object) -> FeedAnswer:
            now.wall += 9
            return FeedAnswer(epoch="e1", feed="passes", rows=[], next=0, more=False)

    slow: Any = Slow()
    assert pull(slow, cache, "passes") is False
    assert cache.confirmed("passes") == START
