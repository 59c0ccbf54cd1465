"""The technician's tests: which there are, what came of one, and what all of them together say of the terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """`not_there`: the machine has no such part, which is an outcome and never a pass. `not_done`: given up."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_THERE = "not_there"
    NOT_DONE = "not_done"


class Verdict(StrEnum):
    """Of the whole terminal; the words of assets/documents/readiness.toml."""

    READY = "ready"
    LIMITED = "limited"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class Proof:
    """`part`: of `board.PARTS`, or what a terminal has without it being configured. `mandatory`: without it a terminal
    that has the part is not ready. `hands`: somebody must do something, so it is not among those that run in one go.
    `apart`: nor is this one; it tells a broken part from a broken program, once something is broken.
    """

    name: str
    part: str
    mandatory: bool = True
    hands: bool = False
    apart: bool = False


PROOFS = (
    Proof("camera_picture", "camera"),
    Proof("printer_page", "printer"),
    Proof("printer_loop", "printer", hands=True),
    Proof("a4_page", "a4"),
    Proof("scanner_trigger", "scanner", mandatory=False),
    Proof("scanner_code", "scanner", hands=True),
    Proof("camera_code", "camera", mandatory=False, hands=True),
    Proof("face_engine", "face", mandatory=False),
    Proof("thermal_picture", "thermal"),
    Proof("thermal_drift", "thermal"),
    Proof("thermal_calibrate", "thermal", mandatory=False, hands=True),
    Proof("thermal_register", "thermal", mandatory=False, hands=True),
    Proof("thermal_linear", "thermal", mandatory=False, hands=True),
    Proof("thermal_focus", "thermal", mandatory=False, hands=True),
    Proof("camera_focus", "camera", mandatory=False, hands=True),
    Proof("camera_program", "camera", mandatory=False, apart=True),
    Proof("scanner_program", "scanner", mandatory=False, apart=True),
    Proof("thermal_program", "thermal", mandatory=False, apart=True),
    Proof("printer_program", "printer", mandatory=False, apart=True),
    Proof("relay_program", "relay", mandatory=False, apart=True),
    Proof("relay_pulse", "relay"),
    Proof("door_contact", "relay", mandatory=False),
    Proof("net_name", "centre"),
    Proof("net_tls", "centre"),
    Proof("net_api", "centre"),
    Proof("net_clock", "centre"),
    Proof("disk_write", "disk"),
    Proof("clock_right", "clock"),
    Proof("sound_loop", "sound", mandatory=False),
    Proof("touch_grid", "touch", hands=True),
    Proof("tpm", "tpm", mandatory=False),
    Proof("ups", "ups", mandatory=False),
)
"""In the order in which they are run and reported."""
BY_NAME: Mapping[str, Proof] = {proof.name: proof for proof in PROOFS}
ALWAYS = frozenset({"centre", "disk", "clock", "sound", "touch", "tpm", "ups"})
"""Parts that every terminal is asked about."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`value` was measured, `limit` is what it must keep, both in figures and units that need no translation.

    `why`: one word, of `technician.why.…`, for whatever is not a pass.
    """

    outcome: Outcome
    value: str = ""
    limit: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test, and when (Unix seconds)."""

    test: str
    finding: Finding
    at: float


def proofs_of(parts: Collection[str]) -> tuple[Proof, ...]:
    """Those of a terminal that has these parts."""
    return tuple(proof for proof in PROOFS if proof.part in parts or proof.part in ALWAYS)


def at_once(parts: Collection[str]) -> tuple[str, ...]:
    """The names of those that need nobody's hands, in their order."""
    return tuple(proof.name for proof in proofs_of(parts) if not (proof.hands or proof.apart))


def failed(results: Iterable[Result], parts: Collection[str]) -> tuple[str, ...]:
    """The mandatory tests of this terminal that did not pass, or were not done; what is not there stops nobody."""
    good = {Outcome.PASSED, Outcome.NOT_THERE}
    done = {result.test for result in results if result.finding.outcome in good}
    return tuple(proof.name for proof in proofs_of(parts) if proof.mandatory and proof.name not in done)


def verdict(results: Collection[Result], parts: Collection[str]) -> Verdict:
    """What all of them together say: ready only where every mandatory test passed and none of the others failed."""
    if failed(results, parts):
        return Verdict.NOT_READY
    passed = {result.test for result in results if result.finding.outcome is Outcome.PASSED}
    absent = [proof for proof in proofs_of(parts) if proof.mandatory and proof.name not in passed]
    short = [result for result in results if result.finding.outcome in (Outcome.FAILED, Outcome.NOT_DONE)]
    return Verdict.LIMITED if absent or short else Verdict.READY
