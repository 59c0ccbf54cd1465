"""The made-up campus of the demonstration: the same 200 people each time, from the seed and lists of demo.toml."""

from __future__ import annotations

import hashlib
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kiosk.domain.people import DEMO_PINS, Role
from sync.central import demogate, demorequests, feeds, people
from sync.central.centre import Centre, Work
from sync.central.codes import HASHER
from sync.central.database import upsert, writing
from sync.central.facts import school_year
from sync.central.people import Member
from sync.central.tables import meta, person
from sync.wire import NoticeRow

INTAKES = {2022: 20, 2023: 65, 2024: 45, 2025: 40}
"""Students by the year in which they began; those of 2022 have left."""
STAFF = 30
LEVEL = ("高职专科", "diploma (three-year higher vocational education)")
GENERAL_A_TERM, OWN_A_TERM = 2, 3

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """A person before PIN and records: who they are called, and what is drawn for them."""

    number: str
    name: str
    name_en: str
    gender: str
    programme: str
    draw: random.Random


@cache
def lists() -> Mapping[str, Any]:
    """demo.toml."""
    return tomllib.loads((Path(__file__).parent / "demo.toml").read_text("utf-8"))


def fill(centre: Centre, shown: Sequence[demogate.Shown] = ()) -> int:
    """Put the people, some requests of theirs, the gate's data and the notices into an empty database; how many people.

    Where there are people already only the faces that are `shown` are added. The centre must be in demo mode:
    ValueError otherwise.
    """
    if not centre.demo:
        raise ValueError("made-up people belong to demo mode")
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        if connection.execute(sa.select(sa.func.count()).select_from(person)).scalar_one():
            demogate.enrol(work, shown)
            return 0
    members = with_pins(everybody(centre.today()))
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        name_campus(work)
        for member in members:
            people.keep(work, member)
        for n, notice in enumerate(lists()["notice"], 1):
            row = NoticeRow(zh=notice["zh"], en=notice["en"], order=n * 10).model_dump()
            feeds.publish(connection, centre.campus, "notices", f"notice-{n}", row)
        demorequests.hand_in(work)
        demogate.fill(work, lists(), members, shown)
    return len(members)


def everybody(today: date) -> list[Member]:
    """All of them without their PINs. `today` decides how far their studies have come."""
    students = [f"{year}{n:04d}" for year, count in INTAKES.items() for n in range(1, count + 1)]
    hired = [2005 + (n * 7) % 20 for n in range(STAFF - 1)]
    staff = ["T2015001"] + [f"T{year}{n:03d}" for n, year in enumerate(hired, 2)]
    return [_student(_named(number), today) for number in students] + [_employee(_named(number)) for number in staff]


def with_pins(members: list[Member]) -> list[Member]:
    """With the hash of everybody's PIN: one for each role, as they are no secret and hashing is slow on purpose."""
    verifiers = {role: HASHER.hash(pin) for role, pin in DEMO_PINS.items()}
    return [replace(member, verifier=verifiers[member.role]) for member in members]


def name_campus(work: Work) -> None:
    """Its names, from the next start on."""
    for language, name in lists()["campus"].items():
        upsert(work.connection, meta, {"campus_id": work.campus, "name": f"name_{language}", "value": name})


def _named(number: str) -> Named:
    data = lists()
    draw = random.Random(f"{data['seed']}:{number}")
    fixed = next((entry for entry in data["named"] if entry["number"] == number), None)
    gender = draw.choice(["男", "女"])
    surname, given = draw.choice(data["surnames"]), draw.choice(data["male" if gender == "男" else "female"])
    programme = draw.choice(data["programme"])["name"]
    if fixed:
        return Named(number, fixed["name"], fixed["name_en"], fixed["gender"], fixed["programme"], draw)
    return Named(number, surname[0] + given[0], f"{surname[1]} {given[1]}", gender, programme, draw)


def _identity(number: str) -> str:
    """16 hex digits that say nothing of the number to whoever does not know the seed."""
    return hashlib.sha256(f"{lists()['seed']}:person:{number}".encode()).hexdigest()[:16]


def _gender(gender: str) -> Pair:
    return gender, "male" if gender == "男" else "female"


def _tails(draw: random.Random) -> dict[str, str]:
    return {
        "phone": f"1{draw.choice('3578')}{draw.randrange(10**9):09d}",
        "bank_card_tail": f"{draw.randrange(10_000):04d}",
        "id_number_tail": f"{draw.randrange(1000):03d}{draw.choice('0123456789X')}",
    }


