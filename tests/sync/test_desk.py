"""Who is it: right, wrong, locked, forged, replayed; and what they handed in."""

from __future__ import annotations

import queue
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import argon2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.clock import Clock
from kiosk.config import Config, DemoConfig, TerminalConfig, Timing
from kiosk.domain import codes
from kiosk.domain.people import DEMO_PINS, Factor, Role
from kiosk.domain.requests import Request, Status
from sync import desk as desks
from sync import listing, outbox
from sync.cache import Cache
from sync.desk import Admitted, Answer, Desk, NotAdmitted, Reason, VisitorAdmitted
from sync.journal import Journal
from sync.vault import Vault
from sync.wire import FeedAnswer, FeedRow, ItemResult, SpendAsk, Verdict
from tests.sync.helpers import OTHER, PERSON, committed, submitted

PIN, STAFF_PIN = "864209", "975310"
HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
CONFIG = Config(terminal=TerminalConfig(campus=7), timing=Timing(lockout=900))
START = 1_772_412_120.0


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.wall, self.since = START, 0.0

    def now(self) -> float:
        return self.wall

    def mono(self) -> float:
        return self.wall - START


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def cache(tmp_path: Path, vault: Vault) -> Iterator[Cache]:
    made = Cache(tmp_path / "cache.db", vault)
    apply(made, "persons", {PERSON: person("20230017", PIN), OTHER: person("T1023", STAFF_PIN, "staff")})
    apply(made, "keys", {"code-1": key(1), "code-2": key(2, revoked=True), "certificate-3": key(3, "certificate")})
    yield made
    made.close()


Open = Callable[..., Desk]


@pytest.fixture
def open_desk(tmp_path: Path, vault: Vault, journal: Journal, now: Now) -> Iterator[Open]:
    """A desk over this folder; again = after a restart."""
    running: list[Desk] = []

    def make(config: Config = CONFIG) -> Desk:
        for each in running:
            each.stop()
        clock: Any = now
        running.append(Desk(tmp_path / "cache.db", tmp_path / "journal.db", vault, clock, config, journal))
        running[-1].start()
        return running[-1]

    yield make
    for each in running:
        each.stop()


def apply(cache: Cache, feed: str, rows: dict[str, dict[str, Any] | None]) -> None:
    after = cache.cursor(feed)
    made = [FeedRow(id=row_id, rev=after + n, data=data) for n, (row_id, data) in enumerate(rows.items(), 1)]
    cache.apply(FeedAnswer(epoch="e1", feed=feed, rows=made, next=after + len(made), more=False))


def person(number: str, pin: str, role: str = "student") -> dict[str, Any]:
    row = {"number": number, "name": "张伟", "name_en": "Zhang Wei", "role": role, "known": {"college": "信息工程学院"}}
    return {**row, "verifier": HASHER.hash(pin)}


def key(kid: int, use: str = "code", revoked: bool = False) -> dict[str, Any]:
    public = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return {"use": use, "kid": kid, "public": public, "revoked": revoked}


def code(now: Now, person_id: str = PERSON, kid: int = 1, campus: int = 7, nonce: bytes = b"nonce1") -> str:
    return codes.issue(person_id, campus, kid, KEY, now.wall, nonce)


def pin(desk: Desk, number: str, digits: str) -> Answer:
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    desk.check_pin(number, digits, answers.put)
    return answers.get(timeout=10)


def scan(desk: Desk, text: str, *, at_gate: bool = False) -> Answer | VisitorAdmitted:
    answers: queue.SimpleQueue[Answer | VisitorAdmitted] = queue.SimpleQueue()
    (desk.check_gate_code if at_gate else desk.check_code)(text, answers.put)
    return answers.get(timeout=10)


def requests(desk: Desk, person_id: str = PERSON) -> tuple[Request, ...]:
    answers: queue.SimpleQueue[tuple[Request, ...]] = queue.SimpleQueue()
    desk.requests_of(person_id, answers.put)
    return answers.get(timeout=10)


def test_number_and_pin_admit_the_person(cache: Cache, open_desk: Open) -> None:
    answer = pin(open_desk(), "20230017", PIN)
    assert isinstance(answer, Admitted)
    assert (answer.person.id, answer.person.name, answer.person.role) == (PERSON, "张伟", Role.STUDENT)
    assert (answer.factor, answer.person.known["college"]) == (Factor.PIN, "信息工程学院")
    staff = pin(open_desk(), "T1023", STAFF_PIN)
    assert isinstance(staff, Admitted)
    assert staff.person.role is Role.STAFF


