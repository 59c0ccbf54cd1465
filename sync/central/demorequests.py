"""Requests that the demonstration's first people have handed in before anybody looks: some wait, some are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.domain import forms
from kiosk.domain.requests import receipt_number
from sync.central import flow, people
from sync.central.centre import Work, local
from sync.wire import Submitted

ELSEWHERE = ""
"""The terminal of a request that was handed in at a desk: the demonstration's approver leaves those to people."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A request from some hours ago; `steps` of its approvals are done, -1 = all."""

    number: str
    item: str
    hours_ago: float
    steps: int
    values: Mapping[str, str]


def hand_in(work: Work) -> None:
    """Hand them in, and let time pass as far as each says. Items that are not in the catalogue are left out."""
    for count, earlier in enumerate(_requests(local(work.now)), 1):
        item = work.centre.catalogue.items.get(earlier.item)
        member = people.by_number(work, earlier.number)
        if item is None or member is None:
            continue
        then = replace(work, now=work.now - 3600 * earlier.hours_ago)
        receipt = receipt_number("WEB", f"{local(then.now):%Y%m%d}", count)
        known = forms.prefill(item, people.told(member))
        body = Submitted(
            item=item.id, person=member.id, receipt=receipt, values={**known, **earlier.values}, factors=["pin"]
        )
        handed = flow.HandedIn(f"desk-{count:04d}-{item.id}", ELSEWHERE, then.now, body)
        steps = forms.steps(item, handed.values)
        flow.open_request(then, handed, item, steps)
        for n in range(len(steps) if earlier.steps < 0 else min(earlier.steps, len(steps))):
            waited = 3600 * earlier.hours_ago * (n + 1) / (len(steps) + 1)
            flow.approve(replace(work, now=then.now + waited), handed.key)


def _requests(now: datetime) -> list[Earlier]:
    def day(days: int) -> str:
        return (now + timedelta(days=days)).date().isoformat()

    repair = {
        "place": "bathroom",
        "fault": "water",
        "danger": "no",
        "symptom": "洗手池下水管滴水，地面有积水",
        "visit_day": day(0),
        "visit_time": "afternoon",
        "without_me": "warden",
    }
    leave = {
        "type": "official",
        "starts": f"{day(1)}T08:00",
        "ends": f"{day(2)}T18:00",
        "reason": "参加省职业院校技能大赛",
        "off_campus": "city",
    }
    older_leave = {**leave, "type": "personal", "starts": f"{day(-40)}T08:00", "ends": f"{day(-40)}T18:00"}
    health = {"temperature": "36.5", "symptoms": "none", "stays_at": "campus"}
    back = {"returns_on": day(1), "time_window": "w08", "comes_from": "湖北省宜昌市", "transport": "train"}
    back |= {"trip_number": "D2256", "week_health": "well"}
    meal = {"meal_day": day(0), "meal": "lunch", "menu": "usual", "portions": "1", "counter": "first"}
    hours_today = min(1.0, now.hour + now.minute / 60)
    found = [Earlier("20230001", "repair", 5.0, 1, repair)]
    for number in ("20230001", "20230002"):
        found += [
            Earlier(number, "leave", 24.0 * 41, -1, {**older_leave, "reason": "家中有事需回家一天"}),
            Earlier(number, "leave", 30.0, -1, leave),
            Earlier(number, "return_registration", 26.0, -1, back),
            Earlier(number, "health_check_in", hours_today, -1, health),
            Earlier(number, "meal_order", 0.9 * hours_today, -1, meal),
        ]
    return found
