"""Whether the gate's rules are older than they may be: said once per change, to the technician and the centre."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.admission import Rules, too_old
from kiosk.domain.faults import Code, Fault

LOOK_S = 60.0
"""So often a lane reads its rules anew: that the centre still says the same makes them younger and changes nothing."""
DEVICE = "rules"


class RulesAge:
    """`loaded` after each reading, on whatever thread. `now` in Unix seconds."""

    def __init__(
        self, now: Callable[[], float], on_fault: Callable[[Fault], None], on_well: Callable[[str], None]
    ) -> None:
        self._now, self._on_fault, self._on_well = now, on_fault, on_well
        self._old = False

    def loaded(self, rules: Rules) -> None:
        """Judge them."""
        old = too_old(rules, self._now())
        if old and not self._old:
            days = (self._now() - rules.issued) / 86400
            self._on_fault(Fault(Code.RULES_STALE, DEVICE, f"{days:.1f} days"))
        elif self._old and not old:
            self._on_well(DEVICE)
        self._old = old
