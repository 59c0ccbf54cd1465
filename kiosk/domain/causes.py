"""What brings each fault about, for whoever maintains terminals; docs/faults.md is made from this."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.domain.faults import Code

_PRINTER: Mapping[str, str] = {
    "OFFLINE": "the line to the printer cannot be opened, or nothing answers on it.",
    "NO_PAPER": "the printer reports that its paper is out.",
    "COVER": "the printer reports an open cover.",
    "ERROR": "the printer reports an error of its own, such as its cutter or a jam.",
    "PAPER_LOW": "the printer's sensor, or the paper counted since the roll was new, says that little is left.",
    "NO_TONER": "the printer reports that toner or ink is out.",
    "TONER_LOW": "the printer reports that toner or ink is low.",
}
_ACROSS = {code: _PRINTER[code.name.split("_", 1)[1]] for code in Code if code.name.startswith(("PRINTER_", "A4_"))}

CAUSES: Mapping[Code, str] = {
    **_ACROSS,
    Code.SHEETS_FORGED: "the sealed file for A4 was changed on its way, is sealed by another, or bears another code.",
    Code.SCANNER_OFFLINE: "the serial port cannot be opened, was unplugged, or a scanner that must answer does not.",
    Code.SCANNER_GARBAGE: "what the scanner sends is no text in UTF-8 or GB18030: wrong speed, wrong mode, bad cable.",
    Code.CAMERA_OFFLINE: "the source cannot be opened or has ended, or the capture process ended.",
    Code.CAMERA_STUCK: "no new picture for three seconds: the camera, its driver or the capture process stands still.",
    Code.JOURNAL_REFUSED: "the journal could not be written for another reason than room or damage.",
    Code.JOURNAL_FULL: "rows, megabytes or the free space of the disk come near the limits of [queue].",
    Code.JOURNAL_SALVAGED: "the journal was damaged; at this start what could be read went into a new file.",
    Code.JOURNAL_NEWER: "a newer version of the program has written the journal, and this one must not touch it.",
    Code.JOURNAL_DAMAGED: "the journal is damaged and could not be mended, for want of room or because of the disk.",
    Code.VAULT_KEY_LOST: "the key file was unreadable and put aside, or rows wait that another key has sealed.",
    Code.AUDIT_BROKEN: "an entry of the audit chain was changed, removed or cut off outside the program.",
    Code.CENTRE_UNREACHABLE: "no connection to the centre, or no answer in time.",
    Code.CENTRE_ODD_ANSWER: "something else than the centre answers, such as the log-in page of a network.",
    Code.CENTRE_REFUSES: "the centre does not know this terminal's key, took it back, or speaks a newer language.",
    Code.CENTRE_UNPROVEN: "the certificate of the server that answers cannot be verified.",
    Code.SYNC_STOPPED: "the sync process ended, or gave no sign of life and was replaced.",
    Code.ITEM_BROKEN: "a file of a service item cannot be used; the others are.",
    Code.CLOCK_DOUBTFUL: "the clock contradicts the centre's word, the age of the program, or its own even run.",
    Code.CLOCK_UNKEPT: "ten minutes after the start the kernel still says that no time service keeps its clock.",
    Code.PROGRAM_ENDS: "service.quick_ends starts in a row ended unasked within five minutes.",
    Code.PART_STALLED: "a thread of the program has not given a sign of life for its time, and was begun anew.",
    Code.MEMORY_GROWN: "one of the program's processes takes more than service.memory_megabytes.",
    Code.SELF_TEST: "at the start the state folder, the vault or the texts did not stand their test.",
    Code.UPDATE_NOT_TAKEN: "a release on offer was refused or not installed, or its version did not start.",
    Code.FACE_OFFLINE: "the recogniser's process ended or gave no sign of life; it is started again.",
    Code.FACE_MODEL: "a model or engine that is configured is missing or fails its self-test, or faces are of another.",
    Code.THERMAL_OFFLINE: "the thermal camera's serial port cannot be opened, was unplugged, or is silent.",
    Code.THERMAL_GARBAGE: "what the thermal camera sends fails its checksums.",
    Code.THERMAL_STUCK: "the thermal picture has not changed by the least bit for a while.",
    Code.THERMAL_DRIFTED: "the reference source reads differently than its calibration allows.",
    Code.THERMAL_UNCALIBRATED: "no calibration file is configured for this camera.",
    Code.RELAY_OFFLINE: "the relay board's serial port cannot be opened or was unplugged.",
    Code.RELAY_DEAF: "the relay board does not echo what it is told.",
    Code.RULES_STALE: "the gate's rules are older than they may be.",
    Code.NOT_READY: "a mandatory test of the last readiness report failed, or was not done.",
}
