"""What a certificate says: each document's fields from the campus's own data, or why it cannot be given.

Field names are those of assets/documents; every value is text, dates are ISO, lists are lines of cells with `|`.
A field that the campus has nothing for is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from kiosk import text
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import forms
from kiosk.domain.people import Role
from sync.central.amounts import in_capitals
from sync.central.centre import Refusal
from sync.central.facts import Facts as Facts
from sync.central.facts import Handed as Handed
from sync.central.facts import school_year

Fields = dict[str, str]

FEVER = Decimal("37.3")


Maker = Callable[[Facts], "Fields | Refusal"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A document: the letters before its serial, how many days it is good for, and who fills it."""

    prefix: str
    days: int
    make: Maker


def fields_of(document: str, facts: Facts) -> Fields | Refusal:
    """The fields of this document; a Refusal when there is nothing to certify."""
    made = KINDS[document].make(facts)
    return made if isinstance(made, Refusal) else {name: value for name, value in made.items() if value.strip()}


def last_day(document: str, facts: Facts, fields: Mapping[str, str]) -> date:
    """The last day on which it is good: some are bound to a day of their own."""
    own = {"leave_slip": "leave_to", "meal_slip": "meal_date", "return_pass": "return_day"}.get(document, "")
    day = forms.read_date(fields.get(own, "")[:10])
    return day or facts.today + timedelta(days=KINDS[document].days)


def _person(facts: Facts) -> Fields:
    member = facts.member
    return {"name": member.name, "name_en": member.name_en, "number": member.number}


def _student(facts: Facts, *names: str) -> Fields:
    known = ("college", "class_name", *names)
    return {**_person(facts), **{name: facts.known(name) for name in known}, "id_tail": facts.known("id_number_tail")}


def _studies(facts: Facts) -> Fields:
    return _student(facts, "gender", "major", "level", "schooling_years", "enrolled", "graduates")


def _enrolled(facts: Facts) -> bool:
    began, ends = (forms.read_date(facts.member.known.get(name, "")) for name in ("enrolled", "graduates"))
    return bool(began and ends and began <= facts.today <= ends)


def _enrolment(facts: Facts) -> Fields | Refusal:
    if not _enrolled(facts):
        return Refusal("not_enrolled_now")
    purpose = facts.values.get("purpose_words") or facts.word("purpose") or facts.word("use_abroad")
    return {**_studies(facts), "purpose": purpose}


def _employment(facts: Facts) -> Fields | Refusal:
    if facts.member.role is not Role.STAFF:
        return Refusal("not_employed")
    known = {name: facts.known(name) for name in ("gender", "department", "position", "title", "hired")}
    return {**_person(facts), **known, "purpose": facts.word("purpose")}


MONTHS = {"months_3": 3, "months_6": 6, "months_12": 12}


def _income(facts: Facts) -> Fields | Refusal:
    monthly = facts.member.private.get("monthly_income", "")
    if facts.member.role is not Role.STAFF or not monthly:
        return Refusal("not_employed")
    known = {name: facts.known(name) for name in ("gender", "department", "position", "title", "hired")}
    period = facts.values.get("period", "")
    asked = {"period": period if period in MONTHS else "months_12"}
    months = MONTHS[asked["period"]]
    whole = Decimal(monthly) * months
    sums = {"monthly_income": f"{Decimal(monthly):.2f}", "period_income": f"{whole:.2f}"}
    said = {"income_words": in_capitals(whole), "period": facts.word("period", values=asked)}
    rest = {"id_tail": facts.known("id_number_tail"), "purpose": facts.word("income_for")}
    return {**_person(facts), **known, **sums, **said, **rest}


def _transcript(facts: Facts) -> Fields | Refusal:
    courses = facts.member.records.get("course", ())
    terms = sorted({course["term"] for course in courses})
    kept = {"term": terms[-1:], "year": terms[-2:]}.get(facts.values.get("terms", ""), terms)
    chosen = [course for course in courses if course["term"] in kept]
    if not chosen:
        return Refusal("no_courses")
    name = "course_en" if facts.language == "en" else "course"
    lines = [f"{_term(facts, c['term'])}|{c[name]}|{c['credit']}|{c['grade']}" for c in chosen]
    passed = [course for course in chosen if Decimal(course["grade"]) >= 60]
    total = sum((Decimal(course["credit"]) for course in passed), Decimal(0))
    average = "" if facts.values.get("average") == "without" else _grade_point_average(chosen)
    rest = {"courses": "\n".join(lines), "credits_total": f"{total:.1f}", "gpa": average}
    return {**_studies(facts), **rest, "purpose": facts.word("transcript_for")}