def test_five_wrong_pins_lock_a_number_over_a_restart_too(cache: Cache, open_desk: Open, now: Now) -> None:
    desk = open_desk()
    left = [
        answer.tries_left for n in range(4) if isinstance(answer := pin(desk, "20230017", f"00000{n}"), NotAdmitted)
    ]
    assert left == [4, 3, 2, 1]
    desk = open_desk()
    locked = NotAdmitted(Reason.LOCKED, 0, now.wall + 900)
    assert pin(desk, "20230017", "000009") == locked
    assert pin(desk, "20230017", PIN) == locked, "not even the right one, while it is locked"
    assert isinstance(pin(desk, "T1023", STAFF_PIN), Admitted), "another number is not locked"
    desk = open_desk()
    now.wall += 899
    assert isinstance(pin(desk, "20230017", PIN), NotAdmitted)
    now.wall += 2
    assert isinstance(pin(desk, "20230017", PIN), Admitted)


def test_a_right_pin_forgets_the_wrong_ones(cache: Cache, open_desk: Open) -> None:
    desk = open_desk()
    for _ in range(3):
        for digits in ("1", "2", "3", PIN):
            answer = pin(desk, "20230017", digits)
        assert isinstance(answer, Admitted)


def test_a_clock_that_was_wrong_locks_nobody_for_years(cache: Cache, open_desk: Open, now: Now) -> None:
    desk = open_desk()
    now.wall += 10 * 365 * 86400
    for _ in range(5):
        pin(desk, "20230017", "1")
    now.wall = START
    assert isinstance(pin(desk, "20230017", PIN), Admitted)


def test_an_unknown_number_answers_and_locks_as_a_known_one(cache: Cache, open_desk: Open, now: Now) -> None:
    desk = open_desk()
    answers = [pin(desk, "99999999", "1") for _ in range(6)]
    locked = NotAdmitted(Reason.LOCKED, 0, now.wall + 900)
    assert answers == [*(NotAdmitted(Reason.WRONG, left) for left in (4, 3, 2, 1)), locked, locked]


def test_an_unknown_number_takes_the_time_of_a_known_one(cache: Cache, open_desk: Open) -> None:
    slow = argon2.PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1)
    row = person("20230017", PIN)
    apply(cache, "persons", {PERSON: {**row, "verifier": slow.hash(PIN)}, OTHER: None})
    desk = open_desk()
    pin(desk, "30000000", "1")

    def seconds(number: str) -> float:
        began = time.perf_counter()
        pin(desk, number, "1")
        return time.perf_counter() - began

    known = statistics.median(seconds("20230017") for _ in range(4))
    unknown = statistics.median(seconds(f"4000000{n}") for n in range(4))
    assert 0.4 < unknown / known < 2.5


def test_the_pins_of_the_demonstration_open_nothing_outside_it(cache: Cache, open_desk: Open) -> None:
    demo_pin = DEMO_PINS[Role.STUDENT]
    apply(cache, "persons", {PERSON: person("20230017", demo_pin)})
    assert pin(open_desk(), "20230017", demo_pin) == NotAdmitted(Reason.WRONG, 4)
    assert isinstance(pin(open_desk(replace(CONFIG, demo=DemoConfig(enabled=True))), "20230017", demo_pin), Admitted)


def test_without_data_nobody_is_wrong(open_desk: Open, now: Now, tmp_path: Path, vault: Vault) -> None:
    desk = open_desk()
    assert pin(desk, "20230017", PIN) == NotAdmitted(Reason.NO_DATA)
    assert scan(desk, code(now)) == NotAdmitted(Reason.NO_DATA)
    Cache(tmp_path / "cache.db", vault).close()
    assert pin(desk, "20230017", PIN) == NotAdmitted(Reason.NO_DATA)