def _student(who: Named, today: date) -> Member:
    programme = next(entry for entry in lists()["programme"] if entry["name"] == who.programme)
    intake, draw = int(who.number[:4]), who.draw
    ends = intake + 3 if intake == min(INTAKES) else max(intake + 3, school_year(today) + 1)
    group = 1 + int(who.number[4:]) % 2
    building = draw.choice("竹梅兰") if who.gender == "女" else draw.choice("松柏榆")
    gender, gender_en = _gender(who.gender)
    known = {
        "gender": gender,
        "college": programme["college"],
        "major": programme["name"],
        "class_name": f"{programme['short']}{intake % 100}{group:02d}班",
        "level": LEVEL[0],
        "dormitory": f"{building}园 {draw.randrange(1, 9)} 号楼 {draw.randrange(2, 7)}{draw.randrange(1, 31):02d} 室",
        "enrolled": f"{intake}-09-01",
        "graduates": f"{ends}-06-30",
        "counsellor": programme["counsellor"],
        **_tails(draw),
    }
    private = {
        "gender_en": gender_en,
        "college_en": programme["college_en"],
        "major_en": programme["name_en"],
        "class_name_en": f"Class {intake % 100}{group:02d}",
        "level_en": LEVEL[1],
        "schooling_years": str(ends - intake),
        "conduct_grade": draw.choice(["优秀", "优秀", "良好", "良好", "合格"]),
        "dormitory_since": f"{intake}-09-03",
        "batch": _batch(who.number),
        "gate": draw.choice(["东门", "南门", "北门"]),
    }
    records = {
        "course": _courses(programme, intake, min(ends, today.year + 1), today, draw),
        "award": _awards(who, intake, today),
        "fee": _fees(intake, ends, today),
    }
    return Member(_identity(who.number), who.number, who.name, who.name_en, Role.STUDENT, known, private, "", records)


def _batch(number: str) -> str:
    """By twos: the first pair in the first batch, and so on round."""
    batches = lists()["gate"]["batch"]
    return str(batches[(int(number[4:]) - 1) // 2 % len(batches)]["name"])


def _terms(intake: int, last: int, today: date) -> list[str]:
    """2023-2024-1, 2023-2024-2, … : those that are over, at most six."""
    over = [(year, half) for year in range(intake, last) for half in (1, 2)]
    ended = [date(year + 1, 1, 20) if half == 1 else date(year + 1, 7, 10) for year, half in over]
    return [f"{y}-{y + 1}-{half}" for (y, half), end in zip(over, ended, strict=True) if end <= today][:6]


def _courses(
    programme: Mapping[str, Any], intake: int, last: int, today: date, draw: random.Random
) -> tuple[dict[str, str], ...]:
    rows: list[dict[str, str]] = []
    for n, term in enumerate(_terms(intake, last, today)):
        general = lists()["general"][n * GENERAL_A_TERM : (n + 1) * GENERAL_A_TERM]
        own = programme["courses"][n * OWN_A_TERM : (n + 1) * OWN_A_TERM]
        for name, english, credit in [*general, *own]:
            grade = min(99, max(56, round(draw.gauss(81, 8))))
            rows.append({"term": term, "course": name, "course_en": english, "credit": credit, "grade": str(grade)})
    return tuple(rows)


def _awards(who: Named, intake: int, today: date) -> tuple[dict[str, str], ...]:
    """The first two students have won everything; of the others some something."""
    all_of_them = who.number in ("20230001", "20230002")
    this = school_year(today)
    return tuple(
        {"year": f"{year}-{year + 1}", "kind": award["kind"], "name": award["name"], "amount": award["amount"]}
        for year in range(max(intake, this - 2), this + 1)
        for award in lists()["award"]
        if all_of_them or who.draw.random() < 0.12
    )


def _fees(intake: int, ends: int, today: date) -> tuple[dict[str, str], ...]:
    return tuple(
        {"year": f"{year}-{year + 1}", "kind": fee["kind"], "name": fee["name"], "amount": fee["amount"]}
        for year in range(intake, min(ends, school_year(today) + 1))
        for fee in lists()["fee"]
    )


def _employee(who: Named) -> Member:
    draw, staff = who.draw, lists()["staff"]
    department = draw.choice(lists()["department"])
    position, position_en = draw.choice(department["positions"])
    title, title_en = draw.choice(staff["titles"])
    gender, gender_en = _gender(who.gender)
    hired = date(int(who.number[1:5]), 7, 1) + timedelta(days=draw.randrange(60))
    known = {"gender": gender, "department": department["name"], "position": position, "title": title}
    known |= {"hired": hired.isoformat(), **_tails(draw)}
    duties = {lists()["gate"]["guard"]: "gate", lists()["terminals"]["technician"]: "technician"}
    if who.number in duties:
        known["duty"] = duties[who.number]
    private = {"gender_en": gender_en, "department_en": department["name_en"], "position_en": position_en}
    private |= {"title_en": title_en, "monthly_income": f"{draw.randrange(5200, 14800, 50)}.00"}
    if who.number == "T2015001":
        private["monthly_income"] = "8650.00"
    return Member(_identity(who.number), who.number, who.name, who.name_en, Role.STAFF, known, private, "")
