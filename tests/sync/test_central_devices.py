"""Who may ask: terminals by their token, people by their PIN; wrong guesses are counted."""

from __future__ import annotations

import threading
from dataclasses import replace

from kiosk.clock import Clock
from kiosk.domain import codes
from sync.central import devices
from sync.central.centre import Centre, Refusal
from sync.central.codes import code_for
from sync.wire import CodeAnswer, CodeAsk, Enrol, Enrolled
from tests.sync.central_kit import MORNING, STAFF, STUDENT, Api, pin_of


def enrol(api: Api, code: str, terminal: str = "A-017") -> tuple[int, str]:
    answer = api.post("/v1/enrol", {"code": code, "terminal": terminal})
    return answer.status_code, answer.json().get("token", answer.json().get("type"))


def test_a_code_gives_a_token_that_is_kept_only_as_a_hash(central_door: Api) -> None:
    code = devices.issue_code(central_door.centre, "A-017")
    status, token = enrol(central_door, code)
    assert status == 200
    central_door.token = token
    assert central_door.get("/v1/feeds/keys").status_code == 200
    kept = str(central_door.sql("select * from device")) + str(central_door.sql("select * from enrolment_code"))
    assert token not in kept
    assert code not in kept


def test_a_lost_answer_is_asked_for_again_but_a_used_token_ends_the_code(central_door: Api) -> None:
    code = devices.issue_code(central_door.centre, "A-017")
    _, lost = enrol(central_door, code)
    status, central_door.token = enrol(central_door, code)
    assert status == 200
    assert central_door.get("/v1/feeds/keys").status_code == 200
    assert enrol(central_door, code) == (403, "enrolment_refused")
    central_door.token = lost
    assert central_door.get("/v1/feeds/keys").status_code == 401


def test_a_code_is_for_one_terminal_and_ten_minutes(central_centre: Centre) -> None:
    code = devices.issue_code(central_centre, "A-017")
    assert devices.enrol(central_centre, Enrol(code=code, terminal="A-018")) == Refusal("enrolment_refused")
    late = replace(central_centre, clock=Clock(central_centre.clock.offset + 601))
    assert devices.enrol(late, Enrol(code=code, terminal="A-017")) == Refusal("enrolment_refused")
    older = devices.issue_code(central_centre, "A-017")
    newer = devices.issue_code(central_centre, "A-017")
    assert devices.enrol(central_centre, Enrol(code=older, terminal="A-017")) == Refusal("enrolment_refused")
    assert isinstance(devices.enrol(central_centre, Enrol(code=newer, terminal="A-017")), Enrolled)


def test_guessing_a_code_ends_after_five(central_centre: Centre) -> None:
    code = devices.issue_code(central_centre, "A-017")
    for _ in range(5):
        devices.enrol(central_centre, Enrol(code="WRONGWRONG", terminal="A-017"))
    assert devices.enrol(central_centre, Enrol(code=code, terminal="A-017")) == Refusal("too_many")


def test_without_a_token_nothing_is_told(central_door: Api) -> None:
    paths = [
        ("POST", "/v1/heartbeat"),
        ("POST", "/v1/events:batch"),
        ("GET", "/v1/feeds/persons"),
        ("HEAD", f"/v1/blobs/{'0' * 64}"),
        ("PUT", f"/v1/blobs/{'0' * 64}"),
        ("POST", "/v1/documents"),
    ]
    for central_door.token in ("", "wrong", "x" * 4000):
        for method, path in paths:
            assert central_door.call(method, path, json={}).status_code == 401


def test_a_revoked_terminal_is_refused_until_it_is_enrolled_again(central_api: Api) -> None:
    assert devices.revoke(central_api.centre, "A-017")
    assert not devices.revoke(central_api.centre, "A-999")
    answer = central_api.get("/v1/feeds/persons")
    assert (answer.status_code, answer.json()["type"]) == (403, "revoked")
    status, central_api.token = enrol(central_api, devices.issue_code(central_api.centre, "A-017"))
    assert (status, central_api.get("/v1/feeds/persons").status_code) == (200, 200)


def test_a_heartbeat_is_kept_and_answered_with_the_time(central_api: Api) -> None:
    beat = {"at": 1.0, "version": "0.1.0", "queued": 3, "dead": 1, "oldest_s": 12.5, "printer": "paper_low"}
    answer = central_api.post("/v1/heartbeat", beat).json()
    assert 0 <= answer["now"] - MORNING.timestamp() < 600
    heartbeat, seen = central_api.sql("select heartbeat, seen_at from device")[0]
    assert '"queued":3' in heartbeat
    assert seen == answer["now"] or abs(seen - answer["now"]) < 5


def test_a_personal_code_is_the_persons_for_a_minute(central_door: Api) -> None:
    answer = central_door.post("/v1/codes", {"number": STUDENT, "pin": pin_of(STUDENT)}).json()
    public = {1: central_door.centre.keys["code"].public}
    now = central_door.centre.clock.now()
    accepted = codes.check(answer["code"], public, 1, now, lambda _nonce: False)
    assert isinstance(accepted, codes.CodeAccepted)
    assert accepted.person == central_door.person(STUDENT)
    assert 55 < answer["expires"] - now <= 60
    again = central_door.post("/v1/codes", {"number": STUDENT, "pin": pin_of(STUDENT)}).json()
    assert again["code"] != answer["code"]


def test_five_wrong_pins_lock_the_number_for_a_quarter_of_an_hour(central_centre: Centre) -> None:
    good, wrong = CodeAsk(number=STAFF, pin=pin_of(STAFF)), CodeAsk(number=STAFF, pin="000000")
    for _ in range(4):
        assert code_for(central_centre, wrong) == Refusal("wrong_pin")
    assert isinstance(code_for(central_centre, good), CodeAnswer), "a right one forgives"
    for _ in range(5):
        assert code_for(central_centre, wrong) == Refusal("wrong_pin")
    assert code_for(central_centre, good) == Refusal("too_many")
    assert code_for(central_centre, CodeAsk(number=STUDENT, pin=pin_of(STUDENT))) != Refusal("too_many")
    later = replace(central_centre, clock=Clock(central_centre.clock.offset + 901))
    assert isinstance(code_for(later, good), CodeAnswer)


def test_a_number_nobody_has_is_a_wrong_pin_too(central_centre: Centre) -> None:
    assert code_for(central_centre, CodeAsk(number="20239999", pin="135790")) == Refusal("wrong_pin")


def test_pins_that_everybody_knows_open_nothing_outside_the_demonstration(central_centre: Centre) -> None:
    real = replace(central_centre, demo=False)
    assert code_for(real, CodeAsk(number=STUDENT, pin=pin_of(STUDENT))) == Refusal("wrong_pin")


def test_guesses_at_the_same_time_are_five_as_well(central_centre: Centre) -> None:
    answers: list[object] = []
    ask = CodeAsk(number=STAFF, pin="000000")
    guesses = [threading.Thread(target=lambda: answers.append(code_for(central_centre, ask))) for _ in range(12)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert answers.count(Refusal("wrong_pin")) == 5
    assert answers.count(Refusal("too_many")) == 7
