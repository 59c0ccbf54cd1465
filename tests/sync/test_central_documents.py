"""Certificates: numbered, sealed, made once, voided, and shown for what they are."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
import requests

from kiosk.clock import Clock
from kiosk.domain.certificates import Claims, Finding, Outcome, PublicKey, Why, judge
from sync.central import people, sealer
from sync.central.centre import Centre, Work, open_centre
from sync.central.database import migrate, open_engine, writing
from tests.sync.central_kit import (
    LEFT,
    LONG,
    OTHER,
    RARE,
    STAFF,
    STUDENT,
    Api,
    event,
    served,
)
from tests.sync.seal_kit import claimed, keys_of, register

DAY = 86400.0
ROOM = {"housing_use": "refund", "lived_since": "all"}


def handed_in(api: Api, number: str = STUDENT, item: str = "enrolment", **more: Any) -> str:
    """The key of a request that may be printed."""
    values = more.pop("values", {"purpose": "loan"})
    ask = api.request(item, number, values, **more)
    assert api.send(ask) == ["created"]
    return str(ask["key"])


def claims_of(api: Api, code: str) -> Claims:
    """What a seal says, by the public keys of the feed alone."""
    return claimed(code, keys_of(api.feed("keys")))


def said(key: str, kind: str, serial: str, **more: Any) -> dict[str, Any]:
    return event(f"{key}:{kind}:{serial}", f"document.{kind}", {"request": key, "serial": serial, **more}, stream=key)


def status_of(api: Api, key: str) -> tuple[str, str]:
    row = api.feed("requests")[key]
    return row["status"], row["serial"]


def marks_of(api: Api, key: str) -> list[str]:
    return [mark["what"] for mark in api.feed("requests")[key]["marks"]]


def test_a_certificate_is_numbered_sealed_and_says_what_the_campus_knows(central_api: Api) -> None:
    key = handed_in(central_api)
    answer = central_api.ask(key, "enrolment", copies=2).json()
    assert answer["serial"] == "ZD-2026-0302-0001"
    assert answer["fields"]["name"] == "张伟"
    assert answer["fields"]["number"] == STUDENT
    assert answer["fields"]["campus"] == "江城职业学院"
    assert (answer["fields"]["date"], answer["fields"]["expires"]) == ("2026-03-02", "2026-05-31")
    assert central_api.ask(handed_in(central_api), "enrolment").json()["serial"] == "ZD-2026-0302-0002"
    room = handed_in(central_api, item="dormitory_proof", values=ROOM)
    assert central_api.ask(room, "dormitory").json()["serial"] == "ZS-2026-0302-0001"
    assert status_of(central_api, key) == ("issued", answer["serial"])


def test_the_seal_is_checked_by_the_public_key_of_the_feed_alone(central_api: Api) -> None:
    answer = central_api.ask(handed_in(central_api), "enrolment").json()
    claims = claims_of(central_api, answer["code"])
    assert (claims.serial, claims.document, claims.masked_name) == (answer["serial"], "enrolment", "张*")
    assert (claims.issued, claims.expires) == (answer["issued"], answer["expires"])
    assert claims.content == sealer.content_hash(answer["fields"])
    assert claims.content != sealer.content_hash({**answer["fields"], "name": "李四"})
    assert 230 <= len(answer["code"]) <= 262, "fits a version 9 QR code"


def test_the_address_is_short_and_tells_no_serial(central_api: Api) -> None:
    answer = central_api.ask(handed_in(central_api), "enrolment").json()
    assert len(answer["url"]) == 40
    assert answer["url"].startswith("https://v.example.com/v/")
    assert answer["serial"] not in answer["url"]


def test_the_same_key_gives_the_same_answer_and_one_number(central_api: Api) -> None:
    key = handed_in(central_api)
    answers: list[dict[str, Any]] = []
    askers = [
        threading.Thread(target=lambda: answers.append(central_api.ask(key, "enrolment").json())) for _ in range(8)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert answers == [answers[0]] * 8
    assert central_api.sql("select count(*) from document") == [(1,)]
    assert central_api.sql("select n from serial_head") == [(1,)]


def test_the_same_key_for_something_else_is_a_conflict(central_api: Api) -> None:
    key = handed_in(central_api)
    assert central_api.ask(key, "enrolment").status_code == 200
    answer = central_api.ask(key, "enrolment", copies=2)
    assert (answer.status_code, answer.json()["type"]) == (409, "key_conflict")


def test_a_spoiled_one_is_void_and_the_reprint_is_the_one_that_counts(central_api: Api) -> None:
    key = handed_in(central_api)
    first = central_api.ask(key, "enrolment").json()["serial"]
    assert central_api.send(said(key, "voided", first, reason="spoiled")) == ["created"]
    assert status_of(central_api, key) == ("approved", "")
    second = central_api.ask(key, "enrolment", 2, replaces=first).json()["serial"]
    assert second != first
    assert central_api.send(said(key, "printed", second, copies=1)) == ["created"]
    assert status_of(central_api, key) == ("issued", second)
    assert marks_of(central_api, key) == ["submitted", "finished", "voided", "issued"]
    assert central_api.sql("select serial from document where voided_at is null") == [(second,)]


def test_a_reprint_that_overtakes_its_voiding_counts_too(central_api: Api) -> None:
    key = handed_in(central_api)
    first = central_api.ask(key, "enrolment").json()["serial"]
    second = central_api.ask(key, "enrolment", 2, replaces=first).json()["serial"]
    assert central_api.send(said(key, "voided", first, reason="spoiled")) == ["created"]
    assert status_of(central_api, key) == ("issued", second)
    assert marks_of(central_api, key).count("voided") == 1


def test_a_voided_key_says_so_instead_of_being_printed_again(central_api: Api) -> None:
    key = handed_in(central_api)
    first = central_api.ask(key, "enrolment").json()["serial"]
    central_api.send(said(key, "voided", first, reason="unknown"))
    answer = central_api.ask(key, "enrolment")
    assert (answer.status_code, answer.json()["type"]) == (409, "voided")


def test_a_printed_one_is_not_handed_out_a_second_time(central_api: Api) -> None:
    key = handed_in(central_api)
    serial = central_api.ask(key, "enrolment").json()["serial"]
    central_api.send(said(key, "printed", serial, copies=1))
    for attempt in (1, 2):
        answer = central_api.ask(key, "enrolment", attempt)
        assert (answer.status_code, answer.json()["type"]) == (409, "already_issued")
    assert central_api.sql("select count(*) from document where voided_at is null") == [(1,)]


def test_at_most_one_paper_of_a_request_counts(central_api: Api) -> None:
    key = handed_in(central_api)
    for attempt in range(1, 5):
        assert central_api.ask(key, "enrolment", attempt).status_code == 200
    assert central_api.sql("select count(*) from document where voided_at is null") == [(1,)]


def test_somebody_elses_serial_is_not_replaced(central_api: Api) -> None:
    theirs = central_api.ask(handed_in(central_api, OTHER), "enrolment").json()["serial"]
    answer = central_api.ask(handed_in(central_api), "enrolment", replaces=theirs)
    assert (answer.status_code, answer.json()["type"]) == (409, "serial_unknown")
    assert central_api.sql("select voided_at, superseded_by from document where serial = ?", theirs) == [(None, "")]


def test_a_request_that_has_not_arrived_is_asked_for_again_later(central_api: Api) -> None:
    answer = central_api.ask("request-nobody", "enrolment")
    assert (answer.status_code, answer.json()["type"]) == (409, "request_unknown")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_may_not_be_printed_is_not_numbered(central_api: Api) -> None:
    leave = {"type": "personal", "starts": "2026-03-03T08:00", "ends": "2026-03-03T18:00", "reason": "家里有事"}
    waiting = handed_in(central_api, item="leave", values={**leave, "off_campus": "no"})
    printable = handed_in(central_api)
    for key, document, more, word in [
        (waiting, "leave_slip", {}, "not_approved"),
        (waiting, "enrolment", {}, "not_printable"),
        (printable, "transcript", {}, "not_printable"),
        (printable, "../../etc", {}, "not_printable"),
        (printable, "enrolment", {"copies": 20}, "copies"),
    ]:
        answer = central_api.ask(key, document, **more)
        assert (answer.status_code, answer.json()["type"]) == (409, word)
    assert central_api.sql("select count(*) from document") == [(0,)]


def test_an_english_paper_only_where_there_is_one(central_api: Api) -> None:
    english = central_api.ask(handed_in(central_api), "enrolment", language="en").json()["fields"]
    assert english["campus"] == "Jiangcheng Vocational College"
    assert english["major"] == "Landscape Engineering"
    room = handed_in(central_api, item="dormitory_proof", values=ROOM)
    assert central_api.ask(room, "dormitory", language="en").json()["type"] == "language"


def test_who_has_left_gets_no_more_papers(central_api: Api) -> None:
    key = handed_in(central_api)
    centre = central_api.centre
    with writing(centre.engine) as connection:
        people.forget(Work(centre, connection, centre.clock.now()), central_api.person(STUDENT))
    assert central_api.ask(key, "enrolment").json()["type"] == "person_unknown"
    assert central_api.feed("persons")[central_api.person(STUDENT)] is None


def test_what_the_campus_cannot_certify_is_refused_at_once_with_the_reason(central_api: Api) -> None:
    key = handed_in(central_api, item="graduation", values={"why_needed": "waiting"})
    row = central_api.feed("requests")[key]
    assert row["status"] == "refused"
    assert "尚未毕业" in row["marks"][-1]["note"]
    assert central_api.ask(key, "graduation").json()["type"] == "refused"
    old = handed_in(central_api, LEFT)
    assert "在读" in central_api.feed("requests")[old]["marks"][-1]["note"]


def test_one_to_have_ready_is_ready_and_sealed_only_when_asked_for(central_api: Api) -> None:
    key = handed_in(central_api, prepare=True)
    assert status_of(central_api, key) == ("approved", "")
    assert central_api.ask(key, "enrolment").status_code == 200


def test_names_that_are_rare_or_long_are_kept_and_masked(central_api: Api) -> None:
    for number, name, masked in [(RARE, "李𠮷祥", "李**"), (LONG, "欧阳若溪", "欧***")]:
        answer = central_api.ask(handed_in(central_api, number), "enrolment").json()
        claims = claims_of(central_api, answer["code"])
        assert (answer["fields"]["name"], claims.masked_name) == (name, masked)


def page(api: Api, url: str) -> tuple[int, str]:
    """The check page behind a certificate's address, as anybody sees it."""
    answer = requests.get(api.url + "/v/" + url.rsplit("/", 1)[1], timeout=10)
    return answer.status_code, answer.text