def test_a_code_admits_once_over_a_restart_too(cache: Cache, open_desk: Open, now: Now) -> None:
    shown = code(now)
    answer = scan(open_desk(), shown)
    assert isinstance(answer, Admitted)
    assert (answer.person.id, answer.factor) == (PERSON, Factor.CODE)
    assert scan(open_desk(), shown) == NotAdmitted(Reason.UNKNOWN_CODE)
    assert isinstance(scan(open_desk(), code(now, nonce=b"nonce2")), Admitted)


@pytest.mark.parametrize(
    "forged",
    [
        lambda now: "",
        lambda now: "https://example.org/",
        lambda now: "4" * 4000,
        lambda now: "K1:\x00",
        lambda now: code(now)[:-2] + "AA",
        lambda now: code(now, campus=8),
        lambda now: code(now, kid=2),
        lambda now: code(now, kid=3),
        lambda now: code(now, kid=9),
        lambda now: code(now, person_id="ffffffffffffffff"),
    ],
)
def test_every_other_code_gets_one_neutral_answer(
    cache: Cache, open_desk: Open, now: Now, forged: Callable[[Now], str]
) -> None:
    assert scan(open_desk(), forged(now)) == NotAdmitted(Reason.UNKNOWN_CODE)


def test_a_visitors_code_is_good_at_a_lane_and_nowhere_else(cache: Cache, open_desk: Open, now: Now) -> None:
    visit = "00000000000000f9"
    row = {"name": "孙访客", "host": "张老师", "gates": ["east"], "begins": START, "ends": START + 60}
    apply(cache, "visits", {visit: row})
    desk = open_desk()
    assert scan(desk, code(now, visit)) == NotAdmitted(Reason.UNKNOWN_CODE)
    shown = code(now, visit, nonce=b"nonce2")
    assert scan(desk, shown, at_gate=True) == VisitorAdmitted(visit, b"nonce2".hex())
    assert scan(desk, shown, at_gate=True) == NotAdmitted(Reason.UNKNOWN_CODE)
    admitted = scan(desk, code(now, nonce=b"nonce3"), at_gate=True)
    assert isinstance(admitted, Admitted)
    assert admitted.person.id == PERSON
    apply(cache, "visits", {visit: None})
    assert scan(desk, code(now, visit, nonce=b"nonce4"), at_gate=True) == NotAdmitted(Reason.UNKNOWN_CODE)


def test_a_code_that_lets_somebody_in_is_told_after_they_are_answered(
    cache: Cache, open_desk: Open, now: Now, tmp_path: Path, vault: Vault, journal: Journal
) -> None:
    said: queue.SimpleQueue[object] = queue.SimpleQueue()
    clock: Any = now
    desk = Desk(tmp_path / "cache.db", tmp_path / "journal.db", vault, clock, CONFIG, journal, said.put)
    desk.start()
    for text in ("x", code(now, "f" * 16, nonce=b"nonce9"), code(now), code(now)):
        desk.check_gate_code(text, said.put)
    desk.stop()
    answers = [said.get(timeout=10) for _ in range(5)]
    refused = NotAdmitted(Reason.UNKNOWN_CODE)
    assert (answers[0], answers[1], answers[4]) == (refused, refused, refused), "nobody was let in: nothing is spent"
    assert isinstance(answers[2], Admitted)
    assert answers[2].nonce == b"nonce1".hex()
    assert answers[3] == SpendAsk(nonce=b"nonce1".hex(), at=START, until=START + 60 + codes.SKEW_S)
    db = outbox_db(tmp_path)
    assert db.execute("SELECT nonce, told FROM nonces").fetchall() == [(b"nonce1", 0)]
    db.close()


def test_an_expired_code_is_refused(cache: Cache, open_desk: Open, now: Now) -> None:
    shown = code(now)
    now.wall += 60 + codes.SKEW_S + 1
    assert scan(open_desk(), shown) == NotAdmitted(Reason.UNKNOWN_CODE)


def test_refused_codes_are_counted_and_told_at_most_once_a_minute(
    cache: Cache, open_desk: Open, now: Now, tmp_path: Path, vault: Vault, journal: Journal
) -> None:
    desk = open_desk()
    for text in ("x", "K1:A", "y" * 500):
        scan(desk, text)
    now.wall += desks.REPORT_S
    scan(desk, "x")
    desk.stop()
    journal.stop()
    told = [row.body or {} for row in listing.rows(tmp_path / "journal.db", vault) if row.kind == "codes.refused"]
    assert [sum(body["counts"].values()) for body in told] == [1, 3]
    assert "y" not in str([body["counts"].keys() for body in told]).replace("dict_keys", "")


