"""Which function runs which test. Each is handed the fittings and a pair of hands, and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk.app.bench import calibrating, doors, focus, heat, looks, machine, network, prints, standin
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.hands import Hands
from kiosk.domain.proving import Finding

Run = Callable[[Fittings, Hands], Finding]

RUNS: Mapping[str, Run] = {
    "camera_picture": looks.camera_picture,
    "camera_code": looks.camera_code,
    "scanner_code": looks.scanner_code,
    "scanner_trigger": looks.scanner_trigger,
    "face_engine": looks.face_engine,
    "printer_page": prints.printer_page,
    "printer_loop": prints.printer_loop,
    "a4_page": prints.a4_page,
    "thermal_picture": heat.picture,
    "thermal_drift": heat.drift,
    "thermal_calibrate": calibrating.two_points,
    "thermal_register": calibrating.register,
    "thermal_linear": calibrating.linearity,
    "camera_focus": focus.camera_focus,
    "thermal_focus": focus.thermal_focus,
    "camera_program": standin.camera_program,
    "scanner_program": standin.scanner_program,
    "thermal_program": standin.thermal_program,
    "printer_program": standin.printer_program,
    "relay_program": standin.relay_program,
    "relay_pulse": doors.relay_pulse,
    "door_contact": doors.door_contact,
    "net_name": network.name,
    "net_tls": network.tls,
    "net_api": network.api,
    "net_clock": network.clock,
    "disk_write": machine.disk_write,
    "clock_right": machine.clock_right,
    "sound_loop": machine.sound_loop,
    "touch_grid": machine.touch_grid,
    "tpm": machine.tpm,
    "ups": machine.ups,
}
"""Every test of `kiosk.domain.proving`."""
