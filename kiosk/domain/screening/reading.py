"""What the thermal camera has to say about one face: a temperature with its uncertainty, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cannot(StrEnum):
    """Why no temperature is told. No reading is invented."""

    NO_CAMERA = "no_camera"
    SILENT = "silent"
    STUCK = "stuck"
    WARMING_UP = "warming_up"
    UNCALIBRATED = "uncalibrated"
    DRIFTED = "drifted"
    SATURATED = "saturated"
    TOO_FAR = "too_far"
    OUTSIDE_VIEW = "outside_view"
    TOO_COLD = "too_cold"
    UNSTEADY = "unsteady"
    NO_FACE = "no_face"


class Basis(StrEnum):
    """Where the offset comes from; what the calibration earned decides the uncertainty."""

    NONE = "none"
    AMBIENT = "ambient"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Reading:
    """Skin temperature, °C. `raw` is the maximum over the face, `corrected` = raw + offset; nothing is clamped.

    `u` is the uncertainty (±, °C), `frames` how many thermal pictures were averaged, `ambient` the module's own.
    `warm` says that the warm spot has a face's shape and place: presence, against paper and screens; None where that
    cannot be judged. A module that does not tell its `ambient` has the median of what is around the face there.
    """

    raw: float
    ambient: float
    offset: float
    corrected: float
    u: float
    basis: Basis
    frames: int
    warm: bool | None = True


@dataclass(frozen=True, slots=True)
class NoReading:
    """Cannot measure, and why. `warm` is None where presence cannot be judged either."""

    why: Cannot
    warm: bool | None = None


Measured = Reading | NoReading


class Fever(StrEnum):
    """Screening, never diagnosis: a reading against the limit, its uncertainty included."""

    BELOW = "below"
    ABOVE = "above"
    BETWEEN = "between"
    UNKNOWN = "unknown"


def judge(measured: Measured, limit: float) -> Fever:
    """reading + U below the limit, reading − U above it, or between; UNKNOWN without a reading.

    A module that nobody calibrated (Basis.NONE, ±2 °C) may not judge anybody.
    """
    if isinstance(measured, NoReading) or measured.basis is Basis.NONE:
        return Fever.UNKNOWN
    above = round(measured.corrected - limit, 6)
    if above + measured.u < 0:
        return Fever.BELOW
    return Fever.ABOVE if above > measured.u else Fever.BETWEEN