def test_the_check_page_says_valid_void_and_replaced_in_both_languages(central_api: Api) -> None:
    key = handed_in(central_api)
    first = central_api.ask(key, "enrolment").json()
    status, text = page(central_api, first["url"])
    assert status == 200
    assert "证明有效" in text
    assert "Valid" in text
    assert "张*" in text
    assert "张伟" not in text
    assert STUDENT not in text
    central_api.send(said(key, "voided", first["serial"], reason="spoiled"))
    status, text = page(central_api, first["url"])
    assert "证明已作废" in text
    assert "2026年3月2日" in text
    assert "void on 2 March 2026" in text
    second = central_api.ask(key, "enrolment", 2, replaces=first["serial"]).json()
    assert "证明已被替换" in page(central_api, first["url"])[1]
    assert second["serial"] not in page(central_api, first["url"])[1]
    assert "证明有效" in page(central_api, second["url"])[1]


def test_the_check_page_says_expired_when_its_last_day_is_over(central_api: Api) -> None:
    answer = central_api.ask(handed_in(central_api), "enrolment").json()
    centre = central_api.centre
    for days, word in [(90.5, "证明有效"), (91, "证明已过期")]:
        later = replace(centre, clock=Clock(centre.clock.offset + days * DAY))
        with served(later) as url:
            text = requests.get(f"{url}/v/{answer['url'].rsplit('/', 1)[1]}", timeout=10).text
        assert word in text