def _term(facts: Facts, term: str) -> str:
    """2025-2026-1 → 2025–2026 学年第一学期."""
    years, _, half = term.rpartition("-")
    return facts.texts.get(facts.language, f"central.term.{half}", years=years.replace("-", "–"))


def _grade_point_average(courses: list[Mapping[str, str]]) -> str:
    points = [(Decimal(c["credit"]), max((Decimal(c["grade"]) - 50) / 10, Decimal(0))) for c in courses]
    points = [(credit, point if point >= 1 else Decimal(0)) for credit, point in points]
    credits = sum((credit for credit, _ in points), Decimal(0))
    return f"{sum((credit * point for credit, point in points), Decimal(0)) / credits:.2f}" if credits else ""


def _graduation(facts: Facts) -> Fields | Refusal:
    left = forms.read_date(facts.member.known.get("graduates", ""))
    if left is None or left > facts.today:
        return Refusal("not_graduated")
    return {**_studies(facts), "purpose": facts.word("why_needed")}


def _conduct(facts: Facts) -> Fields | Refusal:
    grade = facts.known("conduct_grade")
    if not grade:
        return Refusal("no_conduct")
    return {**_student(facts, "gender", "major"), "conduct_grade": grade, **_conduct_words(facts)}


def _conduct_words(facts: Facts) -> Fields:
    return {"covers": facts.word("covers"), "purpose": facts.word("conduct_for")}


def _leave_slip(facts: Facts) -> Fields | Refusal:
    """Of the leave it belongs to, or of an earlier one that was approved."""
    if facts.own and facts.own.item.result == "leave_slip":
        chosen: Handed | None = facts.own
    else:
        place = 1 if facts.values.get("which_leave") == "before" else 0
        chosen = next(iter(facts.approved("leave")[place:]), None)
    if chosen is None:
        return Refusal("no_leave")
    starts, ends = chosen.values.get("starts", ""), chosen.values.get("ends", "")
    first, last = forms.read_date(starts[:10]), forms.read_date(ends[:10])
    days = str((last - first).days + 1) if first and last else ""
    kind = facts.word("type", chosen.item, chosen.values)
    leave = {"leave_type": kind, "leave_from": starts, "leave_to": ends, "leave_days": days}
    return {**_student(facts), **leave, "leave_reason": chosen.values.get("reason", "")}


def _dormitory(facts: Facts) -> Fields | Refusal:
    room, since = facts.known("dormitory"), facts.known("dormitory_since")
    if not room or not since:
        return Refusal("no_dormitory")
    return {**_student(facts), "dormitory": room, "dormitory_since": since, "purpose": facts.word("housing_use")}


def _of_year(rows: tuple[Mapping[str, str], ...], wanted: str, today: date) -> list[Mapping[str, str]]:
    this = school_year(today)

    def fits(row: Mapping[str, str]) -> bool:
        age = this - int(row["year"][:4])
        return {"this": age == 0, "last": age == 1, "earlier": age > 1}.get(wanted, True)

    return [row for row in rows if fits(row)]


def _scholarship(facts: Facts) -> Fields | Refusal:
    rows = _of_year(facts.member.records.get("award", ()), facts.values.get("award_year", ""), facts.today)
    kind = facts.values.get("award", "")
    chosen = [row for row in rows if not kind or row["kind"] == kind]
    if not chosen:
        return Refusal("no_award")
    lines = [f"{row['year']}|{row['name']}|{row['amount']}" for row in chosen]
    return {**_student(facts, "major"), "scholarships": "\n".join(lines)}


