"""The technician's screens, each once, as a State."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.backlog import DeadRow, Standing, Stick
from kiosk.domain.faults import Code, Fault
from kiosk.flows.entry import Entry
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Phase, Queue, Told
from kiosk.flows.technician.state import State as Technician
from kiosk.flows.walkup.state import Link, Screen, State, Station

GONE = "rejected: 查无此人，或已离校 / No such person, or gone from the campus"
FIELDS = "结束时间、请假事由、目的地、联系电话"
FORM = f"rejected: 以下内容有误：{FIELDS} / These entries are wrong: {FIELDS}"
REASONS = (
    *(
        ("request.submitted", "A-017-20260301-0007", GONE),
        ("rating.given", "", "rejected"),
        ("gate.opened", "", "conflict"),
    ),
    *(("document.printed", "", "unreadable: UnreadableError"), ("request.submitted", "A-017-20260228-0112", FORM)),
    ("something.newer", "", "refused by a newer centre"),
)


def letters(now: float, first: int = 0) -> tuple[DeadRow, ...]:
    """One page of dead letters, of every sort there is."""
    return tuple(
        DeadRow(900 - first - n, kind, now - 4000.0 * (n + 1), 1 + n, 700 * 3**n, receipt, reason)
        for n, (kind, receipt, reason) in enumerate(REASONS)
    )


def screens(make: Callable[..., State], station: Station, now: float) -> dict[str, State]:
    """Name → state; `make` fills in what stands around."""
    seen = replace(station, fitted=frozenset({"scanner", "camera"}))
    away = replace(seen, camera=False, scanner=False)
    offline = replace(
        seen,
        link=Link.OFFLINE,
        faults=(Fault(Code.CENTRE_UNREACHABLE, "centre"), Fault(Code.JOURNAL_REFUSED, "journal")),
    )
    calm = Standing(0, 31_204, 0, 0.0, 4_800_000, 21_400_000_000, now - 12)
    busy = Standing(12, 345, 6, now - 840, 3_400_000, 12_000_000_000, now - 20)
    bad = Standing(1_204_377, 98_000, 501, now - 9 * 3600, 2_600_000_000, 320_000_000, now - 9 * 3600)
    inside = Technician(3, Phase.INSIDE, who="00000000000000e5")

    def state(technician: Technician, **fields: object) -> State:
        return make(Screen.TECHNICIAN, **{"station": seen, "visit": None, "technician": technician, **fields})

    def queue(told: Told | None = None, **fields: object) -> Technician:
        shown = Queue(busy, letters(now))
        return replace(inside, queue=replace(shown, **fields), told=told)  # type: ignore[arg-type]

    sticks = (
        Stick("/media/usb0", "KINGSTON", 3_200_000_000),
        Stick("/media/usb1", "U盘-信息中心-机房备用-编号-0042", 12_000),
    )
    return {
        "tech_pin": state(Technician(3, entry=Entry("T2012004", "2468", "pin"))),
        "tech_refused": state(
            Technician(3, entry=Entry("T2012004", "", "pin"), told=Told("technician.refused", tone="stop"))
        ),
        "tech_locked": state(
            Technician(
                3, entry=Entry("T2012004"), told=Told("technician.locked", {"until": f"{now + 900:.0f}"}, "stop")
            )
        ),
        "tech_code_away": state(Technician(3, Phase.CODE, who=inside.who), station=away),
        "tech_looking": state(inside),
        "tech_calm": state(replace(inside, queue=Queue(calm))),
        "tech_queue": state(queue()),
        "tech_bad": state(queue(standing=bad, first=2 * PER_PAGE, rows=letters(now, 2 * PER_PAGE)), station=offline),
        "tech_exported": state(
            queue(Told("technician.export.done", {"file": "A-017-20260302-084200.age", "count": "357"}, "good"))
        ),
        "tech_full": state(queue(Told("technician.export.no_recipient", tone="stop"))),
        "tech_sticks": state(queue(sticks=sticks)),
        "tech_no_stick": state(queue(sticks=())),
    }
