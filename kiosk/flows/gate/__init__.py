"""The gate: watching → reading → recheck where asked → recording → showing; a class signs in the same way."""

from kiosk.flows.gate.state import State
from kiosk.flows.gate.step import step

__all__ = ["State", "step"]
