"""Who may ask: terminals by their key, people by their PIN; wrong guesses are counted."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import requests

from kiosk.clock import Clock
from kiosk.domain import codes
from sync.central import devices
from sync.central.centre import Centre, Refusal
from sync.central.codes import code_for
from sync.wire import CodeAnswer, CodeAsk, Enrol, Enrolled
from tests.sync.central_kit import MORNING, STAFF, STUDENT, Api, morning_clock, pin_of
from tests.sync.keys_kit import Key


def enrol(api: Api, code: str, key: Key, terminal: str = "A-017") -> tuple[int, str]:
    answer = api.post("/v1/enrol", key.ask(code, terminal))
    return answer.status_code, answer.json().get("key_id", answer.json().get("type"))


def ask(code: str, terminal: str) -> Enrol:
    return Enrol(code=code, terminal=terminal, public_key="ab" * 32)


def test_a_code_makes_a_key_known_and_is_kept_only_as_a_hash(central_door: Api) -> None:
    code, key = devices.issue_code(central_door.centre, "A-017"), Key(central_door.centre.clock.now)
    assert enrol(central_door, code, key) == (200, key.signer.id)
    central_door.key = key
    assert central_door.get("/v1/feeds/keys").status_code == 200
    kept = str(central_door.sql("select * from device")) + str(central_door.sql("select * from enrolment_code"))
    assert key.public.hex() in kept
    assert code not in kept


def test_a_lost_answer_is_asked_for_again_but_a_used_key_ends_the_code(central_door: Api) -> None:
    code, key, other = devices.issue_code(central_door.centre, "A-017"), *(Key(morning_clock().now) for _ in "ab")
    enrol(central_door, code, other)
    assert enrol(central_door, code, key) == (200, key.signer.id)
    central_door.key = key
    assert central_door.get("/v1/feeds/keys").status_code == 200
    assert enrol(central_door, code, key) == (200, key.signer.id), "the same again changes nothing"
    assert enrol(central_door, code, other) == (403, "enrolment_refused")
    central_door.key = other
    assert central_door.get("/v1/feeds/keys").status_code == 401


def test_a_code_is_for_one_terminal_and_ten_minutes(central_centre: Centre) -> None:
    code = devices.issue_code(central_centre, "A-017")
    assert devices.enrol(central_centre, ask(code, "A-018")) == Refusal("enrolment_refused")
    late = replace(central_centre, clock=Clock(central_centre.clock.offset + 601))
    assert devices.enrol(late, ask(code, "A-017")) == Refusal("enrolment_refused")
    older = devices.issue_code(central_centre, "A-017")
    newer = devices.issue_code(central_centre, "A-017")
    assert devices.enrol(central_centre, ask(older, "A-017")) == Refusal("enrolment_refused")
    assert isinstance(devices.enrol(central_centre, ask(newer, "A-017")), Enrolled)


def test_guessing_a_code_ends_after_five(central_centre: Centre) -> None:
    code = devices.issue_code(central_centre, "A-017")
    for _ in range(5):
        devices.enrol(central_centre, ask("WRONGWRONG", "A-017"))
    assert devices.enrol(central_centre, ask(code, "A-017")) == Refusal("too_many")


def test_without_a_key_that_is_known_nothing_is_told(central_door: Api) -> None:
    paths = [
        ("POST", "/v1/heartbeat"),
        ("POST", "/v1/events:batch"),
        ("GET", "/v1/feeds/persons"),
        ("HEAD", f"/v1/blobs/{'0' * 64}"),
        ("PUT", f"/v1/blobs/{'0' * 64}"),
        ("POST", "/v1/documents"),
    ]
    for key in (None, Key(central_door.centre.clock.now)):
        central_door.key = key
        for method, path in paths:
            assert central_door.call(method, path, json={}).status_code == 401


def test_a_revoked_terminal_is_refused_until_it_is_enrolled_again(central_api: Api) -> None:
    assert devices.revoke(central_api.centre, "A-017")
    assert not devices.revoke(central_api.centre, "A-999")
    answer = central_api.get("/v1/feeds/persons")
    assert (answer.status_code, answer.json()["type"]) == (403, "revoked")
    central_api.key = key = Key(central_api.centre.clock.now)
    assert enrol(central_api, devices.issue_code(central_api.centre, "A-017"), key)[0] == 200
    assert central_api.get("/v1/feeds/persons").status_code == 200


BEAT = {"version": "0.1.0", "queued": 0, "dead": 0, "oldest_s": 0.0}


def test_what_was_not_signed_so_is_refused(central_api: Api) -> None:
    """Another method, path, query or body than the signed one; no signature at all where one is named."""
    assert central_api.key is not None
    signed = requests.Request("GET", f"{central_api.url}/v1/feeds/keys?after=0", auth=central_api.key.signer).prepare()
    assert central_api.session.send(signed, timeout=20).status_code == 200
    for method, path, body in (
        ("GET", "/v1/feeds/keys?after=1", None),
        ("GET", "/v1/feeds/persons?after=0", None),
        ("PUT", "/v1/feeds/keys?after=0", None),
        ("POST", "/v1/heartbeat", b"{}"),
    ):
        other = requests.Request(method, central_api.url + path, data=body, headers=dict(signed.headers)).prepare()
        assert central_api.session.send(other, timeout=20).status_code == (405 if method == "PUT" else 401)
    short = {"Signature": "a=:AAAA:", "Signature-Input": "a=();created=1"}
    for headers in ({"Signature": "x"}, short, {"Signature": "é"}):
        encoded = {name: value.encode() for name, value in headers.items()}
        answer = central_api.session.get(f"{central_api.url}/v1/feeds/keys", headers=encoded, timeout=20)
        assert (answer.status_code, answer.json()["type"]) == (401, "not_enrolled")


def test_a_clock_far_from_ours_is_told_the_time(central_api: Api) -> None:
    assert central_api.key is not None
    wrong = central_api.centre.clock.now() - 400 * 86400
    central_api.key.signer.meet(wrong)
    answer = central_api.post("/v1/heartbeat", {**BEAT, "at": wrong})
    assert (answer.status_code, answer.json()["type"]) == (401, "signature_time")
    central_api.key.signer.meet(float(answer.headers["X-Now"]))
    assert central_api.post("/v1/heartbeat", {**BEAT, "at": wrong}).status_code == 200
    assert round(central_api.sql("select skew from device")[0][0] / 86400) == -400


def test_a_key_in_two_places_is_quarantined(central_api: Api) -> None:
    def beat(boot: str) -> int:
        return central_api.post("/v1/heartbeat", {**BEAT, "at": 1.0, "boot": boot}).status_code

    assert [beat(boot) for boot in ("a", "a", "b", "b", "a", "b", "c", "c")] == [200] * 8, "restarts, one late word"
    assert [beat(boot) for boot in ("b", "c", "b")] == [200, 200, 200]
    answer = central_api.get("/v1/feeds/persons")
    assert (answer.status_code, answer.json()["type"]) == (403, "quarantined")
    central_api.key = key = Key(central_api.centre.clock.now)
    assert enrol(central_api, devices.issue_code(central_api.centre, "A-017"), key)[0] == 200
    assert beat("d") == 200


def test_an_audit_chain_that_does_not_go_on_is_noticed_and_its_last_good_head_kept(central_api: Api) -> None:
    def beat(seq: int, mark: str, known: tuple[int, str] = (0, "")) -> dict[str, Any]:
        audit, before = {"seq": seq, "hash": mark * 64}, {"seq": known[0], "hash": known[1] * 64}
        body = {**BEAT, "at": 1.0, "audit": audit, "known": before}
        return dict(central_api.post("/v1/heartbeat", body).json()["audit"])

    def broken() -> bool:
        return central_api.sql("select audit_broken_at from device")[0][0] is not None

    assert beat(0, "") == {"seq": 0, "hash": ""}
    assert beat(3, "a") == {"seq": 3, "hash": "a" * 64}
    assert beat(3, "a") == {"seq": 3, "hash": "a" * 64}
    assert beat(7, "b", known=(3, "a"))["seq"] == 7
    assert not broken()
    for seq, mark, known in ((7, "c", (7, "c")), (6, "b", (6, "b")), (9, "d", (7, "c")), (0, "", (0, ""))):
        assert beat(seq, mark, known) == {"seq": 7, "hash": "b" * 64}
        assert broken()


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
