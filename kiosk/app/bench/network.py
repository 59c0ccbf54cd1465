"""Tests of the way to the centre, one stretch at a time: whichever fails first is where to look."""

from __future__ import annotations

from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, held, ms, not_there, passed
from kiosk.app.bench.hands import Hands
from kiosk.domain.codes import SKEW_S
from kiosk.domain.proving import Finding
from sync import netpath
from sync.netpath import Stretch

NAME_S, API_S = 2.0, 3.0
LEAST_DAYS = 14


def name(fit: Fittings, _hands: Hands) -> Finding:
    """The centre's name is found."""
    return _timed(netpath.name(fit.config.centre), NAME_S)


def tls(fit: Fittings, _hands: Hands) -> Finding:
    """Whoever answers there proves that they are the centre, and goes on being able to for two weeks."""
    found = netpath.tls(fit.config.centre, fit.clock.now)
    if found.why == "no_tls":
        return not_there("no_tls")
    limit = f"≥ {LEAST_DAYS}{NARROW}d"
    if not found.good:
        return failed(found.why, limit=limit)
    return held(found.days >= LEAST_DAYS, "ends_soon", f"{found.days}{NARROW}d", limit)


def api(fit: Fittings, _hands: Hands) -> Finding:
    """The centre's program answers."""
    return _timed(netpath.api(fit.config.centre, fit.clock.now), API_S)


def clock(fit: Fittings, _hands: Hands) -> Finding:
    """The centre's clock and this one agree, as far as codes need it."""
    found, limit = netpath.api(fit.config.centre, fit.clock.now), f"±{SKEW_S:.0f}{NARROW}s"
    if not found.good:
        return failed(found.why, limit=limit)
    return held(abs(found.skew) <= SKEW_S, "skewed", f"{found.skew:+.1f}{NARROW}s", limit)


def _timed(found: Stretch, most: float) -> Finding:
    limit = f"≤ {ms(most)}"
    if not found.good:
        return failed(found.why, ms(found.seconds), limit)
    return passed(ms(found.seconds), limit) if found.seconds <= most else failed("slow", ms(found.seconds), limit)
