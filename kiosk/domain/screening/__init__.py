"""Screening by skin temperature: calibration, registration, measuring, and what a reading is worth. Never diagnosis."""

from kiosk.domain.screening.calibration import AmbientModel, Calibration, ReferenceSource
from kiosk.domain.screening.calibration_file import calibration_text, load_calibration, parse_calibration
from kiosk.domain.screening.measure import measure
from kiosk.domain.screening.reading import Basis, Cannot, Fever, Measured, NoReading, Reading, judge
from kiosk.domain.screening.registration import Registration, RegistrationError, fit

__all__ = [
    "AmbientModel",
    "Basis",
    "Calibration",
    "Cannot",
    "Fever",
    "Measured",
    "NoReading",
    "Reading",
    "ReferenceSource",
    "Registration",
    "RegistrationError",
    "calibration_text",
    "fit",
    "judge",
    "load_calibration",
    "measure",
    "parse_calibration",
]
