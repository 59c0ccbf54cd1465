"""From thermal pictures and the places of the face in them to a temperature with its uncertainty, or why there is none.

Nothing is clamped, and nothing is drawn towards what a healthy person has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from kiosk.domain.faces import Box
from kiosk.domain.screening.calibration import Calibration
from kiosk.domain.screening.reading import Basis, Cannot, Measured, NoReading, Reading
from kiosk.domain.screening.spot import COARSE, Frame, Spot, reference_mask, spot

COLDEST_AMBIENT, HOTTEST_AMBIENT = 10.0, 40.0
COLDEST_SKIN, HOTTEST_SKIN = 30.0, 42.0
COLDEST_COARSE = 26.0
LEAST_CONTRAST = 2.0
HOT_SURROUNDINGS = 32.0
MOST_SPREAD = 1.0

U_NONE = 2.0
LEAST_U = {Basis.AMBIENT: 0.7, Basis.REFERENCE: 0.3}
U_SIZE_OF_SOURCE = 0.2
"""A small target reads low against a large one, by the optics."""
U_POINT = 0.7
"""What a single pixel sees besides the face."""
LEAST_NOISE, ASSUMED_NOISE = 0.1, 0.25
"""Standard deviation of one picture's maximum: never taken for less; taken for this where three are not there, °C."""


@dataclass(frozen=True, slots=True)
class _Offset:
    """What to add to the raw value for the module alone, and its uncertainty without the noise."""

    value: float
    u: float


def measure(
    frames: Sequence[Frame],
    boxes: Sequence[Box | None],
    calibration: Calibration,
    now: float,
    since: float = -math.inf,
) -> Measured:
    """The temperature of the face.

    `boxes[i]`, in shares of the camera's picture, is where the face was when `frames[i]` came; a single-pixel sensor
    needs none. `now` and `since`, when the module came on, in monotonic seconds.
    """
    if not frames:
        return NoReading(Cannot.SILENT)
    if now - since < calibration.warm_up:
        return NoReading(Cannot.WARMING_UP)
    if frames[-1].pixels.size == 1:
        return _point(frames, calibration)
    return _array(frames, boxes, calibration)


def _array(frames: Sequence[Frame], boxes: Sequence[Box | None], calibration: Calibration) -> Measured:
    found = [spot(frame, box, calibration) for frame, box in zip(frames, boxes, strict=True) if box is not None]
    if not found:
        return NoReading(Cannot.NO_FACE)
    spots = [each for each in found if isinstance(each, Spot)]
    if Cannot.SATURATED in found or not spots:
        return NoReading(Cannot.SATURATED if Cannot.SATURATED in found else _last(found))
    if frames[-1].pixels.shape[1] < COARSE:
        return _coarse(frames, spots)
    ambient = _ambient(frames)
    offset = _offset(frames, ambient, calibration)
    if isinstance(offset, Cannot):
        return NoReading(offset)
    hottest = [each.hottest for each in spots]
    skin = fmean(hottest) + offset.value
    around = fmean(each.around for each in spots) + offset.value
    shaped = sum(each.shaped for each in spots) * 2 > len(spots)
    warm = _presence(skin, around, shaped, _slack(calibration))
    return _reading(hottest, ambient if ambient is not None else around, offset, calibration, warm)


def _last(found: Sequence[Spot | Cannot]) -> Cannot:
    return next(each for each in reversed(found) if isinstance(each, Cannot))


def _point(frames: Sequence[Frame], calibration: Calibration) -> Measured:
    """One pixel: whatever is before it. It has no picture of a reference source, and none of a face."""
    frame, ambient = frames[-1], _ambient(frames)
    values = [float(each.pixels.flat[0]) for each in frames]
    if not all(frame.low < value < frame.high for value in values):
        return NoReading(Cannot.SATURATED)
    if calibration.basis is Basis.REFERENCE or ambient is None:
        return NoReading(Cannot.UNCALIBRATED)
    offset = _offset(frames, ambient, calibration)
    if isinstance(offset, Cannot):
        return NoReading(offset)
    skin = fmean(values) + offset.value
    warm = None if skin - ambient >= LEAST_CONTRAST or ambient >= HOT_SURROUNDINGS else False
    return _reading(values, ambient, _Offset(offset.value, math.hypot(offset.u, U_POINT)), calibration, warm)


