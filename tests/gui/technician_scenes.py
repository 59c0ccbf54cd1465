"""The technician's screens, each once, as a State."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.backlog import DeadRow, Standing, Stick
from kiosk.domain.board import HOURS, Part
from kiosk.domain.faults import Code, Fault
from kiosk.domain.logbook import Change, Kept, LogLine
from kiosk.domain.proving import Finding, Outcome, Result, at_once
from kiosk.flows.entry import Entry
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Asked, Bench, Log, Page, Phase, Queue, Settings, Told
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

MOVING = {"tech_run_page", "tech_run_drift", "tech_run_source", "tech_run_register", "tech_run_focus"}
"""Those with live pictures."""


def letters(now: float, first: int = 0) -> tuple[DeadRow, ...]:
    """One page of dead letters, of every sort there is."""
    return tuple(
        DeadRow(900 - first - n, kind, now - 4000.0 * (n + 1), 1 + n, 700 * 3**n, receipt, reason)
        for n, (kind, receipt, reason) in enumerate(REASONS)
    )


RUNNING = {
    "scanner_code": "scanner_code",
    "show_page": "printer_loop",
    "drift": "thermal_drift",
    "source": "thermal_calibrate",
    "register": "thermal_register",
    "touch": "touch_grid",
    "focus": "camera_focus",
}
DRIFT = ((1.0, 0.05), (2.0, 0.11), (3.0, -0.02), (4.0, 0.04), (5.0, 0.02), (6.0, 0.06))
FOCUS = {"now": "41.2", "best": "47.9", "share": "86"}
TURNED = tuple((0.4 * n, y) for n, y in enumerate((8.1, 12.0, 19.5, 31.2, 44.0, 47.9, 46.0, 41.2)))
QUIET = (0,) * HOURS
"""No trouble all day."""
UNEASY = (0,) * 9 + (1, 0, 0, 2, 5, 1) + (0,) * 6 + (3, 0, 1)


def parts(now: float) -> tuple[Part, ...]:
    """All parts that there may be, all well, but one that is low on paper."""
    low = Fault(Code.PRINTER_PAPER_LOW, "printer")
    fitted = (
        Part("camera", True, None, "1280×720 · 15\u00a0fps", "/dev/video0", "HD USB Camera 1.00", now - 1),
        Part("scanner", True, None, "GM65 · 9600", "/dev/ttyUSB0", "", now - 2, UNEASY),
        Part("thermal", True, None, "32×24 · 36.6\u00a0℃ · 27.5\u00a0℃", "/dev/ttyUSB2", "CP2102 1.00", now - 1),
        Part("relay", True, None, "Modbus · 1/1", "/dev/ttyUSB3", "CH340 2.64", now - 1),
        Part("printer", True, low, "generic-80mm · 8\u00a0%", "usb://04b8:0202", "TM-T88 2.00", now - 900, UNEASY),
        Part("a4", True, None, "IPP", "ipp://192.0.2.8/ipp/print", "", now - 1),
        Part("face", True, None, "auto", "", "dlib-resnet", now - 1),
        Part("centre", True, None, "centre.example.com", "centre.example.com", "", now - 12),
    )
    own = (
        Part("disk", True, None, "21.4\u00a0GB", "/var/lib/campus-terminal", "", now),
        Part("clock", True, None, "2026-03-02 08:42", "", "", now),
    )
    return (*fitted, *own)


def broken_parts(now: float) -> tuple[Part, ...]:
    """A bad day: a cable is broken, another part was never heard of, a third is away with no fault told."""
    gone = Fault(Code.THERMAL_OFFLINE, "thermal", "SerialException")
    changed = {
        "thermal": Part("thermal", False, gone, "", "/dev/ttyUSB2", "", now - 4000, UNEASY),
        "face": Part("face", None, None, "", "", "dlib-resnet"),
        "a4": Part("a4", False, None, "", "ipp://192.0.2.8/ipp/print", "", now - 90000),
    }
    return tuple(changed.get(part.name, part) for part in parts(now))


def proved(now: float) -> dict[str, Result]:
    """Results of every outcome there is."""
    found = {
        "thermal_picture": Finding(Outcome.FAILED, "", "≥ 0.9 /s · ≤ 0.8 ℃", "no_camera"),
        "thermal_drift": Finding(Outcome.NOT_THERE, why="no_reference"),
        "thermal_calibrate": Finding(Outcome.NOT_DONE, why="given_up"),
        "printer_loop": Finding(Outcome.PASSED, "1.2\u00a0s + 3.4\u00a0s", "≤ 60\u00a0s"),
        "disk_write": Finding(Outcome.FAILED, "2350\u00a0ms", "≤ 2000\u00a0ms", "slow"),
        "ups": Finding(Outcome.NOT_THERE, why="no_ups"),
    }
    usual = {name: Finding(Outcome.PASSED, "38\u00a0ms", "≤ 500\u00a0ms") for name in at_once(("camera", "relay"))}
    return {name: Result(name, finding, now - 60) for name, finding in {**usual, **found}.items()}


def log_lines(now: float) -> tuple[LogLine, ...]:
    """A page of lines, of every sort there is."""
    lines = (
        LogLine(now - 12, "terminal", "fault", "code=F-PRN-02  device=printer  detail=", "F-PRN-02", "printer"),
        LogLine(now - 14, "sync", "link", "state=offline"),
        LogLine(now - 80, "terminal", "bug", "error=ValueError  where=papers.py:118 spool.py:77 worker.py:160"),
        LogLine(now - 90, "terminal", "photograph_refused", f"reason=(redacted)  detail={'x' * 130}…"),
        LogLine(0.0, "sync", "unreadable"),
    )
    return lines * 2


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
    inside = Technician(3, Phase.INSIDE, who="00000000000000e5", page=Page.QUEUE)
    board = replace(inside, page=Page.BOARD, bench=Bench(parts(now)))
    broken = replace(board, bench=Bench(broken_parts(now)))

    def bench(technician: Technician, page: Page = Page.BOARD, told: Told | None = None, **fields: object) -> State:
        made = replace(technician.bench, **fields)  # type: ignore[arg-type]
        return state(replace(technician, page=page, bench=made, told=told))

    def asks(name: str, **fields: object) -> State:
        asked = Asked(f"technician.ask.{name}", **fields)  # type: ignore[arg-type]
        return bench(board, Page.TESTS, running=RUNNING[name], ask=asked)

    def state(technician: Technician, **fields: object) -> State:
        return make(Screen.TECHNICIAN, **{"station": seen, "visit": None, "technician": technician, **fields})

    def queue(told: Told | None = None, **fields: object) -> Technician:
        shown = Queue(busy, letters(now))
        return replace(inside, queue=replace(shown, **fields), told=told)  # type: ignore[arg-type]

    sticks = (
        Stick("/media/usb0", "KINGSTON", 3_200_000_000),
        Stick("/media/usb1", "U盘-信息中心-机房备用-编号-0042", 12_000),
    )
    log = Log(log_lines(now), ("sync", "terminal"), "trouble", 10, 10, more=True, answered=1)
    times = (now - 3000, now - 86_400, now - 9 * 86_400)
    kept = tuple(Kept(f"{at:.0f}", at, now=n == 0) for n, at in enumerate(times))
    changed = (
        Change("printer.address", '"usb://04b8:0202"', '"usb://0519:0003"'),
        Change("timing.idle", "60.0", "45.0"),
    )
    settings = Settings(kept, kept[1].name, changed, answered=1)
    return {
        "tech_log": state(replace(inside, page=Page.LOG, log=log)),
        "tech_log_calm": state(replace(inside, page=Page.LOG, log=Log(only="trouble", answered=1))),
        "tech_settings": state(replace(inside, page=Page.SETTINGS, settings=settings)),
        "tech_settings_sure": state(replace(inside, page=Page.SETTINGS, settings=replace(settings, sure=True))),
        "tech_settings_only": state(replace(inside, page=Page.SETTINGS, settings=Settings(kept[:1], answered=1))),
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
        "tech_board": bench(board),
        "tech_board_looking": bench(board, parts=()),
        "tech_board_broken": bench(broken),
        "tech_board_told": bench(board, told=Told("technician.report.printed", {"number": "R-0A1B2C3D"}, "good")),
        "tech_part": bench(broken, part="thermal", results=proved(now)),
        "tech_part_well": bench(board, part="printer"),
        "tech_tests": bench(board, Page.TESTS),
        "tech_tests_done": bench(broken, Page.TESTS, results=proved(now), last="printer_loop"),
        "tech_run": bench(board, Page.TESTS, running="disk_write", waiting=("clock_right", "tpm")),
        "tech_run_code": asks("scanner_code", code="TEST:0A1B2C3D4E5F"),
        "tech_run_page": asks("show_page"),
        "tech_run_drift": asks("drift", values={"now": "+0.04 ℃"}, plot=DRIFT),
        "tech_run_source": asks("source", values={"celsius": "35.0"}, answers=("ready",)),
        "tech_run_register": asks("register", values={"place": "2", "places": "4"}, answers=("ready",)),
        "tech_run_focus": asks("focus", values=FOCUS, plot=TURNED, answers=("ready",)),
        "tech_run_touch": asks("touch", values={"count": "7"}, cells=frozenset({1, 4, 5, 6, 9, 10, 11})),
    }
