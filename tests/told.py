"""What the adapters of a terminal say, as a technician reads it: which faults stand, and how a part is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from kiosk.app.reports import Reports
from kiosk.domain.faults import Code
from kiosk.flows.core import Event
from kiosk.flows.walkup.events import FaultCleared, FaultRaised
from tests.waiting import until


class Told:
    """The terminal's own reports. `standing`: device → code, as the flow has it; `said`: every fault in its order."""

    def __init__(self) -> None:
        self.standing: dict[str, Code] = {}
        self.said: list[Code] = []
        self.reports = Reports(self._hear, time.time)

    def _hear(self, event: Event) -> None:
        match event:
            case FaultRaised(fault=fault):
                self.standing[fault.device] = fault.code
                self.said.append(fault.code)
            case FaultCleared(device=device):
                self.standing.pop(device, None)

    def heard(self, *lines: Iterable[Mapping[str, Any]]) -> None:
        """What sync processes have said, one after the other, as the terminal hears it."""
        for line in lines:
            for message in list(line):
                self.reports.sync(message)

    def well(self, device: str) -> bool:
        """There, and nothing against it: for the flow and on the board."""
        known = self.reports.health.of(device)
        return known.online is True and known.fault is None and device not in self.standing

    def until_well(self, device: str) -> None:
        until(lambda: self.well(device), f"{device} well again")

    def until_fault(self, device: str, code: Code) -> None:
        until(lambda: self.standing.get(device) is code, f"{code.value} of {device}")
