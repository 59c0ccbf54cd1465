"""Findings, as the tests write them."""

from __future__ import annotations

from kiosk.domain.proving import Finding, Outcome

NARROW = "\u00a0"


def passed(value: str = "", limit: str = "") -> Finding:
    """As it should be."""
    return Finding(Outcome.PASSED, value, limit)


def failed(why: str, value: str = "", limit: str = "") -> Finding:
    """Not as it should be; `why`: one word of `technician.why`."""
    return Finding(Outcome.FAILED, value, limit, why)


def not_there(why: str) -> Finding:
    """The terminal has no such part."""
    return Finding(Outcome.NOT_THERE, why=why)


def held(good: bool, why: str, value: str, limit: str) -> Finding:
    """Passed, or failed for this reason, with what was measured."""
    return passed(value, limit) if good else failed(why, value, limit)


def ms(seconds: float) -> str:
    """38 ms."""
    return f"{seconds * 1000:.0f}{NARROW}ms"


def celsius(value: float, digits: int = 2, sign: bool = False) -> str:
    """36.62 ℃, or +0.04 ℃."""
    return f"{value:{'+' if sign else ''}.{digits}f}{NARROW}℃"
