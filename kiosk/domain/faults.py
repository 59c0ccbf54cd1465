"""Everything that can go wrong in the environment, each with a sentence and a remedy in assets/i18n."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Fault codes as the technician reads them. Texts: `fault.<CODE>.text`, `fault.<CODE>.remedy`."""

    SCANNER_OFFLINE = "F-SCAN-01"
    SCANNER_GARBAGE = "F-SCAN-02"
    CAMERA_OFFLINE = "F-CAM-01"
    CAMERA_STUCK = "F-CAM-02"
    PRINTER_OFFLINE = "F-PRN-01"
    PRINTER_NO_PAPER = "F-PRN-02"
    PRINTER_COVER = "F-PRN-03"
    PRINTER_ERROR = "F-PRN-04"
    PRINTER_PAPER_LOW = "F-PRN-05"
    A4_OFFLINE = "F-A4P-01"
    A4_NO_PAPER = "F-A4P-02"
    A4_COVER = "F-A4P-03"
    A4_ERROR = "F-A4P-04"
    A4_PAPER_LOW = "F-A4P-05"
    A4_NO_TONER = "F-A4P-06"
    A4_TONER_LOW = "F-A4P-07"
    SHEETS_FORGED = "F-PDF-01"
    JOURNAL_REFUSED = "F-JRN-01"
    JOURNAL_FULL = "F-JRN-02"
    JOURNAL_SALVAGED = "F-JRN-03"
    JOURNAL_NEWER = "F-JRN-04"
    JOURNAL_DAMAGED = "F-JRN-05"
    VAULT_KEY_LOST = "F-VLT-01"
    AUDIT_BROKEN = "F-AUD-01"
    CENTRE_UNREACHABLE = "F-NET-01"
    CENTRE_ODD_ANSWER = "F-NET-02"
    CENTRE_REFUSES = "F-NET-03"
    CENTRE_UNPROVEN = "F-NET-04"
    SYNC_STOPPED = "F-SYN-01"
    ITEM_BROKEN = "F-ITM-01"
    CLOCK_DOUBTFUL = "F-CLK-01"
    CLOCK_UNKEPT = "F-CLK-02"
    PROGRAM_ENDS = "F-RUN-01"
    PART_STALLED = "F-RUN-02"
    MEMORY_GROWN = "F-RUN-03"
    SELF_TEST = "F-RUN-04"
    UPDATE_NOT_TAKEN = "F-UPD-01"
    FACE_OFFLINE = "F-FAC-01"
    FACE_MODEL = "F-FAC-02"
    THERMAL_OFFLINE = "F-THM-01"
    THERMAL_GARBAGE = "F-THM-02"
    THERMAL_STUCK = "F-THM-03"
    THERMAL_DRIFTED = "F-THM-04"
    THERMAL_UNCALIBRATED = "F-THM-05"
    RELAY_OFFLINE = "F-REL-01"
    RELAY_DEAF = "F-REL-02"
    RULES_STALE = "F-GAT-01"
    NOT_READY = "F-RDY-01"


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble of one device; `detail` is for the log and the technician, never a person's data."""

    code: Code
    device: str
    detail: str = ""
