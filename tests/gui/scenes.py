"""Every screen once, as a State: what the tests render and the gallery shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

from kiosk import shipped
from kiosk.app.papers import placed
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import forms
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Code, Fault
from kiosk.domain.forms import ErrorCode, FieldError
from kiosk.domain.people import Factor, Person, Role
from kiosk.domain.printer import PrinterState
from kiosk.domain.requests import Mark, Request, Status
from kiosk.flows.service import Service
from kiosk.flows.walkup.state import (
    Draft,
    Entry,
    Filling,
    Job,
    Link,
    Message,
    Notice,
    Pad,
    Phase,
    Photo,
    Rating,
    Screen,
    State,
    Station,
    Trouble,
    Visit,
)
from tests.gui import face_scenes, technician_scenes

MORNING = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE)
NOW = MORNING.timestamp()
HOUR = 3600.0


@cache
def items() -> Catalogue:
    """The catalogue that comes with the program."""
    return placed(shipped.items())


STUDENT = Person(
    "00000000000000a1",
    "20230017",
    "张伟",
    "Zhang Wei",
    Role.STUDENT,
    {
        "college": "景观生态学院",
        "major": "园林技术",
        "class_name": "园林 2301",
        "level": "专科",
        "phone": "13812342046",
        "dormitory": "3 号楼 512",
        "enrolled": "2023年9月",
        "graduates": "2026年6月",
        "counsellor": "刘敏",
        "gender": "男",
        "id_number_tail": "2046",
        "bank_card_tail": "8831",
    },
)
STAFF = Person(
    "00000000000000b2",
    "T10023",
    "欧阳娜娜",
    "Ouyang Nana",
    Role.STAFF,
    {"department": "教务处", "position": "科员", "title": "讲师", "hired": "2015年7月", "phone": "13987654321"},
)
LONG_NAME = "𠮷" + "很长的名字" * 2000

SEALED = Sealed(
    "k-enrolment:1",
    "ZD-2026-0302-0042",
    NOW,
    NOW + 90 * 24 * HOUR,
    "K1:…",
    "https://v.example.com/v/x",
    {"name": "张伟"},
)

REQUESTS = (
    Request(
        "k-repair",
        "repair",
        STUDENT.id,
        "A-017-20260301-0007",
        Status.IN_APPROVAL,
        NOW - 20 * HOUR,
        step=1,
        due=NOW + 7 * HOUR,
        values={"place": "room", "fault": "lock"},
        marks=(
            Mark("submitted", NOW - 20 * HOUR),
            Mark("step_approved", NOW - 18 * HOUR, step=0, by="dormitory", note="已派单"),
        ),
    ),
    Request("k-sent", "leave", STUDENT.id, "A-017-20260302-0003", Status.WAITING_TO_SEND, NOW - HOUR),
    Request(
        "k-leave",
        "leave",
        STUDENT.id,
        "A-017-20260225-0012",
        Status.APPROVED,
        NOW - 120 * HOUR,
        values={"type": "personal", "starts": "2026-02-26T08:00", "ends": "2026-02-27T17:00"},
        marks=(
            Mark("submitted", NOW - 120 * HOUR),
            Mark("step_approved", NOW - 119 * HOUR, step=0, by="counsellor"),
            Mark("finished", NOW - 119 * HOUR),
        ),
    ),
    Request(
        "k-refused",
        "leave",
        STUDENT.id,
        "A-017-20260210-0002",
        Status.REFUSED,
        NOW - 480 * HOUR,
        values={"type": "personal"},
        marks=(
            Mark("submitted", NOW - 480 * HOUR),
            Mark("step_refused", NOW - 470 * HOUR, step=0, by="counsellor", note="事由不清楚，请补充后重新提交"),
        ),
    ),
)

READY = Station(
    link=Link.ONLINE,
    printer=PrinterState.IDLE,
    scanner=True,
    camera=True,
    notices=(
        Notice("3 月 9 日起图书馆开放时间调整为 7:30–22:30。", "From 9 March the library opens 7:30–22:30."),
        Notice("返校登记请在 3 月 6 日前完成。", "Please finish the return registration by 6 March."),
    ),
)
OFFLINE = replace(READY, link=Link.OFFLINE, queued=3)
NO_PAPER = replace(READY, printer=PrinterState.NO_PAPER)
SHEETS_OUT = replace(READY, fitted=frozenset({"a4"}), a4=PrinterState.NO_TONER)
NOTHING_PRINTS = replace(SHEETS_OUT, printer=PrinterState.NO_PAPER)
FULL = replace(OFFLINE, keeps=False)
CLOSED = replace(READY, service=Service(closed=True, opens=NOW + 22 * HOUR, dark=0.75))
OUT = replace(READY, faults=(Fault(Code.PROGRAM_ENDS, "program"),))
BARE = replace(READY, camera=False, scanner=False, printer=PrinterState.DISCONNECTED, notices=())

VISIT = Visit(STUDENT, frozenset({Factor.CODE}), NOW, requests=REQUESTS)
AHEAD = replace(VISIT, ahead=frozenset({("enrolment", "zh"), ("dormitory", "zh")}))
LEAVE = {
    **forms.prefill(items().items["leave"], STUDENT),
    "type": "sick",
    "starts": "2026-03-05T08:00",
    "ends": "2026-03-09T17:00",
    "reason": "感冒发热，需要去医院复查",
    "off_campus": "away",
    "destination": "湖南省长沙市",
}
TRANSCRIPT = forms.prefill(items().items["transcript"], STUDENT)
ENROLMENT = {**forms.prefill(items().items["enrolment"], STUDENT), "purpose": "internship"}


def _state(screen: Screen, **fields: object) -> State:
    values: dict[str, object] = {"screen": screen, "station": READY, "visit": VISIT, "session": 3, **fields}
    return State(**values)  # type: ignore[arg-type]


def _form(page: int, **fields: object) -> State:
    filling = Filling("leave", "k-new", LEAVE, page=page)
    return _state(Screen.FORM, item="leave", filling=replace(filling, **fields))  # type: ignore[arg-type]


def _review(item: str, values: dict[str, str], **fields: object) -> State:
    filling = Filling(item, "k-new", values)
    return _state(Screen.REVIEW, item=item, filling=replace(filling, **fields))  # type: ignore[arg-type]


def _job(screen: Screen, purpose: str, phase: Phase, **fields: object) -> State:
    item = "enrolment" if purpose == "certificate" else "leave"
    job = Job("k-new", item, purpose, item, phase, receipt="A-017-20260302-0042")
    rating = Rating() if screen is Screen.DONE else None
    job = replace(job, **fields)  # type: ignore[arg-type]
    return _state(screen, item=item, job=job, rating=rating)


def _trouble(kind: Trouble, **fields: object) -> State:
    return _job(Screen.TROUBLE, "certificate", Phase.PRINTING, trouble=kind, **fields)


def screens() -> dict[str, State]:
    """Name → state, in the order a visitor meets them."""
    ends = FieldError(
        ErrorCode.BEFORE_OTHER,
        {"label_zh": "结束时间", "label_en": "Until", "limit_zh": "3月9日 08:00", "limit_en": "9 Mar 08:00"},
    )
    required = FieldError(ErrorCode.REQUIRED, {"label_zh": "请假类型", "label_en": "Kind of leave"})
    wrong = {"ends": ends, "type": required}
    backwards = {**LEAVE, "type": "", "starts": "2026-03-09T08:00", "ends": "2026-03-08T17:00"}
    long = replace(STUDENT, name=LONG_NAME, name_en="Wolfeschlegelsteinhausenbergerdorff " * 200)
    attract = _state(Screen.ATTRACT, visit=None)
    done = _job(Screen.DONE, "certificate", Phase.FINISHED, sealed=SEALED)
    return {
        "attract": attract,
        "attract_bare": replace(attract, station=BARE),
        "attract_offline": replace(attract, station=OFFLINE),
        "attract_full": replace(attract, station=FULL),
        "attract_told": replace(attract, message=Message("identify.unknown_code", {}, "stop")),
        "away_closed": replace(attract, station=CLOSED),
        "away_out": replace(attract, station=OUT),
        "pin": _state(Screen.PIN, visit=None, entry=Entry("2023001")),
        "pin_secret": _state(Screen.PIN, visit=None, entry=Entry("20230017", "1357", "pin")),
        "pin_wrong": _state(
            Screen.PIN,
            visit=None,
            entry=Entry("20230017", "", "pin"),
            message=Message("identify.wrong", {"left": "3"}, "stop"),
        ),
        "home": _state(Screen.HOME),
        "home_offline": _state(Screen.HOME, station=OFFLINE, visit=replace(VISIT, requests=())),
        "home_ahead": _state(Screen.HOME, station=OFFLINE, visit=AHEAD),
        "category_ahead": _state(Screen.CATEGORY, category="certificates", station=OFFLINE, visit=AHEAD),
        "home_full": _state(Screen.HOME, station=FULL),
        "home_staff": _state(Screen.HOME, visit=Visit(STAFF, frozenset({Factor.CODE}), NOW)),
        "home_long_name": _state(Screen.HOME, visit=replace(VISIT, person=long)),
        "category": _state(Screen.CATEGORY, category="study"),
        "category_sheets_out": _state(Screen.CATEGORY, category="certificates", station=SHEETS_OUT),
        "search_empty": _state(Screen.SEARCH),
        "search": _state(Screen.SEARCH, query=Pad("search", letters="zm")),
        "item": _state(Screen.ITEM, item="enrolment"),
        "item_request": _state(Screen.ITEM, item="leave"),
        "item_offline": _state(Screen.ITEM, item="enrolment", station=OFFLINE),
        "item_ahead": _state(Screen.ITEM, item="enrolment", station=OFFLINE, visit=AHEAD),
        "item_request_offline": _state(Screen.ITEM, item="leave", station=OFFLINE),
        "item_full": _state(Screen.ITEM, item="leave", station=FULL),
        "item_full_told": _state(
            Screen.ITEM, item="enrolment", station=FULL, message=Message("item.full_short", {}, "stop")
        ),
        "item_no_paper": _state(Screen.ITEM, item="enrolment", station=NO_PAPER),
        "item_sheets_out": _state(Screen.ITEM, item="transcript", station=SHEETS_OUT),
        "item_nothing_prints": _state(Screen.ITEM, item="transcript", station=NOTHING_PRINTS),
        "item_draft": _state(
            Screen.ITEM, item="leave", visit=replace(VISIT, drafts=(Draft("leave", "k-old", LEAVE, NOW - 50 * HOUR),))
        ),
        "factor_pin": _state(Screen.FACTOR, item="enrolment", entry=Entry("20230017", "13", "pin")),
        "factor_code": _state(
            Screen.FACTOR,
            item="enrolment",
            visit=replace(VISIT, factors=frozenset({Factor.NUMBER, Factor.PIN})),
        ),
        "form_known": _form(0),
        "form_questions": _form(1),
        "form_errors": _form(1, values=backwards, errors=wrong),
        "form_text": _form(2),
        "form_photo": _form(3),
        "pad_zh": _form(2, pad=Pad("reason", "感冒发热，需要去", "yiyuan", "zh")),
        "pad_en": _form(2, pad=Pad("reason", "A cold", "", "en", shift=True)),
        "pad_signs": _form(2, pad=Pad("reason", "A cold", "", "digits")),
        "pad_digits": _form(0, pad=Pad("phone", "138123", mode="digits")),
        "calendar": _form(1, pad=Pad("starts", "2026-03-05T08:00", mode="digits", month="2026-03")),
        "photo_framing": _form(3, photo=Photo("diagnosis")),
        "photo_looking": _form(3, photo=Photo("diagnosis", "looking")),
        "review": _review("enrolment", ENROLMENT),
        "review_request": _review("leave", LEAVE),
        "review_prepare": _review("enrolment", ENROLMENT, prepare=True),
        "review_ahead": replace(_review("enrolment", ENROLMENT), station=OFFLINE, visit=AHEAD),
        "review_offline": replace(_review("enrolment", ENROLMENT), station=OFFLINE),
        "review_sheets_out": replace(_review("transcript", TRANSCRIPT), station=SHEETS_OUT),
        "working_record": _job(Screen.WORKING, "certificate", Phase.RECORDING, receipt=""),
        "working_seal": _job(Screen.WORKING, "certificate", Phase.SEALING),
        "working_ahead": replace(_job(Screen.WORKING, "certificate", Phase.SEALING, offline=True), station=OFFLINE),
        "working_print": _job(Screen.WORKING, "certificate", Phase.PRINTING),
        "working_no_paper": replace(_job(Screen.WORKING, "certificate", Phase.PRINTING), station=NO_PAPER),
        "trouble_not_recorded": _trouble(Trouble.NOT_RECORDED, receipt=""),
        "trouble_not_sealed": _trouble(Trouble.NOT_SEALED),
        "trouble_seal_refused": _trouble(Trouble.SEAL_REFUSED),
        "trouble_spoiled": replace(_trouble(Trouble.SPOILED), station=NO_PAPER),
        "trouble_spoiled_ready": _trouble(Trouble.SPOILED),
        "trouble_unknown": _trouble(Trouble.UNKNOWN),
        "done": done,
        "done_stars": replace(done, rating=Rating(4, "很快，一分钟就办好了")),
        "done_own_sheets": _job(Screen.DONE, "certificate", Phase.FINISHED, sealed=SEALED, own=True),
        "done_ahead": replace(
            _job(Screen.DONE, "certificate", Phase.FINISHED, sealed=SEALED, offline=True), station=OFFLINE
        ),
        "done_receipt": _job(Screen.DONE, "receipt", Phase.FINISHED),
        "done_no_paper": _job(Screen.DONE, "receipt", Phase.FINISHED, note="done.no_paper"),
        "done_prepared": _job(Screen.DONE, "receipt", Phase.FINISHED, item="enrolment", prepare=True),
        "done_later": _job(Screen.DONE, "certificate", Phase.FINISHED, note="done.not_sealed"),
        "remark": replace(done, rating=Rating(5, "", Pad("remark", "很快", "xiexie", "zh"))),
        "requests": _state(Screen.REQUESTS),
        "requests_none": _state(Screen.REQUESTS, visit=replace(VISIT, requests=())),
        "request": _state(Screen.REQUEST, request="k-repair"),
        "request_finished": _state(Screen.REQUEST, request="k-leave"),
        "request_refused": _state(Screen.REQUEST, request="k-refused"),
        "request_waiting": _state(Screen.REQUEST, request="k-sent", station=OFFLINE),
        "help": replace(_state(Screen.ITEM, item="leave"), help=True),
        "still": replace(_state(Screen.HOME), still=17),
        **face_scenes.screens(_state, READY, VISIT, NOW),
        **technician_scenes.screens(_state, READY, NOW),
    }


def with_look(state: State, **look: object) -> State:
    """The same screen for somebody who wants it otherwise."""
    return replace(state, look=replace(state.look, **look))  # type: ignore[arg-type]


def with_queue(state: State) -> State:
    """The same screen after something elsewhere changed: one row more waits, the paper runs low."""
    station = replace(state.station, queued=state.station.queued + 1, printer=PrinterState.PAPER_LOW)
    return replace(state, station=station)