def test_an_address_of_nothing_is_not_found_and_says_nothing(central_door: Api) -> None:
    for token in ("x", "A" * 16, "%3Cscript%3E", "A" * 4000, "ZD-2026-0302-0001", "..%2f..", "张"):
        answer = requests.get(f"{central_door.url}/v/{token}", timeout=10)
        assert answer.status_code == 404
        assert "<script>" not in answer.text
        assert "Traceback" not in answer.text


def test_a_page_nobody_may_frame_run_or_keep(central_api: Api) -> None:
    answer = central_api.ask(handed_in(central_api), "enrolment").json()
    headers = requests.get(central_api.url + "/v/" + answer["url"].rsplit("/", 1)[1], timeout=10).headers
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_income_takes_two_ways_and_writes_the_sum_in_words(central_api: Api) -> None:
    values = {"period": "months_12", "income_for": "visa"}
    answer = central_api.ask(handed_in(central_api, STAFF, "income", values=values), "income").json()
    assert answer["fields"]["monthly_income"] == "8650.00"
    assert answer["fields"]["period_income"] == "103800.00"
    assert answer["fields"]["income_words"] == "壹拾万叁仟捌佰元整"


def test_seals_of_another_campus_or_centre_are_not_ours(
    central_api: Api, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    engine = open_engine(f"sqlite:///{folder}/central.db")
    migrate(engine)
    other: Centre = open_centre(engine, folder, clock=central_api.centre.clock, demo=True)
    answer = central_api.ask(handed_in(central_api), "enrolment").json()
    theirs = register({1: PublicKey(other.keys["certificate"].public)})
    assert judge(answer["code"], theirs, central_api.centre.clock.now()) == Finding(Outcome.FORGED, Why.SIGNATURE)
    engine.dispose()
