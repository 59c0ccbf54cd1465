"""One month as a grid of days, and the time of day where it is asked."""

from __future__ import annotations

from datetime import date, timedelta

from kiosk.domain import forms
from kiosk.domain.catalogue import Field, FieldType
from kiosk.flows.walkup.state import Filling, Pad
from ui.present.scene import Scene, View, button

HOURS = range(7, 23)
MINUTES = (0, 15, 30, 45)


def calendar(scene: Scene, filling: Filling, pad: Pad, field: Field) -> View:
    """The sheet: month, days (those out of bounds cannot be pressed), hours and minutes, two acts."""
    month = _month(pad, scene)
    timed = field.type is FieldType.DATETIME
    chosen = forms.read_date(pad.text[:10])
    return {
        "title": field.label.of(scene.language),
        "hint": field.hint.of(scene.language) if field.hint else "",
        "shown": forms.show(field, pad.text, scene.language) if pad.text else scene.t("calendar.none"),
        "month": _title(scene, month),
        "before": _turn(scene, "before", month - timedelta(days=1)),
        "after": _turn(scene, "after", (month + timedelta(days=31)).replace(day=1)),
        "weekdays": [scene.t(f"calendar.w{n}") for n in range(7)],
        "days": _days(scene, filling, field, month, chosen),
        "hours_title": scene.t("calendar.hours") if timed else "",
        "hours": _hours(pad) if timed else [],
        "minutes": _minutes(pad) if timed else [],
        "acts": [
            button("pad_commit", scene.t("calendar.commit"), tone="primary", live=_complete(pad, timed)),
            button("pad_cancel", scene.t("pad.cancel")),
        ],
    }


def _month(pad: Pad, scene: Scene) -> date:
    return forms.read_date(f"{pad.month}-01") or scene.today.replace(day=1)


def _title(scene: Scene, month: date) -> str:
    name = scene.t(f"calendar.m{month.month}")
    return scene.t("calendar.month", year=month.year, name=name)


def _turn(scene: Scene, way: str, month: date) -> View:
    icon = "back" if way == "before" else "forward"
    return button("pad_month", scene.t(f"calendar.{way}"), payload=f"{month:%Y-%m}", icon=icon)


def _days(scene: Scene, filling: Filling, field: Field, month: date, chosen: date | None) -> list[View]:
    first = month - timedelta(days=month.weekday())
    days = [first + timedelta(days=n) for n in range(42)]
    if days[35].month != month.month:
        days = days[:35]
    return [_day(scene, filling, field, day, month, chosen) for day in days]


def _day(scene: Scene, filling: Filling, field: Field, day: date, month: date, chosen: date | None) -> View:
    spec = button("pad_day", str(day.day), payload=day.isoformat(), live=_allowed(scene, filling, field, day))
    here = day.month == month.month
    spec |= {"chosen": day == chosen, "live": spec["live"] and here, "here": here, "today": day == scene.today}
    return {**spec, "name": f"{day.isoformat()}"}


def _allowed(scene: Scene, filling: Filling, field: Field, day: date) -> bool:
    if field.least is not None and day < scene.today + timedelta(days=field.least):
        return False
    if field.most is not None and day > scene.today + timedelta(days=field.most):
        return False
    other = forms.read_date(filling.values.get(field.after, "")[:10])
    return other is None or day >= other


def _time(pad: Pad) -> tuple[int, int] | None:
    moment = forms.read_datetime(pad.text)
    return (moment.hour, moment.minute) if moment else None


def _hours(pad: Pad) -> list[View]:
    time = _time(pad)
    minute = time[1] if time else 0
    return [_at(pad, f"{hour}", hour, minute, time is not None and time[0] == hour) for hour in HOURS]


def _minutes(pad: Pad) -> list[View]:
    time = _time(pad)
    if time is None:
        return [_at(pad, f":{minute:02d}", 0, minute, False, dead=True) for minute in MINUTES]
    return [_at(pad, f":{minute:02d}", time[0], minute, time[1] == minute, minutes=True) for minute in MINUTES]


def _at(pad: Pad, text: str, hour: int, minute: int, chosen: bool, minutes: bool = False, dead: bool = False) -> View:
    """The chosen minute names itself apart: its hour already has that payload, and names are unique."""
    live = bool(pad.text) and not dead and not (minutes and chosen)
    act = "chosen" if (minutes and chosen) or dead else "pad_time"
    return button(act, text, payload=f"{hour:02d}:{minute:02d}", live=live, chosen=chosen)


def _complete(pad: Pad, timed: bool) -> bool:
    return forms.read_datetime(pad.text) is not None if timed else forms.read_date(pad.text) is not None
