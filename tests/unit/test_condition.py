"""What operators hear of a terminal's devices, out of the state of its flow."""

from __future__ import annotations

from dataclasses import replace

from kiosk.app.condition import Condition, of_hall, of_lane
from kiosk.config import CameraConfig, Config, PrinterConfig
from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import PrinterState
from kiosk.flows.gate.state import Devices, State
from kiosk.flows.walkup.state import Station

CONFIG = replace(Config(), camera=replace(CameraConfig(), source=""))


def test_a_hall_says_its_printer_its_devices_and_the_faults_that_are_its_own() -> None:
    faults = (
        Fault(Code.PRINTER_PAPER_LOW, "printer", "a detail"),
        Fault(Code.CENTRE_UNREACHABLE, "centre"),
        Fault(Code.CAMERA_OFFLINE, "camera"),
    )
    station = Station(
        fitted=frozenset({"scanner", "camera", "face_records"}),
        printer=PrinterState.PAPER_LOW,
        scanner=True,
        faults=faults,
    )
    assert of_hall(station, CONFIG) == Condition(
        "paper_low", ("F-CAM-01", "F-PRN-05"), {"camera": "offline", "scanner": "online", "service": "degraded"}, {}
    )


def test_the_paper_that_is_left_is_told_in_percent_where_there_is_a_printer() -> None:
    printing = replace(CONFIG, printer=PrinterConfig(address="usb://04b8:0202"))
    assert of_hall(Station(paper=20), printing).sensors == {"paper": "20 %", "service": "degraded"}
    assert of_hall(Station(paper=20), CONFIG).sensors == of_hall(Station(), printing).sensors == {"service": "degraded"}


def test_a_printer_of_sheets_is_told_beside_the_other() -> None:
    station = Station(fitted=frozenset({"a4"}), a4=PrinterState.NO_TONER, printer=PrinterState.IDLE)
    assert of_hall(station, CONFIG).sensors == {"a4": "no_toner", "service": "degraded"}
    assert of_hall(station, CONFIG).printer == "idle"


def test_what_the_printer_of_sheets_has_left_is_told_as_far_as_it_says() -> None:
    station = Station(fitted=frozenset({"a4"}), a4=PrinterState.TONER_LOW, sheets=100, toner=10)
    left = {"a4": "toner_low", "a4_paper": "100 %", "a4_toner": "10 %"}
    assert of_hall(station, CONFIG).sensors == {**left, "service": "degraded"}


def test_a_lane_has_no_printer_and_names_what_is_fitted() -> None:
    devices = Devices(
        frozenset({"camera", "relay", "sensor"}), frozenset({"relay"}), {"camera": "F-CAM-02", "centre": "F-NET-01"}
    )
    assert of_lane(State(devices=devices), CONFIG) == Condition(
        "", ("F-CAM-02",), {"camera": "offline", "relay": "online", "service": "degraded"}, {}
    )