def _fee_receipt(facts: Facts) -> Fields | Refusal:
    rows = _of_year(facts.member.records.get("fee", ()), facts.values.get("fee_year", ""), facts.today)
    kind = facts.values.get("fee", "")
    chosen = [row for row in rows if not kind or row["kind"] == kind]
    if not chosen:
        return Refusal("no_fee")
    total = sum((Decimal(row["amount"]) for row in chosen), Decimal(0))
    lines = "\n".join(f"{row['year']}|{row['name']}|{row['amount']}" for row in chosen)
    sums = {"fees": lines, "fees_total": f"{total:.2f}", "fees_words": in_capitals(total)}
    return {**_student(facts, "major"), **sums}


def _health_slip(facts: Facts) -> Fields | Refusal:
    """Of today's declaration, and of no older one."""
    of_item = facts.own if facts.own and facts.own.item.result == "health_slip" else None
    declared = of_item or next(iter(facts.approved("health_check_in")), None)
    if declared is None or declared.at.date() != facts.today:
        return Refusal("not_declared")
    temperature = declared.values.get("temperature", "")
    well = declared.values.get("symptoms") == "none" and Decimal(temperature or "0") < FEVER
    symptoms = facts.word("symptoms", declared.item, declared.values)
    feels = "well" if well else ("fever" if declared.values.get("symptoms") == "none" else symptoms)
    health = {"health_state": feels, "declared_temperature": temperature}
    at = f"{declared.at:%Y-%m-%dT%H:%M}"
    unit = {name: facts.known(name) for name in ("college", "class_name", "department")}
    return {**_person(facts), **unit, **health, "declared_at": at}


def _return_pass(facts: Facts) -> Fields | Refusal:
    of_item = facts.own if facts.own and facts.own.item.result == "return_pass" else None
    registered = of_item or next(iter(facts.approved("return_registration")), None)
    if registered is None:
        return Refusal("not_registered")
    day = registered.values.get("returns_on", "")
    window = facts.word("time_window", registered.item, registered.values)
    gate = facts.word("gate") or facts.known("gate")
    batch = facts.known("batch")
    times = {"batch": batch, "window": f"{_day_words(day, facts.language)} {window}".strip(), "return_day": day}
    return {**_student(facts), **times, "gate": gate}


def _day_words(day: str, language: str) -> str:
    found = forms.read_date(day)
    return text.date(language, datetime.combine(found, time(12), CAMPUS_ZONE).timestamp()) if found else ""


def _meal_slip(facts: Facts) -> Fields | Refusal:
    of_item = facts.own if facts.own and facts.own.item.result == "meal_slip" else None
    day, meal = facts.values.get("slip_day", ""), facts.values.get("slip_meal", "")
    orders = (of_item,) if of_item else facts.approved("meal_order")
    order = next((o for o in orders if of_item or (o.values["meal_day"], o.values["meal"]) == (day, meal)), None)
    if order is None:
        return Refusal("no_meal")
    period, menu, counter = (facts.word(name, order.item, order.values) for name in ("meal", "menu", "counter"))
    portions = order.values.get("portions", "1")
    price = MEAL_PRICES.get(order.values.get("menu", ""), Decimal(0)) * Decimal(portions)
    what = menu if portions == "1" else f"{menu} × {portions}"
    meal_fields = {"meal_date": order.values["meal_day"], "meal_period": period, "meal_name": what}
    return {**_person(facts), **meal_fields, "meal_window": counter, "meal_price": f"{price:.2f}"}


MEAL_PRICES = {"simple": Decimal("8"), "usual": Decimal("12"), "halal": Decimal("12"), "plain": Decimal("10")}

KINDS: Mapping[str, Kind] = {
    "enrolment": Kind("ZD", 90, _enrolment),
    "enrolment_en": Kind("EN", 90, _enrolment),
    "employment": Kind("ZZ", 90, _employment),
    "income": Kind("SR", 30, _income),
    "transcript": Kind("CJ", 180, _transcript),
    "graduation": Kind("BY", 365, _graduation),
    "conduct": Kind("CX", 90, _conduct),
    "leave_slip": Kind("QJ", 0, _leave_slip),
    "dormitory": Kind("ZS", 90, _dormitory),
    "scholarship": Kind("HJ", 365, _scholarship),
    "fee_receipt": Kind("JF", 1825, _fee_receipt),
    "health_slip": Kind("JK", 0, _health_slip),
    "return_pass": Kind("FX", 0, _return_pass),
    "meal_slip": Kind("DC", 0, _meal_slip),
}