def test_my_requests_are_the_centres_word_and_what_it_has_not_yet(
    cache: Cache, open_desk: Open, journal: Journal, tmp_path: Path, vault: Vault
) -> None:
    for name in ("request-1", "request-2", "request-3"):
        committed(journal, submitted(name))
    committed(journal, submitted("request-9", OTHER))
    settle(tmp_path, vault, "request-2", Verdict.REJECTED)
    settle(tmp_path, vault, "request-3", Verdict.CREATED)
    row = {"item": "leave", "person": PERSON, "receipt": "A-017-20260302-0009", "status": "approved", "submitted": 5.0}
    mark = {"what": "submitted", "at": 5.0}
    cache_row = {**row, "step": 1, "due": 0.0, "values": {}, "marks": [mark]}
    apply(cache, "requests", {"request-0": cache_row, "request-8": {**cache_row, "person": OTHER}})
    found = requests(open_desk())
    assert {request.key: request.status for request in found} == {
        "request-1": Status.WAITING_TO_SEND,
        "request-2": Status.REJECTED,
        "request-0": Status.APPROVED,
    }
    assert found[-1].key == "request-0"
    assert found[-1].marks[0].what == "submitted"
    apply(cache, "requests", {"request-1": {**cache_row, "status": "in_approval"}})
    assert {r.key: r.status for r in requests(open_desk())}["request-1"] is Status.IN_APPROVAL


def settle(tmp_path: Path, vault: Vault, name: str, verdict: Verdict) -> None:
    db = outbox_db(tmp_path)
    items = outbox.due_of_stream(db, vault, name)
    outbox.settle(db, items, [ItemResult(key=name, verdict=verdict)], 0.0)
    db.close()


def outbox_db(tmp_path: Path) -> Any:
    from sync.store import connect
    from sync.tables import JOURNAL

    return connect(tmp_path / "journal.db", JOURNAL)


def test_what_was_sent_a_moment_ago_does_not_vanish(
    cache: Cache, tmp_path: Path, vault: Vault, journal: Journal
) -> None:
    committed(journal, submitted("request-1"))
    db = outbox_db(tmp_path)
    items = outbox.due_of_stream(db, vault, "request-1")
    outbox.settle(db, items, [ItemResult(key="request-1", verdict=Verdict.CREATED)], Clock().now())
    db.close()
    desk = Desk(tmp_path / "cache.db", tmp_path / "journal.db", vault, Clock(), CONFIG, journal)
    desk.start()
    assert [request.status for request in requests(desk)] == [Status.IN_APPROVAL]
    desk.stop()


def test_notices_come_in_order_and_from_a_cache_begun_anew(
    cache: Cache, open_desk: Open, tmp_path: Path, vault: Vault
) -> None:
    desk = open_desk()
    apply(cache, "notices", {"b": {"zh": "二", "en": "two", "order": 2}, "a": {"zh": "一", "en": "one", "order": 1}})
    answers: queue.SimpleQueue[tuple[tuple[str, str], ...]] = queue.SimpleQueue()
    desk.notices(answers.put)
    assert answers.get(timeout=10) == (("一", "one"), ("二", "two"))
    for path in tmp_path.glob("cache.db*"):
        path.unlink()
    desk.notices(answers.put)
    assert answers.get(timeout=10) == ()
    anew = Cache(tmp_path / "cache.db", vault)
    apply(anew, "notices", {"c": {"zh": "三", "en": "three", "order": 3}})
    desk.notices(answers.put)
    assert answers.get(timeout=10) == (("三", "three"),)
    anew.close()


def test_marks_that_a_newer_centre_has_are_passed_over(cache: Cache, open_desk: Open) -> None:
    marks = [{"what": "submitted", "at": START}, {"what": "teleported", "at": START}]
    row = {"item": "leave", "person": PERSON, "receipt": "r", "status": "new_status", "submitted": START}
    row |= {"step": 0, "due": 0.0, "values": {}, "marks": marks}
    apply(cache, "requests", {"a" * 32: row})
    (request,) = requests(open_desk())
    assert [mark.what for mark in request.marks] == ["submitted"]
    assert request.status is Status.IN_APPROVAL
