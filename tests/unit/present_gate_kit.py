"""States of the lane and their views."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kiosk.config import GateConfig, TerminalConfig
from kiosk.domain.admission import Check, Decision, Finding, Outcome, Result
from kiosk.domain.screening.reading import Measured
from kiosk.flows.gate.state import State
from kiosk.text import shipped_texts
from tests.gui import gate_scenes as scenes
from tests.gui.scenes import MORNING
from ui.present.gate import GateWorld, present_gate
from ui.present.scene import View

TEXTS = shipped_texts()
STATES = {**scenes.lanes(), **scenes.attending()}


def view(state: State, room: str = "", wide: bool = False) -> View:
    return present_gate(state, GateWorld(TerminalConfig(), GateConfig(room=room), TEXTS, MORNING, wide))


def named(name: str, **fields: Any) -> View:
    return view(replace(STATES[name], **fields))


def shown(measured: Measured | None, outcome: Outcome = Outcome.ALLOW, word: str = "below") -> View:
    state = STATES["allow"]
    assert state.case is not None
    found = Finding(Check.TEMPERATURE, Result.GOOD, word, {"value": "9.9 ± 0.1 ℃"} if "cannot" not in word else {})
    case = replace(state.case, measured=measured, decision=Decision(outcome, (found,)))
    body: View = view(replace(state, case=case))["body"]
    return body


def strings(part: Any) -> Iterator[str]:
    """Every text of a view, to the depths."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)