def _coarse(frames: Sequence[Frame], spots: Sequence[Spot]) -> Measured:
    """Presence alone, which Basis.NONE says: two or three pixels of a face, blended with what is behind it."""
    raw, around = fmean(each.hottest for each in spots), fmean(each.around for each in spots)
    ambient = _ambient(frames)
    near = COLDEST_COARSE <= raw <= HOTTEST_SKIN + U_NONE
    warm = None if around >= HOT_SURROUNDINGS else near and raw - around >= LEAST_CONTRAST
    return Reading(raw, ambient if ambient is not None else around, 0.0, raw, U_NONE, Basis.NONE, len(spots), warm=warm)


def _reading(
    hottest: Sequence[float], ambient: float, offset: _Offset, calibration: Calibration, warm: bool | None
) -> Measured:
    raw = fmean(hottest)
    if not COLDEST_AMBIENT <= ambient <= HOTTEST_AMBIENT:
        return NoReading(Cannot.TOO_COLD, warm)
    if max(hottest) - min(hottest) > MOST_SPREAD:
        return NoReading(Cannot.UNSTEADY, warm)
    if raw + offset.value < COLDEST_SKIN - _slack(calibration):
        return NoReading(Cannot.TOO_COLD, warm)
    site = 0.0 if calibration.basis is Basis.NONE else calibration.site
    total = offset.value + site
    u = _uncertainty(hottest, offset.u, calibration.basis)
    return Reading(raw, ambient, total, raw + total, u, calibration.basis, len(hottest), warm)


def _uncertainty(hottest: Sequence[float], u: float, basis: Basis) -> float:
    """About 95 %: the offset's, the size of source, and the noise of the average."""
    if basis is Basis.NONE:
        return u
    noise = max(stdev(hottest), LEAST_NOISE) if len(hottest) >= 3 else ASSUMED_NOISE
    return max(LEAST_U[basis], math.hypot(u, U_SIZE_OF_SOURCE, 2 * noise / math.sqrt(len(hottest))))


def _offset(frames: Sequence[Frame], ambient: float | None, calibration: Calibration) -> _Offset | Cannot:
    if calibration.basis is Basis.REFERENCE:
        return _by_reference(frames, calibration)
    if calibration.basis is Basis.AMBIENT:
        model = calibration.ambient
        value = model.offset(ambient) if model and ambient is not None else None
        return Cannot.UNCALIBRATED if value is None or model is None else _Offset(value, 2 * model.residual)
    return _Offset(0.0, U_NONE)


def _by_reference(frames: Sequence[Frame], calibration: Calibration) -> _Offset | Cannot:
    """By the source's maximum, as the face's: what noise adds to a maximum is added to both.

    UNSTEADY: somebody went by before it.
    """
    source = calibration.reference
    if source is None or not reference_mask(frames[-1], calibration).any():
        return Cannot.UNCALIBRATED
    seen = [float(frame.pixels[reference_mask(frame, calibration)].max()) for frame in frames]
    if max(seen) - min(seen) > MOST_SPREAD:
        return Cannot.UNSTEADY
    value = source.celsius - fmean(seen)
    return _Offset(value, source.u) if abs(value - source.offset) <= source.drift else Cannot.DRIFTED


def _ambient(frames: Sequence[Frame]) -> float | None:
    told = [frame.ambient for frame in frames if frame.ambient is not None]
    return fmean(told) if told else None


def _slack(calibration: Calibration) -> float:
    return U_NONE if calibration.basis is Basis.NONE else 0.0


def _presence(skin: float, around: float, shaped: bool, slack: float) -> bool | None:
    """True: warm and shaped like a face; False: it is not; None: cannot be told.

    Against hot surroundings nothing stands out; and a face that is too cold to be measured may still be one.
    """
    if skin - around < LEAST_CONTRAST:
        return None if around >= HOT_SURROUNDINGS else False
    if not shaped or skin > HOTTEST_SKIN + slack:
        return False
    return True if skin >= COLDEST_SKIN - slack else None
