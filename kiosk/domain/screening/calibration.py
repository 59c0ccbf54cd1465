"""What is known about one thermal camera: where it looks, how wrong it is, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kiosk.domain.faces import Box
from kiosk.domain.screening.reading import Basis
from kiosk.domain.screening.registration import Registration

NOMINAL_C = 25.0
"""Ambient temperature about which the model's polynomial is written, °C."""


@dataclass(frozen=True, slots=True)
class AmbientModel:
    """The module's offset by its own ambient temperature, from measurements of a reference source.

    Either `table`, pairs (ambient °C, offset °C) with straight lines between them, or `coefficients` of a polynomial
    in (ambient − 25 °C), the constant first. It holds from `least` to `most` °C. `residual`: standard deviation of what
    the model leaves, °C.
    """

    table: tuple[tuple[float, float], ...] = ()
    coefficients: tuple[float, ...] = ()
    least: float = 15.0
    most: float = 35.0
    residual: float = 0.5

    def offset(self, ambient: float) -> float | None:
        """What must be added to the module's value, °C; None where nothing was measured."""
        if not self.least <= ambient <= self.most:
            return None
        if self.table:
            at, offsets = zip(*self.table, strict=True)
            return float(np.interp(ambient, at, offsets))
        return float(sum(c * (ambient - NOMINAL_C) ** n for n, c in enumerate(self.coefficients)))


@dataclass(frozen=True, slots=True)
class ReferenceSource:
    """A source of known temperature in view. `box`: its place in shares of the thermal picture.

    `celsius` ± `u` is what its surface has, `offset` what the module needed on the day of calibration; an offset that
    differs by more than `drift` from that means that something is wrong with the module or the source.
    """

    box: Box
    celsius: float
    u: float
    offset: float = 0.0
    drift: float = 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """The content of a calibration file. Without one nobody is judged.

    `site`: what is added because the limit is meant for another place of the body than the skin of the face, °C.
    `warm_up`: how long after it came on the module is not believed, seconds.
    """

    basis: Basis = Basis.NONE
    registration: Registration = field(default_factory=Registration)
    ambient: AmbientModel | None = None
    reference: ReferenceSource | None = None
    site: float = 0.0
    warm_up: float = 120.0
