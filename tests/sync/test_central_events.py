"""Batches: a verdict for each item, nothing twice, and one bad item holds up no other."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

from sync.central import people
from sync.central.centre import Work
from sync.central.database import writing
from tests.sync.central_kit import JPEG, LEFT, MORNING, OTHER, STAFF, STUDENT, Api, event

RATED = {"request": "request-x", "item": "enrolment", "stars": 4, "how": "given", "remark": "很快"}


def rated(key: str, **more: Any) -> dict[str, Any]:
    return event(key, "rating.given", {**RATED, "request": f"of-{key}", **more})


def test_the_same_batch_again_is_duplicates_and_one_row_each(central_api: Api) -> None:
    batch = [central_api.request("enrolment", STUDENT, {"purpose": "loan"}), rated("rating-01")]
    assert central_api.send(*batch) == ["created", "created"]
    assert central_api.send(*batch) == ["duplicate", "duplicate"]
    assert central_api.sql("select count(*) from event") == [(2,)]
    assert central_api.sql("select count(*) from request where key = ?", batch[0]["key"]) == [(1,)]
    assert central_api.sql("select stars, how, remark from rating") == [(4, "given", "很快")]


def test_a_repeat_may_differ_in_when_it_was_sent_but_not_in_what_was_done(central_api: Api) -> None:
    first = rated("rating-02")
    assert central_api.send(first) == ["created"]
    assert central_api.send({**first, "seq": 77, "boot": "boot-2", "mono": 1.0}) == ["duplicate"]
    assert central_api.send({**first, "body": {**first["body"], "stars": 1}}) == ["conflict"]
    assert central_api.sql("select stars from rating") == [(4,)]


def test_what_was_accepted_stays_accepted_whatever_changes_afterwards(central_api: Api) -> None:
    ask = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    assert central_api.send(ask) == ["created"]
    centre = central_api.centre
    with writing(centre.engine) as connection:
        people.forget(Work(centre, connection, centre.clock.now()), central_api.person(STUDENT))
    assert central_api.send(ask) == ["duplicate"]
    assert central_api.send({**ask, "key": "request-afterwards"}) == ["rejected"]


def test_a_key_twice_in_one_batch_counts_once(central_api: Api) -> None:
    first = rated("rating-03")
    other = {**first, "body": {**first["body"], "stars": 1}}
    assert central_api.send(first, first, other) == ["created", "duplicate", "conflict"]


POISON: list[dict[str, Any]] = [
    {"kind": "nothing.known"},
    {"v": 9},
    {"kind": "NOT A KIND"},
    {"at": 1e300},
    {"at": -5.0},
    {"seq": 10**30},
    {"seq": 0},
    {"stream": "a\x00b"},
    {"stream": "\ud800"},
    {"boot": "x" * 50},
    {"extra": True},
    {"body": {**RATED, "stars": 9}},
    {"body": {**RATED, "stars": float("nan")}},
    {"body": {**RATED, "remark": "\udcff"}},
    {"body": {**RATED, "remark": "a\x00b"}},
    {"body": {**RATED, "more": "x"}},
    {"body": "nothing"},
]


def test_poison_is_rejected_in_words_and_the_others_are_taken(central_api: Api) -> None:
    bad = [{**rated(f"poison-{n:02d}"), **poison} for n, poison in enumerate(POISON)]
    good = [rated(f"rating-1{n:02d}") for n in range(len(bad))]
    text = json.dumps({"items": [each for pair in zip(bad, good, strict=True) for each in pair]})
    answer = central_api.call("POST", "/v1/events:batch", data=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [result["verdict"] for result in results] == ["rejected", "created"] * len(bad)
    assert all(" / " in result["reason"] for result in results[::2])
    assert central_api.sql("select count(*) from event") == [(len(good),)]


def test_a_backslash_is_no_nul(central_api: Api) -> None:
    assert central_api.send(rated("rating-20", remark="\\u0000")) == ["created"]


def test_nothing_of_what_was_sent_stands_in_a_reason(central_api: Api) -> None:
    assert "secret" not in central_api.reason(rated("poison-3", stars="secret"))


def test_what_no_result_could_name_is_refused_as_a_whole(central_api: Api) -> None:
    for items in ([], [{"key": "no"}], [{"nothing": 1}], ["text"], None, [[]]):
        answer = central_api.post("/v1/events:batch", {"items": items})
        assert answer.status_code == 422
        assert answer.json()["type"] == "bad_body"


def test_more_than_a_hundred_are_too_many(central_api: Api) -> None:
    assert (
        central_api.post("/v1/events:batch", {"items": [rated(f"many-{n:04d}") for n in range(101)]}).status_code == 413
    )
    assert set(central_api.send(*(rated(f"many-{n:04d}") for n in range(100)))) == {"created"}


def test_ten_senders_of_the_same_batch_make_it_once(central_api: Api) -> None:
    batch = [central_api.request("enrolment", STUDENT, {"purpose": "loan"}) for _ in range(5)]
    verdicts: list[list[str]] = []
    senders = [threading.Thread(target=lambda: verdicts.append(central_api.send(*batch))) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    counted = [verdict for column in zip(*verdicts, strict=True) for verdict in sorted(column)]
    assert counted == (["created"] + ["duplicate"] * 9) * 5
    assert central_api.sql("select count(*) from request where terminal = 'A-017'") == [(5,)]


def test_a_request_waits_for_its_attachment_and_its_stream_waits_with_it(central_api: Api) -> None:
    photo = hashlib.sha256(JPEG).hexdigest()
    leave = {"type": "sick", "starts": "2026-03-03T08:00", "ends": "2026-03-03T18:00", "reason": "发烧去医院看病"}
    ask = central_api.request("leave", OTHER, {**leave, "off_campus": "no"}, attachments={"diagnosis": photo})
    follows = event("rating-07", "rating.given", {**RATED, "request": ask["key"]}, stream=ask["key"], seq=2)
    assert central_api.send(ask, follows, rated("rating-08")) == ["later", "later", "created"]
    assert central_api.upload(JPEG).status_code == 200
    assert central_api.send(ask, follows) == ["created", "created"]
    stored = central_api.sql("select attachments from request where key = ?", ask["key"])
    assert json.loads(stored[0][0]) == {"diagnosis": photo}


def test_who_when_and_where_from_is_kept_with_the_event(central_api: Api) -> None:
    central_api.send(rated("rating-09"))
    row = central_api.sql("select terminal, seq, at, boot, mono, received_at from event")[0]
    assert row[:5] == ("A-017", 1, MORNING.timestamp(), "boot-1", 5.0)
    assert 0 <= row[5] - MORNING.timestamp() < 600


REFUSED: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    ("income", {}, {}, "不能办理"),
    ("employment", {}, {}, "不能办理"),
    ("transcript", {"terms": "all", "transcript_for": "job"}, {"factors": ["pin", "number"]}, "两种方式"),
    ("enrolment", {"purpose": "loan"}, {"copies": 99}, "最多"),
    ("enrolment", {"purpose": "loan"}, {"factors": ["charm"]}, "factors"),
    ("enrolment", {"purpose": "to the moon"}, {}, "用途"),
    ("enrolment", {}, {}, "用途"),
    ("leave", {"type": "personal", "starts": "tomorrow"}, {}, "开始时间"),
]


def test_a_request_that_the_campus_may_not_take_is_rejected(central_api: Api) -> None:
    for item, values, more, says in REFUSED:
        assert says in central_api.reason(central_api.request(item, STUDENT, values, **more))
    assert central_api.sql("select count(*) from request where terminal != ''") == [(0,)]


def test_somebody_unknown_and_something_unknown_are_rejected(central_api: Api) -> None:
    good = central_api.request("enrolment", STUDENT, {"purpose": "loan"})
    assert "查无此人" in central_api.reason({**good, "body": {**good["body"], "person": "0" * 16}})
    assert "没有这个事项" in central_api.reason({**good, "body": {**good["body"], "item": "flying"}})


def test_a_day_that_only_a_wrong_clock_forbids_is_left_to_people(central_api: Api) -> None:
    repair = {"place": "corridor", "fault": "lock", "symptom": "门锁打不开了", "visit_time": "noon"}
    ask = central_api.request("repair", STUDENT, {**repair, "visit_day": "2026-12-24"})
    assert central_api.send(ask) == ["created"]


def test_silence_is_stored_as_silence(central_api: Api) -> None:
    central_api.send(rated("rating-10", stars=3, how="defaulted", remark=""))
    assert central_api.sql("select stars, how from rating") == [(3, "defaulted")]


def test_what_is_said_of_a_serial_that_does_not_exist_is_rejected(central_api: Api) -> None:
    said = {"request": "request-y", "serial": "ZD-2026-0302-9999"}
    assert "编号" in central_api.reason(event("printed-1", "document.printed", {**said, "copies": 1}))
    assert "编号" in central_api.reason(event("voided-1", "document.voided", {**said, "reason": "spoiled"}))


def test_refused_codes_are_counted_and_nothing_else_of_them(central_api: Api) -> None:
    assert central_api.send(event("codes-01", "codes.refused", {"counts": {"expired": 3}})) == ["created"]
    assert json.loads(central_api.sql("select body from event")[0][0]) == {"counts": {"expired": 3}}


def test_who_has_left_may_still_have_the_proof_of_having_graduated(central_api: Api) -> None:
    ask = central_api.request("graduation", LEFT, {"why_needed": "waiting"})
    assert central_api.send(ask) == ["created"]
    assert central_api.ask(ask["key"], "graduation").status_code == 200


def test_staff_and_students_share_what_is_for_both(central_api: Api) -> None:
    health = {"temperature": "36.6", "symptoms": "none", "stays_at": "campus"}
    assert central_api.send(central_api.request("health_check_in", STAFF, health)) == ["created"]
