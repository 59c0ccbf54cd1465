"""The centre and its gates: who came, who may, whose face; told to every terminal, once each."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain import codes, consent
from sync.central import devices, faces, flow, gates, people, ruling
from sync.central.centre import Centre, Work
from sync.central.database import reading, writing
from sync.vectors import pack
from sync.wire import FEEDS
from sync.wire_gate import ROWS, FaceEnrolled, LessonRow
from tests.sync.central_kit import MORNING, OTHER, STAFF, STUDENT, Api, event
from tests.sync.gate_kit import MODEL, templates
from tests.sync.keys_kit import Key

HOUR = 3600.0
NOW = MORNING.timestamp()
LESSON = "20260302-plants"
FINDINGS = [{"check": "identity", "result": "good", "word": "code_face"}]
VISITOR = {
    "visitor_name": "孙访客",
    "visitor_phone": "13812345678",
    "visitor_count": "1",
    "arrives": "2026-03-02T10:00",
    "departs": "2026-03-02T12:00",
    "visit_for": "family",
    "visitor_gate": "east",
}
CHECK_IN = {"temperature": "36.5", "symptoms": "none", "stays_at": "campus"}
RETURN = {
    "returns_on": "2026-03-03",
    "time_window": "w14",
    "comes_from": "湖北省宜昌市",
    "transport": "train",
    "trip_number": "D2256",
    "week_health": "well",
}


def decided(key: str, person: str = "", **more: Any) -> dict[str, Any]:
    body = {"gate": "east", "direction": "in", "person": person, "factors": ["code"], "outcome": "allow"}
    body |= {"findings": FINDINGS, "liveness": "not_asked", "rules_rev": 1, "receipt": "G-02-1", **more}
    return event(key, "gate.decided", body, stream=key)


def passed(key: str, went: bool = True, at: float = NOW, n: int = 1) -> dict[str, Any]:
    body = {"decision": key, "passed": went, "at": at}
    return event(f"{key}:passed{n}", "gate.passed", body, stream=key)


def enrolled(key: str, person: str, seed: int = 1, at: float = NOW, seq: int = 1, **agreed: Any) -> dict[str, Any]:
    body = {"person": person, "model": MODEL, "consent": {"version": consent.CURRENT, "at": at, **agreed}}
    body |= {"rows": 3, "vectors": pack(templates(seed)), "poses": ["front", "left", "right"]}
    return event(key, "face.enrolled", body, stream=f"face:{person}", seq=seq)


def withdrawn(key: str, person: str, at: float = NOW, seq: int = 2) -> dict[str, Any]:
    body = {"person": person, "consent": consent.CURRENT}
    return {**event(key, "face.withdrawn", body, stream=f"face:{person}", seq=seq), "at": at}


def approve_all(centre: Centre, key: str) -> None:
    with writing(centre.engine) as connection:
        while flow.approve(Work(centre, connection, NOW), key):
            continue


def test_a_decision_and_its_passage_are_kept_once(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    batch = [decided("g:b:0001", person), passed("g:b:0001"), decided("g:b:0002", outcome="refuse")]
    assert central_api.send(*batch) == ["created"] * 3
    assert central_api.send(*batch) == ["duplicate"] * 3
    assert central_api.send(passed("g:b:0001", False, n=2)) == ["created"]
    assert central_api.send(decided("g:b:0001", central_api.person(OTHER))) == ["conflict"]
    rows = central_api.sql("select key, person, outcome, passed, terminal from passage order by key")
    assert rows == [("g:b:0001", person, "allow", 1, "A-017"), ("g:b:0002", "", "refuse", None, "A-017")]


def test_a_passage_needs_its_decision(central_api: Api) -> None:
    assert "decision" in central_api.reason(passed("g:b:9999")).lower()
    assert central_api.sql("select count(*) from passage") == [(0,)]


def test_every_lane_hears_who_is_in(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    central_api.send(decided("g:b:0001", person), passed("g:b:0001", at=NOW + 60))
    told = central_api.feed("passes")[person]
    assert (told["inside"], told["moved"], told["role"]) == (True, NOW + 60, "student")
    out = decided("g:b:0002", person, direction="out")
    central_api.send(out, passed("g:b:0002", at=NOW + 30))
    assert central_api.feed("passes")[person]["inside"] is True, "an older word"
    central_api.send(decided("g:b:0003", person, direction="out"), passed("g:b:0003", False, at=NOW + 90))
    assert central_api.feed("passes")[person]["inside"] is True, "opened, and nobody went"
    central_api.send(decided("g:b:0004", person, direction="out"), passed("g:b:0004", at=NOW + 120))
    assert central_api.feed("passes")[person]["inside"] is False


def test_an_opening_by_hand_is_kept_with_guard_reason_and_person(central_api: Api) -> None:
    person, guard = central_api.person(STUDENT), central_api.person(STAFF)
    body = {"gate": "east", "direction": "in", "decision": "g:b:0001", "guard": guard, "reason": "confirmed"}
    hand = event("hand:b:0001", "gate.opened", body)
    assert (
        central_api.send(decided("g:b:0001", person, outcome="refer"), hand, passed("hand:b:0001")) == ["created"] * 3
    )
    row = central_api.sql("select person, outcome, guard, reason, decision, passed from passage where key like 'hand%'")
    assert row == [(person, "by_hand", guard, "confirmed", "g:b:0001", 1)]
    assert central_api.feed("passes")[person]["inside"] is True
    nobody = event("hand:b:0002", "gate.opened", {**body, "decision": ""})
    assert central_api.send(nobody) == ["created"]


def test_no_lane_speaks_for_another(central_api: Api, central_centre: Centre) -> None:
    person, guard = central_api.person(STUDENT), central_api.person(STAFF)
    central_api.send(decided("g:b:0001", person))
    code = devices.issue_code(central_centre, "A-018")
    key = Key(central_api.centre.clock.now)
    assert central_api.post("/v1/enrol", key.ask(code, "A-018")).status_code == 200
    central_api.key = key
    assert "decision" in central_api.reason(passed("g:b:0001")).lower()
    body = {"gate": "east", "direction": "in", "decision": "g:b:0001", "guard": guard, "reason": "papers"}
    central_api.send(event("hand:c:0001", "gate.opened", body), passed("hand:c:0001"))
    assert central_api.sql("select person from passage where key = 'hand:c:0001'") == [("",)]
    assert not central_api.feed("passes").get(person, {}).get("inside")


def test_a_passage_of_next_year_is_not_newer_than_every_later_one(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    central_api.send(decided("g:b:0001", person), passed("g:b:0001", at=NOW + 1e7))
    assert central_api.feed("passes")[person]["moved"] < NOW + HOUR


def test_the_decision_of_somebody_who_has_left_is_kept(central_api: Api) -> None:
    assert central_api.send(decided("g:b:0001", "f" * 16), passed("g:b:0001")) == ["created"] * 2
    assert "f" * 16 not in central_api.feed("passes")


def test_attendance_is_counted_once_and_only_for_lessons_that_are(central_api: Api, central_centre: Centre) -> None:
    person, other = central_api.person(STUDENT), central_api.person(OTHER)
    with writing(central_centre.engine) as connection:
        row = LessonRow(zh="园林植物", room="3-201", begins=NOW, ends=NOW + HOUR, members=[person])
        gates.keep_lesson(Work(central_centre, connection, NOW), LESSON, row)
    assert central_api.feed("lessons")[LESSON]["members"] == [person]

    def sign(lesson: str, who: str, key: str = "") -> dict[str, Any]:
        body = {"lesson": lesson, "person": who, "factors": ["code"], "late_minutes": 2}
        return event(key or f"att:{lesson}:{who}", "attendance.signed", body)

    assert central_api.send(sign(LESSON, person), sign(LESSON, other)) == ["created"] * 2
    assert central_api.send(sign(LESSON, person), sign(LESSON, person, "att:twice")) == ["duplicate", "created"]
    assert central_api.sql("select person, late_minutes, on_roster from attendance order by on_roster") == [
        (other, 2, 0),
        (person, 2, 1),
    ]
    assert "lesson" in central_api.reason(sign("20260302-none", person))


def test_a_face_is_told_to_every_terminal_and_kept_in_one_place(central_api: Api) -> None:
    person, item = central_api.person(STUDENT), None
    item = enrolled("face-0001", person)
    assert central_api.send(item) == ["created"]
    assert central_api.send(item) == ["duplicate"], "although the archive holds less than was sent"
    told = central_api.feed("templates")[person]
    assert ROWS["templates"].model_validate(told)
    assert (told["vectors"], told["consent"], told["enrolled_at"]) == (item["body"]["vectors"], consent.CURRENT, NOW)
    (archived,) = central_api.sql("select body from event where key = 'face-0001'")
    assert set(json.loads(archived[0])) == {"person", "model", "consent"}


def test_withdrawal_leaves_a_tombstone_and_no_vectors(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    item = enrolled("face-0001", person)
    assert central_api.send(item, withdrawn("face-gone-1", person, NOW + 5)) == ["created"] * 2
    assert central_api.feed("templates") == {person: None}
    everything = [
        row
        for table in ("template", "feed_row", "event")
        for row in central_api.sql(f"select * from {table}")  # noqa: S608
    ]
    assert item["body"]["vectors"] not in str(everything)
    assert central_api.send(item) == ["duplicate"]
    assert central_api.feed("templates") == {person: None}


@pytest.mark.parametrize(
    ("version", "number", "why"), [("2001-01", STUDENT, "consent"), (consent.CURRENT, "", "person")]
)
def test_no_face_without_todays_consent_or_of_nobody(central_api: Api, version: str, number: str, why: str) -> None:
    person = central_api.person(number) if number else "f" * 16
    item = enrolled("face-0001", person)
    item["body"]["consent"]["version"] = version
    assert why in central_api.reason(item).lower()
    assert central_api.feed("templates") == {}


def test_an_enrolment_that_comes_after_its_withdrawal_is_refused(central_api: Api) -> None:
    """Its batch hung in the network until the next one was through."""
    person = central_api.person(STUDENT)
    central_api.send(withdrawn("face-gone-1", person, NOW + 5, seq=2))
    assert "withdrawn" in central_api.reason(enrolled("face-0001", person, at=NOW, seq=1))
    assert central_api.feed("templates") == {}
    assert central_api.send(enrolled("face-0002", person, at=NOW + 3, seq=3)) == ["created"], "a clock set back since"
    assert central_api.feed("templates")[person] is not None


def test_a_withdrawal_is_never_refused(central_api: Api) -> None:
    gone = withdrawn("face-gone-1", "f" * 16)
    gone["body"]["consent"] = "1999-01"
    assert central_api.send(gone, withdrawn("face-gone-2", central_api.person(STUDENT))) == ["created"] * 2


@pytest.mark.parametrize(("terminal", "stays"), [("B-001", True), ("A-017", False)])
def test_only_a_newer_consent_at_another_terminal_outlives_a_withdrawal(
    central_api: Api, central_centre: Centre, terminal: str, stays: bool
) -> None:
    person = central_api.person(STUDENT)
    body = FaceEnrolled.model_validate(enrolled("face-0001", person, at=NOW + 60)["body"])
    with writing(central_centre.engine) as connection:
        faces.keep(Work(central_centre, connection, NOW), body, terminal, 1)
    assert central_api.send(withdrawn("face-gone-1", person, at=NOW, seq=2)) == ["created"]
    assert (central_api.feed("templates")[person] is not None) is stays


def test_the_newer_enrolment_counts_whichever_comes_first(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    new, old = enrolled("face-0002", person, 2, NOW + 60), enrolled("face-0001", person, 1, NOW)
    assert central_api.send(new, old) == ["created"] * 2
    assert central_api.feed("templates")[person]["vectors"] == new["body"]["vectors"]


def test_who_leaves_takes_face_and_pass_along(central_api: Api, central_centre: Centre) -> None:
    person = central_api.person(STUDENT)
    item = enrolled("face-0001", person)
    central_api.send(item, decided("g:b:0001", person), passed("g:b:0001"))
    with writing(central_centre.engine) as connection:
        people.forget(Work(central_centre, connection, NOW), person)
    assert (central_api.feed("templates"), central_api.feed("passes")[person]) == ({person: None}, None)
    assert item["body"]["vectors"] not in str(central_api.sql("select * from template"))
    assert central_api.send(decided("g:b:0002", person), passed("g:b:0002")) == ["created"] * 2
    assert central_api.feed("passes")[person] is None


def test_a_check_in_counts_from_the_moment_it_is_handed_in(central_api: Api) -> None:
    person = central_api.person(STAFF)
    assert central_api.send(central_api.request("health_check_in", STAFF, CHECK_IN)) == ["created"]
    told = central_api.feed("passes")[person]
    assert (told["checked_in"], told["healthy"], told["declared"]) == ("2026-03-02", True, None)
    ill = {**CHECK_IN, "symptoms": "fever", "since": "2026-03-02", "seen_doctor": "no"}
    for values in (ill, {**CHECK_IN, "temperature": "37.6"}):
        later = central_api.request("health_check_in", STAFF, values)
        assert central_api.send({**later, "at": NOW + 60}) == ["created"]
        assert central_api.feed("passes")[person]["healthy"] is False
    yesterday = central_api.request("health_check_in", STAFF, CHECK_IN)
    assert central_api.send({**yesterday, "at": NOW - 86400}) == ["created"]
    told = central_api.feed("passes")[person]
    assert (told["checked_in"], told["healthy"]) == ("2026-03-02", False), "handed in before, arrived after"


def test_a_return_declares_at_once_and_opens_its_window_when_approved(central_api: Api, central_centre: Centre) -> None:
    person = central_api.person("20230004")
    request = central_api.request("return_registration", "20230004", RETURN)
    central_api.send(request)
    told = central_api.feed("passes")[person]
    assert (told["declared"], told["windows"], told["healthy"]) == ("2026-03-02", [], True)
    approve_all(central_centre, request["key"])
    (window,) = central_api.feed("passes")[person]["windows"]
    assert (window["begins"], window["ends"]) == (NOW + 29 * HOUR + 18 * 60, NOW + 32 * HOUR + 18 * 60)


def test_an_invitation_becomes_a_visit_whose_code_ends_with_it(central_api: Api, central_centre: Centre) -> None:
    request = central_api.request("visitor", STAFF, VISITOR)
    central_api.send(request)
    assert central_api.feed("visits") == {}
    approve_all(central_centre, request["key"])
    ((visit, told),) = central_api.feed("visits").items()
    assert (told["name"], told["gates"], told["ends"] - told["begins"]) == ("孙访客", ["east"], 2 * HOUR)
    ((token,),) = central_api.sql("select token from visit")
    assert token not in json.dumps([central_api.feed(name) for name in FEEDS])
    shown = central_api.post("/v1/codes", {"visit": token}).json()
    keys = {1: central_centre.keys["code"].public}
    accepted = codes.check(shown["code"], keys, 1, central_centre.clock.now(), lambda _: False)
    assert isinstance(accepted, codes.CodeAccepted)
    assert accepted.person == visit
    assert central_api.post("/v1/codes", {"visit": "x" * 16}).status_code == 403
    central_api.send(decided("g:b:0001", visit=visit), passed("g:b:0001"))
    assert central_api.feed("visits")[visit]["used"] is True
    central_api.send(decided("g:b:0002", visit=visit, direction="out"), passed("g:b:0002"))
    assert central_api.feed("visits")[visit]["used"] is False


@pytest.mark.parametrize(("left", "life"), [(45.0, 40), (600.0, 60), (9.0, 0), (-1.0, 0)])
def test_a_visitors_code_never_outlives_the_visit(central_centre: Centre, left: float, life: int) -> None:
    from sync.central.codes import code_for
    from sync.wire import CodeAnswer, CodeAsk

    class Still:
        def now(self) -> float:
            return NOW

    clock: Any = Still()
    centre = replace(central_centre, clock=clock)
    with writing(centre.engine) as connection:
        work = Work(centre, connection, NOW)
        host = people.by_number(work, STAFF)
        assert host is not None
        booking = gates.Booking("00000000000000f9", "", "孙访客", host, ("east",), NOW - HOUR, NOW + left, "t" * 16)
        gates.keep_visit(work, booking)
    answer = code_for(centre, CodeAsk(visit="t" * 16))
    if life:
        assert isinstance(answer, CodeAnswer)
        assert answer.expires == NOW + life
    else:
        assert not isinstance(answer, CodeAnswer)
    with writing(centre.engine) as connection:
        gates.change_visit(Work(centre, connection, NOW), "00000000000000f9", revoked=True)
    assert not isinstance(code_for(centre, CodeAsk(visit="t" * 16)), CodeAnswer)


def test_the_visit_of_an_invitation_is_made_once(central_api: Api, central_centre: Centre) -> None:
    request = central_api.request("visitor", STAFF, VISITOR)
    central_api.send(request)
    approve_all(central_centre, request["key"])
    with writing(central_centre.engine) as connection:
        work = Work(central_centre, connection, NOW)
        gates.approved(work, request["key"], "visitor", central_api.person(STAFF), VISITOR)
    assert central_api.sql("select count(*) from visit") == [(1,)]


@pytest.mark.parametrize("kind", ["gate.decided", "gate.passed", "gate.opened", "attendance.signed", "face.enrolled"])
def test_nonsense_is_refused_with_words_and_nothing_else(central_api: Api, kind: str) -> None:
    for n, body in enumerate(({}, {"vectors": "A" * 100}, {"person": "' or 1=1"}, {"findings": [{}] * 1000})):
        assert central_api.reason(event(f"bad-{n:05}", kind, body))


def test_what_is_told_is_what_terminals_can_read(central_still: Centre) -> None:
    with reading(central_still.engine) as connection:
        from sync.central import feeds

        for name, model in ROWS.items():
            for row in feeds.page(connection, 1, name, 0).rows:
                model.model_validate(row.data)


def rules_row(centre: Centre) -> dict[str, Any]:
    with reading(centre.engine) as connection:
        return ruling.change(Work(centre, connection, NOW), "*", ()).model_dump(mode="json")


def test_the_operator_changes_rules_by_name(central_api: Api) -> None:
    changes = ["no_face=log", "limit=37.5", "head_turn=true", "batch.hardness=log", "liveness=off"]
    with writing(central_api.centre.engine) as connection:
        ruling.change(Work(central_api.centre, connection, NOW + 5), "*", changes)
    row = rules_row(central_api.centre)
    assert (row["no_face"], row["limit"], row["head_turn"], row["issued"]) == ("log", 37.5, True, NOW + 5)
    checks = {check["check"]: check for check in row["checks"]}
    assert checks["batch"]["hardness"] == "log"
    assert "liveness" not in checks
    told = central_api.feed("rules")
    assert told["*"]["limit"] == 37.5


@pytest.mark.parametrize("change", ["limit", "limit=", "limit=hot", "limit=99", "issued=0", "moon.order=only"])
def test_rules_that_mean_nothing_change_nothing(central_api: Api, change: str) -> None:
    before = rules_row(central_api.centre)
    with writing(central_api.centre.engine) as connection, pytest.raises(ValueError, match=r"."):
        ruling.change(Work(central_api.centre, connection, NOW + 5), "*", [change])
    assert rules_row(central_api.centre) == before


def test_a_gate_of_its_own_begins_with_the_rules_of_all(central_api: Api) -> None:
    with writing(central_api.centre.engine) as connection:
        work = Work(central_api.centre, connection, NOW)
        ruling.change(work, "*", ["limit=37.4"])
        assert ruling.change(work, "south", ["way=code"]).limit == 37.4
    assert rules_row(central_api.centre)["way"] == "code_face"


def test_a_pass_is_taken_back_and_given_again(central_api: Api) -> None:
    person = central_api.person(STUDENT)
    for revoked in (True, False):
        with writing(central_api.centre.engine) as connection:
            work = Work(central_api.centre, connection, NOW)
            assert ruling.revoke(work, STUDENT, revoked=revoked)
            assert not ruling.revoke(work, "19990001", revoked=revoked)
        assert central_api.feed("passes")[person]["revoked"] is revoked
